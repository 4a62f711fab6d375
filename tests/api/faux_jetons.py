"""Tokens that nobody gave: a valid one with one thing changed, signed by our own key wherever that changes more."""

import base64
import json
import time
from collections.abc import Iterator
from typing import Any

from cryptography.hazmat.primitives import hashes, hmac, serialization
from cryptography.hazmat.primitives.asymmetric import padding, rsa

from app.acces import cles

EN_TETE = {"alg": "RS256", "typ": "at+jwt"}


def b64(brut: bytes | dict[str, Any]) -> str:
    octets = brut if isinstance(brut, bytes) else json.dumps(brut).encode()
    return base64.urlsafe_b64encode(octets).rstrip(b"=").decode()


def parties(jeton: str) -> tuple[dict[str, Any], dict[str, Any], str]:
    tete, corps, signature = jeton.split(".")
    tete, corps = (json.loads(base64.urlsafe_b64decode(partie + "==")) for partie in (tete, corps))
    return tete, corps, signature


def cle_privee() -> rsa.RSAPrivateKey:
    """Return the installation's own key: the attacker of these tests knows even that, save for the last rule."""
    pem = list(cles.keyring().keys.values())[-1].private.to_pem()
    cle = serialization.load_pem_private_key(pem, None)
    assert isinstance(cle, rsa.RSAPrivateKey)
    return cle


def signe(tete: bytes | dict[str, Any], corps: Any, cle: rsa.RSAPrivateKey | None = None) -> str:
    message = f"{b64(tete)}.{b64(corps)}"
    signature = (cle or cle_privee()).sign(message.encode(), padding.PKCS1v15(), hashes.SHA256())
    return f"{message}.{b64(signature)}"


def faux_jetons(valide: str, autre: str) -> Iterator[tuple[str, str]]:
    yield from d_un_autre_signataire(valide)
    yield from d_un_autre_en_tete(valide)
    yield from d_un_autre_corps(valide, autre)
    yield from ecrits_deux_fois(valide)
    yield from deformes(valide, autre)


def d_un_autre_signataire(valide: str) -> Iterator[tuple[str, str]]:
    tete, corps, signature = parties(valide)
    publique = list(cles.keyring().keys.values())[-1].public.to_pem()
    sans_alg = f"{b64(tete | {'alg': 'none'})}.{b64(corps)}."
    yield "alg none", sans_alg
    yield "alg None", f"{b64(tete | {'alg': 'None'})}.{b64(corps)}.{signature}"
    message = f"{b64(tete | {'alg': 'HS256'})}.{b64(corps)}"
    for nom, secret in (("PEM", publique), ("PEM sans fin de ligne", publique.strip()), ("vide", b"")):
        mac = hmac.HMAC(secret, hashes.SHA256())
        mac.update(message.encode())
        yield f"HS256 signé par la clé publique, {nom}", f"{message}.{b64(mac.finalize())}"
    etrangere = rsa.generate_private_key(public_exponent=65537, key_size=2048)
    yield "kid inconnu", signe(tete | {"kid": "inconnu"}, corps, etrangere)
    yield "kid d'une vraie clé, autre signataire", signe(tete, corps, etrangere)


def d_un_autre_en_tete(valide: str) -> Iterator[tuple[str, str]]:
    tete, corps, signature = parties(valide)
    yield "en-tête emboîté", f"{b64(b'[' * 1500)}.{b64(corps)}.{signature}"
    yield "en-tête emboîté profond", f"{b64(b'[' * 20000)}.{b64(corps)}.{signature}"
    yield "sans kid", signe(EN_TETE, corps)
    yield "kid qui n'est pas un texte", signe(tete | {"kid": {"a": [1]}}, corps)
    yield "kid chemin", signe(tete | {"kid": "../../secret"}, corps)
    yield "kid SQL", signe(tete | {"kid": "' OR 1=1 --"}, corps)
    for typ in ("JWT", "at+JWT ", "refresh+jwt", None):
        yield f"typ {typ}", signe(tete | {"typ": typ}, corps)
    yield "sans typ", signe({k: v for k, v in tete.items() if k != "typ"}, corps)
    for alg in ("RS512", "PS256", "ES256", "RSA-OAEP", ""):
        yield f"alg {alg}", signe(tete | {"alg": alg}, corps)
    for nom in ("crit", "jku", "jwk", "x5u", "x5c", "b64", "zip", "cty"):
        yield (
            f"en-tête {nom}",
            signe(tete | {nom: ["exp"] if nom == "crit" else "http://127.0.0.1:9/"}, corps),
        )


