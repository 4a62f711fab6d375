"""Art. 5: the person's rights at one caisse: found whoever spelt the name, exported whole, erased everywhere."""

import io
import json
import uuid
import zipfile

import pytest

from app.config import settings
from app.kit.clock import today
from app.kit.db import Base as Tables
from app.rgpd.queries import DEMANDES, tables_liees
from tests.api.test_cycle_de_vie import ou_se_trouve
from tests.api.test_genres import corps as corps_du_genre
from tests.outils import un_signalement

GENRES = ("etudes-dossier", "rendez-vous", "demandes-documents", "contacts")
DERNIERE = "ORDER BY numero DESC LIMIT 1"
CHEMINS = ("recherche", "export", "effacement")


def mot() -> str:
    """Invent a surname in letters only, that stands nowhere else in the database."""
    return "kz" + uuid.uuid4().hex[:12].translate(str.maketrans("0123456789", "ghijklmnop"))


@pytest.fixture
def personne() -> dict[str, str]:
    return {"nom": mot(), "prenom": mot(), "date_naissance": "1957-03-08"}


def assure(personne, **changements):
    return {"civilite": "mme", "departement_residence": "61"} | personne | changements


def deposer(client, personne, **changements):
    return client.deposer(assure=assure(personne), caisse="611", **changements)


def chercher(client, personne):
    reponse = client.post("/v1/assures/recherche", personne)
    assert reponse.status_code == 200, reponse.text
    return {d["id"]: d["rapprochement"] for d in reponse.json()["donnees"]}


def effacer(client, personne, motif="Demande reçue par courrier."):
    return client.post("/v1/assures/effacement", personne | {"motif": motif})


@pytest.mark.regle("5-5")
def test_une_personne_se_trouve_sans_accents_ni_casse_au_son_du_nom_ou_la_date_echangee(client_de):
    technicien, agent = client_de("t-cias"), client_de("a-orne")
    souche = mot()
    la = {"nom": f"Lefèvre-{souche}", "prenom": "Thierry", "date_naissance": "1957-03-08"}
    ids = {
        "exacte": deposer(technicien, la)["id"],
        "son": deposer(technicien, la | {"nom": f"Lefebvre {souche}", "prenom": "Tierri"})["id"],
        "date": deposer(technicien, la | {"date_naissance": "1957-08-03"})["id"],
        "prenom": deposer(technicien, la | {"prenom": "Ginette"})["id"],
        "naissance": deposer(technicien, la | {"date_naissance": "1957-03-09"})["id"],
    }
    trouvees = chercher(agent, la | {"nom": f"LEFEVRE {souche.upper()}", "prenom": "thierry"})
    attendues = {ids["exacte"]: "exact", ids["son"]: "phonetique", ids["date"]: "date_inversee"}
    assert {id_: trouvees.get(id_) for id_ in attendues} == attendues
    assert list(trouvees.values()) == sorted(trouvees.values(), key=list(attendues.values()).index)
    assert not {ids["prenom"], ids["naissance"]} & set(trouvees)


def test_la_recherche_va_par_pages_les_plus_sures_d_abord(client_de, personne):
    technicien, agent = client_de("t-cias"), client_de("a-orne")
    ids = [deposer(technicien, personne, doublon_confirme=True)["id"] for _ in range(3)]
    ids.append(deposer(technicien, personne | {"nom": personne["nom"] + "s"})["id"])
    vues, curseur = [], ""
    while curseur is not None:
        reponse = agent.post(f"/v1/assures/recherche?limite=1&curseur={curseur}", personne).json()
        vues += [d["id"] for d in reponse["donnees"]]
        curseur = reponse["curseur_suivant"]
    assert vues == [*reversed(ids[:3]), ids[3]]


@pytest.mark.regle("5-5")
@pytest.mark.parametrize("qui", ["t-cias", "g-cias", "n-operateur"])
@pytest.mark.parametrize("chemin", CHEMINS)
def test_seule_la_caisse_exerce_ces_droits(client_de, personne, qui, chemin):
    corps = personne | ({"motif": "Demande."} if chemin == "effacement" else {})
    refus = client_de(qui).post(f"/v1/assures/{chemin}", corps)
    assert (refus.status_code, refus.json()["code"]) == (403, "permission-refusee")


