"""Caisses, structures with their conventions, accounts and applications, by the real services."""

from dataclasses import dataclass
from datetime import timedelta
from uuid import UUID

from sqlalchemy.ext.asyncio import AsyncSession

from app.acces.tables import Application
from app.comptes.regles import Civilite, Etat
from app.comptes.tables import Compte
from app.config import settings
from app.conventions import service as conventions
from app.conventions.schemas import ConventionCreation, Metier
from app.demo.personnages import CAISSES, COMPTES, STRUCTURES
from app.droits import SYSTEME, Acteur, Fonctionnalite, Portee, Role
from app.kit import clock
from app.kit.clock import now
from app.kit.ids import new_id
from app.kit.passwords import fingerprint, hash_password, new_secret
from app.referentiel import service as referentiel
from app.referentiel.schemas import CaisseCreation, PartenaireCreation

TOUTES = frozenset(Fonctionnalite)


@dataclass(frozen=True, slots=True)
class CompteDemo:
    role: str
    identifiant: str
    mot_de_passe: str
    partenaire_id: str | None
    caisse: str | None


@dataclass(frozen=True, slots=True)
class ApplicationDemo:
    client_id: str
    client_secret: str | None
    caisse: str | None


async def creer_caisses(session: AsyncSession) -> None:
    for code, nom, departement, email in CAISSES:
        depot = CaisseCreation(
            code=code, nom=nom, departement=departement, departements=[departement], email_file=email
        )
        await referentiel.creer_caisse(session, SYSTEME, depot)


async def creer_structures(session: AsyncSession) -> dict[str, UUID]:
    ids: dict[str, UUID] = {}
    for cle, nom, siret, type_, effectif, habilite, caisses in STRUCTURES:
        depot = PartenaireCreation(
            raison_sociale=nom,
            siret=siret,
            type=type_,
            effectif=effectif,
            domaines_email=[f"{cle}.example"],
            organisme_habilite=habilite,
            departement="61",
        )
        partenaire = await referentiel.creer_partenaire(session, _agent(caisses[0]), depot)
        ids[cle] = partenaire.id
        for caisse in caisses:
            signature = clock.today() - timedelta(days=120)
            convention = ConventionCreation(
                partenaire_id=partenaire.id,
                metier=Metier(reference=f"METIER-{cle.upper()}-{caisse}", signee_le=signature),
                signee_partenaire_le=signature,
                signee_caisse_le=signature + timedelta(days=8),
            )
            await conventions.creer(session, _agent(caisse), convention)
    return ids


def _agent(caisse: str) -> Acteur:
    return Acteur(None, Role.AGENT_CAISSE, caisse=caisse, ouvertes={caisse: TOUTES}, humain=False)


async def creer_comptes(
    session: AsyncSession, partenaires: dict[str, UUID], cgu: str | None
) -> list[CompteDemo]:
    demos = []
    gestionnaires: dict[str, UUID] = {}
    for identifiant, mot_de_passe, role, place, civilite, prenom, nom in COMPTES:
        partenaire_id, caisse = partenaires.get(place), place if place.isdigit() else None
        domaine = f"{place}.example" if partenaire_id else "assurance-maladie.example"
        compte = Compte(
            identifiant=identifiant,
            role=role,
            partenaire_id=partenaire_id,
            caisse=caisse,
            statut=Etat.ACTIF,
            civilite=Civilite(civilite),
            nom=nom,
            prenom=prenom,
            fonction="Compte de démonstration",
            telephone="+33261910000",
            email=f"{identifiant}@{domaine}",
            mot_de_passe=await hash_password(mot_de_passe),
            mot_de_passe_change_le=now(),
            cree_le=now(),
            active_le=now(),
            gestionnaire_id=gestionnaires.get(place) if role is Role.TECHNICIEN else None,
            cgu_version=cgu,
            cgu_acceptee_le=now() if cgu else None,
        )
        session.add(compte)
        await session.flush()
        if role is Role.GESTIONNAIRE:
            gestionnaires.setdefault(place, compte.id)
        demos.append(
            CompteDemo(
                role.value, identifiant, mot_de_passe, str(partenaire_id) if partenaire_id else None, caisse
            )
        )
    return demos


async def creer_application(session: AsyncSession, caisse: str | None) -> ApplicationDemo:
    """Register a back office for a caisse, or, without one, the public application of the code flow."""
    secret = new_secret() if caisse else None
    client_id = f"back-office-{caisse}" if caisse else "logiciel-social"
    session.add(
        Application(
            id=new_id(),
            client_id=client_id,
            client_name=f"Back-office de la caisse {caisse}"
            if caisse
            else "Logiciel social de démonstration",
            secret=fingerprint(secret) if secret else None,
            secret_expire_le=clock.today() + timedelta(days=settings().secret_days) if secret else None,
            token_endpoint_auth_method="client_secret_basic" if secret else "none",  # a method's name
            grant_types=["client_credentials"] if caisse else ["authorization_code", "refresh_token"],
            redirect_uris=[] if caisse else ["http://127.0.0.1/retour"],
            scope=[portee.value for portee in Portee],
            caisse=caisse,
            cree_le=now(),
        )
    )
    await session.flush()
    return ApplicationDemo(client_id, secret, caisse)
