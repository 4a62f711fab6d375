"""Nobody ever sees what belongs to another structure or another caisse: walked from the contract itself."""

import re
import uuid
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import timedelta
from typing import Any

import pytest

from app.droits import DROITS, Action, Role
from app.kit.clock import today
from tests.api.actes import actes_de_la_convention, actes_inconnus
from tests.api.chemins import operations, remplir
from tests.api.test_applications import applications_de as applications
from tests.api.test_genres import corps as corps_du_genre
from tests.api.test_pieces import deposer as deposer_piece
from tests.outils import Base, Client, Fabrique, empreinte, un_signalement

INCONNU = "01981f6e-0000-7000-8000-00000000dead"
METHODES = ("get", "post", "put", "patch", "delete")


@dataclass
class Scene:
    """What belongs to the victim, and the words that must never reach anybody else."""

    structure: str
    demande: dict[str, Any]
    agent: str
    chemins: dict[str, str]
    mots: list[str]

    def ids(self, **autres: str) -> dict[str, str]:
        return self.chemins | {"/v1/maintenances": INCONNU} | autres


MOIS = timedelta(days=30)
PREFIXES = (
    "/v1/demandes",
    "/v1/signalements",
    "/v1/partenaires",
    "/v1/conventions",
    "/v1/caisses",
    "/v1/agents",
    "/v1/techniciens",
    "/v1/gestionnaires",
    "/v1/demandes-habilitation",
    "/v1/incidents",
    "/v1/revues-habilitation",
    "/v1/etudes-dossier",
    "/v1/rendez-vous",
    "/v1/demandes-documents",
    "/v1/contacts",
    "/v1/textes-confirmes",
    "/v1/dysfonctionnements",
    "/v1/applications",
    "/v1/applications-autorisees",
    "/v1/moi/consentements",
)


def inconnus() -> dict[str, str]:
    connus = (*PREFIXES, "/v1/maintenances")
    ids = dict.fromkeys(connus, INCONNU) | {"/v1/caisses": "998"} | actes_inconnus(INCONNU, INCONNU)
    return ids | un_webhook(INCONNU, INCONNU) | {f"/v1/demandes/{INCONNU}/pieces": INCONNU}


def un_webhook(id_: str, livraison: str) -> dict[str, str]:
    return {"/v1/webhooks": id_, f"/v1/webhooks/{id_}/livraisons": livraison}


def un_texte_confirme(technicien: Client, agent: Client, demande_id: str) -> str:
    message = {"texte": "Elle attend depuis son opération du genou.", "texte_confirme": True}
    assert technicien.post(f"/v1/demandes/{demande_id}/messages", message).status_code == 200
    textes = agent.get("/v1/textes-confirmes", limite=200).json()["donnees"]
    return str(next(texte["id"] for texte in textes if texte["ressource_id"] == demande_id))


