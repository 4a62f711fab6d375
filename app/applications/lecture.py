from typing import Any

from app.acces.tables import Application, Consentement
from app.applications.regles import Flux, Methode
from app.applications.schemas import ApplicationAutorisee, ApplicationLue, ConsentementApplicationLu
from app.kit.calendrier import jour_local

PARIS = "Europe/Paris"


def application_lue(application: Application) -> ApplicationLue:
    """Return an application; of its secrets, their last days alone."""
    calcules = {"scope", "statut", "grant_types", "token_endpoint_auth_method"}
    champs = {nom: getattr(application, nom) for nom in ApplicationLue.model_fields if nom not in calcules}
    return ApplicationLue(
        **champs,
        scope=" ".join(sorted(application.scope)),
        grant_types=[Flux(flux) for flux in application.grant_types],
        token_endpoint_auth_method=Methode(application.token_endpoint_auth_method),
        statut="active" if application.fin_le is None else "terminee",
    )


def consentement_lu(consentement: Consentement, application: Application) -> ConsentementApplicationLu:
    return ConsentementApplicationLu(
        id=consentement.id,
        client_id=application.client_id,
        client_name=application.client_name,
        scope=" ".join(sorted(consentement.scope)),
        accorde_le=consentement.accorde_le,
    )


def autorisee_lue(application: Application, usage: Any) -> ApplicationAutorisee:
    """Return what a structure sees of an application that acts for it."""
    siens = application.partenaire_id is not None
    dernier = jour_local(usage.le, PARIS) if usage and usage.le else None
    return ApplicationAutorisee(
        id=application.id,
        client_id=application.client_id,
        client_name=application.client_name,
        de_la_structure=siens,
        comptes=usage.comptes if usage else 0,
        derniere_utilisation_le=dernier or (application.derniere_utilisation_le if siens else None),
    )
