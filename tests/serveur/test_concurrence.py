"""Several people at the same instant on the same thing: one wins, the others know it."""

import itertools
from functools import partial
from itertools import repeat

import pytest

from tests.outils import un_signalement, un_siret
from tests.serveur.machines import cle, ensemble

CLIENTS = 16


@pytest.fixture(scope="module")
def technicien(serveur):
    return serveur.client("t-cias")


@pytest.fixture(scope="module")
def agents(serveur):
    return serveur.client("a-orne"), serveur.client("a-orne-2")


def codes(reponses) -> list[int]:
    return sorted(reponse.status_code for reponse in reponses)


def ecrire(chemin, appelant, texte: str, version: str):
    return appelant.post(f"{chemin}/messages", {"texte": texte}, If_Match=version)


def test_seize_ecritures_avec_if_match_une_seule_gagne_chaque_version(serveur, technicien, agents):
    demande = technicien.deposer()
    chemin, etag = (
        f"/v1/demandes/{demande['id']}",
        technicien.get(f"/v1/demandes/{demande['id']}").headers["etag"],
    )
    acquittes = []
    for tour in range(6):
        textes = [f"Tour {'abcdef'[tour]}, plume {'abcdefghijklmnop'[rang]}" for rang in range(CLIENTS)]
        ecritures = zip(itertools.cycle((technicien, *agents)), textes, repeat(etag), strict=False)
        reponses = ensemble([partial(ecrire, chemin, *ecriture) for ecriture in ecritures])
        assert codes(reponses) == [200] + [412] * (CLIENTS - 1)
        assert {r.json()["code"] for r in reponses if r.status_code == 412} == {"version-perimee"}
        gagnante, texte = next((r, t) for r, t in zip(reponses, textes, strict=True) if r.status_code == 200)
        assert int(gagnante.headers["etag"].strip('"')) == int(etag.strip('"')) + 1
        etag = gagnante.headers["etag"]
        acquittes.append(texte)
    assert [m["texte"] for m in technicien.get(chemin).json()["messages"]] == acquittes
    assert technicien.get(chemin).headers["etag"] == etag


def test_seize_ecritures_sans_if_match_sont_toutes_gardees(technicien):
    demande = technicien.deposer()
    chemin = f"/v1/demandes/{demande['id']}"
    textes = [f"Plume {'abcdefghijklmnop'[rang]}" for rang in range(CLIENTS)]
    reponses = ensemble([lambda t=t: technicien.post(f"{chemin}/messages", {"texte": t}) for t in textes])
    assert codes(reponses) == [200] * CLIENTS
    assert {m["texte"] for m in technicien.get(chemin).json()["messages"]} == set(textes)
    assert len({r.headers["etag"] for r in reponses}) == CLIENTS


def test_deux_agents_prennent_la_meme_demande_un_seul_l_a(serveur, technicien, agents):
    for _ in range(8):
        demande = technicien.deposer()
        chemin = f"/v1/demandes/{demande['id']}"
        reponses = ensemble([lambda a=a, c=chemin: a.post(f"{c}/prise-en-charge") for a in agents])
        assert codes(reponses) == [200, 409]
        gagnante, perdue = sorted(reponses, key=lambda r: r.status_code)
        assert perdue.json()["code"] == "transition-interdite"
        assert perdue.json()["statut"] == "en_cours"
        assert technicien.get(chemin).json()["agent"] == gagnante.json()["agent"]
        prises = serveur.valeur(
            "SELECT count(*) FROM evenements WHERE ressource_id = %s AND type = 'demande.prise_en_charge'",
            demande["id"],
        )
        assert prises == 1


def test_cloture_et_annulation_simultanees_une_seule_fin(technicien, agents):
    for _ in range(5):
        chemin = f"/v1/demandes/{technicien.deposer()['id']}"
        reponses = ensemble(
            [
                lambda c=chemin: agents[0].post(f"{c}/cloture", {"issue": "traitee", "message": "Fait."}),
                lambda c=chemin: technicien.post(f"{c}/annulation", {"motif": "Réglé sur place."}),
                lambda c=chemin: technicien.post(f"{c}/retrait-consentement", {"date": "2026-11-01"}),
            ]
        )
        assert codes(reponses) == [200, 409, 409]


def test_vingt_depots_simultanes_pour_la_meme_personne_un_seul_passe(serveur, technicien):
    collegue = serveur.client("t-cias-2")
    corps = un_signalement()
    reponses = ensemble(
        [
            lambda a=a: a.post("/v1/signalements", corps, Idempotency_Key=cle())
            for a in (technicien, collegue) * 10
        ]
    )
    assert codes(reponses) == [201] + [409] * 19
    reference = next(r.json()["reference"] for r in reponses if r.status_code == 201)
    refus = [r.json() for r in reponses if r.status_code == 409]
    assert {(r["code"], r["reference"]) for r in refus} == {("demarche-en-cours", reference)}
    assert serveur.valeur("SELECT count(*) FROM demandes WHERE assure_nom = %s", corps["assure"]["nom"]) == 1


