"""Art. 8: the life of a convention through HTTP, each act with the right actor and each wrong one."""

from datetime import date, timedelta

import pytest
import sqlalchemy as sa

from app.cycle_de_vie import vivre
from app.kit.clock import today
from tests.api.courrier import courriers, travailler
from tests.api.jours import au
from tests.outils import un_signalement

assert au  # the fixture

ACTES = {
    "denonciation": {"partie": "caisse", "le": "2026-11-01", "motif": "Fin du partenariat"},
    "avenants": {"le": "2026-11-01", "objet": "Report", "modifications": {"tacite_reconduction": False}},
    "mises-en-demeure": {"partie": "caisse", "recue_le": "2026-11-02", "motif": "Identifiants prêtés"},
    "resiliation": {"objet": "metier", "cause": "accord", "le": "2026-11-20", "motif": "D'un commun accord"},
}


@pytest.fixture
def structure(fabrique):
    """In force from 2026-01-20 through 2027-01-19, then renewed."""
    return fabrique.structure(techniciens=1, gestionnaires=1)


@pytest.fixture
def agent(client_de):
    return client_de("a-orne")


def faire(client, structure, acte, statut=None, **changements):
    reponse = client.post(f"/v1/conventions/{structure.convention_id}/{acte}", ACTES[acte] | changements)
    assert statut is None or reponse.status_code == statut, reponse.text
    return reponse


def lire(client, structure, **params):
    return client.get(f"/v1/conventions/{structure.convention_id}", **params).json()


def evenements(base, structure):
    sql = "SELECT type FROM evenements WHERE ressource_id = :r ORDER BY numero"
    return [type_.removeprefix("convention.") for (type_,) in base.lignes(sql, r=structure.convention_id)]


@pytest.mark.regle("8.2-2")
@pytest.mark.regle("8.1-1")
@pytest.mark.parametrize("acte", ACTES)
def test_seul_un_agent_de_la_caisse_enregistre_un_acte(client_de, structure, base, acte):
    avant = evenements(base, structure)
    for nom in (structure.techniciens[0], structure.gestionnaires[0], "n-operateur"):
        refus = faire(client_de(nom), structure, acte)
        assert (refus.status_code, refus.json()["code"]) == (403, "permission-refusee")
    assert faire(client_de("a-calvados"), structure, acte).status_code == 404
    assert evenements(base, structure) == avant


@pytest.mark.regle("8.1-1")
def test_denoncee_elle_reste_en_vigueur_jusqu_a_sa_fin_puis_expire(
    au, client_de, api, structure, agent, base
):
    technicien, gestionnaire = client_de(structure.techniciens[0]), client_de(structure.gestionnaires[0])
    for le in ("2026-01-19", "2027-01-20"):
        assert faire(agent, structure, "denonciation", 422, le=le).json()["erreurs"][0]["champ"] == "/le"
    lue = faire(agent, structure, "denonciation", 200).json()
    assert (lue["statut"], lue["fin_le"]) == ("denoncee", "2027-01-19")
    assert lue["denonciation"] == {"partie": "caisse", "le": "2026-11-01", "motif": "Fin du partenariat"}
    assert lire(gestionnaire, structure) == lue
    assert faire(agent, structure, "denonciation", 409).json()["code"] == "etat-de-la-convention"
    with au("2027-01-19"):
        assert technicien.deposer()["caisse"] == "611"
    with au("2027-01-20"):
        assert technicien.get("/v1/moi").status_code == 401
        assert lire(agent, structure)["statut"] == "expiree"
        assert faire(agent, structure, "avenants", 409).json()["statut"] == "expiree"
    assert lire(agent, structure)["statut"] == "denoncee"
    assert lire(agent, structure, au="2026-10-31")["statut"] == "en_vigueur"
    assert lire(agent, structure, au="2026-10-31")["denonciation"] is None
    api.portal.call(vivre, date(2027, 1, 20))
    api.portal.call(vivre, date(2027, 1, 21))
    assert evenements(base, structure) == ["creee", "denoncee", "expiree"]


@pytest.mark.regle("8.1-2")
def test_reconduite_chaque_annee_et_chaque_reconduction_est_dite_une_fois(au, api, structure, agent, base):
    with au("2029-03-01"):
        lue = lire(agent, structure)
        assert (lue["statut"], lue["fin_le"]) == ("en_vigueur", "2030-01-19")
    etag = agent.get(f"/v1/conventions/{structure.convention_id}").headers["etag"]
    actes = [a for a in api.portal.call(vivre, date(2029, 3, 1)) if a.id == structure.convention_id]
    assert [a.article for a in actes] == ["8.1"]
    assert structure.convention_id not in {a.id for a in api.portal.call(vivre, date(2029, 3, 1))}
    assert evenements(base, structure) == ["creee", *["renouvelee"] * 3]
    assert agent.get(f"/v1/conventions/{structure.convention_id}").headers["etag"] != etag


