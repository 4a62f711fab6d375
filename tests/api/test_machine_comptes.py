"""Every account action by every actor, in random order, against a small model of articles 2.2 and 4.1."""

from dataclasses import dataclass
from typing import ClassVar

import pytest
from hypothesis import HealthCheck, settings
from hypothesis import strategies as st
from hypothesis.stateful import (
    RuleBasedStateMachine,
    initialize,
    invariant,
    precondition,
    rule,
    run_state_machine_as_test,
)

from tests.outils import EMPREINTE

EFFECTIF, MAXIMUM = 8, {"technicien": 5, "gestionnaire": 2}
MOTIF = {"motif": "Au hasard"}


@dataclass
class Modele:
    """What the rules say of one account: an independent reading, as small as it can be."""

    role: str
    statut: str = "en_attente"
    exclu: bool = False
    avec_mot_de_passe: bool = False


def personne(role):
    corps = {
        "civilite": "m",
        "nom": "Hasard",
        "prenom": "Noé",
        "fonction": "Essai",
        "telephone": "0261910000",
        "email": "noe@essai.example",
    }
    return corps | ({"lien": "salarie", "equipement_professionnel": True} if role == "technicien" else {})


class Comptes(RuleBasedStateMachine):
    fabrique: ClassVar
    client_de: ClassVar
    base: ClassVar

    @initialize()
    def ouvrir(self):
        self.structure = self.fabrique.structure(techniciens=1, gestionnaires=1, effectif=EFFECTIF)
        self.agent = self.client_de("a-orne")
        self.etranger = self.client_de("g-asso")
        self.comptes = {}
        for identifiant in (*self.structure.techniciens, *self.structure.gestionnaires):
            id_, role = self.base.lignes(
                "SELECT id::text, role FROM comptes WHERE identifiant = :i", i=identifiant
            )[0]
            self.comptes[id_] = Modele(role, "actif", avec_mot_de_passe=True)

    # What the model knows.

    def ouverts(self, role):
        return sum(c.role == role and c.statut != "inactif" for c in self.comptes.values())

    def gestionnaires_actifs(self, sauf=None):
        return [
            id_
            for id_, c in self.comptes.items()
            if c.role == "gestionnaire" and c.statut == "actif" and id_ != sauf
        ]

    def un(self, data, role):
        candidats = sorted(id_ for id_, c in self.comptes.items() if c.role == role)
        return data.draw(st.sampled_from(candidats))

    def gestionnaire(self):
        """A gestionnaire who can act; urgency may have cut them all."""
        identifiants = self.base.lignes(
            "SELECT identifiant FROM comptes WHERE partenaire_id = :p AND role = 'gestionnaire'"
            " AND statut = 'actif' ORDER BY id LIMIT 1",
            p=self.structure.id,
        )
        return self.client_de(identifiants[0][0])

    def eteindre(self, id_):
        self.comptes[id_].statut = "inactif"

    # What the actors do.

    @precondition(lambda self: self.gestionnaires_actifs())
    @rule()
    def creer_un_technicien(self):
        plein = self.ouverts("technicien") >= MAXIMUM["technicien"]
        reponse = self.gestionnaire().post("/v1/techniciens", personne("technicien"))
        assert reponse.status_code == (409 if plein else 201), reponse.text
        if plein:
            assert reponse.json()["utilises"] == self.ouverts("technicien")
        else:
            self.comptes[reponse.json()["id"]] = Modele("technicien")

    @rule()
    def habiliter_un_gestionnaire(self):
        plein = self.ouverts("gestionnaire") >= MAXIMUM["gestionnaire"]
        corps = {
            "nature": "creation",
            "partenaire_id": self.structure.id,
            "identite": personne("gestionnaire"),
        }
        demande = self.agent.post("/v1/demandes-habilitation", corps)
        assert demande.status_code == (409 if plein else 201), demande.text
        if not plein:
            chemin = f"/v1/demandes-habilitation/{demande.json()['id']}"
            accepte = self.agent.post(f"{chemin}/acceptation").json()
            self.comptes[accepte["compte_id"]] = Modele("gestionnaire")
            assert self.agent.post(f"{chemin}/refus", MOTIF).json()["code"] == "deja-decidee"

    @rule(data=st.data())
    def activer(self, data):
        """The holder chooses a password."""
        attente = sorted(id_ for id_, c in self.comptes.items() if c.statut == "en_attente")
        if attente:
            id_ = data.draw(st.sampled_from(attente))
            self.base.ecrire(
                "UPDATE comptes SET statut = 'actif', active_le = now(), mot_de_passe = :m, cgu_version ="
                " (SELECT version FROM versions_cgu ORDER BY publiee_le DESC LIMIT 1),"
                " mot_de_passe_change_le = now() WHERE id = :id",
                m=EMPREINTE,
                id=id_,
            )
            self.comptes[id_].statut, self.comptes[id_].avec_mot_de_passe = "actif", True

    @precondition(lambda self: self.gestionnaires_actifs())
    @rule(data=st.data())
    def inactiver_un_technicien(self, data):
        id_ = self.un(data, "technicien")
        reponse = self.gestionnaire().post(f"/v1/techniciens/{id_}/inactivation", MOTIF)
        deja = self.comptes[id_].statut == "inactif"
        assert reponse.status_code == (409 if deja else 200), reponse.text
        self.eteindre(id_)

    @precondition(lambda self: self.gestionnaires_actifs())
    @rule(data=st.data())
    def reactiver_un_technicien(self, data):
        id_ = self.un(data, "technicien")
        compte = self.comptes[id_]
        plein = self.ouverts("technicien") >= MAXIMUM["technicien"]
        reponse = self.gestionnaire().post(f"/v1/techniciens/{id_}/reactivation")
        if compte.exclu:
            assert reponse.json()["code"] == "compte-exclu"
        elif compte.statut != "inactif":
            assert reponse.json()["code"] == "etat-du-compte"
        elif plein:
            assert reponse.json()["code"] == "quota-atteint"
        else:
            compte.statut = "actif" if compte.avec_mot_de_passe else "en_attente"
            assert (reponse.status_code, reponse.json()["statut"]) == (200, compte.statut)

    @rule(data=st.data())
    def inactiver_un_gestionnaire(self, data):
        id_ = self.un(data, "gestionnaire")
        reponse = self.agent.post(f"/v1/gestionnaires/{id_}/inactivation", MOTIF)
        if not self.gestionnaires_actifs(sauf=id_):
            assert reponse.json()["code"] == "dernier-gestionnaire"
        elif self.comptes[id_].statut == "inactif":
            assert reponse.json()["code"] == "etat-du-compte"
        else:
            assert reponse.status_code == 200, reponse.text
            self.eteindre(id_)

    @rule(data=st.data(), role=st.sampled_from(["technicien", "gestionnaire"]))
    def exclure(self, data, role):
        id_ = self.un(data, role)
        reponse = self.agent.post(f"/v1/{role}s/{id_}/exclusion", MOTIF)
        assert (reponse.status_code, reponse.json()["exclu"]) == (200, True), reponse.text
        self.comptes[id_].exclu = True
        self.eteindre(id_)

    @rule(data=st.data(), nature=st.sampled_from(["fraude", "vol", "perte", "usage_non_conforme"]))
    def declarer_un_incident(self, data, nature):
        id_ = self.un(data, "technicien")
        corps = {
            "nature": nature,
            "compte_id": id_,
            "constate_le": "2026-01-20",
            "preuve": "Procès-verbal",
            "description": "Constaté au bureau",
        }
        reponse = self.agent.post("/v1/incidents", corps)
        assert reponse.status_code == 201, reponse.text
        if nature != "usage_non_conforme":
            self.eteindre(id_)

    @rule(data=st.data(), geste=st.sampled_from(["inactivation", "reactivation", "exclusion"]))
    def s_en_meler_d_ailleurs(self, data, geste):
        """Somebody of another structure, and an agent of another caisse, change nothing."""
        id_ = self.un(data, "technicien")
        for client in (self.etranger, self.client_de("a-calvados")):
            reponse = client.post(f"/v1/techniciens/{id_}/{geste}", MOTIF)
            assert reponse.status_code in {403, 404}

    # What must hold after each step.

    @invariant()
    def les_comptes_sont_ceux_du_modele(self):
        for role in MAXIMUM:
            lus = self.agent.get(f"/v1/{role}s", limite=200).json()["donnees"]
            vus = {c["id"]: (c["statut"], c["exclu"]) for c in lus if c["id"] in self.comptes}
            assert vus == {i: (c.statut, c.exclu) for i, c in self.comptes.items() if c.role == role}

    @invariant()
    def les_quotas_sont_ceux_du_modele_et_ne_sont_jamais_passes(self):
        quotas = self.agent.get(f"/v1/partenaires/{self.structure.id}").json()["quotas"]
        for role, maximum in MAXIMUM.items():
            assert quotas[f"{role}s"] == {"maximum": maximum, "utilises": self.ouverts(role)}
            assert self.ouverts(role) <= maximum

    @invariant()
    def les_techniciens_d_un_gestionnaire_parti_en_ont_un_autre(self):
        orphelins = self.base.valeur(
            "SELECT count(*) FROM comptes t JOIN comptes g ON g.id = t.gestionnaire_id"
            " WHERE t.partenaire_id = :p AND g.statut = 'inactif'",
            p=self.structure.id,
        )
        assert orphelins == 0


@pytest.mark.regle("2.2.1-10")
@pytest.mark.regle("2.2.3-4")
@pytest.mark.regle("2.2.3-6")
@pytest.mark.regle("4.1-4")
def test_toute_suite_d_actions_suit_les_regles(fabrique, client_de, base):
    Comptes.fabrique, Comptes.client_de, Comptes.base = fabrique, staticmethod(client_de), base
    run_state_machine_as_test(
        Comptes,
        settings=settings(
            max_examples=6,
            stateful_step_count=18,
            deadline=None,
            derandomize=True,
            suppress_health_check=list(HealthCheck),
        ),
    )
