"""Art. 1.1, 1.2: a request filed into the queue of the caisse, by one mechanism for every kind."""

import secrets
from datetime import date

from sqlalchemy.ext.asyncio import AsyncSession

from app.demandes import queries, regles
from app.demandes.assure import cle_personne, mots
from app.demandes.genres import GENRES
from app.demandes.phonetique import sons
from app.demandes.regles import PREFIXES, Delai, Statut, Type
from app.demandes.schemas import DemandeDepot, DemandeLue
from app.demandes.service import conclure, exiger_fonctionnalite
from app.demandes.tables import Demande
from app.droits import Acteur
from app.erreurs import (
    CaisseNonConventionnee,
    ConsentementManquant,
    DemarcheEnCours,
    Introuvable,
    PermissionRefusee,
    Validation,
)
from app.kit.clock import now, today
from app.kit.ids import new_id
from app.referentiel import queries as referentiel
from app.referentiel.regles import caisses_du_departement

ALPHABET, LONGUEUR = "23456789ABCDEFGHJKMNPQRSTVWXYZ", 6


def nouvelle_reference(type_: Type, jour: date) -> str:
    """Return a short, typeable reference, such as SIG-26-7KQ3M9."""
    suffixe = "".join(secrets.choice(ALPHABET) for _ in range(LONGUEUR))
    return f"{PREFIXES[type_]}-{jour:%y}-{suffixe}"


async def deposer(
    session: AsyncSession, acteur: Acteur, type_: Type, depot: DemandeDepot
) -> tuple[Demande, DemandeLue]:
    """Art. 1.1: file a request, with the person's consent, into the queue of the caisse.

    Raises ConsentementManquant, CaisseNonConventionnee, FonctionnaliteInactive, DemarcheEnCours.
    """
    consentement = depot.consentement
    if consentement is None or not consentement.complet:
        raise ConsentementManquant
    if acteur.id is None or acteur.partenaire_id is None:
        raise PermissionRefusee
    assure = depot.assure
    caisse = await _caisse_destinataire(session, acteur, type_, depot)
    personne = cle_personne(assure.nom, assure.prenom, assure.date_naissance)
    ouverte = await queries.deja_ouverte(session, acteur, type_, personne)
    if ouverte and not depot.doublon_confirme:
        raise DemarcheEnCours(reference=ouverte)
    genre, instant = GENRES[type_], now()
    jour, delai = await _jour_et_delai(session, caisse, type_)
    objet = depot.model_dump(mode="json", include=set(genre.champs))
    demande = Demande(
        id=new_id(),
        reference=nouvelle_reference(type_, jour),
        type=type_,
        statut=Statut.DEPOSEE,
        theme=genre.theme(objet),
        caisse=caisse,
        partenaire_id=acteur.partenaire_id,
        auteur_id=acteur.id,
        assure_civilite=assure.civilite,
        assure_nom=assure.nom,
        assure_prenom=assure.prenom,
        assure_date_naissance=assure.date_naissance,
        assure_departement=assure.departement_residence,
        assure_mots=mots(assure.nom, assure.prenom),
        assure_sons=sorted(sons(assure.nom) | sons(assure.prenom)),
        personne_cle=personne,
        consentement_date=consentement.date,
        consentement_modalite=consentement.modalite,
        commentaire=depot.commentaire,
        deposee_le=instant,
        modifiee_le=instant,
        echeance=delai.echeance,
    )
    session.add(demande)
    await session.flush()
    session.add(genre.table(demande_id=demande.id, **objet))
    return demande, await conclure(session, acteur, demande, "demande.deposee", depot)


async def _caisse_destinataire(
    session: AsyncSession, acteur: Acteur, type_: Type, depot: DemandeDepot
) -> str:
    """Art. 1.2: the caisse named, else the caisse de rattachement; its convention and function are checked."""
    caisse = depot.caisse
    if caisse is None:
        rattachements = await referentiel.rattachements(session)
        du_departement = caisses_du_departement(depot.assure.departement_residence, rattachements)
        joignables = [code for code in du_departement if code in acteur.ouvertes]
        if len(joignables) > 1:
            raise Validation.du_champ(
                "/caisse", "ep_caisse_ambigue", "Plusieurs caisses servent ce département."
            )
        caisse = next(iter(joignables or du_departement), None)
    if caisse is None or caisse not in acteur.ouvertes:
        raise CaisseNonConventionnee(caisses=sorted(acteur.ouvertes))
    exiger_fonctionnalite(acteur, type_.fonctionnalite, caisse)
    return caisse


async def _jour_et_delai(session: AsyncSession, caisse: str, type_: Type) -> tuple[date, Delai]:
    """Return the day it is at a caisse, and by when it aims to have answered."""
    ligne = await referentiel.caisse(session, caisse)
    if ligne is None:
        raise Introuvable
    jour = today(ligne.fuseau)
    jours = await referentiel.delai(session, caisse, type_.fonctionnalite)
    return jour, regles.echeance_au_depot(jour, jours, ligne.departement)
