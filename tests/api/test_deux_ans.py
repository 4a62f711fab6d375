"""Two years of days: conventions of one, two and three caisses, compared with a model written from the rules."""

import itertools
import math
import os
import random
import time
from dataclasses import dataclass, field, replace
from datetime import date, timedelta
from uuid import UUID

import pytest

from app.conventions.regles import statut
from app.conventions.tables import Convention as Table
from app.cycle_de_vie import vivre
from app.droits import Fonctionnalite
from app.kit.session import database
from tests.api.jours import le_jour
from tests.api.modele_conventions import UN_JOUR, Compte, Convention, MiseEnDemeure, Structure

DEBUT, JOURS = date(2023, 9, 1), 731
TOUTES = {f.value for f in Fonctionnalite}
LONG = "EP_LONG_TESTS" in os.environ  # every day through HTTP, and several fates
GRAINES = range(6) if LONG else (2,)
FREQUENCE = 0.025
PANNES, ARRET = 0.04, timedelta(days=25)
MOTIF = "Décidé entre les parties"


def renouveler(api, client) -> None:
    demande = {"grant_type": "refresh_token", "refresh_token": client.rafraichissement}
    jetons = api.post("/v1/oauth/token", data=demande | {"client_id": "swagger-ui"})
    if jetons.status_code == 200:
        corps = jetons.json()
        client.jeton, client.rafraichissement = corps["access_token"], corps["refresh_token"]


