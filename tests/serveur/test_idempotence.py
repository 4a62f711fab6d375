"""The same creation sent twice, on a real server of two processes: one request, one answer."""

import re

import pytest

from tests.outils import un_signalement
from tests.serveur.machines import cle, ensemble

CHEMIN = "/v1/signalements"


@pytest.fixture(scope="module")
def technicien(serveur):
    return serveur.client("t-cias")


def nombre(serveur, corps) -> int:
    return serveur.valeur("SELECT count(*) FROM demandes WHERE assure_nom = %s", corps["assure"]["nom"])


def vieillir(serveur, cle_hachee_depuis: str, duree: str) -> None:
    serveur.lignes(
        "UPDATE cles_idempotence SET cree_le = cree_le - %s::interval WHERE cle = encode(sha256(%s::bytea), 'hex')",
        duree,
        cle_hachee_depuis.encode(),
    )


@pytest.mark.parametrize("appels", [2, 40])
def test_des_creations_simultanees_de_meme_cle_n_en_font_qu_une(serveur, technicien, appels):
    corps, cle_ = un_signalement(), cle()
    reponses = ensemble([lambda: technicien.post(CHEMIN, corps, Idempotency_Key=cle_)] * appels)
    creees = [r for r in reponses if r.status_code == 201]
    assert len([r for r in creees if "idempotency-replayed" not in r.headers]) == 1
    assert len({r.content for r in creees}) == 1
    assert len({(r.headers["location"], r.headers["etag"], r.headers["content-type"]) for r in creees}) == 1
    refusees = [r.json()["code"] for r in reponses if r.status_code != 201]
    assert set(refusees) <= {"requete-en-cours"}
    assert nombre(serveur, corps) == 1


def test_des_cles_en_rafale_font_chacune_une_demande(serveur, technicien):
    corps = [un_signalement() for _ in range(20)]
    cles = [cle() for _ in corps]
    travaux = [
        lambda c=c, k=k: technicien.post(CHEMIN, c, Idempotency_Key=k)
        for c, k in zip(corps, cles, strict=True)
    ] * 3
    reponses = ensemble(travaux)
    par_cle = [{reponses[i + 20 * tour].content for tour in range(3)} for i in range(20)]
    assert {r.status_code for r in reponses} == {201}
    assert [len(distinctes) for distinctes in par_cle] == [1] * 20
    assert [nombre(serveur, c) for c in corps] == [1] * 20


def test_la_meme_cle_avec_un_autre_corps_est_refusee(serveur, technicien):
    corps, autre, cle_ = un_signalement(), un_signalement(), cle()
    assert technicien.post(CHEMIN, corps, Idempotency_Key=cle_).status_code == 201
    refus = technicien.post(CHEMIN, autre, Idempotency_Key=cle_)
    assert (refus.status_code, refus.json()["code"]) == (422, "cle-idempotence-reutilisee")
    assert nombre(serveur, autre) == 0
    ecriture = technicien.post(CHEMIN, corps | {"commentaire": "Autre."}, Idempotency_Key=cle_)
    assert ecriture.json()["code"] == "cle-idempotence-reutilisee"


def test_la_meme_cle_d_un_autre_appelant_est_independante(serveur, technicien):
    cle_, corps = cle(), un_signalement()
    mienne = technicien.post(CHEMIN, corps, Idempotency_Key=cle_)
    collegue = serveur.client("t-cias-2").post(CHEMIN, un_signalement(), Idempotency_Key=cle_)
    ailleurs = serveur.client("t-asso").post(CHEMIN, corps, Idempotency_Key=cle_)
    assert [r.status_code for r in (mienne, collegue, ailleurs)] == [201] * 3
    assert len({r.json()["id"] for r in (mienne, collegue, ailleurs)}) == 3
    assert "idempotency-replayed" not in collegue.headers
    assert "idempotency-replayed" not in ailleurs.headers


def test_une_creation_refusee_ne_consomme_pas_la_cle(serveur, technicien):
    cle_ = cle()
    for corps, code in (
        (un_signalement(difficultes=[]), "validation"),
        (un_signalement(consentement=...), "consentement-manquant"),
        (un_signalement(commentaire="NIR 1 51 05 61 169 001 56"), "nir-interdit"),
        (un_signalement(caisse="999"), "caisse-non-conventionnee"),
    ):
        refus = technicien.post(CHEMIN, corps, Idempotency_Key=cle_)
        assert (refus.status_code in {422, 403}, refus.json()["code"]) == (True, code)
    bonne = technicien.post(CHEMIN, un_signalement(), Idempotency_Key=cle_)
    assert bonne.status_code == 201
    assert "idempotency-replayed" not in bonne.headers


def test_la_cle_vaut_entre_guillemets_ou_sans(serveur, technicien):
    corps, cle_ = un_signalement(), cle()
    nue = technicien.post(CHEMIN, corps, Idempotency_Key=cle_)
    citee = technicien.post(CHEMIN, corps, Idempotency_Key=f'"{cle_}"')
    assert citee.headers["idempotency-replayed"] == "true"
    assert citee.content == nue.content
    assert technicien.post(CHEMIN, corps, Idempotency_Key='""').json()["code"] == "validation"
    assert technicien.post(CHEMIN, corps, Idempotency_Key="x" * 256).json()["code"] == "validation"


def test_apres_24_heures_la_cle_est_libre(serveur, technicien):
    cle_, premier = cle(), un_signalement()
    technicien.post(CHEMIN, premier, Idempotency_Key=cle_)
    vieillir(serveur, cle_, "23 hours 59 minutes")
    assert "idempotency-replayed" in technicien.post(CHEMIN, premier, Idempotency_Key=cle_).headers
    vieillir(serveur, cle_, "2 minutes")
    second = un_signalement()
    libres = ensemble([lambda: technicien.post(CHEMIN, second, Idempotency_Key=cle_)] * 8)
    assert {r.status_code for r in libres} == {201}
    assert len({r.json()["id"] for r in libres}) == 1
    assert nombre(serveur, second) == 1


def test_la_cle_n_est_pas_gardee_en_clair_et_le_refus_ne_la_cite_pas(serveur, technicien):
    cle_ = "mme-testard-ginette-1951"
    technicien.post(CHEMIN, un_signalement(), Idempotency_Key=cle_)
    refus = technicien.post(CHEMIN, un_signalement(), Idempotency_Key=cle_)
    assert cle_ not in refus.text
    assert serveur.valeur("SELECT count(*) FROM cles_idempotence WHERE cle !~ '^[0-9a-f]{64}$'") == 0
    assert not re.search(cle_, serveur.journal)


def test_la_reponse_est_rejouee_apres_un_redemarrage_du_serveur(serveur):
    avant = serveur.client("t-cias")
    corps, cle_ = un_signalement(), cle()
    premiere = avant.post(CHEMIN, corps, Idempotency_Key=cle_)
    assert serveur.arreter() == 0
    serveur.demarrer()
    rejouee = serveur.client("t-cias").post(CHEMIN, corps, Idempotency_Key=cle_)
    assert rejouee.headers["idempotency-replayed"] == "true"
    assert rejouee.status_code == 201
    assert rejouee.content == premiere.content
    assert {n: rejouee.headers[n] for n in ("etag", "location")} == {
        n: premiere.headers[n] for n in ("etag", "location")
    }
    assert nombre(serveur, corps) == 1
