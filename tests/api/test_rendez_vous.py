"""Art. 1.2: the life of an appointment: slots offered, chosen, refused, called off, and what came of them."""

from datetime import timedelta

import pytest
from sqlalchemy.exc import IntegrityError

from app.demandes.regles_creneaux import GESTES, PASSAGES, Etape
from app.kit.calendrier import ajouter_jours_ouvres
from app.kit.clock import now, today
from tests.api.courrier import courriers, travailler
from tests.api.test_genres import corps

LIEUX = {
    "accueil": "Accueil d'Alençon, 34 place du Général-Bonet",
    "telephone": "02 33 00 00 00",
    "visio": "https://visio.cpam-orne.example/salle-4",
}
ACTEURS = {"technicien": "t-cias", "agent_caisse": "a-orne"}
# The life of an appointment, read again: gesture, who, and when it is open.
ATTENDU = {
    ("propositions", "agent_caisse"): {"a_proposer", "a_choisir"},
    ("confirmation", "technicien"): {"a_choisir"},
    ("refus", "technicien"): {"a_choisir"},
    ("annulation-creneau", "technicien"): {"confirme"},
    ("annulation-creneau", "agent_caisse"): {"a_choisir", "confirme"},
    ("issue", "agent_caisse"): {"a_constater"},
}


def un_creneau(jours=3, heures=0, duree=45, mode="accueil", **changements):
    debut = now() + timedelta(days=jours, hours=heures)
    bornes = {"debut": debut.isoformat(), "fin": (debut + timedelta(minutes=duree)).isoformat()}
    return bornes | {"mode": mode, "lieu": LIEUX[mode]} | changements


class Rendez:
    """An appointment asked for by the technicien of the CIAS, and the gestures of both sides on it."""

    def __init__(self, client_de, base, technicien="t-cias"):
        self.technicien, self.agent, self.base = client_de(technicien), client_de("a-orne"), base
        self.client_de = client_de
        depot = self.technicien.post("/v1/rendez-vous", corps("rendez-vous"))
        assert depot.status_code == 201, depot.text
        self.id, self.depot = depot.json()["id"], depot.json()
        self.chemin = f"/v1/rendez-vous/{self.id}"

    def faire(self, geste, corps_=None, qui=None, **entetes):
        qui = qui or ("agent_caisse" if geste in {"propositions", "issue"} else "technicien")
        client = self.technicien if qui == "technicien" else self.agent
        return client.post(f"{self.chemin}/{geste}", corps_, **entetes)

    def proposer(self, *creneaux):
        reponse = self.faire("propositions", {"creneaux": list(creneaux) or [un_creneau()]})
        assert reponse.status_code == 200, reponse.text
        return reponse.json()["objet"]["creneaux"]

    def confirmer(self, creneau_id=None):
        creneau_id = creneau_id or next(c["id"] for c in self.creneaux() if c["statut"] == "propose")
        reponse = self.faire("confirmation", {"creneau_id": creneau_id})
        assert reponse.status_code == 200, reponse.text
        return reponse.json()

    def lue(self, qui="technicien"):
        return (self.technicien if qui == "technicien" else self.agent).get(self.chemin).json()

    def creneaux(self):
        return self.lue()["objet"]["creneaux"]

    def statuts(self):
        return [creneau["statut"] for creneau in self.creneaux()]

    def vieillir(self, delai):
        """Let time pass: the slots are moved back by as much."""
        self.base.ecrire(
            "UPDATE creneaux SET debut = debut - CAST(:d AS interval), fin = fin - CAST(:d AS interval)"
            " WHERE demande_id = :id",
            d=delai,
            id=self.id,
        )

    def jusqu_a(self, etape):
        """Bring the appointment to a stage of its life."""
        if etape != "a_proposer":
            self.proposer(un_creneau(), un_creneau(heures=1))
        if etape in {"confirme", "commence", "a_constater"}:
            self.confirmer()
        if etape in {"commence", "a_constater"}:
            self.vieillir(timedelta(days=3, minutes=5) if etape == "commence" else timedelta(days=4))
        return self


@pytest.fixture
def rendez(client_de, base):
    return Rendez(client_de, base)


def corps_du_geste(rendez, geste):
    if geste == "propositions":
        return {"creneaux": [un_creneau(jours=5)]}
    if geste == "confirmation":
        return {"creneau_id": (rendez.creneaux() or [{"id": rendez.id}])[0]["id"]}
    return {"honore": True} if geste == "issue" else {"motif": "Empêchement de dernière minute."}


