"""Art. 5, 7.1: what is kept long enough goes by the daily rules, and never before the convention's year ends."""

from datetime import date, timedelta
from functools import partial

import pytest

from app import cycle_de_vie
from app.config import Settings
from app.kit.clock import today
from tests.api.test_cycle_de_vie import ou_se_trouve
from tests.api.test_cycle_de_vie import vivre as commande
from tests.api.test_pieces import deposer as joindre
from tests.api.test_rgpd import assure, mot

UN_JOUR = timedelta(days=1)
DERNIERS = "SELECT type, raison FROM evenements WHERE ressource_id = :id ORDER BY numero DESC LIMIT 1"


@pytest.fixture
def vivre(api):
    """Run the daily rules in the process of the API, and return the identifiers that they bore on."""

    def faire(jour: date, *, a_blanc: bool = False) -> set[str]:
        return {acte.id for acte in api.portal.call(partial(cycle_de_vie.vivre, jour, a_blanc=a_blanc))}

    return faire


@pytest.fixture
def ancienne(client_de, fabrique, base):
    """Return what makes a request closed on a day, of a structure whose convention was signed on another."""

    def faire(signee: str, cloture: str, statut: str = "cloturee", **convention: object) -> tuple[str, str]:
        structure, nom = fabrique.structure(), mot()
        depose = client_de(structure.techniciens[0]).deposer(
            assure=assure({"nom": nom, "prenom": "Ada", "date_naissance": "1951-05-17"}),
            commentaire=f"Suivi de {nom}.",
        )
        chemin = f"/v1/demandes/{depose['id']}"
        if convention.get("piece"):
            assert joindre(client_de(structure.techniciens[0]), depose).status_code == 201
        if statut == "cloturee":
            client_de("a-orne").post(f"{chemin}/cloture", {"issue": "traitee", "message": f"Vu {nom}."})
        elif statut == "annulee":
            client_de(structure.techniciens[0]).post(f"{chemin}/annulation", {"motif": f"{nom} renonce."})
        base.ecrire(
            "UPDATE conventions SET signee_partenaire_le = :le, signee_caisse_le = :le, tacite_reconduction = :t,"
            " suspendue_le = CASE WHEN :s THEN now() END WHERE id = :id",
            le=date.fromisoformat(signee),
            t=convention.get("tacite", True),
            s=convention.get("suspendue", False),
            id=structure.convention_id,
        )
        if statut != "ouverte":
            base.ecrire(
                "UPDATE demandes SET deposee_le = CAST(:le AS timestamptz) - interval '9 days', cloturee_le = :le"
                " WHERE id = :id",
                le=f"{cloture}T12:00:00+02:00",
                id=depose["id"],
            )
        return depose["id"], nom

    return faire


# Signed on 18 April 2019: how the request ended, on which day, and until when it names its person.
CAS = [
    ({}, "2019-06-03", "2022-04-17"),  # the year runs to 17 April 2020: two years from there
    ({}, "2020-04-17", "2022-04-17"),
    ({}, "2020-04-18", "2023-04-17"),
    ({"statut": "annulee"}, "2019-06-03", "2022-04-17"),
    ({"suspendue": True}, "2019-06-03", "2022-04-17"),
    ({"tacite": False}, "2020-02-29", "2022-04-17"),
    ({"tacite": False}, "2020-06-03", "2022-06-03"),  # after the end: the closing alone counts
]


@pytest.mark.regle("5-5")
@pytest.mark.regle("7-1")
def test_une_demande_close_perd_sa_personne_a_l_echeance_et_pas_avant(vivre, client_de, base, ancienne):
    demandes = [(*ancienne("2019-04-18", cloture, **cas), echeance) for cas, cloture, echeance in CAS]
    for echeance in sorted({echeance for *_, echeance in CAS}):
        jour = date.fromisoformat(echeance)
        dues = {id_: nom for id_, nom, quand in demandes if quand == echeance}
        assert not {*dues} & vivre(jour - UN_JOUR)
        assert {*dues} <= vivre(jour, a_blanc=True)
        assert all(ou_se_trouve(base, nom) for nom in dues.values())
        assert {*dues} <= vivre(jour)
        assert not {*dues} & vivre(jour)
        for id_, nom in dues.items():
            assert ou_se_trouve(base, nom) == []
            assert base.lignes(DERNIERS, id=id_) == [("demande.effacee", "rgpd")]
            lue = client_de("a-orne").get(f"/v1/demandes/{id_}").json()
            assert (lue["assure"], lue["motif_effacement"]) == (
                None,
                "La durée de conservation est atteinte.",
            )


@pytest.mark.regle("5-5")
def test_une_demande_ouverte_ne_se_purge_jamais(vivre, base, ancienne):
    id_, nom = ancienne("2010-04-18", "2012-01-01", statut="ouverte")
    base.ecrire(
        "UPDATE demandes SET deposee_le = '2012-01-01', modifiee_le = '2012-01-01' WHERE id = :id", id=id_
    )
    assert id_ not in vivre(today())
    assert ou_se_trouve(base, nom)


@pytest.mark.regle("5-5")
def test_ce_qui_restait_d_une_demande_disparait_a_son_tour(vivre, client_de, base, ancienne):
    id_, _ = ancienne("2009-04-18", "2009-06-03")
    assert id_ in commande(date(2012, 4, 17), "--dry-run")
    assert id_ in commande(date(2012, 4, 17))
    assert id_ not in vivre(date(2020, 4, 16))  # ten years from 17 April 2010
    assert id_ in vivre(date(2020, 4, 17))
    assert client_de("a-orne").get(f"/v1/demandes/{id_}").status_code == 404
    for table in ("demandes", "messages", "signalements"):
        colonne = "id" if table == "demandes" else "demande_id"
        assert base.valeur(f"SELECT count(*) FROM {table} WHERE {colonne} = :id", id=id_) == 0
    assert base.lignes(DERNIERS, id=id_) == [("demande.supprimee", "rgpd")]
    assert id_ not in vivre(date(2020, 4, 17))


@pytest.mark.regle("7-1")
def test_un_consentement_retire_n_attend_pas_la_fin_de_l_annee(vivre, client_de, base):
    nom = mot()
    la = client_de("t-cias").deposer(
        assure=assure({"nom": nom, "prenom": "Ada", "date_naissance": "1951-05-17"})
    )
    chemin = f"/v1/demandes/{la['id']}/retrait-consentement"
    assert client_de("t-cias").post(chemin, {"date": today().isoformat()}).status_code == 200
    jour = today() + timedelta(days=30)
    assert la["id"] not in vivre(jour - UN_JOUR)
    assert la["id"] in vivre(jour)
    assert ou_se_trouve(base, nom) == []
    lue = client_de("t-cias").get(f"/v1/demandes/{la['id']}").json()
    assert (lue["assure"], lue["motif_annulation"]) == (None, "consentement_retire")
    assert lue["consentement"]["retire_le"] == today().isoformat()


def test_les_durees_se_suivent_dans_l_ordre():
    with pytest.raises(ValueError, match="EP_RETENTION_RESIDUE_MONTHS"):
        Settings(retention_months=24, retention_residue_months=12)
