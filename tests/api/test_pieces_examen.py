"""Art. 3.1: legible documents pass, the others are refused with the reason; hostile ones harm nobody."""

import asyncio
import tempfile

import pytest
from PIL import Image, ImageFilter

from app.kit.sandbox import Sandbox
from app.pieces.regles import EXPLICATIONS, Illisible
from tests.api import documents
from tests.api.documents import feuille, jpeg, pdf_numerise, photo, png
from tests.api.test_pieces import code, deposer
from tests.contrat.outils import RACINE

LISIBLES = {
    "page imprimée": jpeg(),
    "très comprimée": jpeg(qualite=20),
    "encre pâle sur papier gris": jpeg(feuille(papier=235, encre=185)),
    "deux lignes pâles": jpeg(feuille(lignes=2, papier=235, encre=185)),
    "photographie de travers": jpeg(photo(feuille((2480, 3508)))),
    "photographie un peu floue": jpeg(photo(feuille((2480, 3508)), flou=3)),
    "juste assez grande": png(feuille((707, 1000))),
    "noir et blanc": png(feuille().convert("1")),
    "palette": png(feuille().convert("P")),
    "transparence": png(feuille().convert("RGBA")),
    "16 bits": png(feuille().convert("I").point(lambda niveau: niveau * 257).convert("I;16")),
    "suite de vues mal recopiée": documents.jpeg_au_segment(b"MPF\0II*\0\x08\0\0\0" + b"\xff" * 40, 2),
    "Exif abîmé": documents.jpeg_au_segment(
        b"Exif\0\0II*\0\x08\0\0\0\x05\0\x1a\x01\x05\0\x01\0\0\0\xff\xff\xff\0", 1
    ),
    "PDF numérisé": pdf_numerise(),
    "PDF ouvert à une page": documents.pdf_avec("page"),
    **{
        f"PDF vers {adresse}": documents.pdf_avec_lien(adresse)
        for adresse in ("https://a.example/?b=c:d", "MAILTO:a@a.example", "www.a.example:8080/b", "/b:c", "")
    },
}
UNIE = Image.new("L", (1240, 1754), 250)
ILLISIBLES = {
    "feuille blanche": (jpeg(UNIE), Illisible.SANS_CONTRASTE),
    "grain seul": (jpeg(Image.effect_noise((1240, 1754), 4)), Illisible.SANS_CONTRASTE),
    "brouillard": (jpeg(photo(feuille((2480, 3508)), flou=15)), Illisible.FLOUE),
    "dégradé": (jpeg(Image.linear_gradient("L").resize((1240, 1754))), Illisible.FLOUE),
    "vignette": (jpeg(feuille((706, 999))), Illisible.TROP_PETITE),
    "JPEG coupé": (jpeg()[:20_000], Illisible.ABIME),
    "PNG coupé": (png()[:20_000], Illisible.ABIME),
    "bombe PNG": (documents.bombe_png(), Illisible.TROP_DE_PIXELS),
    "reste de capture": (png() + png()[:500], Illisible.DOUBLE_CONTENU),
    "archive derrière": (jpeg() + documents.archive(), Illisible.DOUBLE_CONTENU),
    "page dedans": (jpeg(comment=b"<html><script>alert(1)</script>"), Illisible.DOUBLE_CONTENU),
    "PDF dans une image": (jpeg(comment=documents.pdf_texte()), Illisible.DOUBLE_CONTENU),
    "PDF chiffré": (documents.pdf_chiffre("secret"), Illisible.CHIFFRE),
    "PDF protégé": (documents.pdf_chiffre(""), Illisible.CHIFFRE),
    "PDF vide": (documents.pdf_vide(1), Illisible.VIDE),
    "PDF sans page": (documents.pdf_vide(0), Illisible.SANS_PAGE),
    "PDF trop long": (documents.pdf_vide(201), Illisible.TROP_DE_PAGES),
    "PDF d'une feuille blanche": (pdf_numerise(UNIE, b"BT 3 Tr (ocr) Tj ET"), Illisible.VIDE),
    "PDF d'une vignette": (pdf_numerise(feuille((500, 700))), Illisible.TROP_PETITE),
    "PDF abîmé": (b"%PDF-1.7\nn'importe quoi", Illisible.ABIME),
    "bombe PDF": (documents.bombe_pdf(), Illisible.ABIME),
    "fichier joint": (documents.pdf_avec("joint"), Illisible.FICHIER_JOINT),
    **{
        f"PDF vers {adresse}": (documents.pdf_avec_lien(adresse), Illisible.SCRIPT)
        for adresse in (" JavaScript:alert(1)", "file://a.example/b", "search-ms:query=a", r"\\a.example\b")
    },
    **{
        f"PDF {quoi}": (documents.pdf_avec(quoi), Illisible.SCRIPT)
        for quoi in ("ouverture", "javascript", "aa", "lancement", "suivante", "xfa")
    },
}
AUTRES = {
    "texte": b"bonjour",
    "page": b"<!doctype html><script>alert(1)</script>",
    "GIF": b"GIF89a" + bytes(100),
    "programme": b"MZ" + bytes(100),
    "archive": documents.archive(),
    "PDF derrière des octets": b"\n" + documents.pdf_texte(),
    "SVG": b"<svg xmlns='http://www.w3.org/2000/svg'/>",
}