@pytest.mark.regle("5-5")
def test_une_autre_caisse_ne_trouve_n_exporte_ni_n_efface_rien(client_de, personne):
    la = deposer(client_de("t-cias"), personne)
    autre = client_de("a-calvados")
    assert chercher(autre, personne) == {}
    assert autre.post("/v1/assures/export", personne).json()["code"] == "introuvable"
    assert effacer(autre, personne).json()["code"] == "introuvable"
    assert client_de("a-orne").get(f"/v1/demandes/{la['id']}").json()["assure"]["nom"] == personne["nom"]


def histoire(client_de, personne):
    """Leave of a person whatever one can: five kinds, in several states, texts on both sides."""
    technicien, agent = client_de("t-cias"), client_de("a-orne")
    cle = str(uuid.uuid4())
    corps = un_signalement(
        caisse="611", assure=assure(personne), commentaire=f"Madame {personne['nom']} attend."
    )
    premiere = technicien.post("/v1/signalements", corps, Idempotency_Key=cle).json()
    chemin = f"/v1/demandes/{premiere['id']}"
    reponses = [
        agent.post(f"{chemin}/prise-en-charge"),
        agent.post(f"{chemin}/demande-complement", {"message": f"L'avis de {personne['nom']} ?"}),
        technicien.post(
            f"{chemin}/messages", {"texte": f"{personne['prenom']} l'a."}, Idempotency_Key=str(uuid.uuid4())
        ),
    ]
    ids = [premiere["id"]]
    for genre in GENRES:
        reponse = technicien.post(
            f"/v1/{genre}", corps_du_genre(genre, assure=assure(personne)), Idempotency_Key=str(uuid.uuid4())
        )
        reponses.append(reponse)
        ids.append(reponse.json()["id"])
    reponses += [
        technicien.post(f"/v1/demandes/{ids[1]}/annulation", {"motif": f"{personne['nom']} renonce."}),
        agent.post(f"/v1/demandes/{ids[2]}/cloture", {"issue": "traitee", "message": personne["prenom"]}),
    ]
    assert all(reponse.status_code < 300 for reponse in reponses), [r.text for r in reponses]
    return ids, cle, corps


@pytest.mark.regle("5-5")
def test_l_export_contient_tout_ce_qui_est_detenu_et_se_journalise(client_de, base, personne):
    ids, _, _ = histoire(client_de, personne)
    autre = deposer(client_de("t-cias"), personne | {"prenom": mot()})
    reponse = client_de("a-orne").post("/v1/assures/export", personne)
    assert reponse.status_code == 200
    assert reponse.headers["content-type"] == "application/zip"
    assert reponse.headers["content-disposition"] == 'attachment; filename="assure.zip"'
    assert reponse.headers["cache-control"] == "no-store"
    assert personne["nom"] not in str(reponse.headers)
    with zipfile.ZipFile(io.BytesIO(reponse.content)) as archive:
        assert archive.testzip() is None
        dossier = json.loads(archive.read("assure.json"))
    assert {demande["id"] for demande in dossier["demandes"]} == set(ids)
    assert autre["id"] not in json.dumps(dossier)
    premiere = next(d for d in dossier["demandes"] if d["id"] == ids[0])
    assert premiere["assure_nom"] == personne["nom"]
    assert premiere["consentement_date"] == "2026-01-15"
    assert [m["role"] for m in premiere["messages"]] == ["agent_caisse", "technicien"]
    assert premiere["signalements"] == [{"difficultes": ["rupture_de_droits"], "orientation_souhaitee": None}]
    assert {e["type"] for e in dossier["evenements"]} >= {"demande.deposee", "demande.annulee"}
    assert {ligne["action"] for ligne in dossier["journal"]} >= {"demande.deposee", "demande.message"}
    for table in ("rendez_vous", "contacts", "etudes_dossier", "demandes_documents"):
        assert sum(len(d[table]) for d in dossier["demandes"]) == 1
    (ligne,) = base.lignes(
        "SELECT ressource_id, caisse FROM journal WHERE action = 'assure.exporte' ORDER BY numero DESC LIMIT 1"
    )
    assert ligne.caisse == "611"
    encore = client_de("a-orne").post("/v1/assures/export", personne)
    with zipfile.ZipFile(io.BytesIO(encore.content)) as archive:
        journal = json.loads(archive.read("assure.json"))["journal"]
    assert ligne.ressource_id in [vue["ressource_id"] for vue in journal if vue["action"] == "assure.exporte"]