@pytest.mark.regle("1.2-4")
@pytest.mark.parametrize("etape", [etape.value for etape in Etape])
@pytest.mark.parametrize("geste", sorted({geste for geste, _ in ATTENDU}))
@pytest.mark.parametrize("qui", ACTEURS)
def test_chaque_geste_a_chaque_etape_par_chaque_acteur(rendez, etape, geste, qui):
    rendez.jusqu_a(etape)
    avant = rendez.lue(qui)
    possible = etape in ATTENDU.get((geste, qui), ())
    assert (geste in avant["actions_possibles"]) == possible
    reponse = rendez.faire(geste, corps_du_geste(rendez, geste), qui)
    if possible:
        assert reponse.status_code == 200, reponse.text
        assert reponse.json() == rendez.lue(qui)
        assert reponse.headers["etag"]
    elif (geste, qui) in ATTENDU:
        assert (reponse.status_code, reponse.json()["code"]) == (409, "transition-interdite")
        assert reponse.json()["actions_possibles"] == avant["actions_possibles"]
        assert rendez.lue(qui) == avant
    else:
        assert (reponse.status_code, reponse.json()["code"]) == (403, "permission-refusee")


def test_la_table_relue_est_celle_du_code():
    assert {(g.value, r.value): {e.value for e in etapes} for (g, r), etapes in GESTES.items()} == ATTENDU
    assert {geste.value for geste in PASSAGES} == {g for g, _ in ATTENDU} - {"issue"}


@pytest.mark.regle("1.2-4")
def test_du_creneau_propose_a_l_issue(rendez):
    un, deux = rendez.proposer(un_creneau(heures=2, mode="telephone"), un_creneau(mode="visio"))
    assert (un["mode"], un["lieu"], un["statut"]) == ("visio", LIEUX["visio"], "propose")
    assert (deux["mode"], deux["lieu"]) == ("telephone", "+33233000000")
    assert un["debut"].endswith("Z")
    confirmee = rendez.confirmer(deux["id"])
    assert [c["statut"] for c in confirmee["objet"]["creneaux"]] == ["refuse", "confirme"]
    assert confirmee["objet"]["honore"] is None
    assert confirmee["statut"] == "deposee"
    trop_tot = rendez.faire("issue", {"honore": True})
    assert (trop_tot.status_code, trop_tot.json()["code"]) == (409, "transition-interdite")
    rendez.vieillir(timedelta(days=4))
    issue = rendez.faire("issue", {"honore": False}).json()
    assert issue["objet"]["honore"] is False
    assert issue["objet"]["creneaux"][1]["honore"] is False
    assert "issue" not in rendez.lue("agent_caisse")["actions_possibles"]

    # The person did not come: another slot may be offered, and this time it goes well.
    rendez.proposer()
    rendez.confirmer()
    assert rendez.lue()["objet"]["honore"] is None
    rendez.vieillir(timedelta(days=4))
    assert rendez.faire("issue", {"honore": True}).json()["objet"]["honore"] is True
    assert rendez.statuts() == ["refuse", "confirme", "confirme"]


def test_de_nouvelles_propositions_remplacent_les_anciennes(rendez):
    (ancien,) = rendez.proposer()
    rendez.proposer(un_creneau(jours=6))
    assert rendez.statuts() == ["annule", "propose"]
    refus = rendez.faire("confirmation", {"creneau_id": ancien["id"]})
    assert (refus.status_code, refus.json()["code"]) == (409, "transition-interdite")
    assert refus.json()["actions_possibles"] == rendez.lue()["actions_possibles"]
    assert rendez.statuts() == ["annule", "propose"]


def test_une_proposition_passee_ne_se_confirme_plus(rendez):
    tot, tard = rendez.proposer(un_creneau(), un_creneau(jours=9))
    rendez.vieillir(timedelta(days=3, minutes=1))
    assert rendez.faire("confirmation", {"creneau_id": tot["id"]}).status_code == 409
    assert rendez.statuts() == ["propose", "propose"]
    rendez.confirmer(tard["id"])
    rendez.faire("annulation-creneau", None)
    rendez.proposer()
    rendez.vieillir(timedelta(days=4))
    assert "confirmation" not in rendez.lue()["actions_possibles"]
    assert rendez.faire("confirmation", {"creneau_id": rendez.creneaux()[-1]["id"]}).status_code == 409


