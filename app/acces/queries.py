from collections.abc import Mapping
from datetime import date, datetime
from typing import Any
from uuid import UUID

from sqlalchemy import ColumnElement, Date, ScalarSelect, and_, bindparam, func, not_, or_, select
from sqlalchemy.dialects.postgresql import aggregate_order_by
from sqlalchemy.ext.asyncio import AsyncSession
from sqlalchemy.orm import InstrumentedAttribute, aliased

from app.acces.tables import Application, CleSignature, Famille
from app.comptes.tables import Compte, VersionCgu
from app.conventions.regles import Termes, en_vigueur, structure_close
from app.conventions.tables import Convention, ReglageConvention, changements, en_changements
from app.droits import Fonctionnalite
from app.kit.calendrier import fuseau_du_departement, jour_local
from app.referentiel.regles import fonctionnalites_ouvertes
from app.referentiel.tables import Caisse, ReglageCaisse

_regle = aliased(ReglageConvention)
_jour_de_l_appel = bindparam("jour", type_=Date())


def _departement(caisse: ColumnElement[str] | InstrumentedAttribute[Any]) -> ScalarSelect[str]:
    """Select the seat of a caisse: its days are those of its time zone."""
    return select(Caisse.departement).where(Caisse.code == caisse).scalar_subquery()


# The conventions of a partenaire, with both levels of functions, in one row each.
_conventions = select(
    func.jsonb_agg(
        func.jsonb_build_object(
            "caisse",
            Convention.caisse,
            "departement",
            _departement(Convention.caisse),
            "partenaire_le",
            Convention.signee_partenaire_le,
            "caisse_le",
            Convention.signee_caisse_le,
            "tacite",
            Convention.tacite_reconduction,
            "suspendue",
            Convention.suspendue_le.is_not(None),
            "denoncee_le",
            Convention.denoncee_le,
            "resiliee_le",
            Convention.resiliee_le,
            "changements",
            changements,
            "convention",
            # Of two values of one key, jsonb keeps the last: the latest choice whose day has come.
            select(
                func.jsonb_object_agg(
                    _regle.fonctionnalite,
                    aggregate_order_by(_regle.active, _regle.a_compter_du.asc().nulls_first(), _regle.id),
                )
            )
            .where(
                _regle.convention_id == Convention.id,
                or_(_regle.a_compter_du.is_(None), _regle.a_compter_du <= _jour_de_l_appel),
            )
            .correlate(Convention)
            .scalar_subquery(),
            "defaut",
            select(func.jsonb_object_agg(ReglageCaisse.fonctionnalite, ReglageCaisse.active))
            .where(ReglageCaisse.caisse == Convention.caisse)
            .correlate(Convention)
            .scalar_subquery(),
        )
    )
)
_du_compte, _de_l_application = (
    _conventions.where(Convention.partenaire_id == titulaire.partenaire_id)
    .correlate(titulaire)
    .scalar_subquery()
    for titulaire in (Compte, Application)
)
_cgu = select(VersionCgu.version).order_by(VersionCgu.publiee_le.desc()).limit(1).scalar_subquery()


# What decides of a person's call, however the person is known.
PERSONNE = (
    Compte.id,
    Compte.role,
    Compte.statut,
    Compte.partenaire_id,
    Compte.caisse,
    Compte.cgu_version,
    Compte.mot_de_passe_change_le,
    Compte.fin_prevue_le,
    _cgu.label("cgu_en_vigueur"),
    _du_compte.label("conventions"),
    _departement(Compte.caisse).label("departement"),
)


async def etat_compte(session: AsyncSession, compte_id: UUID, famille_id: UUID, jour: date) -> Any:
    """Read everything that decides of a person's call on a day, in one round trip."""
    result = await session.execute(
        select(
            *PERSONNE,
            and_(
                Famille.epoque == Compte.epoque,
                Famille.revoquee_le.is_(None),
                not_(func.ep_application_terminee(Famille.application_id)),
            ).label("valable"),
            Famille.expire_le,
            func.ep_reseaux_application(Famille.client_id).label("reseaux"),
        )
        .select_from(Compte)
        .join(Famille, (Famille.id == famille_id) & (Famille.compte_id == Compte.id))
        .where(Compte.id == compte_id),
        {"jour": jour},
    )
    return result.one_or_none()


async def etat_application(session: AsyncSession, client_id: str, famille_id: UUID, jour: date) -> Any:
    """Read everything that decides of the call of an application acting for itself."""
    result = await session.execute(
        select(
            Application.id,
            Application.caisse,
            Application.partenaire_id,
            _de_l_application.label("conventions"),
            Application.fin_le,
            Application.reseaux,
            _departement(Application.caisse).label("departement"),
            Famille.revoquee_le,
            Famille.expire_le,
        )
        .join(Famille, (Famille.id == famille_id) & (Famille.application_id == Application.id))
        .where(Application.client_id == client_id),
        {"jour": jour},
    )
    return result.one_or_none()


async def application(session: AsyncSession, client_id: str) -> Application | None:
    return await session.scalar(select(Application).where(Application.client_id == client_id))


async def cles(session: AsyncSession) -> list[CleSignature]:
    rows = await session.scalars(
        select(CleSignature).where(CleSignature.retiree_le.is_(None)).order_by(CleSignature.cree_le)
    )
    return list(rows)


def _jour(texte: str | None) -> date | None:
    return date.fromisoformat(texte) if texte else None


def _choix(brut: Mapping[str, bool] | None) -> dict[Fonctionnalite, bool]:
    """Read a level of functions; null, on a convention, follows the caisse."""
    return {Fonctionnalite(nom): active for nom, active in (brut or {}).items()}


def termes(c: Mapping[str, Any]) -> Termes:
    return Termes(
        _jour(c["partenaire_le"]),
        _jour(c["caisse_le"]),
        c["tacite"],
        c["suspendue"],
        _jour(c["denoncee_le"]),
        _jour(c["resiliee_le"]),
        en_changements(c["changements"]),
    )


def fuseaux(row: Any) -> dict[str, str]:
    """Return the time zone of each caisse of the caller: its own, or those of its structure's conventions."""
    if row.caisse:
        return {row.caisse: fuseau_du_departement(row.departement)}
    return {c["caisse"]: fuseau_du_departement(c["departement"]) for c in row.conventions or []}


def close(conventions: list[dict[str, Any]] | None, maintenant: datetime) -> bool:
    """Art. 2.2.3: have the conventions of the caller's structure all ended, each in the days of its caisse?"""
    jours = [_jour_de_la_caisse(c, maintenant) for c in conventions or []]
    return bool(jours) and structure_close(map(termes, conventions or []), min(jours))


def ouvertures(
    conventions: list[dict[str, Any]] | None, maintenant: datetime
) -> dict[str, frozenset[Fonctionnalite]]:
    """Art. 1.2, 2.2.3: what the conventions in force at an instant leave open, caisse by caisse."""
    resultat: dict[str, frozenset[Fonctionnalite]] = {}
    for c in conventions or []:
        if en_vigueur(termes(c), _jour_de_la_caisse(c, maintenant)):
            resultat[c["caisse"]] = fonctionnalites_ouvertes(_choix(c["defaut"]), _choix(c["convention"]))
    return resultat


def _jour_de_la_caisse(convention: Mapping[str, Any], maintenant: datetime) -> date:
    return jour_local(maintenant, fuseau_du_departement(convention["departement"]))