@pytest.mark.regle("8.2-1")
@pytest.mark.regle("2.2.3-1")
def test_resilier_le_metier_resilie_l_utilisation_au_meme_instant(client_de, structure, agent):
    technicien, gestionnaire = client_de(structure.techniciens[0]), client_de(structure.gestionnaires[0])
    assert technicien.get("/v1/moi").status_code == 200
    lue = faire(agent, structure, "resiliation", 200, le=today().isoformat()).json()
    assert (lue["statut"], lue["metier"]["resiliee_le"]) == ("resiliee", today().isoformat())
    for client in (technicien, gestionnaire):
        assert client.get("/v1/moi").status_code == 401
    assert faire(agent, structure, "resiliation", 409).json()["statut"] == "resiliee"


@pytest.mark.regle("8.2-1")
def test_resilier_l_utilisation_laisse_la_convention_metier(structure, agent):
    lue = faire(agent, structure, "resiliation", 200, objet="utilisation", partie="partenaire").json()
    assert (lue["statut"], lue["metier"]["resiliee_le"]) == ("resiliee", None)
    assert (lue["resiliation"]["partie"], lue["resiliation"]["objet"]) == ("partenaire", "utilisation")


@pytest.mark.regle("2.2.3-2")
@pytest.mark.regle("8.2-3")
def test_a_la_resiliation_les_demandes_restent_a_la_caisse_qui_les_termine(
    client_de, fabrique, structure, agent
):
    fabrique.convention(structure.id, "141")
    technicien = client_de(structure.techniciens[0])
    demande = technicien.deposer()
    chemin = f"/v1/demandes/{demande['id']}"
    faire(agent, structure, "resiliation", 200, le=today().isoformat())
    assert [c["code"] for c in technicien.get("/v1/moi").json()["caisses"]] == ["141"]
    assert technicien.get(chemin).status_code == 404
    refus = technicien.post("/v1/signalements", un_signalement())
    assert (refus.json()["code"], refus.json()["caisses"]) == ("caisse-non-conventionnee", ["141"])
    assert agent.post(f"{chemin}/prise-en-charge").json()["statut"] == "en_cours"
    close = agent.post(f"{chemin}/cloture", {"issue": "traitee", "message": "Droits ouverts."})
    assert close.json()["statut"] == "cloturee"
    nouvelle = fabrique.convention(
        structure.id, "611", signee_partenaire_le=today().isoformat(), signee_caisse_le=today().isoformat()
    )
    assert nouvelle["statut"] == "en_vigueur"
    assert technicien.get(chemin).json()["statut"] == "cloturee"


@pytest.mark.regle("8.2-2")
def test_une_resiliation_a_venir_prend_effet_ce_jour_la(au, client_de, api, structure, agent, base):
    technicien = client_de(structure.techniciens[0])
    demain = today() + timedelta(days=1)
    lue = faire(agent, structure, "resiliation", 200, le=demain.isoformat()).json()
    assert (lue["statut"], lue["resiliation"]["le"]) == ("en_vigueur", demain.isoformat())
    technicien.deposer()
    with au(demain):
        assert technicien.get("/v1/moi").status_code == 401
        assert lire(agent, structure)["statut"] == "resiliee"
    api.portal.call(vivre, demain)
    assert evenements(base, structure) == ["creee", "resiliation_prevue", "resiliee"]
    etats = "SELECT DISTINCT statut FROM comptes WHERE partenaire_id = :p"
    assert base.lignes(etats, p=structure.id) == [("inactif",)]


@pytest.mark.regle("8.2-2")
def test_un_manquement_attend_trente_jours_apres_la_mise_en_demeure(structure, agent, client_de):
    futur = (today() + timedelta(days=1)).isoformat()
    assert faire(agent, structure, "mises-en-demeure", 422, recue_le=futur).json()["code"] == "validation"
    recue = today() - timedelta(days=10)
    reponse = faire(
        agent, structure, "mises-en-demeure", 201, recue_le=recue.isoformat(), partie="partenaire"
    )
    demeure, permis = reponse.json(), recue + timedelta(days=30)
    assert (demeure["resiliable_le"], demeure["reparee_le"]) == (permis.isoformat(), None)
    manquement = {"cause": "manquement", "mise_en_demeure_id": demeure["id"]}
    veille = permis - timedelta(days=1)
    refus = faire(agent, structure, "resiliation", 409, le=veille.isoformat(), **manquement).json()
    assert (refus["code"], refus["resiliable_le"]) == ("preavis-de-mise-en-demeure", permis.isoformat())
    for corps in ({"cause": "manquement"}, manquement | {"mise_en_demeure_id": structure.id}):
        champ = faire(agent, structure, "resiliation", 422, **corps).json()["erreurs"][0]["champ"]
        assert champ == "/mise_en_demeure_id"
    faire(agent, structure, "resiliation", 422, partie="caisse", le=permis.isoformat(), **manquement)
    lue = faire(agent, structure, "resiliation", 200, le=permis.isoformat(), **manquement).json()
    assert (lue["statut"], lue["resiliation"]["partie"]) == ("en_vigueur", "partenaire")
    liste = client_de(structure.gestionnaires[0]).get(
        f"/v1/conventions/{structure.convention_id}/mises-en-demeure"
    )
    assert liste.json()["donnees"] == [demeure]
    assert agent.get(reponse.headers["location"]).json() == demeure


