"""Art. 9: whoever alters, removes or inserts a line is seen, the owner of the database included.

Each forgery is made by the owner in a transaction that is walked, then rolled back.
"""

import asyncio
import json
import subprocess
import sys
from datetime import timedelta
from pathlib import Path

import pytest
import sqlalchemy as sa

from app.journal import conservation, sceaux
from app.journal.regles import Nature
from app.journal.tables import Sceau
from app.journal.verification import Constat, verifier
from app.kit.clock import today
from app.kit.location import owner_url
from app.kit.session import SYSTEM, Database, database, see

COMMANDE = Path(sys.executable).parent / "espace-partenaires"
ECRIRE = (
    "INSERT INTO journal (chaine, le, role, action, ressource, ressource_id, caisse)"
    " SELECT '{0}', now() - interval '{1}', 'systeme', 'essai.ecrit', 'essai', n, '{0}'"
    " FROM generate_series(1, {2}) n"
)
# Everything that the owner can do to hide a line: hashes made again, both ends made to agree.
REFAIRE = """
DO $$
DECLARE l journal; avant text; n bigint := 0;
BEGIN
    SELECT ancre_empreinte INTO avant FROM chaines_journal WHERE chaine = '{0}';
    FOR l IN SELECT * FROM journal WHERE chaine = '{0}' ORDER BY numero LOOP
        l.precedente := avant;
        l.empreinte := ep_empreinte(l);
        UPDATE journal SET precedente = avant, empreinte = l.empreinte WHERE numero = l.numero;
        avant := l.empreinte;
        n := n + 1;
        UPDATE chaines_journal SET numero = l.numero, empreinte = avant, lignes = purgees + n WHERE chaine = '{0}';
    END LOOP;
END $$
"""


LE_SCEAU = "SELECT le FROM sceaux_journal WHERE rang = :rang"


def commande(*mots, attendu=0):
    fait = subprocess.run([COMMANDE, "journal", *mots], capture_output=True, text=True, check=False)
    assert fait.returncode == attendu, fait.stdout + fait.stderr[-800:]
    return fait.stdout


def apres(base, chaine, *ordres, ancre=None):
    """What the walk of one chain finds after some orders of the owner, all undone."""

    async def essayer():
        proprietaire = Database(owner_url(), 1, role=None)
        try:
            async with proprietaire.sessions() as session:
                await see(session, SYSTEM)
                for ordre in ordres:
                    if callable(ordre):
                        await ordre(session)
                    else:
                        await session.execute(sa.text(ordre.replace(":", "\\:")))
                return [a async for a in verifier(session, Constat(), chaine, ancre)]
        finally:
            await proprietaire.engine.dispose()

    return asyncio.run(essayer())


@pytest.fixture(scope="module")
def scellee(base):
    """A chain of twelve lines, of which the first eight are sealed; and the seal, kept elsewhere."""
    base.ecrire(ECRIRE.format("901", "1 minute", 8))
    garde = json.loads(commande("seal"))
    base.ecrire(ECRIRE.format("901", "0", 4))
    numeros = [n for (n,) in base.lignes("SELECT numero FROM journal WHERE chaine = '901' ORDER BY numero")]
    return numeros, Sceau(**garde | {"le": base.valeur(LE_SCEAU, rang=garde["rang"])})


def natures(anomalies):
    return {a.nature for a in anomalies}


@pytest.mark.regle("9-1")
def test_une_chaine_que_personne_n_a_touchee_est_saine(base, scellee):
    _, ancre = scellee
    assert apres(base, "901", ancre=ancre) == []
    assert "0 wrong" in commande("verify", "--caisse", "901")


@pytest.mark.regle("9-1")
@pytest.mark.parametrize(
    "changement",
    [
        "action = 'essai.lu'",
        "le = le + interval '1 second'",
        "le = le + interval '0.4 second'",
        "acteur_id = gen_random_uuid()",
        "role = 'agent_caisse'",
        "ressource = 'x'",
        "ressource_id = 'x'",
        "caisse = NULL",
        "partenaire_id = gen_random_uuid()",
        "numero = -numero",
        "empreinte = md5('x')",
        "precedente = NULL",
        "chaine = '902'",
    ],
)
def test_une_ligne_alteree_est_nommee(base, scellee, changement):
    numeros, _ = scellee
    for numero in (numeros[3], numeros[-1]):
        trouvees = apres(base, "901", f"UPDATE journal SET {changement} WHERE numero = {numero}")
        suivant = next((n for n in numeros if n > numero), None)
        assert {a.numero for a in trouvees} & {numero, suivant, -numero, *numeros[-2:]}, trouvees
    assert apres(base, None, f"UPDATE journal SET {changement} WHERE numero = {numeros[3]}")