def test_un_creneau_d_une_autre_demande_est_inconnu(rendez, client_de, base):
    (etranger,) = Rendez(client_de, base, "t-asso").proposer()
    rendez.proposer()
    for inconnu in (etranger["id"], rendez.id):
        refus = rendez.faire("confirmation", {"creneau_id": inconnu})
        assert (refus.status_code, refus.json()["erreurs"][0]["code"]) == (422, "ep_inconnu")


@pytest.mark.parametrize("corps_", [None, {}, {"motif": "Elle travaille ces jours-là."}])
def test_un_refus_dit_ou_non_pourquoi(rendez, corps_):
    rendez.proposer(un_creneau(), un_creneau(jours=4))
    lue = rendez.faire("refus", corps_).json()
    motif = (corps_ or {}).get("motif")
    assert [(c["statut"], c["motif"]) for c in lue["objet"]["creneaux"]] == [("refuse", motif)] * 2
    assert lue["statut"] == "deposee"


@pytest.mark.parametrize("qui", ACTEURS)
def test_un_creneau_confirme_s_annule_par_l_un_ou_l_autre(rendez, qui):
    rendez.jusqu_a("confirme")
    lue = rendez.faire("annulation-creneau", {"motif": "Agent absent."}, qui).json()
    assert [c["statut"] for c in lue["objet"]["creneaux"]] == ["annule", "refuse"]
    assert lue["objet"]["creneaux"][0]["motif"] == "Agent absent."
    assert lue["objet"]["honore"] is None


FINS = {
    "cloture": ("agent_caisse", {"issue": "traitee", "message": "Fait."}),
    "annulation": ("technicien", {"motif": "La personne a fait la démarche seule."}),
    "retrait-consentement": ("technicien", {"date": today().isoformat()}),
}


@pytest.mark.regle("1.2-4")
@pytest.mark.parametrize("fin", FINS)
@pytest.mark.parametrize(
    ("etape", "statuts"),
    [
        ("a_choisir", ["annule", "annule"]),
        ("confirme", ["annule", "refuse"]),
        ("commence", ["confirme", "refuse"]),
        ("a_constater", ["confirme", "refuse"]),
    ],
)
def test_la_fin_de_la_demande_annule_ses_creneaux_a_venir(rendez, fin, etape, statuts):
    rendez.jusqu_a(etape)
    qui, corps_ = FINS[fin]
    reponse = rendez.client_de(ACTEURS[qui]).post(f"/v1/demandes/{rendez.id}/{fin}", corps_)
    assert [c["statut"] for c in reponse.json()["objet"]["creneaux"]] == statuts
    assert reponse.json()["actions_possibles"] == []
    assert reponse.json()["echeance"] is not None
    assert rendez.faire("propositions", {"creneaux": [un_creneau()]}).json()["code"] == "transition-interdite"


MAUVAIS = {
    "passé": ([un_creneau(jours=-1)], "/creneaux/0/debut", "ep_passe"),
    "à l'envers": ([un_creneau(duree=-30)], "/creneaux/0/fin", "ep_ordre"),
    "vide": ([un_creneau(duree=0)], "/creneaux/0/fin", "ep_ordre"),
    "trop long": ([un_creneau(duree=481)], "/creneaux/0/fin", "ep_duree"),
    "trop loin": ([un_creneau(jours=367)], "/creneaux/0/debut", "ep_lointain"),
    "chevauchement": (
        [un_creneau(), un_creneau(jours=4), un_creneau(duree=20)],
        "/creneaux/2/debut",
        "ep_chevauchement",
    ),
    "trop": ([un_creneau(jours=j) for j in range(1, 12)], "/creneaux", "too_long"),
    "aucun": ([], "/creneaux", "too_short"),
    "sans fuseau": ([un_creneau(debut="2027-01-11T09:00:00")], "/creneaux/0/debut", "timezone_aware"),
    "autre mode": ([un_creneau() | {"mode": "domicile"}], "/creneaux/0/mode", "literal_error"),
    "sans lieu": ([un_creneau() | {"lieu": " "}], "/creneaux/0/lieu", "string_pattern_mismatch"),
    "téléphone": ([un_creneau(mode="telephone", lieu="au bureau")], "/creneaux/0/lieu", "ep_telephone"),
    "lien": ([un_creneau(mode="visio", lieu="salle 4")], "/creneaux/0/lieu", "ep_lien"),
    "lien en clair": (
        [un_creneau(mode="visio", lieu="http://visio.example/4")],
        "/creneaux/0/lieu",
        "ep_lien",
    ),
    "lien avec mot de passe": (
        [un_creneau(mode="visio", lieu="https://moi:secret@visio.example/4")],
        "/creneaux/0/lieu",
        "ep_lien",
    ),
    "champ inconnu": ([un_creneau(agent="x")], "/creneaux/0/agent", "extra_forbidden"),
}