@pytest.fixture(scope="module")
def scene(base: Base, client_de: Callable[[str], Client]) -> Scene:
    """A structure of the Orne, with one of each thing that it may have, and words of its own."""
    marque = uuid.uuid4().hex[:10].translate(str.maketrans("0123456789", "ghijklmnop"))
    structure = Fabrique(base, client_de).structure(gestionnaires=2, raison_sociale=f"Maison {marque}")
    clients = [client_de(nom) for nom in (*structure.techniciens, *structure.gestionnaires)]
    comptes = [client.get("/v1/moi").json()["compte"]["id"] for client in clients]
    technicien, gestionnaire, _ = clients
    agent = client_de("a-orne")
    corps = un_signalement(commentaire=f"Suivi {marque} chaque semaine.")
    corps["assure"]["nom"] = f"Nom {marque}"
    demande = technicien.post("/v1/signalements", corps).json()
    assert agent.post(f"/v1/demandes/{demande['id']}/prise-en-charge").status_code == 200
    identite = {
        "civilite": "mme",
        "nom": marque,
        "prenom": "Ada",
        "fonction": "Cheffe",
        "telephone": "0233000000",
    }
    identite["email"] = f"{marque}@essai.example"
    habilitation = gestionnaire.post(
        "/v1/demandes-habilitation", {"nature": "creation", "identite": identite}
    )
    constat = {"compte_id": comptes[0], "constate_le": "2026-01-15", "preuve": f"Constat {marque}"}
    constat |= {"nature": "usage_non_conforme", "description": "Identifiant prêté à un collègue."}
    incident = gestionnaire.post("/v1/incidents", constat)
    assert (habilitation.status_code, incident.status_code) == (201, 201), habilitation.text + incident.text
    revue = agent.post(
        "/v1/revues-habilitation", {"partenaire_id": structure.id, "echeance": (today() + MOIS).isoformat()}
    )
    assert revue.status_code == 201, revue.text
    id_agent = agent.get("/v1/moi").json()["compte"]["id"]
    siens = [demande["id"], demande["id"], structure.id, structure.convention_id]
    comptes_et_suites = [comptes[0], comptes[2], habilitation.json()["id"], incident.json()["id"]]
    comptes_et_suites.append(revue.json()["id"])
    for chemin in ("etudes-dossier", "rendez-vous", "demandes-documents", "contacts"):
        genre = technicien.post(f"/v1/{chemin}", corps_du_genre(chemin, assure=corps["assure"]))
        assert genre.status_code == 201, genre.text
        comptes_et_suites.append(genre.json()["id"])
    comptes_et_suites.append(un_texte_confirme(technicien, agent, demande["id"]))
    panne = {"caisse": "611", "titre": marque, "description": marque, "survenu_le": "2026-01-15T09:00:00Z"}
    signale = technicien.post("/v1/dysfonctionnements", panne | {"bloquant": False})
    comptes_et_suites.append(signale.json()["id"])
    # The operator knows the ids of applications: they are no secret words.
    operateur, outil = client_de("n-operateur"), f"Outil {marque}"
    siennes = applications(base, operateur, outil, structure.id, comptes[0])
    actes = actes_de_la_convention(agent, structure.convention_id, marque)
    voulu = {"url": f"http://127.0.0.1:9/{marque}", "evenements": ["caisse.creee"]}
    webhook = agent.post("/v1/webhooks", voulu).json()["id"]
    actes |= un_webhook(webhook, agent.post(f"/v1/webhooks/{webhook}/test").json()["id"])
    actes[f"/v1/demandes/{demande['id']}/pieces"] = deposer_piece(technicien, demande).json()["id"]
    ids = dict(zip(PREFIXES, [*siens, "611", id_agent, *comptes_et_suites, *siennes], strict=True)) | actes
    mots = [marque, demande["reference"], *siens, *comptes_et_suites, *comptes, *actes.values()]
    return Scene(structure.id, demande, id_agent, ids, mots)


ACTEURS = (
    "technicien d'une autre structure",
    "gestionnaire d'une autre structure",
    "agent d'une autre caisse",
    "back-office d'une autre caisse",
    "administrateur",
)


@pytest.fixture(scope="module")
def etrangers(api, base, client_de, demo, scene) -> dict[str, tuple[Client, Role, dict[str, str]]]:
    """Every foreign actor, its role, and what is foreign to it."""
    autre = Fabrique(base, client_de).structure(techniciens=2, gestionnaires=1)
    secrets = {a["caisse"]: (a["client_id"], a["client_secret"]) for a in demo["applications"]}
    reponse = api.post("/v1/oauth/token", data={"grant_type": "client_credentials"}, auth=secrets["141"])
    ailleurs = scene.ids(**{"/v1/caisses": "141"})
    acteurs = (
        (client_de(autre.techniciens[0]), Role.TECHNICIEN, ailleurs),
        (client_de(autre.gestionnaires[0]), Role.GESTIONNAIRE, ailleurs),
        (client_de("a-calvados"), Role.AGENT_CAISSE, scene.ids()),
        (Client(api, reponse.json()["access_token"]), Role.AGENT_CAISSE, scene.ids()),
        (client_de("n-operateur"), Role.ADMINISTRATEUR, scene.ids()),
    )
    return dict(zip(ACTEURS, acteurs, strict=True))