@pytest.fixture(scope="module")
def technicien(client_de):
    return client_de("t-cias")


@pytest.fixture(scope="module")
def refusee(technicien):
    """A request for the pieces that are all refused."""
    return technicien.deposer(caisse="611")


@pytest.mark.regle("3.1-3")
@pytest.mark.parametrize("contenu", LISIBLES.values(), ids=LISIBLES)
def test_un_document_lisible_passe(technicien, contenu):
    reponse = deposer(technicien, technicien.deposer(caisse="611"), contenu)
    assert reponse.status_code == 201, reponse.text


@pytest.mark.regle("3.1-3")
@pytest.mark.parametrize(("contenu", "motif"), ILLISIBLES.values(), ids=ILLISIBLES)
def test_un_document_illisible_ou_actif_est_refuse_avec_sa_raison(technicien, refusee, contenu, motif):
    refus = deposer(technicien, refusee, contenu)
    assert (*code(refus), refus.json()["motif"]) == (422, "piece-illisible", motif.value)
    assert refus.json()["detail"] == EXPLICATIONS[motif]


@pytest.mark.regle("3.1-3")
def test_un_fichier_vide_est_refuse(technicien, refusee):
    refus = deposer(technicien, refusee, b"")
    assert (*code(refus), refus.json()["motif"]) == (422, "piece-illisible", "vide")


@pytest.mark.regle("3.1-1")
@pytest.mark.parametrize("contenu", AUTRES.values(), ids=AUTRES)
def test_un_autre_type_est_refuse_quel_que_soit_son_nom(technicien, refusee, contenu):
    assert code(deposer(technicien, refusee, contenu, nom="attestation.pdf")) == (415, "type-de-piece-refuse")


def test_rien_de_refuse_n_est_garde(technicien, refusee, base):
    assert base.valeur("SELECT count(*) FROM pieces WHERE demande_id = :d", d=refusee["id"]) == 0


def test_chaque_raison_s_explique_et_se_rencontre():
    rencontrees = {motif for _, motif in ILLISIBLES.values()}
    assert rencontrees == set(EXPLICATIONS) == set(Illisible)


@pytest.mark.parametrize("geste", ["pendre", "grossir", "tomber", "ecrire", "lever"])
def test_un_lecteur_pris_par_un_fichier_ne_prend_que_son_processus(geste):
    """The deadline, the memory and the files of the child are the kernel's to keep; the next look is as before."""

    async def regarder():
        bac = Sandbox("tests.api.examens_hostiles", str(RACINE))
        try:
            with tempfile.TemporaryFile() as file:
                vus = []
                for contenu in (geste, "bien"):
                    file.seek(0)
                    file.truncate()
                    file.write(contenu.encode())
                    file.seek(0)
                    vus.append(await bac.look(file.fileno()))
                return vus
        finally:
            bac.stop()

    assert asyncio.run(regarder()) == [None, {"vu": "bien", "secrets": []}]


def test_l_hote_tue_est_relance():
    async def regarder():
        bac = Sandbox("tests.api.examens_hostiles", str(RACINE))
        try:
            with tempfile.TemporaryFile() as file:
                file.write(b"bien")
                vus = []
                for _ in range(2):
                    file.seek(0)
                    vus.append(await bac.look(file.fileno()))
                    bac._host.kill()
                    bac._host.wait()
                return vus
        finally:
            bac.stop()

    assert asyncio.run(regarder()) == [{"vu": "bien", "secrets": []}] * 2


def test_le_flou_se_mesure_sans_la_lumiere_ni_l_encre():
    from app.pieces.examen_image import contraste, nettete

    nette, pale = feuille(), feuille(lignes=2, papier=235, encre=185)
    floue = nette.filter(ImageFilter.GaussianBlur(15))
    assert nettete(nette) > 0.3
    assert nettete(pale) > 0.3
    assert nettete(floue.filter(ImageFilter.GaussianBlur(15))) < nettete(nette) / 3
    assert contraste(UNIE) == 0
