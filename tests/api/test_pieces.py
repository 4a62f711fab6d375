"""Art. 1.3, 3.1: who deposits and reads a piece, what bounds it, and what each leaves."""

import hashlib
import uuid

import pytest

from app.pieces.regles import NOMBRE_MAXIMAL, TAILLE_MAXIMALE
from tests.api import documents
from tests.api.test_genres import corps as corps_du_genre
from tests.outils import Client

NOM = "Mme Lefèvre 2 57 03 61 001 003 42.pdf"  # what an office calls its files


def deposer(client, demande, contenu=None, nature="courrier", nom=NOM, **entetes):
    return client.appel(
        "POST",
        f"/v1/demandes/{demande['id']}/pieces",
        files={"fichier": (nom, documents.pdf_texte() if contenu is None else contenu, "application/pdf")},
        data={"nature": nature},
        entetes={k.replace("_", "-"): v for k, v in entetes.items()},
    )


def code(reponse):
    return reponse.status_code, reponse.json().get("code")


@pytest.fixture
def technicien(client_de):
    return client_de("t-cias")


@pytest.fixture
def agent(client_de):
    return client_de("a-orne")


@pytest.fixture
def demande(technicien):
    return technicien.deposer(caisse="611")


@pytest.fixture
def tutelle(client_de):
    """A structure that the caisse has flagged as organisme habilité."""
    return client_de("t-tutelle")


@pytest.mark.regle("3.1-1")
@pytest.mark.regle("1.3-3")
@pytest.mark.parametrize(
    ("contenu", "type_mime", "extension"),
    [
        (documents.pdf_texte(), "application/pdf", "pdf"),
        (documents.pdf_numerise(), "application/pdf", "pdf"),
        (documents.jpeg(documents.photo(documents.feuille((2480, 3508)))), "image/jpeg", "jpg"),
        (documents.png(), "image/png", "png"),
    ],
    ids=["texte", "numerise", "photo", "png"],
)
def test_une_piece_deposee_se_lit_telle_quelle_des_deux_cotes(
    technicien, agent, demande, contenu, type_mime, extension
):
    reponse = deposer(technicien, demande, contenu, "justificatif_ressources")
    assert reponse.status_code == 201, reponse.text
    piece = reponse.json()
    chemin = f"/v1/demandes/{demande['id']}/pieces/{piece['id']}"
    assert (reponse.headers["location"], reponse.headers["etag"]) == (chemin, '"1"')
    assert piece["sha256"] == hashlib.sha256(contenu).hexdigest()
    attendu = {"sens": "entrante", "statut": "acceptee", "antivirus": "non_analyse", "type_mime": type_mime}
    assert attendu.items() <= piece.items()
    assert (piece["taille"], piece["nature"], piece["motif_refus"]) == (
        len(contenu),
        "justificatif_ressources",
        None,
    )
    for client in (technicien, agent):
        lue = client.get(chemin)
        assert (lue.status_code, lue.json(), lue.headers["etag"]) == (200, piece, '"1"')
        telechargee = client.get(f"{chemin}/contenu")
        assert (telechargee.status_code, telechargee.content) == (200, contenu)
        entetes = telechargee.headers
        assert entetes["content-disposition"] == f'attachment; filename="piece-{piece["id"]}.{extension}"'
        assert (entetes["content-type"], entetes["content-length"]) == (type_mime, str(len(contenu)))
        assert (entetes["x-content-type-options"], entetes["cache-control"]) == ("nosniff", "no-store")
        assert "sandbox" in entetes["content-security-policy"]
        assert client.get(f"/v1/demandes/{demande['id']}").json()["pieces"] == [piece]


@pytest.mark.regle("3.1-1")
def test_les_pieces_se_listent_par_pages_de_la_plus_recente(technicien, agent, demande):
    deposees = [deposer(technicien, demande).json()["id"] for _ in range(3)]
    chemin = f"/v1/demandes/{demande['id']}/pieces"
    page = agent.get(chemin, limite=2).json()
    suite = agent.get(chemin, limite=2, curseur=page["curseur_suivant"]).json()
    assert [p["id"] for p in page["donnees"] + suite["donnees"]] == deposees[::-1]
    assert suite["curseur_suivant"] is None