def essentiel(reponse: Any) -> tuple[int, Any]:
    """Return what an answer tells: its status and its body, but the number of the call."""
    if not reponse.content:
        return reponse.status_code, None
    return reponse.status_code, {cle: valeur for cle, valeur in reponse.json().items() if cle != "instance"}


ENTETES = ({}, {"If-Match": '"1"'}, {"If-Match": '"99"', "If-None-Match": '"1", "2", "3"'})
# The administrateur knows the caisses, their agents and the structures: never a request nor a convention.
DE_L_ADMINISTRATEUR = (
    "/v1/caisses",
    "/v1/partenaires",
    "/v1/agents",
    "/v1/maintenances",
    "/v1/applications/",
)


@pytest.mark.parametrize("qui", ACTEURS)
def test_ce_qui_est_a_un_autre_est_introuvable_par_tous_les_chemins_du_contrat(api, base, etrangers, qui):
    client, role, ids = etrangers[qui]
    avant, ecarts, vues = empreinte(base), [], 0
    for op in operations(api.app.openapi()):
        if "{" not in op.chemin or (
            role is Role.ADMINISTRATEUR and op.chemin.startswith(DE_L_ADMINISTRATEUR)
        ):
            continue
        etranger, inexistant = remplir(op.chemin, ids), remplir(op.chemin, inconnus())
        attendu = (404, "introuvable") if role in op.roles else (403, "permission-refusee")
        for entetes in ENTETES:
            reponse = client.appel(op.methode, etranger, json=op.corps, entetes=entetes)
            temoin = client.appel(op.methode, inexistant, json=op.corps, entetes=entetes)
            vues += 1
            if (reponse.status_code, reponse.json().get("code")) != attendu:
                ecarts.append(f"{op.nom} {entetes}: {reponse.status_code} {reponse.text}")
            elif essentiel(reponse) != essentiel(temoin) or "etag" in reponse.headers:
                ecarts.append(f"{op.nom} {entetes}: se distingue de ce qui n'existe pas")
    assert not ecarts
    assert vues > 20
    assert empreinte(base) == avant


@pytest.mark.parametrize("qui", ACTEURS)
def test_une_methode_imprevue_ne_dit_rien_de_ce_qui_existe(api, base, etrangers, qui):
    client, _, ids = etrangers[qui]
    contrat = api.app.openapi()
    avant, ecarts = empreinte(base), []
    for chemin in {op.chemin for op in operations(contrat) if "{" in op.chemin}:
        for methode in {*METHODES, "head", "options", "trace"} - set(contrat["paths"][chemin]):
            reponse = client.appel(methode, remplir(chemin, ids))
            temoin = client.appel(methode, remplir(chemin, inconnus()))
            if reponse.status_code != 405 or essentiel(reponse) != essentiel(temoin):
                ecarts.append(f"{methode} {chemin}: {reponse.status_code}")
    assert not ecarts
    assert empreinte(base) == avant


def test_sans_jeton_tout_ce_qui_a_un_droit_est_refuse(api, base, scene):
    avant = empreinte(base)
    for op in operations(api.app.openapi()):
        if op.action:
            reponse = api.request(op.methode, remplir(op.chemin, scene.ids()), json=op.corps)
            assert (reponse.status_code, reponse.json()["code"]) == (401, "jeton-invalide"), op.nom
    assert empreinte(base) == avant


def pages(client: Client, chemin: str, **params: Any) -> Iterator[dict[str, Any]]:
    while True:
        reponse = client.get(chemin, limite=200, **params)
        assert reponse.status_code == 200, (chemin, reponse.text)
        if not reponse.headers["content-type"].startswith("application/json"):
            yield {"page": reponse.text}
            return
        yield reponse.json()
        params["curseur"] = reponse.json().get("curseur_suivant")
        if not params["curseur"]:
            return