def test_le_meme_depot_confirme_vingt_fois_passe_vingt_fois(serveur, technicien):
    corps = un_signalement(doublon_confirme=True)
    reponses = ensemble([lambda: technicien.post("/v1/signalements", corps, Idempotency_Key=cle())] * 20)
    assert codes(reponses) == [201] * 20


def test_une_autre_structure_n_est_pas_arretee_par_la_demande_de_la_premiere(serveur, technicien):
    ailleurs, corps = serveur.client("t-asso"), un_signalement()
    reponses = ensemble([lambda a=a: a.post("/v1/signalements", corps) for a in (technicien, ailleurs)])
    assert codes(reponses) == [201, 201]


def partenaire(agent) -> str:
    corps = {
        "raison_sociale": "Structure simultanée",
        "siret": un_siret(),
        "type": "association",
        "effectif": 8,
        "domaines_email": ["simultanee.example"],
        "departement": "61",
    }
    reponse = agent.post("/v1/partenaires", corps)
    assert reponse.status_code == 201, reponse.text
    return str(reponse.json()["id"])


def convention(partenaire_id: str, **signatures: str) -> dict[str, object]:
    metier = {"reference": "METIER", "signee_le": "2026-01-10"}
    return {"partenaire_id": partenaire_id, "metier": metier, **signatures}


SIGNEE = {"signee_partenaire_le": "2026-02-01", "signee_caisse_le": "2026-02-02"}


def test_vingt_conventions_signees_creees_ensemble_une_seule_existe(serveur, agents):
    qui = partenaire(agents[0])
    corps = convention(qui, **SIGNEE)
    reponses = ensemble(
        [lambda a=a: a.post("/v1/conventions", corps, Idempotency_Key=cle()) for a in agents * 10]
    )
    assert codes(reponses) == [201] + [409] * 19
    assert {r.json()["code"] for r in reponses if r.status_code == 409} == {"convention-deja-ouverte"}
    assert serveur.valeur("SELECT count(*) FROM conventions WHERE partenaire_id = %s", qui) == 1


def test_vingt_signatures_simultanees_d_une_convention_une_seule_compte(serveur, agents):
    qui = partenaire(agents[0])
    creee = agents[0].post("/v1/conventions", convention(qui, signee_partenaire_le="2026-02-01")).json()
    jours = [f"2026-03-{jour:02d}" for jour in range(1, 21)]
    reponses = ensemble(
        [
            lambda a=a, le=le: a.post(
                f"/v1/conventions/{creee['id']}/signatures", {"partie": "caisse", "le": le}
            )
            for a, le in zip(agents * 10, jours, strict=True)
        ]
    )
    assert codes(reponses) == [200] + [409] * 19
    assert {r.json()["code"] for r in reponses if r.status_code == 409} == {"deja-signee"}
    gagnee = next(r.json() for r in reponses if r.status_code == 200)
    assert (
        str(serveur.valeur("SELECT signee_caisse_le FROM conventions WHERE id = %s", creee["id"]))
        == gagnee["debut_le"]
    )


def test_dix_conventions_en_attente_signees_ensemble_ne_se_chevauchent_pas(serveur, agents):
    qui = partenaire(agents[0])
    en_attente = [
        agents[0].post("/v1/conventions", convention(qui, signee_partenaire_le="2026-02-01")).json()["id"]
        for _ in range(10)
    ]
    signature = {"partie": "caisse", "le": "2026-02-02"}
    reponses = ensemble(
        [
            lambda i=i, a=a: a.post(f"/v1/conventions/{i}/signatures", signature)
            for i, a in zip(en_attente, agents * 5, strict=True)
        ]
    )
    assert codes(reponses) == [200] + [409] * 9
    assert (
        serveur.valeur(
            "SELECT count(*) FROM conventions WHERE partenaire_id = %s AND signee_caisse_le IS NOT NULL", qui
        )
        == 1
    )


def test_un_meme_siret_depose_vingt_fois_ne_fait_qu_un_partenaire(serveur, agents):
    corps = {
        "raison_sociale": "Structure unique",
        "siret": un_siret(),
        "type": "ccas",
        "effectif": 8,
        "domaines_email": ["unique.example"],
        "departement": "61",
    }
    reponses = ensemble(
        [lambda a=a: a.post("/v1/partenaires", corps, Idempotency_Key=cle()) for a in agents * 10]
    )
    assert codes(reponses) == [201] + [409] * 19
    assert {r.json()["code"] for r in reponses if r.status_code == 409} <= {
        "deja-existant",
        "requete-en-cours",
    }
    assert serveur.valeur("SELECT count(*) FROM partenaires WHERE siret = %s", corps["siret"]) == 1
