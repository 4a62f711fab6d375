"""Bodies that are not what they should be."""

from app.kit.problems import MOST_TOLD


def test_un_corps_trop_grand_est_refuse_annonce_ou_non(client_de):
    technicien = client_de("t-cias")
    enorme = b'{"commentaire": "' + b"a" * 2_000_000 + b'"}'
    for corps in (enorme, iter([enorme[:1_000_000], enorme[1_000_000:]])):
        reponse = technicien.appel(
            "POST", "/v1/signalements", content=corps, entetes={"Content-Type": "application/json"}
        )
        assert reponse.status_code == 413
        assert reponse.json()["code"] == "corps-trop-grand"


def test_un_json_malforme_ou_mal_encode_est_illisible(client_de):
    technicien = client_de("t-cias")
    for corps in (b"{", b'{"assure": "\xff"}', b""):
        reponse = technicien.appel(
            "POST", "/v1/signalements", content=corps, entetes={"Content-Type": "application/json"}
        )
        assert reponse.status_code in {400, 422}
        assert reponse.headers["content-type"] == "application/problem+json"


def test_un_corps_de_champs_inconnus_ne_fait_pas_une_reponse_sans_fin(client_de):
    inconnus = {f"champ_{rang}": rang for rang in range(20_000)}
    refus = client_de("t-cias").post("/v1/signalements", inconnus)
    assert (refus.status_code, refus.json()["code"]) == (422, "validation")
    assert len(refus.json()["erreurs"]) == MOST_TOLD


def test_une_adresse_inconnue_et_une_methode_imprevue_sont_des_problemes(client_de):
    technicien = client_de("t-cias")
    inconnue, methode = technicien.get("/v1/rien"), technicien.appel("DELETE", "/v1/demandes")
    assert (inconnue.status_code, inconnue.json()["code"]) == (404, "introuvable")
    assert (methode.status_code, methode.json()["code"]) == (405, "methode-interdite")