@pytest.mark.regle("1.3-3")
def test_chaque_telechargement_est_au_journal(technicien, agent, demande, base):
    piece = deposer(technicien, demande).json()
    chemin = f"/v1/demandes/{demande['id']}/pieces/{piece['id']}"
    for client in (agent, technicien, agent):
        client.get(chemin)
        client.get(f"{chemin}/contenu")
    lignes = base.lignes(
        "SELECT c.identifiant, j.ressource, j.caisse, j.partenaire_id::text FROM journal j JOIN comptes c"
        " ON c.id = j.acteur_id WHERE j.ressource_id = :p AND j.action = 'piece.telechargee' ORDER BY j.numero",
        p=piece["id"],
    )
    assert [tuple(ligne) for ligne in lignes] == [
        (qui, "piece", "611", demande["partenaire_id"]) for qui in ("a-orne", "t-cias", "a-orne")
    ]


@pytest.mark.regle("1.3-3")
def test_un_telechargement_qui_ne_peut_pas_etre_journalise_ne_donne_rien(technicien, demande, monkeypatch):
    piece = deposer(technicien, demande).json()

    async def casser(*_):
        raise RuntimeError

    monkeypatch.setattr("app.pieces.service.inscrire", casser)
    reponse = technicien.get(f"/v1/demandes/{demande['id']}/pieces/{piece['id']}/contenu")
    assert code(reponse) == (500, "erreur-interne")


def test_le_depot_et_l_acceptation_sont_des_evenements(technicien, demande, base):
    piece = deposer(technicien, demande).json()
    evenements = base.lignes(
        "SELECT type, ressource, caisse FROM evenements WHERE ressource_id = :p ORDER BY numero",
        p=piece["id"],
    )
    attendus = [("piece.deposee", "piece", "611"), ("piece.acceptee", "piece", "611")]
    assert [tuple(e) for e in evenements] == attendus


# --- Who (1.3-1, 1.3-2, 5-4) ---


@pytest.mark.regle("1.3-1")
@pytest.mark.regle("5-4")
def test_la_caisse_ne_donne_rien_a_un_partenaire_non_habilite(agent, demande, base):
    assert code(deposer(agent, demande, nature="attestation_droits")) == (403, "partenaire-non-habilite")
    assert base.valeur("SELECT count(*) FROM pieces WHERE demande_id = :d", d=demande["id"]) == 0


@pytest.mark.regle("1.3-1")
@pytest.mark.regle("5-4")
def test_un_organisme_habilite_recoit_des_documents_tant_qu_il_l_est(tutelle, agent, base):
    demande = tutelle.deposer()
    piece = deposer(agent, demande, nature="attestation_droits").json()
    assert piece["sens"] == "sortante"
    chemin = f"/v1/demandes/{demande['id']}/pieces/{piece['id']}"
    assert tutelle.get(f"{chemin}/contenu").content == documents.pdf_texte()
    sienne = deposer(tutelle, demande).json()
    chemin_partenaire = f"/v1/partenaires/{demande['partenaire_id']}"
    agent.patch(chemin_partenaire, {"organisme_habilite": False})
    try:
        assert code(tutelle.get(chemin)) == (404, "introuvable")
        assert code(tutelle.get(f"{chemin}/contenu")) == (404, "introuvable")
        liste = tutelle.get(f"/v1/demandes/{demande['id']}/pieces").json()["donnees"]
        assert [p["id"] for p in liste] == [sienne["id"]]
        vues = tutelle.get(f"/v1/demandes/{demande['id']}").json()["pieces"]
        assert [p["id"] for p in vues] == [sienne["id"]]
        assert agent.get(f"{chemin}/contenu").status_code == 200
        assert code(deposer(agent, demande, nature="autre")) == (403, "partenaire-non-habilite")
    finally:
        agent.patch(chemin_partenaire, {"organisme_habilite": True})
    assert tutelle.get(f"{chemin}/contenu").status_code == 200


@pytest.mark.regle("1.3-2")
@pytest.mark.regle("5-4")
def test_la_nature_est_celle_que_la_demande_attend(tutelle, agent):
    def refusee(reponse):
        erreurs = reponse.json()["erreurs"]
        return reponse.status_code, [(e["champ"], e["code"]) for e in erreurs]

    attendu = (422, [("/nature", "ep_nature")])
    demande = tutelle.deposer()
    assert refusee(deposer(agent, demande, nature="piece_identite")) == attendu
    assert refusee(deposer(tutelle, demande, nature="carte_bleue")) == attendu
    assert deposer(agent, demande, nature="bon_mt_dents").status_code == 201
    assert deposer(tutelle, demande, nature="attestation_droits").status_code == 201
    document = tutelle.post(
        "/v1/demandes-documents", corps_du_genre("demandes-documents") | {"document": "bon_vaccination"}
    ).json()
    assert refusee(deposer(agent, document, nature="attestation_droits")) == attendu
    assert deposer(agent, document, nature="bon_vaccination").status_code == 201
    assert deposer(tutelle, document, nature="piece_identite").status_code == 201


