"""One POST to somebody else's server: to an address that was checked, and to no other.

The name is resolved once; every address must be allowed; the connection goes to one of them, the
certificate is checked against the name. No redirect, no proxy, no kept connection, no body read.
"""

import asyncio
import socket
from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass

import httpx

from app.webhooks.regles import Echec
from app.webhooks.regles_url import Cible, UrlInterdite, lire_url, permise

DELAI_S = 5.0
Resolveur = Callable[[str, int], Awaitable[list[str]]]


@dataclass(frozen=True, slots=True)
class Resultat:
    """What became of a try: the status received, or why there is none."""

    code_http: int | None
    echec: Echec | None


async def resoudre(hote: str, port: int) -> list[str]:
    """Return the addresses of a name. Raises OSError."""
    boucle = asyncio.get_running_loop()
    trouvees = await boucle.getaddrinfo(hote, port, type=socket.SOCK_STREAM)
    return list(dict.fromkeys(str(adresse[0]) for *_, adresse in trouvees))


async def envoyer(
    url: str,
    entetes: Mapping[str, str],
    corps: str,
    *,
    boucle: bool,
    resolveur: Resolveur = resoudre,
    transport: httpx.AsyncBaseTransport | None = None,
) -> Resultat:
    """Post a body, in five seconds at most, whatever the receiver does. Never raises for what it does."""
    try:
        async with asyncio.timeout(DELAI_S):
            cible = lire_url(url, boucle=boucle)
            adresse = await _adresse(cible, resolveur, boucle=boucle)
            return await _poster(cible, adresse, entetes, corps, transport)
    except UrlInterdite:
        return Resultat(None, Echec.ADRESSE_INTERDITE)
    except (TimeoutError, httpx.TimeoutException):
        return Resultat(None, Echec.DELAI)
    except (OSError, UnicodeError):
        return Resultat(None, Echec.NOM_INCONNU)
    except (httpx.HTTPError, httpx.InvalidURL):
        return Resultat(None, Echec.CONNEXION)


async def _adresse(cible: Cible, resolveur: Resolveur, *, boucle: bool) -> str:
    adresses = await resolveur(cible.hote, cible.port)
    if not adresses or not all(permise(adresse, boucle=boucle) for adresse in adresses):
        raise UrlInterdite
    return min(adresses, key=lambda adresse: ":" in adresse)  # IPv4 first: fewer networks lack it


async def _poster(
    cible: Cible,
    adresse: str,
    entetes: Mapping[str, str],
    corps: str,
    transport: httpx.AsyncBaseTransport | None,
) -> Resultat:
    hote = f"[{adresse}]" if ":" in adresse else adresse
    client = httpx.AsyncClient(
        trust_env=False,
        follow_redirects=False,
        timeout=DELAI_S,
        limits=httpx.Limits(max_keepalive_connections=0),
        transport=transport,
    )
    async with (
        client,
        client.stream(
            "POST",
            f"{cible.schema}://{hote}:{cible.port}{cible.chemin}",
            content=corps.encode(),
            headers={**entetes, "Host": cible.autorite},
            extensions={"sni_hostname": cible.hote},
        ) as reponse,
    ):
        if reponse.is_success:
            return Resultat(reponse.status_code, None)
        return Resultat(reponse.status_code, Echec.REDIRECTION if reponse.is_redirect else Echec.REPONSE)