@pytest.mark.parametrize(("creneaux", "champ", "code"), MAUVAIS.values(), ids=MAUVAIS.keys())
def test_un_creneau_mal_fait_est_refuse_a_sa_place(rendez, creneaux, champ, code):
    refus = rendez.faire("propositions", {"creneaux": creneaux})
    assert (refus.status_code, refus.json()["code"]) == (422, "validation"), refus.text
    assert (champ, code) in [(e["champ"], e["code"]) for e in refus.json()["erreurs"]]
    assert rendez.creneaux() == []


@pytest.mark.regle("5-3")
def test_le_lieu_et_les_motifs_sont_relus_par_le_garde(rendez):
    lieu = un_creneau(lieu="Service d'oncologie, où il suit sa chimiothérapie")
    refus = rendez.faire("propositions", {"creneaux": [lieu]})
    assert (refus.json()["code"], refus.json()["passages"][0]["champ"]) == (
        "donnee-de-sante",
        "/creneaux/0/lieu",
    )
    confirme = rendez.faire("propositions", {"creneaux": [lieu], "texte_confirme": True})
    assert confirme.status_code == 200
    confirmations = "SELECT count(*) FROM journal WHERE ressource_id = :id AND action = 'texte.confirme'"
    assert rendez.base.valeur(confirmations, id=rendez.id) == 1
    for geste in ("refus", "annulation-creneau"):
        refus = rendez.faire(geste, {"motif": "Elle est en dialyse ce jour-là."})
        assert (refus.json()["code"], refus.json()["passages"][0]["champ"]) == ("donnee-de-sante", "/motif")


@pytest.mark.regle("1.2-8")
def test_la_fonction_fermee_arrete_le_partenaire_et_pas_la_caisse(rendez, client_de, base):
    rendez.jusqu_a("a_choisir")
    base.ecrire(
        "INSERT INTO reglages_caisses (caisse, fonctionnalite, active) VALUES ('611', 'rendez_vous', false)"
        " ON CONFLICT (caisse, fonctionnalite) DO UPDATE SET active = false"
    )
    try:
        for geste in ("confirmation", "refus", "annulation-creneau"):
            refus = rendez.faire(geste, corps_du_geste(rendez, geste))
            assert (refus.status_code, refus.json()["code"]) == (403, "fonctionnalite-inactive")
            assert geste not in rendez.lue()["actions_possibles"]
        assert rendez.faire("annulation-creneau", None, "agent_caisse").status_code == 200
    finally:
        base.ecrire("DELETE FROM reglages_caisses WHERE caisse = '611' AND fonctionnalite = 'rendez_vous'")


def test_ces_gestes_ne_sont_que_d_un_rendez_vous(client_de):
    for chemin in ("signalements", "etudes-dossier", "demandes-documents", "contacts"):
        demande = client_de("t-cias").post(f"/v1/{chemin}", corps(chemin)).json()
        for qui in ACTEURS.values():
            lue = client_de(qui).get(f"/v1/demandes/{demande['id']}").json()
            assert not set(lue["actions_possibles"]) & {geste for geste, _ in ATTENDU}
        refus = client_de("a-orne").post(
            f"/v1/rendez-vous/{demande['id']}/propositions", {"creneaux": [un_creneau()]}
        )
        assert (refus.status_code, refus.json()["code"]) == (404, "introuvable")


def test_une_version_perimee_ne_change_aucun_creneau(rendez):
    rendez.proposer()
    refus = rendez.faire("refus", None, If_Match='"1"')
    assert (refus.status_code, refus.json()["code"]) == (412, "version-perimee")
    assert rendez.statuts() == ["propose"]