@pytest.mark.regle("1.3-3")
@pytest.mark.parametrize(
    ("qui", "attendu"),
    [
        ("g-cias", (403, "permission-refusee")),
        ("n-operateur", (403, "permission-refusee")),
        ("t-asso", (404, "introuvable")),
        ("a-calvados", (404, "introuvable")),
    ],
)
def test_personne_d_autre_ne_depose_ni_ne_lit(client_de, technicien, demande, qui, attendu):
    piece = deposer(technicien, demande).json()
    client, chemin = client_de(qui), f"/v1/demandes/{demande['id']}/pieces"
    assert code(deposer(client, demande)) == attendu
    for adresse in (chemin, f"{chemin}/{piece['id']}", f"{chemin}/{piece['id']}/contenu"):
        assert code(client.get(adresse)) == attendu


@pytest.mark.regle("1.3-3")
def test_une_piece_ne_se_lit_que_par_sa_demande(technicien, demande):
    piece, autre = deposer(technicien, demande).json(), technicien.deposer()
    for fin in ("", "/contenu"):
        reponse = technicien.get(f"/v1/demandes/{autre['id']}/pieces/{piece['id']}{fin}")
        assert code(reponse) == (404, "introuvable")


@pytest.mark.regle("1.2-8")
def test_la_fonction_du_type_coupee_ferme_ses_pieces(fabrique, client_de, agent):
    structure = fabrique.structure()
    technicien = client_de(structure.techniciens[0])
    demande = technicien.deposer()
    piece = deposer(technicien, demande).json()
    agent.put(f"/v1/conventions/{structure.convention_id}/fonctionnalites", {"signalement": False})
    chemin = f"/v1/demandes/{demande['id']}/pieces"
    for reponse in (
        deposer(technicien, demande),
        technicien.get(chemin),
        technicien.get(f"{chemin}/{piece['id']}/contenu"),
    ):
        assert code(reponse) == (403, "fonctionnalite-inactive")
        assert reponse.json()["fonctionnalite"] == "signalement"
    assert agent.get(f"{chemin}/{piece['id']}/contenu").status_code == 200


def test_un_jeton_sans_la_portee_des_pieces_n_y_touche_pas(api, demo, technicien, demande):
    piece = deposer(technicien, demande).json()
    compte = next(c for c in demo["comptes"] if c["identifiant"] == "t-cias")
    form = {"grant_type": "password", "username": "t-cias", "password": compte["mot_de_passe"]}
    jeton = api.post("/v1/oauth/token", data=form | {"scope": "demandes:lire demandes:ecrire"}).json()
    limite = Client(api, jeton["access_token"])
    assert code(deposer(limite, demande)) == (403, "permission-refusee")
    chemin = f"/v1/demandes/{demande['id']}/pieces/{piece['id']}"
    assert code(limite.get(chemin)) == code(limite.get(f"{chemin}/contenu")) == (403, "permission-refusee")


# --- How many, how large, when (3.1-1) ---


@pytest.mark.regle("3.1-1")
def test_une_demande_prend_dix_pieces_et_une_piece_refusee_ne_compte_pas(technicien, demande):
    for _ in range(NOMBRE_MAXIMAL):
        assert deposer(technicien, demande, b"%PDF-1.7 rien").status_code == 422
    for _ in range(NOMBRE_MAXIMAL):
        assert deposer(technicien, demande).status_code == 201
    refus = deposer(technicien, demande)
    assert code(refus) == (409, "trop-de-pieces")
    assert refus.json()["maximum"] == NOMBRE_MAXIMAL


@pytest.mark.regle("3.1-1")
@pytest.mark.parametrize(
    "fin", [("annulation", {"motif": "Démarche faite."}), ("retrait-consentement", {"date": "2026-02-01"})]
)
def test_une_demande_qui_n_est_plus_ouverte_ne_prend_rien(technicien, demande, fin):
    technicien.post(f"/v1/demandes/{demande['id']}/{fin[0]}", fin[1])
    refus = deposer(technicien, demande)
    assert code(refus) == (409, "transition-interdite")
    assert refus.json()["statut"] == "annulee"


