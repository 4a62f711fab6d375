"""The demo: invented people, real services; a few dozen requests in every state."""

from collections.abc import Callable
from dataclasses import asdict, dataclass
from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import UUID

from sqlalchemy import func, select
from sqlalchemy.ext.asyncio import AsyncSession

from app.acces.tables import Application
from app.comptes import queries as comptes_queries
from app.comptes.regles import Civilite, Etat
from app.comptes.tables import Compte
from app.config import settings
from app.conventions import service as conventions
from app.conventions.schemas import ConventionCreation, Metier
from app.demandes import depots
from app.demandes import service as demandes
from app.demandes.consentement import retirer_consentement
from app.demandes.regles import Geste, Issue, Type
from app.demandes.signalements import SignalementDepot
from app.demandes.tables import Demande
from app.droits import SYSTEME, Acteur, Fonctionnalite, Portee, Role
from app.kit import clock
from app.kit.clock import now
from app.kit.ids import new_id
from app.kit.passwords import fingerprint, hash_password, new_secret
from app.kit.session import database
from app.referentiel import service as referentiel
from app.referentiel.schemas import CaisseCreation, PartenaireCreation
from app.referentiel.tables import Caisse

TOUTES = frozenset(Fonctionnalite)


class DejaRemplie(Exception):  # noqa: N818
    """The database is not empty."""


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


CAISSES = (
    ("611", "CPAM de l'Orne", "61", "file@cpam-orne.example"),
    ("141", "CPAM du Calvados", "14", "file@cpam-calvados.example"),
)
# key, name, SIRET, kind, members, habilitated or not, caisses
STRUCTURES = (
    ("cias", "CIAS du Pays de l'Aigle", "26610025400017", "cias", 12, False, ("611", "141")),
    ("asso", "Association Le Relais du Bocage", "48201573200019", "association", 6, False, ("611",)),
    ("tutelle", "Service tutélaire des Trois Vallées", "39176205100012", "tutelle", 30, True, ("611",)),
)
# identifiant, password, role, place, civility, first name, name
COMPTES = (
    ("n-operateur", "verger-lanterne-marais-7", Role.ADMINISTRATEUR, "", "mme", "Odile", "Garnier"),
    ("a-orne", "galet-hirondelle-tempo-4", Role.AGENT_CAISSE, "611", "mme", "Agnès", "Lemoine"),
    ("a-orne-2", "moulin-cerfeuil-nuage-8", Role.AGENT_CAISSE, "611", "m", "Bruno", "Tessier"),
    ("a-calvados", "falaise-ocarina-menthe-3", Role.AGENT_CAISSE, "141", "m", "Yann", "Prigent"),
    ("g-cias", "tilleul-boussole-craie-5", Role.GESTIONNAIRE, "cias", "mme", "Hélène", "Vasseur"),
    ("g-cias-2", "ruisseau-carillon-figue-6", Role.GESTIONNAIRE, "cias", "m", "Paul", "Astier"),
    ("t-cias", "noisette-phare-aubepine-9", Role.TECHNICIEN, "cias", "mme", "Claire", "Martel"),
    ("t-cias-2", "grenier-libellule-sable-2", Role.TECHNICIEN, "cias", "m", "Karim", "Haddad"),
    ("t-cias-3", "sentier-mandoline-givre-8", Role.TECHNICIEN, "cias", "mme", "Lise", "Perrot"),
    ("g-asso", "orage-clavecin-lavande-4", Role.GESTIONNAIRE, "asso", "m", "Denis", "Rocher"),
    ("t-asso", "chataigne-radeau-brume-7", Role.TECHNICIEN, "asso", "mme", "Sonia", "Delaunay"),
    ("g-tutelle", "colline-tambour-fougere-5", Role.GESTIONNAIRE, "tutelle", "mme", "Irène", "Pasquier"),
    ("t-tutelle", "etang-pivoine-horizon-6", Role.TECHNICIEN, "tutelle", "m", "Hugo", "Marchal"),
)
NOMS = (
    "Lefèvre",
    "Aubry",
    "Benali",
    "Carpentier",
    "Diallo",
    "Évrard",
    "Fontaine",
    "Gauthier",
    "Huet",
    "Ivanov",
)
PRENOMS = [
    "Jeanne",
    "André",
    "Nadia",
    "Marcel",
    "Aïssatou",
    "René",
    "Lucie",
    "Boris",
    "Monique",
    "Farid",
    "Colette",
    "Samir",
    "Odette",
    "Yves",
    "Rosa",
]
COMMENTAIRES = (
    "Courriers sans réponse depuis septembre, la personne est suivie chaque semaine au guichet.",
    "Changement d'adresse en octobre, le dossier semble resté à l'ancienne caisse.",
    "Démarche en ligne bloquée, pas d'adresse électronique ; nous joindre au secrétariat.",
    "Fin de la complémentaire le mois prochain, dossier de renouvellement envoyé le 3.",
    None,
)
DIFFICULTES = (
    "rupture_de_droits",
    "numerique",
    "renouvellement_c2s",
    "ouverture_de_droits",
    "situation_sociale_complexe",
)
DEMANDES, JOURS = 40, 30
Avance = Callable[[int, int], None]


async def charger(avance: Avance) -> dict[str, list[dict[str, Any]]]:
    """Fill an empty database. Raises DejaRemplie."""
    async with database().transaction() as session:
        if await session.scalar(select(func.count()).select_from(Caisse)):
            raise DejaRemplie
        cgu = await comptes_queries.cgu_en_vigueur(session)
        await _caisses(session)
        partenaires = await _structures(session)
        comptes = await _comptes(session, partenaires, cgu.version if cgu else None)
        applications = [await _application(session, code) for code, *_ in CAISSES]
        applications.append(await _application(session, None))
    await _demandes(partenaires, avance)
    return {"comptes": [asdict(c) for c in comptes], "applications": [asdict(a) for a in applications]}