@pytest.mark.regle("8.2-2")
def test_un_manquement_repare_ne_resilie_plus_et_annule_ce_qui_etait_prevu(au, structure, agent, base):
    demeure = faire(agent, structure, "mises-en-demeure", 201).json()
    manquement = {"cause": "manquement", "mise_en_demeure_id": demeure["id"], "le": "2026-12-02"}
    faire(agent, structure, "resiliation", 200, **manquement)
    chemin = f"/v1/conventions/{structure.convention_id}/mises-en-demeure/{demeure['id']}/reparation"
    for le in ("2026-11-01", (today() + timedelta(days=1)).isoformat()):
        assert agent.post(chemin, {"le": le}).status_code == 422
    assert agent.post(chemin, {"le": "2026-11-20"}).json()["reparee_le"] == "2026-11-20"
    assert lire(agent, structure)["resiliation"] is None
    with au("2026-12-02"):
        assert lire(agent, structure)["statut"] == "en_vigueur"
    assert agent.post(chemin, {"le": "2026-11-20"}).json()["code"] == "deja-reparee"
    refus = faire(agent, structure, "resiliation", 409, **manquement).json()
    assert (refus["code"], refus["reparee_le"]) == ("preavis-de-mise-en-demeure", "2026-11-20")
    assert evenements(base, structure) == [
        "creee",
        "mise_en_demeure",
        "resiliation_prevue",
        "resiliation_annulee",
    ]


@pytest.mark.regle("8.3-1")
def test_un_avenant_change_les_termes_a_son_jour_et_les_anciens_restent_lisibles(
    au, client_de, api, structure, agent, base
):
    technicien = client_de(structure.techniciens[0])
    le = today() + timedelta(days=5)
    modifications = {"fin_le": "2026-12-31", "objet": "Accueil social", "tacite_reconduction": False}
    modifications["fonctionnalites"] = {"rendez_vous": False}
    reponse = faire(agent, structure, "avenants", 201, le=le.isoformat(), modifications=modifications)
    assert reponse.json()["modifications"] == modifications
    assert agent.get(reponse.headers["location"]).json() == reponse.json()
    gestionnaire = client_de(structure.gestionnaires[0])
    liste = gestionnaire.get(f"/v1/conventions/{structure.convention_id}/avenants").json()
    assert liste["donnees"] == [reponse.json()]
    ancienne = lire(agent, structure)
    assert (ancienne["fin_le"], ancienne["tacite_reconduction"]) == ("2027-01-19", True)
    assert (ancienne["objet"], ancienne["fonctionnalites"]["rendez_vous"]) == (None, None)
    assert "rendez_vous" in technicien.get("/v1/moi").json()["caisses"][0]["fonctionnalites"]
    nouvelle = lire(agent, structure, au=le.isoformat())
    assert (nouvelle["fin_le"], nouvelle["tacite_reconduction"]) == ("2026-12-31", False)
    assert (nouvelle["objet"], nouvelle["fonctionnalites"]["rendez_vous"]) == ("Accueil social", False)
    with au(le):
        assert lire(agent, structure) == nouvelle
        assert lire(agent, structure, au=today() - timedelta(days=1)) == ancienne
        assert "rendez_vous" not in technicien.get("/v1/moi").json()["caisses"][0]["fonctionnalites"]
    with au("2027-01-01"):
        assert lire(agent, structure)["statut"] == "expiree"
    api.portal.call(vivre, date(2027, 1, 1))
    assert evenements(base, structure) == ["creee", "avenant", "avenant_applique", "expiree"]


