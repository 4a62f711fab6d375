"""What the tests are written with: a signed-in client, a look into the database, invented structures."""

import itertools
import uuid
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, Self

import sqlalchemy as sa
from starlette.testclient import TestClient
from stdnum import luhn

from app.kit.ids import new_id
from app.kit.location import owner_url
from app.kit.passwords import CONTEXT

MOT_DE_PASSE = "lanterne-mirabelle-tandem-3"
EMPREINTE = CONTEXT.hash(MOT_DE_PASSE)
_rangs = itertools.count(1)


class Base:
    """The database as its owner sees it: for what a test must set up or check from outside the API."""

    def __init__(self) -> None:
        self.engine = sa.create_engine(sa.make_url(owner_url()).set(drivername="postgresql+psycopg"))

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.engine.dispose()

    def lignes(self, sql: str, **valeurs: Any) -> list[Any]:
        with self.engine.connect() as connection:
            return list(connection.execute(sa.text(sql), valeurs))

    def valeur(self, sql: str, **valeurs: Any) -> Any:
        return self.lignes(sql, **valeurs)[0][0]

    def ecrire(self, sql: str, **valeurs: Any) -> None:
        with self.engine.begin() as connection:
            connection.execute(sa.text(sql), valeurs)


def empreinte(base: Base) -> dict[str, str]:
    """Return one hash a table: what the whole database holds."""
    tables = base.lignes("SELECT tablename FROM pg_tables WHERE schemaname = 'public' ORDER BY 1")
    return {
        table: base.valeur(f'SELECT md5(string_agg(t::text, chr(10) ORDER BY t::text)) FROM "{table}" t')
        for (table,) in tables
    }


@dataclass
class Client:
    """A caller: its token goes with each call."""

    api: TestClient
    jeton: str
    rafraichissement: str | None = None

    @classmethod
    def connecte(cls, api: TestClient, identifiant: str, mot_de_passe: str | None = None) -> Self:
        reponse = connexion(api, identifiant, mot_de_passe or MOT_DE_PASSE)
        assert reponse.status_code == 200, reponse.text
        corps = reponse.json()
        return cls(api, corps["access_token"], corps["refresh_token"])

    def appel(self, methode: str, chemin: str, *, entetes: dict[str, str] | None = None, **reste: Any) -> Any:
        entetes = {"Authorization": f"Bearer {self.jeton}"} | (entetes or {})
        return self.api.request(methode, chemin, headers=entetes, **reste)

    def get(self, chemin: str, **params: Any) -> Any:
        return self.appel("GET", chemin, params=params)

    def post(self, chemin: str, corps: Any = None, **entetes: str) -> Any:
        return self.appel(
            "POST", chemin, json=corps, entetes={k.replace("_", "-"): v for k, v in entetes.items()}
        )

    def patch(self, chemin: str, corps: Any, **entetes: str) -> Any:
        return self.appel(
            "PATCH", chemin, json=corps, entetes={k.replace("_", "-"): v for k, v in entetes.items()}
        )

    def put(self, chemin: str, corps: Any, **entetes: str) -> Any:
        return self.appel(
            "PUT", chemin, json=corps, entetes={k.replace("_", "-"): v for k, v in entetes.items()}
        )

    def deposer(self, **changements: Any) -> dict[str, Any]:
        """File a signalement that must pass, and return it."""
        reponse = self.post("/v1/signalements", un_signalement(**changements))
        assert reponse.status_code == 201, reponse.text
        corps: dict[str, Any] = reponse.json()
        return corps


def connexion(api: TestClient, identifiant: str, mot_de_passe: str) -> Any:
    demande = {"grant_type": "password", "username": identifiant, "password": mot_de_passe}
    return api.post("/v1/oauth/token", data=demande)


def un_signalement(**changements: Any) -> dict[str, Any]:
    """Return the body of a signalement for a person nobody knows yet; `changements` replace its fields."""
    rang = next(_rangs)
    corps: dict[str, Any] = {
        "assure": {
            "civilite": "mme",
            "nom": f"Testard {_lettres(rang)}",
            "prenom": "Ginette",
            "date_naissance": "1951-05-17",
            "departement_residence": "61",
        },
        "consentement": {"recueilli": True, "date": "2026-01-15", "modalite": "oral"},
        "difficultes": ["rupture_de_droits"],
    }
    return {cle: valeur for cle, valeur in (corps | changements).items() if valeur is not ...}


