"""Art. 7: a caisse informs its partenaires without delay: API, event, mail."""

from datetime import timedelta

import pytest

from app.kit.clock import now
from tests.api.courrier import courriers, travailler

CHEMIN = "/v1/caisses/611/avis"


def avis(**changements):
    corps = {"titre": "Accueil fermé vendredi", "texte": "L'accueil de L'Aigle est fermé vendredi."}
    return corps | changements


def dans(**delai):
    return (now() + timedelta(**delai)).isoformat().replace("+00:00", "Z")


@pytest.fixture
def structure(fabrique):
    return fabrique.structure(techniciens=1, gestionnaires=2)


@pytest.mark.regle("7-2")
def test_un_avis_est_lu_par_tous_les_partenaires_et_annonce_a_leurs_gestionnaires(
    api, client_de, structure, base
):
    publie = client_de("a-orne").post(CHEMIN, avis(importance="urgente"))
    assert publie.status_code == 201, publie.text
    assert publie.headers["location"] == CHEMIN
    lu = publie.json()
    assert (lu["importance"], lu["fin"], lu["fini"]) == ("urgente", None, False)
    for nom in (*structure.techniciens, *structure.gestionnaires, "t-cias", "a-orne-2"):
        assert lu in client_de(nom).get(CHEMIN).json()["donnees"]
    for nom in ("a-calvados",):
        assert client_de(nom).get(CHEMIN).status_code == 404
    assert client_de("t-asso").get("/v1/caisses/141/avis").status_code == 404
    evenement = base.lignes(
        "SELECT type, caisse, partenaire_id FROM evenements WHERE ressource_id = :i", i=lu["id"]
    )
    assert [tuple(e) for e in evenement] == [("avis.publie", "611", None)]
    travailler(api)
    for nom in structure.gestionnaires:
        mails = courriers(f"{nom}@essai.example")
        assert [m["Subject"] for m in mails] == ["Espace Partenaires : avis de CPAM de l'Orne"]
        assert "Accueil fermé vendredi" in mails[0].get_content()
        assert "L'Aigle" not in mails[0].get_content()
    assert courriers(f"{structure.techniciens[0]}@essai.example") == []


@pytest.mark.regle("7-2")
@pytest.mark.parametrize("qui", ["t-cias", "g-cias", "n-operateur"])
def test_seule_la_caisse_publie_et_pour_elle_seule(client_de, qui):
    assert client_de(qui).post(CHEMIN, avis()).status_code == 403
    assert client_de("a-calvados").post(CHEMIN, avis()).status_code == 404


@pytest.mark.regle("7-2")
def test_une_structure_sans_convention_en_vigueur_ne_recoit_rien(api, client_de, structure, base):
    base.ecrire("UPDATE conventions SET suspendue_le = now() WHERE id = :i", i=structure.convention_id)
    client_de("a-orne").post(CHEMIN, avis())
    travailler(api)
    assert courriers(f"{structure.gestionnaires[0]}@essai.example") == []
    assert client_de(structure.gestionnaires[0]).get(CHEMIN).status_code == 404


def test_un_avis_fini_quitte_la_liste_courante(client_de, base):
    agent = client_de("a-orne")
    lu = agent.post(CHEMIN, avis(debut=dans(hours=-2), fin=dans(hours=1))).json()
    assert lu in client_de("t-cias").get(CHEMIN).json()["donnees"]
    base.ecrire("UPDATE avis SET fin = now() - interval '1 minute' WHERE id = :i", i=lu["id"])
    courants = [a["id"] for a in client_de("t-cias").get(CHEMIN).json()["donnees"]]
    tous = {a["id"]: a for a in client_de("t-cias").get(CHEMIN, finis="true").json()["donnees"]}
    assert lu["id"] not in courants
    assert tous[lu["id"]]["fini"] is True


@pytest.mark.parametrize(
    "dates",
    [{"fin": "2020-01-01T00:00:00Z"}, {"debut": "2036-01-02T00:00:00Z", "fin": "2036-01-01T00:00:00Z"}],
)
def test_les_dates_d_un_avis_se_suivent(client_de, dates):
    refus = client_de("a-orne").post(CHEMIN, avis(**dates))
    assert (refus.status_code, refus.json()["erreurs"][0]["champ"]) == (422, "/fin")


@pytest.mark.regle("5-3")
def test_le_texte_d_un_avis_est_relu_et_sa_confirmation_journalisee(client_de, base):
    texte = "Monsieur souffre d'un cancer du poumon."
    agent = client_de("a-orne")
    refus = agent.post(CHEMIN, avis(texte=texte))
    assert (refus.status_code, refus.json()["code"]) == (422, "donnee-de-sante")
    assert refus.json()["passages"][0]["champ"] == "/texte"
    confirme = agent.post(CHEMIN, avis(texte=texte, texte_confirme=True)).json()
    actions = base.lignes(
        "SELECT action FROM journal WHERE ressource_id = :i ORDER BY numero", i=confirme["id"]
    )
    assert [a for (a,) in actions] == ["avis.publie", "texte.confirme"]


def test_un_instant_a_son_fuseau(client_de):
    refus = client_de("a-orne").post(CHEMIN, avis(fin="2036-01-01T00:00:00"))
    assert (refus.status_code, refus.json()["erreurs"][0]["code"]) == (422, "timezone_aware")


def test_la_meme_cle_ne_publie_qu_une_fois(client_de, base):
    corps = avis(titre="Une seule fois")
    premiere, seconde = (client_de("a-orne").post(CHEMIN, corps, Idempotency_Key="avis-1") for _ in range(2))
    assert seconde.json() == premiere.json()
    assert base.valeur("SELECT count(*) FROM avis WHERE titre = 'Une seule fois'") == 1