def test_la_base_elle_meme_ne_tient_qu_un_creneau_confirme(rendez):
    rendez.jusqu_a("confirme")
    deux = "UPDATE creneaux SET statut = 'confirme', confirme_le = now() WHERE demande_id = :id AND statut = 'refuse'"
    with pytest.raises(IntegrityError, match="uq_creneaux_confirme"):
        rendez.base.ecrire(deux, id=rendez.id)


def test_proposer_deux_fois_sous_la_meme_cle_ne_propose_qu_une_fois(rendez):
    corps_ = {"creneaux": [un_creneau()]}
    une, deux = (rendez.faire("propositions", corps_, Idempotency_Key=rendez.id) for _ in range(2))
    assert une.json() == deux.json()
    assert rendez.statuts() == ["propose"]


def test_le_delai_s_arrete_tant_que_le_partenaire_est_attendu(rendez):
    depart = rendez.depot["echeance"]
    rendez.proposer()
    assert rendez.lue()["echeance"] is None
    assert rendez.lue()["en_retard"] is False
    rendez.faire("refus", None)
    assert rendez.lue()["echeance"] == depart
    rendez.jusqu_a("confirme")
    assert rendez.lue()["echeance"] is None
    rendez.technicien.post(f"/v1/demandes/{rendez.id}/messages", {"texte": "Nous serons deux."})
    assert rendez.lue()["echeance"] is None
    rendez.base.ecrire("UPDATE demandes SET jours_restants = 2 WHERE id = :id", id=rendez.id)
    rendez.vieillir(timedelta(days=4))
    rendez.faire("issue", {"honore": True})
    assert rendez.lue()["echeance"] == ajouter_jours_ouvres(today(), 2, "61").isoformat()


def test_le_complement_et_les_creneaux_arretent_le_meme_delai(rendez):
    depart, agent = rendez.depot["echeance"], rendez.agent
    chemin = f"/v1/demandes/{rendez.id}"
    agent.post(f"{chemin}/prise-en-charge")
    agent.post(f"{chemin}/demande-complement", {"message": "Merci de joindre l'avis."})
    rendez.proposer()
    rendez.technicien.post(f"{chemin}/messages", {"texte": "Le voici."})
    assert (rendez.lue()["statut"], rendez.lue()["echeance"]) == ("en_cours", None)
    rendez.faire("refus", None)
    assert rendez.lue()["echeance"] == depart


EVENEMENTS = {
    "rendez_vous.propose": "créneaux proposés",
    "rendez_vous.confirme": "rendez-vous confirmé",
    "rendez_vous.annule": "créneau annulé",
    "rendez_vous.refuse": "créneaux refusés",
    "rendez_vous.manque": "rendez-vous manqué",
    "rendez_vous.honore": "rendez-vous honoré",
}


@pytest.mark.regle("5-6")
def test_chaque_geste_laisse_un_evenement_une_ligne_et_deux_courriels_sans_donnee(api, rendez):
    rendez.jusqu_a("confirme").faire("annulation-creneau", {"motif": "Agent absent."})
    rendez.proposer()
    rendez.faire("refus", {"motif": "Trop loin."})
    for honore in (False, True):
        rendez.jusqu_a("a_constater").faire("issue", {"honore": honore})
    publies = rendez.base.lignes(
        "SELECT type FROM evenements WHERE ressource_id = :id AND type LIKE 'rendez_vous.%'", id=rendez.id
    )
    assert {type_ for (type_,) in publies} == set(EVENEMENTS)
    lignes = rendez.base.lignes(
        "SELECT action FROM journal WHERE ressource_id = :id AND action LIKE 'rendez_vous.%'", id=rendez.id
    )
    assert sorted(lignes) == sorted(publies)
    travailler(api)
    for adresse in (
        "file@cpam-orne.example",
        rendez.base.valeur("SELECT email FROM comptes WHERE identifiant = 't-cias'"),
    ):
        recus = [m for m in courriers(adresse) if rendez.depot["reference"] in m["Subject"]]
        sujets = " ".join(m["Subject"] for m in recus)
        assert [s for s in EVENEMENTS.values() if s not in sujets] == []
        texte = " ".join(m.get_content() for m in recus)
        for donnee in ("Testard", "Ginette", "Général-Bonet", "Agent absent", "Trop loin"):
            assert donnee not in texte