@pytest.mark.regle("5-5")
def test_l_effacement_clot_les_demandes_ouvertes_et_ne_laisse_le_nom_nulle_part(client_de, base, personne):
    ids, cle, corps = histoire(client_de, personne)
    agent, technicien = client_de("a-orne"), client_de("t-cias")
    for partie in (personne["nom"], personne["prenom"]):
        assert ou_se_trouve(base, partie)  # else finding nothing afterwards would prove nothing
    avant = {id_: agent.get(f"/v1/demandes/{id_}").json() for id_ in ids}
    bilan = effacer(agent, personne)
    assert bilan.status_code == 200, bilan.text
    assert (bilan.json()["demandes"], bilan.json()["demandes_closes"]) == (5, 3)
    for partie in (personne["nom"], personne["prenom"]):
        assert ou_se_trouve(base, partie) == []
        assert not fichiers_qui_contiennent(partie)
    for id_ in ids:
        for client in (agent, technicien):
            lue = client.get(f"/v1/demandes/{id_}").json()
            assert (lue["assure"], lue["commentaire"]) == (None, None)
            assert lue["effacee_le"]
            assert lue["motif_effacement"] == "Demande reçue par courrier."
            gardes = ("reference", "type", "deposee_le", "partenaire_id", "caisse", "theme")
            assert {nom: lue[nom] for nom in gardes} == {nom: avant[id_][nom] for nom in gardes}
            assert lue["actions_possibles"] == []
            if avant[id_]["statut"] not in {"cloturee", "annulee"}:
                assert (lue["statut"], lue["issue"]) == ("cloturee", "sans_suite")
            else:
                assert (lue["statut"], lue["issue"]) == (avant[id_]["statut"], avant[id_]["issue"])
        assert base.valeur("SELECT assure_departement FROM demandes WHERE id = :id", id=id_) == "61"
        types = base.lignes(
            "SELECT type, raison FROM evenements WHERE ressource_id = :id ORDER BY numero", id=id_
        )
        assert types[-1] == ("demande.effacee", "rgpd")
    assert (
        base.valeur("SELECT action FROM journal WHERE caisse = '611' ORDER BY numero DESC LIMIT 1")
        == "assure.efface"
    )
    # A late retry neither brings the person back nor shows her again.
    assert technicien.post("/v1/signalements", corps, Idempotency_Key=cle).json()["code"] == "introuvable"
    assert ou_se_trouve(base, personne["nom"]) == []
    assert chercher(agent, personne) == {}
    assert effacer(agent, personne).json()["code"] == "introuvable"
    assert agent.post("/v1/assures/export", personne).json()["code"] == "introuvable"


def fichiers_qui_contiennent(texte: str) -> list[str]:
    """Return the files of the server, its mails and its storage, that hold a text; the engine's own set apart."""
    return [
        str(fichier)
        for fichier in settings().data_dir.rglob("*")
        if fichier.is_file()
        and "postgres" not in fichier.relative_to(settings().data_dir).parts[0]
        and texte.encode() in fichier.read_bytes().lower()
    ]


