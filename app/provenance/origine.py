from dataclasses import dataclass

from fastapi import Request

from app.config import settings
from app.provenance import pays
from app.provenance.regles import Reglage, Territoire, a_signaler, lire_adresse, refuse, territoire


@dataclass(frozen=True, slots=True)
class Origine:
    """Where a sign-in comes from: its address, and the name that its software gives itself. Never stored."""

    adresse: str
    agent: str

    @property
    def pays(self) -> str | None:
        """The ISO code of its country; None when the rule is off, or when nobody knows."""
        adresse = lire_adresse(self.adresse)
        return pays.de(adresse) if adresse and adresse.is_global and reglage() is not Reglage.OFF else None

    @property
    def territoire(self) -> Territoire:
        return territoire(lire_adresse(self.adresse), self.pays)

    @property
    def refusee(self) -> bool:
        return refuse(reglage(), self.territoire)

    @property
    def a_signaler(self) -> bool:
        return a_signaler(reglage(), self.territoire)


def reglage() -> Reglage:
    """Return what is done of a sign-in from elsewhere: nothing without the file of countries."""
    return Reglage(settings().europe) if settings().geoip_db is not None else Reglage.OFF


def origine(request: Request) -> Origine:
    """Return where a call comes from: behind a proxy that uvicorn trusts, the address that it forwards."""
    adresse = request.client.host if request.client else ""
    return Origine(adresse, request.headers.get("user-agent", ""))