@pytest.mark.parametrize("qui", ACTEURS)
def test_aucune_liste_ne_montre_une_ligne_etrangere(api, etrangers, scene, qui):
    client, role, _ = etrangers[qui]
    listes = [
        op
        for op in operations(api.app.openapi())
        if op.methode == "get" and "{" not in op.chemin and op.action
    ]
    filtres: list[dict[str, str]] = [{}]
    filtres += [
        {"q": scene.demande["reference"]},
        {"auteur": scene.demande["auteur"]["id"]},
        {"agent": scene.agent},
    ]
    filtres += [{"caisse": "611"}, {"en_retard": "false"}, {"theme": "rupture_de_droits"}]
    assert len(listes) >= 8
    for op in listes:
        if role not in op.roles or (
            role is Role.ADMINISTRATEUR and f"{op.chemin}/".startswith(DE_L_ADMINISTRATEUR)
        ):
            continue
        connus = {parametre["name"] for parametre in op.parametres}
        for filtre in filtres:
            if set(filtre) <= connus:
                lu = str(list(pages(client, op.chemin, **filtre)))
                assert not [mot for mot in scene.mots if mot in lu], (op.nom, filtre)


@pytest.mark.parametrize("qui", ACTEURS)
def test_aucune_recherche_ne_trouve_une_demande_etrangere(etrangers, scene, qui):
    client, role, _ = etrangers[qui]
    assure = scene.demande["assure"]
    recherches = (
        {"nom": assure["nom"]},
        {"nom": assure["nom"], "prenom": assure["prenom"], "date_naissance": assure["date_naissance"]},
        {"reference": scene.demande["reference"]},
        {"type": "signalement", "statut": "en_cours"},
        {},
    )
    for recherche in recherches:
        reponse = client.post("/v1/demandes/recherche", recherche)
        if role in DROITS[Action.DEMANDE_CONSULTER].roles:
            assert reponse.status_code == 200
            assert not [mot for mot in scene.mots if mot in reponse.text]
        else:
            assert reponse.status_code == 403


def test_celui_a_qui_c_est_le_voit(client_de, scene):
    """The witness of the others: what nobody else finds is really there."""
    agent = client_de("a-orne")
    for prefixe, id_ in scene.chemins.items():
        if prefixe not in {
            "/v1/applications-autorisees",
            "/v1/moi/consentements",
        }:  # tests/api/test_applications.py
            assert agent.get(f"{prefixe}/{id_}").status_code == 200, prefixe
    trouvees = agent.post("/v1/demandes/recherche", {"nom": scene.demande["assure"]["nom"]}).json()["donnees"]
    assert scene.demande["id"] in [demande["id"] for demande in trouvees]


def test_le_corps_ne_fait_pas_entrer_chez_un_autre(base, client_de, etrangers, scene):
    """Foreign identifiers in a body are as unknown as those that do not exist."""
    autre = etrangers["agent d'une autre caisse"][0]
    mienne = client_de("t-cias").deposer(caisse="141")
    for inconnu in (scene.agent, INCONNU, scene.demande["auteur"]["id"], scene.demande["id"]):
        reponse = autre.post(f"/v1/demandes/{mienne['id']}/affectation", {"agent_id": inconnu})
        assert (reponse.status_code, reponse.json()["erreurs"][0]["code"]) == (422, "ep_inconnu")
    technicien = etrangers["technicien d'une autre structure"][0]
    refus = [technicien.post("/v1/signalements", un_signalement(caisse=caisse)) for caisse in ("141", "998")]
    assert essentiel(refus[0]) == essentiel(refus[1])
    assert refus[0].json()["code"] == "caisse-non-conventionnee"
    corps = {
        "partenaire_id": scene.structure,
        "caisse": "611",
        "metier": {"reference": "M", "signee_le": "2026-01-10"},
    }
    assert autre.post("/v1/conventions", corps).status_code == 403
    assert base.valeur("SELECT count(*) FROM conventions WHERE partenaire_id = :p", p=scene.structure) == 1


def test_deux_structures_deposent_pour_la_meme_personne_sans_le_savoir(client_de, fabrique):
    une, autre = (client_de(fabrique.structure().techniciens[0]) for _ in range(2))
    corps = un_signalement()
    premiere, seconde = une.post("/v1/signalements", corps), autre.post("/v1/signalements", corps)
    assert (premiere.status_code, seconde.status_code) == (201, 201)
    assert seconde.json()["demandes_liees"] == []
    assert premiere.json()["reference"] not in seconde.text
    vue = client_de("a-orne").get(f"/v1/demandes/{seconde.json()['id']}").json()
    assert vue["demandes_liees"] == [premiere.json()["reference"]]