def d_un_autre_corps(valide: str, autre: str) -> Iterator[tuple[str, str]]:
    (tete, corps, signature), maintenant = parties(valide), int(time.time())
    yield "aud autre", signe(tete, corps | {"aud": "autre"})
    yield "aud liste sans nous", signe(tete, corps | {"aud": ["autre"]})
    yield "iss autre", signe(tete, corps | {"iss": "https://ailleurs.example"})
    yield "expiré", signe(tete, corps | {"exp": maintenant - 1})
    yield (
        "expiré depuis un an",
        signe(tete, corps | {"iat": maintenant - 9 * 10**6, "exp": maintenant - 10**6}),
    )
    yield "iat à venir", signe(tete, corps | {"iat": maintenant + 3600, "exp": maintenant + 7200})
    yield "nbf à venir", signe(tete, corps | {"nbf": maintenant + 3600})
    for nom, valeur in (
        ("exp", "2099-01-01"),
        ("exp", str(maintenant + 600)),
        ("exp", True),
        ("iat", str(maintenant)),
    ):
        yield f"{nom} {valeur!r}", signe(tete, corps | {nom: valeur})
    for nom in ("iss", "aud", "sub", "client_id", "scope", "role", "jti", "iat", "exp", "sid"):
        yield f"sans {nom}", signe(tete, {k: v for k, v in corps.items() if k != nom})
    yield "corps liste", signe(tete, [corps])
    yield "corps qui n'est pas du JSON", signe(tete, b"\xff\xfe")
    for nom in ("role", "partenaire_id", "caisse", "sub", "scope"):
        yield f"{nom} falsifié", f"{b64(tete)}.{b64(corps | {nom: 'administrateur'})}.{signature}"
    yield "corps d'un autre jeton", f"{b64(tete)}.{b64(parties(autre)[1])}.{signature}"
    yield "trop long", signe(tete, corps | {"scope": "x" * 8000})


def ecrits_deux_fois(valide: str) -> Iterator[tuple[str, str]]:
    """RFC 7519, 4: of two values of one member, two readers could each believe another one."""
    tete, corps, _ = parties(valide)
    for nom in ("sub", "role", "scope", "exp"):
        for place, double in (("premier", {"un": 1} | corps), ("dernier", corps | {"un": 1})):
            ecrit = json.dumps(double).replace('"un": 1', f'"{nom}": {json.dumps(corps[nom])}')
            yield f"{nom} deux fois, en {place}", signe(tete, ecrit.encode())
    for nom, valeur in (("alg", "none"), ("kid", "autre"), ("typ", "JWT")):
        ecrit = json.dumps({"un": 1} | tete).replace('"un": 1', f'"{nom}": "{valeur}"')
        yield f"en-tête, {nom} deux fois", signe(ecrit.encode(), corps)
    profond = json.dumps(corps | {"un": 1}).replace('"un": 1', '"un": {"a": 1, "a": 2}')
    yield "un membre emboîté deux fois", signe(tete, profond.encode())


def deformes(valide: str, autre: str) -> Iterator[tuple[str, str]]:
    yield "tronqué", valide[:-10]
    yield "sans signature", valide.rsplit(".", 1)[0]
    yield "rembourrage", valide + "="
    yield "signature coupée d'un signe étranger", f"{valide[:-9]}!{valide[-9:]}"
    yield "signature en base64 ordinaire", valide.replace("-", "+").replace("_", "/")
    yield "signature vide", valide.rsplit(".", 1)[0] + "."
    yield "quatre parties", valide + ".e30"
    yield "deux jetons", f"{valide} {autre}"
    yield "deux jetons, virgule", f"{valide}, Bearer {autre}"
    yield "jeton entre guillemets", f'"{valide}"'
    for ordure in ("x", ".", "..", "...", "null", "é" * 20, "a.b.c", "%00", "A" * 100_000):
        yield f"n'importe quoi {ordure[:5]}", ordure