@pytest.mark.regle("9-1")
def test_une_ligne_retiree_est_remarquee_au_debut_au_milieu_et_a_la_fin(base, scellee):
    numeros, _ = scellee
    retirer = "DELETE FROM journal WHERE chaine = '901' AND numero"
    assert Nature.DEBUT_MANQUANT in natures(apres(base, "901", f"{retirer} = {numeros[0]}"))
    (rompu, *_) = apres(base, "901", f"{retirer} = {numeros[5]}")
    assert (rompu.nature, rompu.numero) == (Nature.LIEN_ROMPU, numeros[6])
    (fin, *_) = apres(base, "901", f"{retirer} > {numeros[-3]}")
    assert (fin.nature, fin.numero) == (Nature.FIN_MANQUANTE, numeros[-3])
    toute = natures(apres(base, "901", f"{retirer} > 0", "DELETE FROM chaines_journal WHERE chaine = '901'"))
    assert Nature.FIN_MANQUANTE in toute


@pytest.mark.regle("9-1")
def test_une_ligne_inseree_est_remarquee_meme_dans_une_chaine_de_personne(base, scellee):
    numeros, _ = scellee
    copie = (
        "INSERT INTO journal SELECT -numero, chaine, le, acteur_id, role, action, ressource, ressource_id, caisse,"
        f" partenaire_id, empreinte, precedente FROM journal WHERE numero = {numeros[4]}"
    )
    sans_trigger = "ALTER TABLE journal DISABLE TRIGGER chainer"
    assert apres(base, "901", sans_trigger, copie)
    ailleurs = copie.replace(" chaine,", " '903',")
    assert "903" in {a.chaine for a in apres(base, None, sans_trigger, ailleurs)}


@pytest.mark.regle("9-1")
def test_qui_possede_la_base_et_refait_tout_est_contredit_par_les_sceaux(base, scellee):
    numeros, _ = scellee
    sceller = sceaux.sceller
    changer = f"UPDATE journal SET action = 'essai.lu' WHERE numero = {numeros[3]}"
    retirer = f"DELETE FROM journal WHERE numero = {numeros[3]}"
    for ordres in ((changer, REFAIRE.format("901")), (retirer, REFAIRE.format("901"))):
        assert Nature.SCEAU_CONTREDIT in natures(apres(base, "901", *ordres))
        # A seal that is made after does not whiten it, even when those before are gone.
        oubli = "DELETE FROM sceaux_journal WHERE rang < (SELECT max(rang) FROM sceaux_journal)"
        assert Nature.SCEAU_CONTREDIT in natures(apres(base, "901", *ordres, sceller, oubli))
    couper = (f"DELETE FROM journal WHERE chaine = '901' AND numero > {numeros[5]}", REFAIRE.format("901"))
    assert Nature.FIN_MANQUANTE in natures(apres(base, "901", *couper))
    assert Nature.FIN_MANQUANTE in natures(apres(base, "901", *couper, sceller))
    purger = "SELECT ep_purger_chaine('901', now() - interval '30 seconds')"
    assert natures(apres(base, "901", purger)) == {Nature.DEBUT_MANQUANT}
    assert natures(apres(base, "901", purger, sceller)) == {Nature.DEBUT_MANQUANT}


@pytest.mark.regle("9-1")
def test_un_sceau_altere_retire_ou_rejoue_se_voit(base, scellee):
    _, ancre = scellee
    commande("seal")
    commande("seal")
    fausser = "UPDATE sceaux_journal SET chaines = chaines - '901' WHERE chaines ? '901'"
    assert natures(apres(base, "901", fausser)) == {Nature.SCEAU_FAUX}
    milieu = "DELETE FROM sceaux_journal WHERE rang = (SELECT max(rang) - 1 FROM sceaux_journal)"
    assert natures(apres(base, "901", milieu)) == {Nature.SCEAU_MANQUANT}
    # The owner removes the line, the seals that knew it, and makes the rest agree: a seal kept elsewhere remembers.
    tout = (
        "DELETE FROM sceaux_journal",
        "DELETE FROM journal WHERE chaine = '901' AND numero > 0 AND ressource_id = '7'",
        REFAIRE.format("901"),
    )
    assert apres(base, "901", *tout) == []
    assert Nature.SCEAU_MANQUANT in natures(apres(base, "901", *tout, ancre=ancre))
    assert Nature.SCEAU_CONTREDIT in natures(apres(base, "901", *tout, ancre=ancre))