def test_un_curseur_ne_sert_qu_a_celui_qui_l_a_recu(client_de):
    une, collegue, etrangere, agent = (client_de(nom) for nom in ("t-cias", "t-cias-2", "t-asso", "a-orne"))
    page = une.get("/v1/demandes", limite=1).json()
    curseur = page["curseur_suivant"]
    assert une.get("/v1/demandes", limite=1, curseur=curseur).status_code == 200
    for voleur in (collegue, etrangere, agent):
        reponse = voleur.get("/v1/demandes", limite=1, curseur=curseur)
        assert (reponse.status_code, reponse.json()["code"]) == (400, "curseur-invalide")
    for chemin, params in (("/v1/signalements", {}), ("/v1/demandes", {"statut": "deposee"})):
        assert une.get(chemin, limite=1, curseur=curseur, **params).status_code == 400
    for faux in (curseur[:-2], "A" * 40, "é", "%00", curseur[::-1], page["donnees"][0]["id"]):
        assert une.get("/v1/demandes", limite=1, curseur=faux).status_code == 400


def test_une_cle_d_idempotence_ne_rejoue_rien_a_un_autre(client_de):
    cle, corps = str(uuid.uuid4()), un_signalement()
    proprietaire = client_de("t-cias")
    premiere = proprietaire.post("/v1/signalements", corps, Idempotency_Key=cle)
    rejouee = proprietaire.post("/v1/signalements", corps, Idempotency_Key=cle)
    assert (rejouee.json(), rejouee.headers["idempotency-replayed"]) == (premiere.json(), "true")
    for nom in ("t-cias-2", "t-asso"):
        reponse = client_de(nom).post(
            "/v1/signalements", corps | {"doublon_confirme": True}, Idempotency_Key=cle
        )
        assert reponse.status_code == 201, reponse.text
        assert "idempotency-replayed" not in reponse.headers
        assert reponse.json()["id"] != premiere.json()["id"]
    assert client_de("a-orne").post("/v1/signalements", corps, Idempotency_Key=cle).status_code == 403


def test_un_etag_n_ouvre_rien_a_un_autre(client_de, scene):
    chemin = f"/v1/demandes/{scene.demande['id']}"
    lue = client_de("a-orne").get(chemin)
    meme = client_de("a-orne").appel("GET", chemin, entetes={"If-None-Match": lue.headers["etag"]})
    assert (meme.status_code, meme.content) == (304, b"")
    for nom in ("t-cias", "a-calvados"):
        reponse = client_de(nom).appel("GET", chemin, entetes={"If-None-Match": lue.headers["etag"]})
        assert reponse.status_code == 404


@dataclass
class Fermee:
    """A structure of two caisses whose convention with the Calvados has just ended."""

    technicien: Client
    gestionnaire: Client
    orne: dict[str, Any]
    calvados: dict[str, Any]
    cle: str
    corps: dict[str, Any]


@pytest.fixture(params=["expiree", "a_venir", "une_signature"])
def fermee(request, base, client_de, fabrique) -> Fermee:
    structure = fabrique.structure(techniciens=1, gestionnaires=1)
    convention = fabrique.convention(structure.id, "141")
    technicien, gestionnaire = client_de(structure.techniciens[0]), client_de(structure.gestionnaires[0])
    orne = technicien.deposer(caisse="611")
    cle, corps = str(uuid.uuid4()), un_signalement(caisse="141")
    calvados = technicien.post("/v1/signalements", corps, Idempotency_Key=cle).json()
    assert calvados["caisse"] == "141"
    dates = {
        "expiree": "signee_partenaire_le = '2023-01-01', signee_caisse_le = '2023-01-02', tacite_reconduction = false",
        "a_venir": "signee_partenaire_le = now()::date + 3",
        "une_signature": "signee_caisse_le = NULL",
    }[request.param]
    base.ecrire(f"UPDATE conventions SET {dates} WHERE id = :id", id=convention["id"])
    return Fermee(technicien, gestionnaire, orne, calvados, cle, corps)


