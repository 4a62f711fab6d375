"""Art. 2.2.3: what the end of the conventions ended stays ended, even if no daily rule ran before the next one."""

from datetime import date

import pytest

from app.cycle_de_vie import vivre
from tests.api.jours import au

assert au
FIN, APRES = "2027-01-20", "2027-01-25"  # the first day without any convention, and the day of another one


@pytest.fixture
def structure(fabrique, client_de):
    """A structure whose only convention will expire, with people who have signed in."""
    faite = fabrique.structure(gestionnaires=1)
    corps = {"partie": "partenaire", "le": "2026-11-01", "motif": "Fin du partenariat"}
    reponse = client_de("a-orne").post(f"/v1/conventions/{faite.convention_id}/denonciation", corps)
    assert reponse.status_code == 200
    for identifiant in (*faite.techniciens, *faite.gestionnaires):
        assert client_de(identifiant).get("/v1/moi").status_code == 200
    return faite


def convention(structure, le=APRES, **changements):
    corps = {"partenaire_id": structure.id, "metier": {"reference": "M2", "signee_le": "2027-01-02"}}
    return corps | {"signee_partenaire_le": le, "signee_caisse_le": le} | changements


def signer(agent, structure, **changements):
    reponse = agent.post("/v1/conventions", convention(structure, **changements))
    assert reponse.status_code == 201, reponse.text
    return reponse.json()


def etats(base, structure):
    sql = "SELECT identifiant, statut FROM comptes WHERE partenaire_id = :p"
    return dict(map(tuple, base.lignes(sql, p=structure.id)))


@pytest.mark.regle("2.2.3-1")
@pytest.mark.regle("2.2.3-8")
@pytest.mark.parametrize(("qui", "caisse"), [("a-orne", "611"), ("a-calvados", "141")])
def test_une_nouvelle_convention_ne_rallume_aucun_compte(au, client_de, structure, base, qui, caisse):
    technicien, gestionnaire = client_de(structure.techniciens[0]), client_de(structure.gestionnaires[0])
    with au(APRES):
        assert signer(client_de(qui), structure)["statut"] == "en_vigueur"
        assert set(etats(base, structure).values()) == {"inactif"}
        assert (technicien.get("/v1/moi").status_code, gestionnaire.get("/v1/moi").status_code) == (401, 401)
        lus = client_de(qui).get("/v1/techniciens").json()["donnees"]
        (lu,) = [compte for compte in lus if compte["identifiant"] == structure.techniciens[0]]
        # On the day that ended them, not on the one when somebody saw it.
        assert (lu["statut"], lu["supprime_le_prevu"]) == ("inactif", "2027-07-20")
        assert lu["motif_inactivation"] == "Fin des conventions de la structure"


@pytest.mark.regle("2.2.3-1")
def test_la_derniere_signature_regle_aussi(au, client_de, structure, base):
    agent = client_de("a-orne")
    with au(APRES):
        attente = signer(agent, structure, signee_caisse_le=None)
        signature = {"partie": "caisse", "le": APRES}
        assert agent.post(f"/v1/conventions/{attente['id']}/signatures", signature).status_code == 200
        assert set(etats(base, structure).values()) == {"inactif"}


@pytest.mark.regle("2.2.3-1")
def test_la_fin_est_dite_a_ceux_qu_elle_eteint_dans_l_ordre_et_une_fois(au, client_de, structure, base, api):
    (id_,) = base.lignes("SELECT id::text FROM comptes WHERE identifiant = :i", i=structure.gestionnaires[0])[
        0
    ]
    with au(APRES):
        signer(client_de("a-orne"), structure)
    dits = base.lignes(
        "SELECT type FROM evenements WHERE partenaire_id = :p AND type IN"
        " ('convention.expiree', 'compte.inactive', 'convention.creee') ORDER BY numero",
        p=structure.id,
    )
    assert [d[0] for d in dits][1:] == [
        "convention.expiree",
        "compte.inactive",
        "compte.inactive",
        "convention.creee",
    ]
    prevenus = base.valeur(
        "SELECT count(*) FROM procrastinate_jobs WHERE task_name = 'conventions.avertir'"
        " AND args->>'compte_id' = :c AND args->>'evenement' = 'convention.expiree'",
        c=id_,
    )
    assert prevenus == 1
    faits = api.portal.call(vivre, date(2027, 1, 26))
    comptes = {
        str(c) for (c,) in base.lignes("SELECT id FROM comptes WHERE partenaire_id = :p", p=structure.id)
    }
    assert [acte for acte in faits if acte.id in {*comptes, structure.convention_id}] == []


@pytest.mark.regle("2.2.3-1")
@pytest.mark.parametrize("jour", [FIN, "2027-01-19"])
def test_sans_jour_d_interruption_personne_n_est_eteint(au, client_de, structure, base, jour):
    """The day of the end may be the first day of the next one; at another caisse, before it too."""
    with au(jour):
        signer(client_de("a-orne" if jour == FIN else "a-calvados"), structure, le=jour)
    assert set(etats(base, structure).values()) == {"actif"}
    with au(APRES):
        assert client_de(structure.techniciens[0]).get("/v1/moi").status_code == 200


@pytest.mark.regle("2.2.3-2")
def test_qui_est_habilite_ensuite_ne_paie_pas_pour_l_interruption_passee(
    au, client_de, structure, base, fabrique
):
    with au(APRES):
        signer(client_de("a-orne"), structure)
        nouveau = fabrique.compte("gestionnaire", partenaire_id=structure.id)
        ancien = structure.techniciens[0]
        base.ecrire(
            "UPDATE comptes SET statut = 'actif', inactive_le = NULL WHERE identifiant = :i", i=ancien
        )
    with au("2027-01-26"):
        deuxieme = signer(client_de("a-calvados"), structure, le="2027-01-26")
        suspension = {"motif": "Usage non conforme"}
        chemin = f"/v1/conventions/{deuxieme['id']}"
        assert client_de("a-calvados").post(f"{chemin}/suspension", suspension).status_code == 200
        assert client_de("a-calvados").post(f"{chemin}/levee-suspension", suspension).status_code == 200
        lus = etats(base, structure)
        assert (lus[nouveau], lus[ancien]) == ("actif", "actif")
        assert lus[structure.gestionnaires[0]] == "inactif"


@pytest.mark.regle("8.1-1")
def test_une_signature_datee_du_passe_ne_rallume_rien_non_plus(au, client_de, structure, base):
    """Recorded late, it begins on its date; the accounts had ended meanwhile, as `lifecycle` would have written."""
    with au(APRES):
        assert signer(client_de("a-orne"), structure, le=FIN)["debut_le"] == FIN
        assert set(etats(base, structure).values()) == {"inactif"}
