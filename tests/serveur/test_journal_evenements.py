"""The ordered log under concurrent writers, and the journal's chain recomputed by somebody else."""

import hashlib
import json
import random
import threading
import time
from functools import partial
from itertools import pairwise

import psycopg
import pytest

from tests.outils import un_signalement
from tests.serveur.machines import cle, ensemble

ECRITURE = (
    "INSERT INTO evenements (id, type, ressource, ressource_id, caisse, date)"
    " VALUES (gen_random_uuid(), 'essai.ecrit', 'essai', %s, '611', now())"
)
LIGNE = (
    "INSERT INTO journal (chaine, le, role, action, ressource, ressource_id, caisse)"
    " VALUES ('611', now(), 'système', 'essai.ecrit « à \"l''été\" »\\', 'essai', %s, '611')"
)


class Lecteur(threading.Thread):
    """A client of the feed: it asks what is after the last number it saw, again and again."""

    def __init__(self, serveur) -> None:
        super().__init__()
        self.serveur, self.fini, self.vus = serveur, threading.Event(), []
        self.depart = serveur.valeur("SELECT coalesce(max(numero), 0) FROM evenements")

    def run(self) -> None:
        dernier, dernier_tour = self.depart, False
        with self.serveur.connexion() as base:
            while True:
                lus = base.execute(
                    "SELECT numero, id FROM evenements WHERE numero > %s ORDER BY numero LIMIT 100",
                    (dernier,),
                ).fetchall()
                self.vus += lus
                if lus:
                    dernier = lus[-1][0]
                elif dernier_tour:
                    return
                dernier_tour = self.fini.is_set() and not lus
                time.sleep(0.001)

    def verifier(self, attendus: int) -> None:
        self.fini.set()
        self.join(30)
        tous = self.serveur.lignes(
            "SELECT numero, id FROM evenements WHERE numero > %s ORDER BY numero", self.depart
        )
        assert len(tous) >= attendus
        assert self.vus == tous


def test_deux_cents_depots_simultanes_un_lecteur_voit_chaque_evenement_une_fois(serveur):
    technicien, lecteur = serveur.client("t-cias"), Lecteur(serveur)
    lecteur.start()
    depots = [(un_signalement(), cle()) for _ in range(200)]
    reponses = ensemble([partial(technicien.deposer_avec_reprises, *depot) for depot in depots])
    lecteur.verifier(200)
    assert {r.status_code for r in reponses} == {201}


@pytest.mark.parametrize("role", ["ep_application"])
def test_les_numeros_suivent_l_ordre_des_commits_meme_quand_une_transaction_traine(serveur, role):
    lecteur, alea = Lecteur(serveur), random.Random(7)
    attentes = [[alea.random() / 100 for _ in range(5)] for _ in range(40)]
    lecteur.start()

    def ecrire(pauses) -> None:
        with serveur.connexion(role) as base:
            for rang, pause in enumerate(pauses):
                with base.transaction():
                    base.execute("SELECT set_config('ep.portee', 'systeme', true)")
                    base.execute(ECRITURE, (str(rang),))
                    base.execute(LIGNE, (str(rang),))
                    time.sleep(pause)
                    if rang == 3:
                        raise psycopg.Rollback  # a number that nobody will ever read

    ensemble([lambda p=p: ecrire(p) for p in attentes])
    lecteur.verifier(160)


def test_l_application_ne_choisit_pas_les_numeros_et_ne_change_rien(serveur):
    with serveur.connexion("ep_application") as base:
        for interdit in (
            "UPDATE journal SET action = 'x'",
            "DELETE FROM journal",
            "UPDATE evenements SET type = 'x'",
            "DELETE FROM evenements",
            "TRUNCATE journal",
            "ALTER TABLE journal DISABLE TRIGGER chainer",
        ):
            with pytest.raises(psycopg.errors.InsufficientPrivilege):
                base.execute(interdit.encode())


def empreinte(ligne) -> str:
    """What the migration computes in SQL, computed here from the columns."""
    texte = json.dumps(list(ligne), ensure_ascii=False, separators=(", ", ": "))
    return hashlib.sha256(texte.encode()).hexdigest()


def test_la_chaine_du_journal_recalculee_est_celle_de_la_base(serveur):
    serveur.client("n-operateur")
    serveur.client("t-cias").deposer()
    lignes = serveur.lignes(
        "SELECT numero, chaine, extract(epoch FROM le)::bigint, acteur_id::text, role, action, ressource,"
        " ressource_id, caisse, partenaire_id::text, precedente, empreinte FROM journal ORDER BY numero"
    )
    chaines: dict[str, list] = {}
    for *ligne, stockee in lignes:
        assert empreinte(ligne) == stockee
        chaines.setdefault(ligne[1], []).append((ligne[10], stockee))
    assert {"611", "141", "national"} <= set(chaines)
    assert len(chaines["611"]) > 40
    for chaine in chaines.values():
        assert chaine[0][0] is None
        assert all(apres[0] == avant[1] for avant, apres in pairwise(chaine))
    assert len({numero for numero, *_ in lignes}) == len(lignes)


def test_une_ligne_falsifiee_ou_effacee_se_voit(serveur):
    corps = "FROM journal WHERE chaine = '611' AND action = 'demande.deposee' ORDER BY numero DESC LIMIT 1"
    numero = serveur.valeur(f"SELECT numero {corps}")
    with serveur.connexion() as base, base.transaction(force_rollback=True):
        base.execute("UPDATE journal SET action = 'demande.annulee' WHERE numero = %s", (numero,))
        recalculee = base.execute(
            "SELECT ep_empreinte(j) = j.empreinte FROM journal j WHERE numero = %s", (numero,)
        )
        assert recalculee.fetchone() == (False,)