@pytest.mark.regle("9-1")
def test_la_commande_sort_en_erreur_nomme_et_compare_au_sceau_garde_ailleurs(base, tmp_path):
    base.ecrire(ECRIRE.format("904", "0", 3))
    garde = tmp_path / "sceau.json"
    garde.write_text(commande("seal"))
    assert "0 wrong" in commande("verify", "--caisse", "904", "--anchor", str(garde), "--sealed-within", "1")
    numero = base.valeur("SELECT min(numero) FROM journal WHERE chaine = '904'")
    base.ecrire("UPDATE journal SET role = 'x' WHERE numero = :n", n=numero)
    dit = commande("verify", "--caisse", "904", attendu=1)
    assert f"904 · {numero} · ligne alteree" in dit
    base.ecrire("UPDATE journal SET role = 'systeme' WHERE numero = :n", n=numero)
    faux = json.loads(garde.read_text())
    garde.write_text(json.dumps(faux | {"rang": faux["rang"] + 1000}))
    assert "sceau faux" in commande("verify", "--caisse", "904", "--anchor", str(garde), attendu=1)
    commande("verify", "--anchor", str(tmp_path / "absent"), attendu=2)


@pytest.mark.regle("5-5")
def test_la_purge_part_apres_sa_duree_et_laisse_une_chaine_verifiable(base):
    for age, combien in (("13 months", 5), ("11 months", 2), ("14 months", 1), ("0", 1)):
        base.ecrire(ECRIRE.format("905", age, combien))
    commande("seal")
    vivre = [COMMANDE, "lifecycle"]
    blanc = subprocess.run([*vivre, "--dry-run"], capture_output=True, text=True, check=True).stdout
    assert "journal.purge  (art. 5)  905" in blanc
    assert base.valeur("SELECT count(*) FROM journal WHERE chaine = '905'") == 9
    assert (
        "journal.purge  (art. 5)  905"
        in subprocess.run(vivre, capture_output=True, text=True, check=True).stdout
    )
    # Five went; the sixth stays, and what follows it, whatever its date: a chain is cut at its start only.
    restent = base.lignes("SELECT action FROM journal WHERE chaine = '905' ORDER BY numero")
    assert [a for (a,) in restent] == ["essai.ecrit"] * 4 + ["journal.purge"]
    assert "0 wrong" in commande("verify", "--caisse", "905")
    assert apres(base, "905", "DELETE FROM journal WHERE chaine = '905' AND ressource_id = '2'")
    assert "905" not in subprocess.run(vivre, capture_output=True, text=True, check=True).stdout
    base.ecrire(ECRIRE.format("905", "0", 1))
    assert "0 wrong" in commande("verify", "--caisse", "905")


@pytest.mark.regle("5-5")
def test_vivre_un_jour_a_venir_purge_et_vide_une_chaine_qui_reste_verifiable(base):
    base.ecrire(ECRIRE.format("906", "0", 3))

    async def vivre(jour):
        async with database().transaction() as session:
            assert "906" in await conservation.a_purger(session, jour)
            assert await conservation.purger(session, "906", jour)
        await database().engine.dispose()

    asyncio.run(vivre(today() + timedelta(days=400)))
    assert base.lignes("SELECT action FROM journal WHERE chaine = '906'") == [("journal.purge",)]
    assert "0 wrong" in commande("verify", "--caisse", "906")


@pytest.mark.regle("5-5")
def test_l_application_ne_purge_jamais_une_ligne_de_moins_de_six_mois(base):
    base.ecrire(ECRIRE.format("907", "5 months", 2))

    async def essayer(ordre):
        async with database().transaction() as session:
            await session.execute(sa.text(ordre))

    async def tous():
        for ordre in (
            "SELECT ep_purger_journal('907', now())",
            "SELECT ep_purger_journal('907', now() - interval '5 months')",
            "SELECT ep_purger_chaine('907', now())",
            "DELETE FROM sceaux_journal",
            "UPDATE chaines_journal SET lignes = 0",
            "INSERT INTO chaines_journal VALUES ('x', 1, 1, 'x')",
        ):
            with pytest.raises(sa.exc.ProgrammingError, match=r"permission denied|six months"):
                await essayer(ordre)
        await essayer("SELECT ep_purger_journal('907', now() - interval '7 months')")
        await database().engine.dispose()

    asyncio.run(tous())
    assert base.valeur("SELECT count(*) FROM journal WHERE chaine = '907'") == 2