@pytest.mark.regle("2.2.3-2")
def test_la_fin_avec_une_caisse_ne_laisse_que_l_autre(api, base, client_de, fermee):
    technicien, id_ = fermee.technicien, fermee.calvados["id"]
    avant = empreinte(base)
    for op in operations(api.app.openapi()):
        if op.chemin.startswith(("/v1/demandes/{", "/v1/signalements/{")) and Role.TECHNICIEN in op.roles:
            reponse = technicien.appel(op.methode, re.sub(r"{\w+}", id_, op.chemin), json=op.corps)
            assert (reponse.status_code, reponse.json()["code"]) == (404, "introuvable"), op.nom
    assert empreinte(base) == avant
    for chemin, params in (
        ("/v1/demandes", {}),
        ("/v1/signalements", {}),
        ("/v1/demandes", {"caisse": "141"}),
    ):
        lu = str(list(pages(technicien, chemin, **params)))
        assert id_ not in lu
        assert (fermee.orne["id"] in lu) == (not params)
    assert (
        technicien.post("/v1/demandes/recherche", {"reference": fermee.calvados["reference"]}).json()[
            "donnees"
        ]
        == []
    )

    refus = technicien.post("/v1/signalements", un_signalement(caisse="141"))
    assert (refus.status_code, refus.json()["code"]) == (403, "caisse-non-conventionnee")
    assert refus.json()["caisses"] == ["611"]
    for membre in (technicien, fermee.gestionnaire):
        assert [caisse["code"] for caisse in membre.get("/v1/moi").json()["caisses"]] == ["611"]
        assert [caisse["code"] for caisse in membre.get("/v1/caisses").json()["donnees"]] == ["611"]
        assert membre.get("/v1/caisses/141").status_code == 404

    assert technicien.get(f"/v1/demandes/{fermee.orne['id']}").status_code == 200
    technicien.deposer(caisse="611")


@pytest.mark.regle("8.2-3")
def test_la_caisse_finit_ce_qu_elle_a_recu_apres_la_fin(client_de, fermee):
    agent, chemin = client_de("a-calvados"), f"/v1/demandes/{fermee.calvados['id']}"
    assert agent.get(chemin).status_code == 200
    fin = agent.post(f"{chemin}/cloture", {"issue": "traitee", "message": "Les droits sont ouverts."})
    assert (fin.status_code, fin.json()["statut"]) == (200, "cloturee")
    assert fermee.technicien.get(chemin).status_code == 404
    assert client_de("a-orne").get(chemin).status_code == 404


@pytest.mark.regle("2.2.3-2")
def test_la_cle_d_idempotence_ne_rend_pas_ce_que_la_fin_a_repris(fermee):
    """A replay within 24 hours is a read: the caisse is closed, so is its answer."""
    reponse = fermee.technicien.post("/v1/signalements", fermee.corps, Idempotency_Key=fermee.cle)
    assert fermee.corps["assure"]["nom"] not in reponse.text
    assert fermee.calvados["reference"] not in reponse.text
    assert reponse.status_code in {403, 404}


@pytest.mark.regle("2.2.3-1")
def test_sans_aucune_convention_il_ne_reste_aucune_demande(base, client_de, fabrique):
    structure = fabrique.structure(techniciens=1)
    technicien = client_de(structure.techniciens[0])
    demande = technicien.deposer()
    base.ecrire("UPDATE conventions SET signee_caisse_le = NULL WHERE id = :id", id=structure.convention_id)
    for reponse in (
        technicien.get("/v1/demandes"),
        technicien.get(f"/v1/demandes/{demande['id']}"),
        technicien.post("/v1/demandes/recherche", {}),
        technicien.post("/v1/signalements", un_signalement()),
    ):
        assert reponse.status_code in {403, 404}
        assert demande["reference"] not in reponse.text
    assert technicien.get("/v1/moi").json()["caisses"] == []