def _lettres(rang: int) -> str:
    """Return a number in letters: names hold no digit."""
    return "".join(chr(97 + int(chiffre)) for chiffre in f"{rang:04d}")


def avec(corps: Any, nom: str, valeur: str) -> Any:
    """Return a body with one more field: in the first of its items when it is a list."""
    return [corps[0] | {nom: valeur}, *corps[1:]] if isinstance(corps, list) else corps | {nom: valeur}


def un_siret() -> str:
    siren = f"{uuid.uuid4().int % 10**8:08d}"
    siren += luhn.calc_check_digit(siren)
    return siren + "0001" + luhn.calc_check_digit(siren + "0001")


@dataclass
class Structure:
    id: str
    techniciens: list[str]
    gestionnaires: list[str]
    convention_id: str | None


class Fabrique:
    """Makes structures and accounts of their own for a test; the demo's stay as they are."""

    def __init__(self, base: Base, client_de: Callable[[str], Client]) -> None:
        self.base, self.client_de = base, client_de

    def structure(
        self, *, caisse: str = "611", techniciens: int = 1, gestionnaires: int = 0, **changements: Any
    ) -> Structure:
        """Create a partenaire with a convention in force at one caisse (`caisse=None`: none), and its accounts."""
        agent = self.client_de({"611": "a-orne", "141": "a-calvados"}[caisse])
        corps = {
            "raison_sociale": "Structure d'essai",
            "siret": un_siret(),
            "type": "association",
            "effectif": 30,
            "domaines_email": ["essai.example"],
            "departement": "61",
        }
        partenaire = agent.post("/v1/partenaires", corps | changements).json()
        convention = self.convention(partenaire["id"], caisse)
        return Structure(
            partenaire["id"],
            [self.compte("technicien", partenaire_id=partenaire["id"]) for _ in range(techniciens)],
            [self.compte("gestionnaire", partenaire_id=partenaire["id"]) for _ in range(gestionnaires)],
            convention["id"],
        )

    def convention(self, partenaire_id: str, caisse: str, **changements: Any) -> dict[str, Any]:
        agent = self.client_de({"611": "a-orne", "141": "a-calvados"}[caisse])
        corps = {
            "partenaire_id": partenaire_id,
            "metier": {"reference": "METIER", "signee_le": "2026-01-10"},
            "signee_partenaire_le": "2026-01-12",
            "signee_caisse_le": "2026-01-20",
        }
        reponse = agent.post("/v1/conventions", corps | changements)
        assert reponse.status_code == 201, reponse.text
        convention: dict[str, Any] = reponse.json()
        return convention

    def compte(self, role: str, *, cgu: bool = True, **colonnes: Any) -> str:
        """Insert an active account with the known password, and return its identifiant."""
        identifiant = f"{role[0]}-{uuid.uuid4().hex[:12]}"
        valeurs = {
            "id": new_id(),
            "version": 1,
            "identifiant": identifiant,
            "role": role,
            "statut": "actif",
            "civilite": "mme",
            "nom": "Essai",
            "prenom": "Camille",
            "fonction": "Essai",
            "telephone": "+33261910000",
            "email": f"{identifiant}@essai.example",
            "mot_de_passe": EMPREINTE,
            "exclu": False,
        } | colonnes
        if cgu:
            valeurs["cgu_version"] = self.base.valeur(
                "SELECT version FROM versions_cgu ORDER BY publiee_le DESC LIMIT 1"
            )
        noms = ", ".join(valeurs)
        marques = ", ".join(f":{nom}" for nom in valeurs)
        self.base.ecrire(
            f"INSERT INTO comptes ({noms}, cree_le, active_le, mot_de_passe_change_le)"
            f" VALUES ({marques}, now(), now(), now())",
            **valeurs,
        )
        return identifiant
