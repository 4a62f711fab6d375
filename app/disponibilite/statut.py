"""Art. 3.2: the state of the service, for anybody: what works, what is announced, and which way replaces it."""

from app.disponibilite.observation import OBSERVATEUR
from app.disponibilite.regles import EtatComposant, statut_du_service
from app.disponibilite.schemas import AutreVoie, Composant, Composants, ReferentPublic, StatutLu
from app.kit.clock import now
from app.kit.outage import MEMORY


async def lire() -> StatutLu:
    """Return the last look, taken again when it is old: never longer than the observation's patience."""
    vue, instant = await OBSERVATEUR.a_jour(), now()
    autour = vue.entourage
    composants = Composants(
        api=Composant(etat=EtatComposant.DISPONIBLE, verifie_le=instant),
        base=vue.base,
        travaux=vue.travaux,
        courriels=autour.courriels,
        antivirus=autour.antivirus,
        stockage=autour.stockage,
    )
    return StatutLu(
        statut=statut_du_service(
            vue.base.etat,
            (vue.travaux.etat, autour.courriels.etat, autour.antivirus.etat, autour.stockage.etat),
            en_maintenance=MEMORY.end_of_maintenance(instant) is not None,
        ),
        verifie_le=vue.verifie_le or instant,
        composants=composants,
        maintenances=[fenetre for fenetre in vue.fenetres if fenetre.fin > instant],
        autres_voies=autres_voies(),
        documentation="/v1/documentation",
    )


def autres_voies() -> list[AutreVoie]:
    """Art. 3.2: what each caisse offers by another channel, and by whom: names and functions alone."""
    return [
        AutreVoie(
            caisse=code,
            fonctionnalites=list(voie.functions),
            referents=[
                ReferentPublic(nom=p["nom"], prenom=p["prenom"], fonction=p["fonction"]) for p in voie.people
            ],
        )
        for code, voie in MEMORY.channels.items()
    ]