@pytest.mark.regle("3.1-1")
def test_dix_mebioctets_passent_et_un_octet_de_plus_non(technicien, demande):
    # Noise does not compress: the sheet stands in a scan that is exactly as large as a piece may be.
    base_ = documents.jpeg()
    commentaire = b"\xff\xfe\xff\xff" + bytes(65_533)
    reste = TAILLE_MAXIMALE - len(base_)
    entiers, fin = divmod(reste, len(commentaire))
    assert fin >= 4
    remplissage = commentaire * entiers + b"\xff\xfe" + (fin - 2).to_bytes(2, "big") + bytes(fin - 4)
    plein = base_[:2] + remplissage + base_[2:]
    assert len(plein) == TAILLE_MAXIMALE
    assert deposer(technicien, demande, plein).status_code == 201
    refus = deposer(technicien, demande, plein + b"\0")
    assert code(refus) == (413, "piece-trop-grande")
    assert refus.json()["maximum"] == TAILLE_MAXIMALE
    assert code(deposer(technicien, demande, plein * 3)) == (413, "piece-trop-grande")


@pytest.mark.regle("3.1-1")
@pytest.mark.parametrize("annonce", [None, "10"])
def test_la_taille_est_comptee_et_non_crue(technicien, demande, annonce):
    """A body in chunks, without a length or with a false one, is cut at the bound."""

    def morceaux():
        yield b'--x\r\nContent-Disposition: form-data; name="fichier"\r\n\r\n'
        for _ in range(40):
            yield bytes(2**19)
        yield b"\r\n--x--\r\n"

    entetes = {"Content-Type": "multipart/form-data; boundary=x"}
    reponse = technicien.appel(
        "POST",
        f"/v1/demandes/{demande['id']}/pieces",
        content=morceaux(),
        entetes=entetes | ({"Content-Length": annonce} if annonce else {}),
    )
    assert code(reponse) == (413, "piece-trop-grande")


def test_ailleurs_un_grand_corps_reste_refuse(technicien, demande):
    chemin = f"/v1/demandes/{demande['id']}/messages"
    reponse = technicien.appel("POST", chemin, files={"fichier": ("a.pdf", bytes(2**21), "application/pdf")})
    assert code(reponse) == (413, "corps-trop-grand")


@pytest.mark.parametrize(
    ("envoi", "attendu"),
    [
        ({"files": {"fichier": ("a", b"x")}}, [("/nature", "missing")]),
        ({"files": {"nature": (None, "courrier")}}, [("/fichier", "missing")]),
        ({"json": {"nature": "courrier"}}, [("/fichier", "missing"), ("/nature", "missing")]),
        ({}, [("/fichier", "missing"), ("/nature", "missing")]),
        (
            {"files": {"fichier": ("a", b"x"), "nature": (None, "courrier"), "nir": (None, "1 57")}},
            [("/nir", "extra_forbidden")],
        ),
        (
            {"files": [("fichier", ("a", b"x")), ("fichier", ("b", b"x")), ("nature", (None, "courrier"))]},
            [("/fichier", "ep_repete")],
        ),
    ],
    ids=["sans nature", "sans fichier", "en JSON", "vide", "champ inconnu", "deux fichiers"],
)
def test_un_corps_incomplet_dit_ce_qui_manque(technicien, demande, envoi, attendu):
    reponse = technicien.appel("POST", f"/v1/demandes/{demande['id']}/pieces", **envoi)
    assert code(reponse) == (422, "validation")
    assert [(e["champ"], e["code"]) for e in reponse.json()["erreurs"]] == attendu


@pytest.mark.parametrize(
    ("type_", "corps"),
    [
        ("multipart/form-data", b"--x--\r\n"),
        ("multipart/form-data; boundary=x", b""),
        ("multipart/form-data; boundary=x", b"n'importe quoi"),
        (
            "multipart/form-data; boundary=x",
            b'--x\r\nContent-Disposition: form-data; name="fichier"\r\n\r\n%PDF-',
        ),
        (
            "multipart/form-data; boundary=x",
            b'--x\r\nContent-Disposition: form-data; name="a"\r\n\r\n\r\n' * 30 + b"--x--\r\n",
        ),
        ("multipart/form-data; boundary=" + "y" * 300, b"--x\r\n"),
        ("multipart/form-data; boundary=x", b"--x\r\n" + b"A: " + b"b" * 9000 + b"\r\n\r\n--x--\r\n"),
    ],
)
def test_un_multipart_incomplet_ne_laisse_rien(technicien, demande, base, type_, corps):
    reponse = technicien.appel(
        "POST", f"/v1/demandes/{demande['id']}/pieces", content=corps, entetes={"Content-Type": type_}
    )
    assert code(reponse) == (400, "corps-illisible")
    assert base.valeur("SELECT count(*) FROM pieces WHERE demande_id = :d", d=demande["id"]) == 0


