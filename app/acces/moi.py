"""`GET /v1/moi`: what the guard would answer, told before it is asked."""

from sqlalchemy.ext.asyncio import AsyncSession

from app.acces.regles import Situation, permissions
from app.acces.schemas import CaisseOuverte, EtatCgu, EtatMotDePasse, MoiLu, PartenaireDuCompte
from app.comptes import queries as comptes
from app.comptes.lecture import compte_lu
from app.comptes.regles import cgu_a_accepter
from app.droits import Acteur
from app.referentiel import queries as referentiel


async def lire(session: AsyncSession, acteur: Acteur, situation: Situation) -> MoiLu:
    compte = await comptes.compte(session, acteur.id) if acteur.id and situation.personne else None
    row = (
        await referentiel.partenaire(session, acteur, acteur.partenaire_id) if acteur.partenaire_id else None
    )
    caisses = await session.scalars(referentiel.caisses(acteur.ouvertes))
    a_accepter = cgu_a_accepter(situation.cgu_acceptee, situation.cgu_en_vigueur)
    return MoiLu(
        compte=compte_lu(compte) if compte else None,
        role=situation.role,
        partenaire=PartenaireDuCompte(id=row[0].id, raison_sociale=row[0].raison_sociale) if row else None,
        caisses=[
            CaisseOuverte(code=c.code, nom=c.nom, fonctionnalites=sorted(acteur.ouvertes[c.code]))
            for c in caisses
        ],
        cgu=EtatCgu(
            a_accepter=situation.personne and a_accepter,
            version=situation.cgu_en_vigueur,
        ),
        mot_de_passe=EtatMotDePasse(expire_le=situation.mot_de_passe_expire_le),
        permissions=permissions(situation),
    )