async def _caisses(session: AsyncSession) -> None:
    for code, nom, departement, email in CAISSES:
        depot = CaisseCreation(
            code=code, nom=nom, departement=departement, departements=[departement], email_file=email
        )
        await referentiel.creer_caisse(session, SYSTEME, depot)


async def _structures(session: AsyncSession) -> dict[str, UUID]:
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


async def _comptes(session: AsyncSession, partenaires: dict[str, UUID], cgu: str | None) -> list[CompteDemo]:
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


async def _application(session: AsyncSession, caisse: str | None) -> ApplicationDemo:
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


async def _demandes(partenaires: dict[str, UUID], avance: Avance) -> None:
    """File requests over the last weeks and bring each to one of the states, one transaction a gesture."""
    debut = datetime.now(UTC) - timedelta(days=JOURS)
    for rang in range(DEMANDES):
        instant = debut + timedelta(hours=rang * JOURS * 24 // DEMANDES)
        cle = ("cias", "cias", "asso", "tutelle")[rang % 4]
        await _une_demande(rang, cle, partenaires[cle], instant)
        avance(rang + 1, DEMANDES)


async def _une_demande(rang: int, cle: str, partenaire_id: UUID, instant: datetime) -> None:
    caisse = "141" if cle == "cias" and rang % 8 == 0 else "611"
    async with database().transaction() as session:
        technicien = await _acteur(session, f"t-{cle}", partenaire_id, caisse)
        agent = await _acteur(session, "a-calvados" if caisse == "141" else "a-orne", None, caisse)
        depot = SignalementDepot.model_validate(_corps(rang, caisse, instant))
        with clock.pretend(instant):
            demande, _ = await depots.deposer(session, technicien, Type.SIGNALEMENT, depot)
    suite = _suite(rang)
    for numero, (geste, cote) in enumerate(suite, start=1):
        async with database().transaction() as session:
            acteur = agent if cote == "agent" else technicien
            with clock.pretend(min(instant + timedelta(hours=20 * numero), datetime.now(UTC))):
                await _geste(session, acteur, demande, geste, rang)


async def _acteur(session: AsyncSession, identifiant: str, partenaire_id: UUID | None, caisse: str) -> Acteur:
    compte = await comptes_queries.par_identifiant(session, identifiant)
    if compte is None:
        raise LookupError(identifiant)
    return Acteur(compte.id, compte.role, partenaire_id, compte.caisse, {caisse: TOUTES})


def _corps(rang: int, caisse: str, instant: datetime) -> dict[str, Any]:
    return {
        "caisse": caisse,
        "assure": {
            "civilite": "m" if rang % 2 else "mme",
            "nom": NOMS[rang % len(NOMS)],
            "prenom": PRENOMS[(rang * 7) % len(PRENOMS)],
            "date_naissance": f"{1938 + rang * 3 % 66}-{1 + rang % 12:02d}-{1 + rang * 5 % 28:02d}",
            "departement_residence": "14" if caisse == "141" else "61",
        },
        "consentement": {
            "recueilli": True,
            "date": (instant - timedelta(days=1)).date().isoformat(),
            "modalite": ("oral", "ecrit", "representant_legal")[rang % 3],
        },
        "difficultes": [DIFFICULTES[rang % len(DIFFICULTES)]],
        "orientation_souhaitee": "service_social" if rang % 5 == 4 else None,  # noqa: PLR2004
        "commentaire": COMMENTAIRES[rang % len(COMMENTAIRES)],
    }


def _suite(rang: int) -> list[tuple[Geste, str]]:
    """Return the gestures that bring a request to the state that its rank gives it."""
    prise, complement = (Geste.PRISE_EN_CHARGE, "agent"), (Geste.DEMANDE_COMPLEMENT, "agent")
    reponse, cloture = (Geste.MESSAGES, "technicien"), (Geste.CLOTURE, "agent")
    suites: tuple[list[tuple[Geste, str]], ...] = (
        [],
        [prise],
        [prise, complement],
        [prise, complement, reponse],
        [prise, complement, reponse, cloture],
        [prise, cloture],
        [(Geste.ANNULATION, "technicien")],
        [prise, (Geste.RETRAIT_CONSENTEMENT, "technicien")],
    )
    return suites[rang * 3 % len(suites)]


async def _geste(session: AsyncSession, acteur: Acteur, demande: Demande, geste: Geste, rang: int) -> None:
    issue = list(Issue)[rang % len(Issue)]
    effets = {
        Geste.PRISE_EN_CHARGE: demandes.prendre(acteur),
        Geste.DEMANDE_COMPLEMENT: demandes.ecrire(
            session, acteur, "Merci d'envoyer l'avis d'imposition 2025."
        ),
        Geste.MESSAGES: demandes.ecrire(session, acteur, "L'avis est parti par courrier ce matin."),
        Geste.CLOTURE: demandes.clore(session, acteur, issue, "Le dossier est réglé, un courrier suit."),
        Geste.ANNULATION: demandes.annuler("La personne a fait la démarche elle-même."),
        Geste.RETRAIT_CONSENTEMENT: retirer_consentement(session, acteur, clock.today()),
    }
    await demandes.faire(session, acteur, demande.id, geste, None, effets[geste])