@dataclass
class Vie:
    """The application and the model, led through the same days."""

    api: object
    base: object
    client_de: object
    fabrique: object
    agents: dict[str, object]
    hasard: random.Random
    structures: list[Structure] = field(default_factory=list)
    comptes: dict[str, int] = field(default_factory=dict)
    clients: dict[str, object] = field(default_factory=dict)
    depuis: float = -math.inf

    def veiller(self) -> None:
        """Renew the tokens that two years of HTTP outlive; who was ended keeps a token that is worth nothing."""
        if time.monotonic() - self.depuis < 240:
            return
        self.depuis = time.monotonic()
        for client in (*self.agents.values(), *self.clients.values()):
            renouveler(self.api, client)

    def appel(self, convention: Convention, acte: str, corps: dict) -> object:
        corps = {cle: v.isoformat() if isinstance(v, date) else v for cle, v in corps.items()}
        return self.agents[convention.caisse].post(f"/v1/conventions/{convention.id}/{acte}", corps)

    def compter(self, acte: str, reponse: object, *statuts: int) -> bool:
        assert reponse.status_code in statuts, (acte, reponse.text)
        nom = f"{acte} {reponse.status_code}"
        self.comptes[nom] = self.comptes.get(nom, 0) + 1
        return reponse.status_code < 300

    # --- what people do -------------------------------------------------------------------------------

    def signer(self, s: Structure, caisse: str, jour: date) -> None:
        """A new convention, in force today: refused while another one lives; its accounts are new as well."""
        signatures = [jour, jour - timedelta(days=self.hasard.randrange(20))]
        self.hasard.shuffle(signatures)
        tacite = self.hasard.random() < 0.7
        corps = {
            "partenaire_id": s.id,
            "metier": {"reference": "M", "signee_le": "2023-01-01"},
            "signee_partenaire_le": signatures[0].isoformat(),
            "signee_caisse_le": signatures[1].isoformat(),
            "tacite_reconduction": tacite,
        }
        reponse = self.agents[caisse].post("/v1/conventions", corps)
        libre = s.vivante(caisse) is None
        if self.compter("signature", reponse, 201 if libre else 409):
            s.solder(jour)
            s.conventions.append(Convention(reponse.json()["id"], caisse, jour, tacite))
            if all(c.inactif_depuis for c in s.comptes):
                self.habiliter(s)

    def habiliter(self, s: Structure) -> None:
        for role in ("technicien", "gestionnaire"):
            identifiant = self.fabrique.compte(role, partenaire_id=s.id)
            s.comptes.append(Compte(identifiant))
            self.clients[identifiant] = self.client_de(identifiant)
        self.base.ecrire("UPDATE familles_jetons SET expire_le = '2190-01-01' WHERE expire_le < '2190-01-01'")

    def denoncer(self, c: Convention, jour: date) -> None:
        corps = {"partie": self.hasard.choice(("caisse", "partenaire")), "le": jour, "motif": MOTIF}
        attendu = 200 if not c.finie and c.denoncee_le is None else 409
        if self.compter("denonciation", self.appel(c, "denonciation", corps), attendu):
            c.denoncee_le = jour

    def resilier(self, c: Convention, jour: date) -> None:
        le = jour + timedelta(days=self.hasard.choice((0, 0, 1, 12, 40)))
        objet, cause = self.hasard.choice(("metier", "utilisation")), "accord"
        corps = {"objet": objet, "cause": cause, "le": le, "motif": MOTIF}
        reponse = self.appel(c, "resiliation", corps)
        if c.finie or c.resiliee_le:
            self.compter("resiliation", reponse, 409)
        elif self.compter("resiliation", reponse, 200, 422):  # 422: it will be over by then
            c.resiliee_le = le

    def mettre_en_demeure(self, c: Convention, jour: date) -> None:
        recue = max(c.debut, jour - timedelta(days=self.hasard.choice((0, 5, 29, 30, 45))))
        corps = {"partie": "caisse", "recue_le": recue, "motif": MOTIF}
        reponse = self.appel(c, "mises-en-demeure", corps)
        if self.compter("mise en demeure", reponse, 409 if c.finie else 201):
            c.demeures.append(MiseEnDemeure(reponse.json()["id"], recue))

    def invoquer(self, c: Convention, jour: date) -> None:
        """A termination for a breach: allowed by the last formal notice, or not."""
        if not c.demeures or c.finie or c.resiliee_le:
            return
        demeure = self.hasard.choice(c.demeures)
        corps = {"objet": "metier", "cause": "manquement", "le": jour, "motif": MOTIF}
        reponse = self.appel(c, "resiliation", corps | {"mise_en_demeure_id": demeure.id})
        if self.compter("manquement", reponse, 200 if c.manquement_possible(demeure, jour) else 409):
            c.resiliee_le, c.par_manquement = jour, demeure

    def reparer(self, c: Convention, jour: date) -> None:
        if not c.demeures:
            return
        demeure = c.demeures[-1]
        reponse = self.appel(c, f"mises-en-demeure/{demeure.id}/reparation", {"le": jour})
        if self.compter("réparation", reponse, 409 if c.finie or demeure.reparee else 200):
            demeure.reparee = True
            if c.par_manquement is demeure:
                c.resiliee_le = c.par_manquement = None

    def suspendre(self, c: Convention, _: date) -> None:
        acte = "levee-suspension" if c.suspendue else "suspension"
        reponse = self.appel(c, acte, {"motif": MOTIF})
        if self.compter(acte, reponse, 409 if c.finie else 200):
            c.suspendue = not c.suspendue

    def amender(self, c: Convention, jour: date) -> None:
        le = jour + timedelta(days=self.hasard.choice((0, 3, 25)))
        if any(deja >= le for deja, _ in c.avenants):
            return
        modifications = self.hasard.choice(
            (
                {"tacite_reconduction": self.hasard.random() < 0.6},
                {"fin_le": le + timedelta(days=self.hasard.randrange(20, 200))},
                {"fonctionnalites": {"rendez_vous": self.hasard.choice((True, False, None))}},
            )
        )
        envoyees = {k: v.isoformat() if isinstance(v, date) else v for k, v in modifications.items()}
        reponse = self.appel(c, "avenants", {"le": le, "objet": MOTIF, "modifications": envoyees})
        if not self.compter("avenant", reponse, *((409,) if c.finie else (201, 422))):
            return
        c.avenants.append((le, modifications))
        c.choix += [(le, modifications["fonctionnalites"])] if "fonctionnalites" in modifications else []
        if le == jour:
            c.appliquer(modifications)

    def regler(self, c: Convention, jour: date) -> None:
        choix = {"rendez_vous": self.hasard.choice((True, False, None))}
        choix["contact"] = self.hasard.choice((True, False))
        reponse = self.agents[c.caisse].put(f"/v1/conventions/{c.id}/fonctionnalites", choix)
        if self.compter("fonctionnalités", reponse, 200):
            c.choix.append((jour, choix))

    # --- what is seen ---------------------------------------------------------------------------------

    def comparer(self, structures: list[Structure], jour: date) -> None:
        """Before the daily rules have run: the dates alone decide who reaches what."""
        for s in structures:
            for c in s.conventions[-4:]:
                lue = self.agents[c.caisse].get(f"/v1/conventions/{c.id}").json()
                assert (jour, c.id, lue["statut"], lue["fin_le"]) == (
                    jour,
                    c.id,
                    c.statut(jour),
                    c.fin.isoformat(),
                )
            for compte in s.comptes[-4:]:
                self.comparer_acces(s, compte, jour)

    def comparer_acces(self, s: Structure, compte: Compte, jour: date) -> None:
        moi = self.clients[compte.identifiant].get("/v1/moi")
        if compte.inactif_depuis or s.close():
            assert (jour, moi.status_code) == (jour, 401)
            return
        lues = {c["code"]: set(c["fonctionnalites"]) for c in moi.json()["caisses"]}
        attendues = {c.caisse: c.fonctionnalites(jour, TOUTES) for c in s.conventions if c.ouvre()}
        assert (jour, lues) == (jour, attendues)

    def regler_le_jour(self, jour: date) -> None:
        """The daily rules, and what they wrote."""
        for s in self.structures:
            s.regler(jour)
        self.api.portal.call(vivre, jour)
        sql = (
            "SELECT identifiant, CASE WHEN supprime_le IS NULL THEN statut ELSE 'supprime' END FROM comptes"
            " WHERE identifiant = ANY (:i)"
        )
        attendus = {c.identifiant: c.etat for s in self.structures for c in s.comptes}
        lus = dict(map(tuple, self.base.lignes(sql, i=list(attendus))))
        assert (jour, lus) == (jour, attendus)