def test_l_effacement_ne_touche_que_la_personne_a_cette_caisse(client_de, personne):
    technicien, agent = client_de("t-cias"), client_de("a-orne")
    la = deposer(technicien, personne)
    ailleurs = technicien.deposer(
        assure=assure(personne, departement_residence="14"), caisse="141", doublon_confirme=True
    )
    voisine = deposer(technicien, personne | {"date_naissance": "1957-08-03"})
    assert effacer(agent, personne).json()["demandes"] == 1
    assert technicien.get(f"/v1/demandes/{la['id']}").json()["assure"] is None
    for intacte in (ailleurs, voisine):
        lue = technicien.get(f"/v1/demandes/{intacte['id']}").json()
        assert (lue["assure"], lue["statut"]) == (intacte["assure"], "deposee")


def test_un_motif_d_effacement_ne_nomme_pas_la_personne(client_de, personne):
    agent = client_de("a-orne")
    la = deposer(client_de("t-cias"), personne)
    refus = effacer(agent, personne, f"Madame {personne['nom'].upper()} le demande.")
    assert (refus.status_code, refus.json()["erreurs"][0]["champ"]) == (422, "/motif")
    assert personne["nom"] not in refus.text.lower()
    sante = effacer(agent, personne, "Elle est hospitalisée en oncologie.")
    assert sante.json()["code"] == "donnee-de-sante"
    assert agent.get(f"/v1/demandes/{la['id']}").json()["assure"] is not None


@pytest.mark.regle("5-6")
def test_le_journal_dit_qu_on_a_cherche_sans_dire_qui(client_de, base, personne):
    agent = client_de("a-orne")
    for _ in range(2):
        chercher(agent, personne)
    chercher(agent, personne | {"prenom": mot()})
    lignes = base.lignes(
        "SELECT ressource, ressource_id, caisse, partenaire_id FROM journal WHERE action = 'assure.recherche'"
        " ORDER BY numero DESC LIMIT 3"
    )
    assert {(ligne.ressource, ligne.caisse, ligne.partenaire_id) for ligne in lignes} == {
        ("assure", "611", None)
    }
    autre, une, encore = [ligne.ressource_id for ligne in lignes]
    assert une == encore != autre
    assert ou_se_trouve(base, personne["nom"]) == []


@pytest.mark.regle("5-5")
def test_un_consentement_retire_efface_aussitot_les_reponses_gardees(client_de, base, personne):
    technicien, cle = client_de("t-cias"), str(uuid.uuid4())
    corps = un_signalement(caisse="611", assure=assure(personne))
    la = technicien.post("/v1/signalements", corps, Idempotency_Key=cle).json()
    assert "cles_idempotence" in ou_se_trouve(base, personne["nom"])
    retrait = {"date": today().isoformat()}
    assert (
        client_de("a-orne").post(f"/v1/demandes/{la['id']}/retrait-consentement", retrait).status_code == 200
    )
    assert ou_se_trouve(base, personne["nom"]) == ["demandes"]
    assert technicien.post("/v1/signalements", corps, Idempotency_Key=cle).status_code == 404


def test_chaque_colonne_personnelle_a_de_quoi_etre_effacee():
    """By the requests and what hangs on them, by the deletion of an account, or with a reason of its own."""
    des_comptes = {"comptes", "demandes_habilitation", "incidents", "anciens_mots_de_passe"}
    autrement = {
        "cles_idempotence": "erased by what they tell, and after a day",
        "conventions": "about a structure",
        "avenants": "between a structure and a caisse",
        "mises_en_demeure": "the same",
        "applications": "professionals, by the operator who registers the software",
        "appareils": "erased with the account",
        "referents": "professionals: their side writes the whole list again",
        "avis": "a caisse to its partenaires",
        "maintenances": "published",
        "dysfonctionnements": "about the software, by professionals",
        "echanges_dysfonctionnement": "the same",
    }
    marquees = {
        table.name
        for table in Tables.metadata.tables.values()
        if any(colonne.info.get("personnel") for colonne in table.columns)
    }
    couvertes = {DEMANDES.name, *(table.name for table in tables_liees())} | des_comptes | set(autrement)
    assert marquees <= couvertes