# --- Once (Idempotency-Key) ---


def test_la_meme_cle_rejoue_la_meme_piece_et_refuse_un_autre_contenu(technicien, demande):
    cle = str(uuid.uuid4())
    une, deux = (deposer(technicien, demande, Idempotency_Key=cle) for _ in range(2))
    assert (une.status_code, deux.status_code, une.json()) == (201, 201, deux.json())
    assert deux.headers["idempotency-replayed"] == "true"
    autre = deposer(technicien, demande, documents.pdf_texte(b"autre"), Idempotency_Key=cle)
    assert code(autre) == (422, "cle-idempotence-reutilisee")
    autre = deposer(technicien, demande, nature="autre", Idempotency_Key=cle)
    assert code(autre) == (422, "cle-idempotence-reutilisee")
    assert len(technicien.get(f"/v1/demandes/{demande['id']}/pieces").json()["donnees"]) == 1


# --- With a message, and until the consent is withdrawn ---


def test_un_message_porte_des_pieces_de_son_cote(tutelle, agent):
    demande = tutelle.deposer()
    chemin = f"/v1/demandes/{demande['id']}"
    entrante = deposer(tutelle, demande).json()["id"]
    sortante = deposer(agent, demande, nature="autre").json()["id"]
    ailleurs = deposer(tutelle, tutelle.deposer()).json()["id"]
    lue = tutelle.post(f"{chemin}/messages", {"texte": "Voici.", "pieces": [entrante, entrante]}).json()
    assert [m["pieces"] for m in lue["messages"]] == [[entrante]]
    for client, etrangere in (
        (tutelle, sortante),
        (agent, entrante),
        (tutelle, ailleurs),
        (tutelle, str(uuid.uuid4())),
    ):
        refus = client.post(f"{chemin}/messages", {"texte": "Voici.", "pieces": [etrangere]})
        assert (refus.status_code, refus.json()["erreurs"][0]["champ"]) == (422, "/pieces/0")
    agent.post(f"{chemin}/prise-en-charge")
    agent.post(f"{chemin}/demande-complement", {"message": "Il manque une page.", "pieces": [sortante]})
    close = agent.post(
        f"{chemin}/cloture", {"issue": "traitee", "message": "Voir ci-joint.", "pieces": [sortante]}
    )
    assert [m["pieces"] for m in close.json()["messages"]] == [[entrante], [sortante], [sortante]]


@pytest.mark.regle("1.1-2")
@pytest.mark.regle("5-5")
def test_le_retrait_du_consentement_efface_les_pieces_des_deux_cotes(tutelle, agent, base, api):
    from tests.api.courrier import travailler
    from tests.api.test_pieces_fichiers import fichier

    demande = tutelle.deposer()
    pieces = [deposer(tutelle, demande).json(), deposer(agent, demande, nature="autre").json()]
    agent.patch(f"/v1/partenaires/{demande['partenaire_id']}", {"organisme_habilite": False})
    try:
        retiree = tutelle.post(f"/v1/demandes/{demande['id']}/retrait-consentement", {"date": "2026-02-01"})
        assert retiree.status_code == 200, retiree.text
    finally:
        agent.patch(f"/v1/partenaires/{demande['partenaire_id']}", {"organisme_habilite": True})
    for piece in pieces:
        chemin = f"/v1/demandes/{demande['id']}/pieces/{piece['id']}"
        lue = agent.get(chemin).json()
        assert lue["effacee_le"]
        assert (lue["raison_effacement"], lue["sha256"], lue["taille"]) == ("consentement_retire", None, None)
        assert code(agent.get(f"{chemin}/contenu")) == (409, "piece-indisponible")
        assert base.valeur("SELECT cle FROM pieces WHERE id = :p", p=piece["id"]) is None
        assert fichier(piece).exists()  # unreadable already; its file goes after the commit
    travailler(api)
    for piece in pieces:
        assert not fichier(piece).exists()
        (evenement,) = base.lignes(
            "SELECT raison FROM evenements WHERE ressource_id = :p AND type = 'piece.effacee'", p=piece["id"]
        )
        assert evenement.raison == "consentement_retire"