@pytest.mark.regle("8.3-1")
@pytest.mark.parametrize(
    ("changements", "champ"),
    [
        ({"modifications": {}}, "/modifications"),
        ({"modifications": {"fonctionnalites": {}}}, "/modifications"),
        ({"le": "2026-01-19"}, "/le"),
        ({"le": "2300-01-01"}, "/le"),
        ({"modifications": {"fin_le": "2026-10-31"}}, "/modifications/fin_le"),
        ({"modifications": {"fin_le": "9999-12-31"}}, "/modifications/fin_le"),
        ({"modifications": {"siret": "1"}}, "/modifications/siret"),
    ],
)
def test_un_avenant_qui_ne_tient_pas_est_refuse_sans_rien_changer(structure, agent, base, changements, champ):
    refus = faire(agent, structure, "avenants", 422, **changements).json()
    assert refus["erreurs"][0]["champ"] == champ
    assert evenements(base, structure) == ["creee"]


@pytest.mark.regle("8.3-1")
def test_un_texte_d_acte_passe_la_garde(structure, agent, base):
    for acte, texte in (("denonciation", "motif"), ("avenants", "objet"), ("resiliation", "motif")):
        assert faire(agent, structure, acte, 422, **{texte: "Mme souffre d'un cancer"}).json()["code"] == (
            "donnee-de-sante"
        )
    nir = {"objet": "Dossier 2 51 05 61 214 087 72", "fin_le": "2026-12-31"}
    assert faire(agent, structure, "avenants", 422, modifications=nir).json()["code"] == "nir-interdit"
    texte = {"motif": "Mme souffre d'un cancer", "texte_confirme": True}
    faire(agent, structure, "mises-en-demeure", 201, **texte)
    sql = "SELECT count(*) FROM journal WHERE ressource_id = :r AND action = 'texte.confirme'"
    assert base.valeur(sql, r=structure.convention_id) == 1


def test_chaque_acte_honore_if_match(structure, agent):
    chemin = f"/v1/conventions/{structure.convention_id}"
    for acte, corps in (ACTES | {"suspension": {"motif": "Contrôle"}}).items():
        perimee = agent.post(f"{chemin}/{acte}", corps, If_Match='"99"')
        assert (perimee.status_code, perimee.json()["code"]) == (412, "version-perimee")
    for acte in ("avenants", "mises-en-demeure", "denonciation", "resiliation"):
        etag = agent.get(chemin).headers["etag"]
        assert agent.post(f"{chemin}/{acte}", ACTES[acte], If_Match=etag).status_code in {200, 201}
        assert agent.get(chemin).headers["etag"] != etag


@pytest.mark.regle("8.1-1")
def test_la_base_refuse_deux_periodes_qui_se_chevauchent(structure, fabrique, base, agent):
    corps = {"partenaire_id": structure.id, "metier": {"reference": "M", "signee_le": "2026-01-10"}}
    corps |= {"signee_partenaire_le": "2026-11-20", "signee_caisse_le": "2026-11-21"}
    refus = agent.post("/v1/conventions", corps).json()
    assert (refus["code"], refus["convention_id"]) == ("convention-deja-ouverte", structure.convention_id)
    copie = (
        "INSERT INTO conventions (id, version, partenaire_id, caisse, metier_reference, metier_signee_le,"
        " tacite_reconduction, periode) SELECT gen_random_uuid(), 1, partenaire_id, caisse, 'M', '2026-01-10',"
        " true, daterange('2031-01-01', NULL) FROM conventions WHERE id = :id"
    )
    with pytest.raises(sa.exc.IntegrityError, match="ex_conventions_periode"):
        base.ecrire(copie, id=structure.convention_id)
    faire(agent, structure, "resiliation", 200, le="2026-11-21")
    assert agent.post("/v1/conventions", corps).json()["statut"] == "en_vigueur"


def test_un_avenant_qui_prolonge_sur_la_convention_suivante_est_refuse(fabrique, structure, agent):
    faire(agent, structure, "resiliation", 200, le="2026-11-10", objet="utilisation")
    suivante = {"signee_partenaire_le": "2026-11-10", "signee_caisse_le": "2026-11-10"}
    assert fabrique.convention(structure.id, "611", **suivante)["statut"] == "en_vigueur"
    assert faire(agent, structure, "avenants", 409).json()["statut"] == "resiliee"


def test_chaque_acte_ecrit_a_la_caisse_et_aux_gestionnaires(api, base, structure, agent):
    adresse = f"{structure.gestionnaires[0]}@essai.example"
    faire(agent, structure, "mises-en-demeure", 201)
    travailler(api)
    avant = len(courriers("file@cpam-orne.example"))
    faire(agent, structure, "resiliation", 200, le=today().isoformat())
    api.portal.call(vivre, today())  # the gestionnaire is inactive before the mail leaves
    travailler(api)
    recus = [mail["Subject"].removeprefix("Espace Partenaires : ") for mail in courriers(adresse)]
    assert recus[:2] == ["mise en demeure", "convention résiliée"]
    assert len(courriers("file@cpam-orne.example")) == avant + 1
    assert "prêtés" not in courriers(adresse)[0].get_content()
