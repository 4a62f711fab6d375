"""The same pages without a browser: what they answer, what they allow, and what they never repeat."""

import json
import re
from html import unescape
from typing import TYPE_CHECKING

import pytest

from app.config import settings
from app.erreurs import CATALOGUE, Nature, Probleme
from app.kit.problems import STATUS
from app.vitrine import assets, pages, routes
from app.vitrine.membres import MEMBRES

if TYPE_CHECKING:
    from starlette.testclient import TestClient

CHEMINS = ["/", "/docs", "/problemes", "/problemes/validation"]
INTRUS = "<script>alert(1)</script>"


def politique(entete: str) -> dict[str, list[str]]:
    return {mots[0]: mots[1:] for part in entete.split(";") if (mots := part.split())}


@pytest.mark.parametrize("code", sorted(CATALOGUE))
def test_chaque_code_a_sa_page(api: "TestClient", code: str) -> None:
    erreur, reponse = CATALOGUE[code], api.get(f"/problemes/{code}")
    assert (reponse.status_code, reponse.headers["content-type"]) == (200, "text/html; charset=utf-8")
    texte = unescape(re.sub(r"</?code>", "", reponse.text)).replace("\u00a0", " ")
    for phrase in (erreur.titre, erreur.detail, erreur.remede, str(STATUS[erreur.nature])):
        assert phrase.replace("`", "") in texte
    assert ("Convention</dt>" in texte) is (erreur.article is not None)
    exemple = json.loads(unescape(re.search(r"<pre><code>(.*)</code></pre>", reponse.text, re.DOTALL)[1]))  # type: ignore[index]
    assert (exemple["code"], exemple["type"]) == (code, f"{settings().base_url}/problemes/{code}")
    assert set(MEMBRES.get(code, {})) <= set(exemple)
    assert f'href="/problemes/{code}"' in api.get("/problemes").text


def test_le_type_d_une_vraie_erreur_mene_a_sa_page(api: "TestClient") -> None:
    refus = api.get("/v1/moi")
    assert refus.status_code == 401
    assert api.get(refus.json()["type"]).status_code == 200


def test_un_code_inconnu_est_introuvable_et_rien_n_est_repete(api: "TestClient") -> None:
    for chemin in (f"/problemes/{INTRUS}", "/problemes/Validation", "/problemes/", f"/docs/x/{INTRUS}"):
        reponse = api.get(chemin)
        assert (reponse.status_code, reponse.json()["code"]) == (404, "introuvable")
        assert "alert" not in reponse.text
    for chemin in CHEMINS:
        assert api.get(chemin, params={"q": INTRUS}).text == api.get(chemin).text


@pytest.mark.parametrize("chemin", CHEMINS)
def test_la_politique_de_securite(api: "TestClient", chemin: str) -> None:
    reponse = api.get(chemin)
    regles = politique(reponse.headers["content-security-policy"])
    assert regles["default-src"] == regles["frame-ancestors"] == regles["base-uri"] == ["'none'"]
    assert regles.get("script-src", []) == (["'self'"] if chemin == "/docs" else [])
    assert {source for sources in regles.values() for source in sources} <= {"'none'", "'self'", "data:"}
    assert not re.search(
        r"<script(?![^>]*\bsrc=)|<style|\bstyle=|\bon\w+=|https?://(?!testserver)", reponse.text
    )
    assert api.head(chemin).status_code == 200
    for adresse in re.findall(r'(?:src|href)="(/[^"#]+)"', reponse.text):
        assert adresse == "/health/ready" or api.get(adresse).status_code == 200, adresse


def test_les_fichiers_sont_gardes_un_an_sous_leur_version(api: "TestClient") -> None:
    adresse = assets.of_docs().address("swagger-ui-bundle.js")
    assert f"/{assets.SWAGGER_UI}-" in adresse
    zippe = api.get(adresse)
    clair = api.get(adresse, headers={"Accept-Encoding": "identity"})
    assert zippe.headers["content-encoding"] == "gzip"
    assert "content-encoding" not in clair.headers
    assert zippe.content == clair.content == (assets.HERE / "swagger/swagger-ui-bundle.js").read_bytes()
    for reponse in (zippe, clair):
        assert reponse.headers["cache-control"] == "public, max-age=31536000, immutable"
        assert reponse.headers["vary"] == "Accept-Encoding"
    assert api.get("/docs/autre/swagger-ui-bundle.js").headers["cache-control"] == "no-store"
    assert api.get(adresse.replace("swagger-ui-bundle.js", "..%2froutes.py")).status_code == 404


def test_docs_se_coupe(api: "TestClient", monkeypatch: pytest.MonkeyPatch) -> None:
    adresse = assets.of_docs().address("docs.js")
    coupe = settings().model_copy(update={"docs": False})
    for module in (routes, pages):
        monkeypatch.setattr(module, "settings", lambda: coupe)
    assert [api.get(chemin).status_code for chemin in ("/docs", adresse, "/", "/problemes")] == [
        404,
        404,
        200,
        200,
    ]
    assert 'href="/docs"' not in api.get("/").text


def test_hors_du_contrat(api: "TestClient") -> None:
    chemins = api.get("/openapi.json").json()["paths"]
    assert not [c for c in chemins if c == "/" or c.startswith(("/docs", "/problemes", "/vitrine"))]


def test_les_phrases_sont_echappees() -> None:
    assert pages.marked(f"Voir `a<b` : {INTRUS}") == (
        "Voir <code>a&lt;b</code>\u00a0: &lt;script&gt;alert(1)&lt;/script&gt;"
    )


def test_les_tables_couvrent_le_catalogue() -> None:
    assert set(pages.NATURES) == set(Nature)
    assert all(issubclass(erreur, Probleme) for erreur in CATALOGUE.values())


def test_les_licences_sont_a_cote() -> None:
    ici = assets.HERE / "swagger"
    assert "Apache License" in (ici / "LICENSE").read_text()
    assert "SmartBear" in (ici / "NOTICE").read_text()
    assert assets.SWAGGER_UI in (ici / "README.md").read_text()