@pytest.fixture
def agents(api, client_de, fabrique):
    """The agents of three caisses, the third one made for the occasion, with tokens that still hold."""
    for qui in ("n-operateur", "a-orne", "a-calvados"):
        renouveler(api, client_de(qui))
    corps = {"code": "721", "nom": "CPAM de la Sarthe", "departement": "72", "departements": ["72"]}
    corps["email_file"] = "file@cpam-sarthe.example"
    assert client_de("n-operateur").post("/v1/caisses", corps).status_code in {201, 409}
    troisieme = client_de(fabrique.compte("agent_caisse", caisse="721"))
    return {"611": client_de("a-orne"), "141": client_de("a-calvados"), "721": troisieme}


@pytest.fixture
def structures(fabrique, base):
    """Partenaires with one, two and three caisses, and nothing signed yet."""
    faites = [fabrique.structure(techniciens=0) for _ in range(3)]
    for faite in faites:
        base.ecrire("DELETE FROM conventions WHERE id = :id", id=faite.convention_id)
    caisses = (("611",), ("611", "141"), ("611", "141", "721"))
    return [Structure(faite.id, siennes) for faite, siennes in zip(faites, caisses, strict=True)]


def agir(vie, actes, jour):
    """A day in about seven, somebody does something; where nothing is alive, somebody signs before long."""
    for s in vie.structures:
        for caisse in s.caisses:
            vivante = s.vivante(caisse)
            if vie.hasard.random() < (0.002 if vivante else 0.05):
                vie.signer(s, caisse, jour)
            elif s.conventions and vie.hasard.random() < FREQUENCE:
                siennes = [c for c in s.conventions if c.caisse == caisse]
                if siennes:
                    vie.hasard.choice(actes)(siennes[-1], jour)
    for c in [c for s in vie.structures for c in s.conventions]:
        c.matin(jour)  # a termination recorded for this very day has its effect


def relire_chaque_jour(vie):
    """Every day again, by the pure rules on what is stored: nothing that came later has changed it."""

    async def termes():
        async with database().transaction() as session:
            lues = {}
            for id_ in [UUID(c.id) for s in vie.structures for c in s.conventions]:
                lues[str(id_)] = (await session.get(Table, id_)).termes
            return lues

    stockes = vie.api.portal.call(termes)
    for c in [c for s in vie.structures for c in s.conventions]:
        sans_suspension = {jour: st for jour, st in c.histoire.items() if st != "suspendue"}
        lus = {jour: statut(replace(stockes[c.id], suspendue=False), jour).value for jour in sans_suspension}
        assert lus == sans_suspension
        assert len(lus) > 0


@pytest.mark.regle("8.1-1")
@pytest.mark.regle("8.1-2")
@pytest.mark.regle("8.2-1")
@pytest.mark.regle("2.2.3-1")
@pytest.mark.regle("2.2.3-2")
@pytest.mark.parametrize("graine", GRAINES)
def test_deux_ans_de_conventions(api, base, client_de, fabrique, agents, structures, graine):
    vie = Vie(api, base, client_de, fabrique, agents, random.Random(graine), structures)
    actes = (vie.denoncer, vie.resilier, vie.mettre_en_demeure, vie.invoquer, vie.reparer)
    actes += (vie.suspendre, vie.amender, vie.amender, vie.regler, vie.mettre_en_demeure, vie.invoquer)
    vus: dict[str, tuple] = {}
    arrets, arret = random.Random(-graine), timedelta(0)
    for jour in (DEBUT + n * UN_JOUR for n in range(JOURS)):
        for c in itertools.chain.from_iterable(s.conventions for s in structures):
            c.matin(jour)
        with le_jour(jour):
            vie.veiller()
            agir(vie, actes, jour)
            changees = [s for s in structures if LONG or s.etat(jour) != vus.get(s.id) or s.a_regler(jour)]
            if changees:
                vie.comparer(changees, jour)
            arret -= UN_JOUR if arret else arret
            if not arret and arrets.random() < PANNES:
                arret = ARRET  # the daily rules do not run for a while: the law is the same
            if changees and not arret:
                vie.regler_le_jour(jour)
                vie.comparer(changees if LONG else changees[:1], jour)
            vus = {s.id: s.etat(jour) for s in structures}
        for c in itertools.chain.from_iterable(s.conventions for s in structures):
            c.soir(jour)
    relire_chaque_jour(vie)
    attendus = {"denonciation 200", "resiliation 200", "manquement 200", "réparation 200", "signature 201"}
    attendus |= {"signature 409", "avenant 201", "suspension 200", "manquement 409"}
    assert LONG or attendus <= set(vie.comptes), vie.comptes  # the chosen seed meets every act
