"""Art. 3.2: the pure rules of maintenance and of the state of the service."""

from datetime import UTC, datetime, timedelta
from uuid import uuid4

import pytest

from app.disponibilite.regles import (
    EtatComposant,
    StatutMaintenance,
    etat_des_travaux,
    statut,
    statut_du_service,
    urgente,
)
from app.kit.outage import Channel, Memory, Window, seconds_until

DEBUT = datetime(2026, 12, 6, 21, tzinfo=UTC)
FIN = DEBUT + timedelta(hours=2)
SECONDE = timedelta(seconds=1)


@pytest.mark.parametrize(
    ("maintenant", "attendu"),
    [
        (DEBUT - SECONDE, StatutMaintenance.ANNONCEE),
        (DEBUT, StatutMaintenance.EN_COURS),
        (FIN - SECONDE, StatutMaintenance.EN_COURS),
        (FIN, StatutMaintenance.TERMINEE),
    ],
)
def test_une_fenetre_suit_ses_instants_a_la_seconde(maintenant, attendu):
    assert statut(DEBUT, FIN, annulee=False, maintenant=maintenant) is attendu
    assert statut(DEBUT, FIN, annulee=True, maintenant=maintenant) is StatutMaintenance.ANNULEE


def test_moins_de_quarante_huit_heures_est_une_urgence():
    assert not urgente(DEBUT - timedelta(hours=48), DEBUT)
    assert urgente(DEBUT - timedelta(hours=48) + SECONDE, DEBUT)


def memoire(*fenetres):
    memory = Memory()
    memory.replace_windows((Window(uuid4(), debut, fin) for debut, fin in fenetres), 0)
    return memory


def test_des_fenetres_qui_se_touchent_n_en_font_qu_une():
    apres, loin = FIN + timedelta(hours=1), FIN + timedelta(hours=5)
    memory = memoire((FIN, apres), (DEBUT, FIN), (loin, loin + timedelta(hours=1)))
    assert memory.end_of_maintenance(DEBUT - SECONDE) is None
    assert memory.end_of_maintenance(DEBUT) == apres
    assert memory.end_of_maintenance(apres - SECONDE) == apres
    assert memory.end_of_maintenance(apres) is None
    assert memory.end_of_maintenance(loin) == loin + timedelta(hours=1)
    assert memoire((DEBUT, loin), (DEBUT + SECONDE, FIN)).end_of_maintenance(DEBUT) == loin


def test_un_regard_plus_ancien_que_notre_changement_est_ignore():
    memory, fenetre = Memory(), Window(uuid4(), DEBUT, FIN)
    memory.add(fenetre)
    memory.replace_windows([], 0)
    assert memory.end_of_maintenance(DEBUT) == FIN
    memory.remove(fenetre.id)
    memory.replace_windows([fenetre], 1)
    assert memory.end_of_maintenance(DEBUT) is None
    memory.replace_windows([fenetre], 2)
    assert memory.end_of_maintenance(DEBUT) == FIN


def test_le_delai_va_jusqu_a_la_fin_et_n_est_jamais_nul():
    assert seconds_until(FIN, DEBUT) == 7200
    assert seconds_until(FIN, FIN) == 1


def test_un_inconnu_n_a_que_les_noms_et_un_appelant_ses_caisses():
    personne = {"nom": "N", "prenom": "P", "fonction": "F", "telephone": "+33", "email": "e"}
    memory = Memory(
        channels={"611": Channel(("contact",), (personne,)), "141": Channel(("signalement",), (personne,))},
        reach={"s": ("611",)},
    )
    assert [set(p) for p in memory.everybody()] == [
        {"caisse", "fonctionnalites", "nom", "prenom", "fonction"}
    ] * 2
    attendu = [{"caisse": "611", "fonctionnalites": ["contact"]} | personne]
    assert memory.of_claims({"partenaire_id": "s"}) == attendu
    assert memory.of_claims({"caisse": "611", "partenaire_id": None}) == attendu
    assert memory.of_claims({"partenaire_id": "autre"}) == []
    assert memory.of({"611": ["document"], "999": None})[0]["fonctionnalites"] == ["document"]


@pytest.mark.parametrize(
    ("base", "autres", "en_maintenance", "attendu"),
    [
        (
            EtatComposant.DISPONIBLE,
            [EtatComposant.DISPONIBLE, EtatComposant.NON_CONFIGURE],
            False,
            "disponible",
        ),
        (EtatComposant.DISPONIBLE, [EtatComposant.DISPONIBLE, EtatComposant.INDISPONIBLE], False, "perturbe"),
        (EtatComposant.DISPONIBLE, [EtatComposant.PERTURBE], False, "perturbe"),
        (EtatComposant.INDISPONIBLE, [EtatComposant.INCONNU], False, "indisponible"),
        (EtatComposant.INCONNU, [], False, "indisponible"),
        (EtatComposant.DISPONIBLE, [EtatComposant.DISPONIBLE], True, "maintenance"),
    ],
)
def test_un_mot_dit_l_etat_du_service(base, autres, en_maintenance, attendu):
    assert statut_du_service(base, autres, en_maintenance=en_maintenance) == attendu


def test_les_travaux_se_jugent_a_leur_ouvrier_et_a_leur_attente():
    court, long = timedelta(seconds=5), timedelta(minutes=5)
    assert etat_des_travaux(court, court) is EtatComposant.DISPONIBLE
    assert etat_des_travaux(long, court) is EtatComposant.PERTURBE
    assert etat_des_travaux(timedelta(0), long) is EtatComposant.INDISPONIBLE
    assert etat_des_travaux(timedelta(0), None) is EtatComposant.INDISPONIBLE
