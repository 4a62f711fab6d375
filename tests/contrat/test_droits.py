"""The rights, written a second time from the convention, and compared cell by cell."""

import pytest
from fastapi.routing import APIRoute

from app.acces.regles import lit
from app.disponibilite.routes import sante_router
from app.droits import DROITS, Action, Role
from tests.contrat.outils import actions, contrat, operations, routes

ROUTES = list(routes())
SANS_ACTION = {"autoriser", "obtenir_jeton", "revoquer_jeton", "examiner_jeton"}  # nobody is signed in yet
A_VENIR: set[Action] = set()

# T technicien, G gestionnaire, A agent de caisse, N administrateur.
MATRICE = """
                                  T G A N
    moi.lire                      x x x x   2.1-1   one's own account
    cgu.lire                      x x x x   2.1-2
    cgu.accepter                  x x x x   2.1-2
    cgu.publier                   - - - x   2.1-2   the national operator publishes a version
    mot_de_passe.changer          x x x x   2.2.1-4
    mot_de_passe.oublier          x x x x   2.2.1-4 without a token: nobody is known
    mot_de_passe.reinitialiser    x x x x   2.2.1-4 without a token: the link authorises
    compte.activer                x x x x   2.2.1-3 without a token: the link authorises
    mot_de_passe.oublier          x x x x   2.2.1-3 without a token, as the two below
    mot_de_passe.reinitialiser    x x x x   2.2.1-3
    compte.activer                x x x x   2.2.1-3
    nomenclature.lire             x x x x           everybody signed in
    caisse.lire                   x x x x           everybody signed in reads their own
    caisse.creer                  - - - x           the administrateur creates
    caisse.modifier               - - x -           the agent changes its own
    garde.regler                  - - x -   5-3     the caisse, for the texts of its requests
    fonctionnalite.regler         - - x -   1.2-8   the caisse, nobody for it
    partenaire.lire               x x x -           the structure reads itself
    partenaire.creer              - - x -
    partenaire.modifier           - - x -
    convention.lire               - x x -   8.1     both parties, by those who stand for them
    convention.creer              - - x -   8.1
    convention.signer             - - x -   8.2-2   the agent records the acts of either party
    convention.suspendre          - - x -   4.1-5   the caisse cuts the access of the structure
    referent_caisse.lire          x x x x   3.3-1   a partenaire reads those of its caisses
    referent_caisse.nommer        - - x -   3.3-1   each caisse names its own
    referent_partenaire.lire      x x x -   D-1     each side reads the other's
    referent_partenaire.nommer    - x - -   D-1     the gestionnaire, for its structure
    avis.lire                     x x x -   7-2
    avis.publier                  - - x -   7-2     a caisse informs its partenaires
    dysfonctionnement.signaler    x x x -   3.3-2   a caisse reports its own to the national support
    dysfonctionnement.lire        x x x x   3.3-2   N what was passed on
    dysfonctionnement.repondre    - - x x   3.3-2   the caisse, then the national support
    dysfonctionnement.completer   x x - -   3.3-2
    dysfonctionnement.transmettre - - x -   3.3-2
    dysfonctionnement.clore       x x x x   3.3-2
    documentation.lire            x x x x   3.2-4   without a token: who cannot sign in reads too
    documentation.publier         - - - x   3.2-4
    statut.lire                   x x x x   3.2-3   without a token: when nothing else answers
    maintenance.lire              - - - x   3.2-2
    maintenance.annoncer          - - - x   3.2-2   the national operator
    maintenance.annuler           - - - x   3.2-2
    convention.amender            - - x -   8.3-1   a gestionnaire records no act on a convention
    convention.denoncer           - - x -   8.1-1
    convention.mettre_en_demeure  - - x -   8.2-2   the notice, and its repair
    convention.resilier           - - x -   8.2-2
    agent.lire                    - - x x   1.1-3   to assign a request
    agent.creer                   - - - x
    agent.inactiver               - - - x   4.1-3
    technicien.lire               - x x -           G its own structure, A its partenaires
    technicien.creer              - x - -   2.2-3   by the gestionnaires of the structure, only
    technicien.modifier           - x - -
    technicien.inactiver          - x - -   2.2.3-7
    technicien.reactiver          - x - -
    gestionnaire.lire             - x x -
    gestionnaire.modifier         - - x -   2.2.2-1 by the caisse only
    gestionnaire.inactiver        - - x -   2.2.3-5
    compte.exclure                - - x -   4.1-4
    habilitation.demander         - x x -   2.2-3   A in the name of the partenaire
    habilitation.lire             - x x -   2.2.1-1
    habilitation.decider          - - x -   2.2.1-1
    incident.declarer             x x x -   4.1-2   a technicien for one's own account
    incident.lire                 x x x -
    revue.ouvrir                  - - x -   4.2-1   the caisse opens
    revue.lire                    - x x -   4.2-1
    revue.decider                 - x - -   4.2-1   the gestionnaire confirms or ends
    revue.clore                   - x x -   4.2-1   either closes
    tableau.lire                  - x x -   4.2-2
    application.lire              - - x x   4.1-1   A those of its caisse
    application.creer             - - - x   4.1-1   the national operator registers software
    application.modifier          - - - x   4.1-1
    application.terminer          - - - x   4.1-1
    autorisation.lire             - x - -   4.1-1   what acts for the structure
    autorisation.finir            - x - -   4.1-1
    consentement.lire             x x x x   4.1-1   one's own
    consentement.retirer          x x x x   4.1-1
    signalement.deposer           x - - -   1.1-1   a gestionnaire makes no request
    etude_dossier.soumettre       x - - -   1.2-2
    rendez_vous.demander          x - - -   1.2-4
    document.demander             x - - -   1.2-5
    contact.ecrire                x - - -   1.2-1
    rendez_vous.proposer          - - x -   1.2-4   the caisse offers slots
    rendez_vous.confirmer         x - - -   1.2-4   the partenaire chooses one
    rendez_vous.refuser           x - - -   1.2-4
    rendez_vous.annuler           x - x -   1.2-4   either side calls it off
    rendez_vous.constater         - - x -   1.2-4   whether the person came
    document.envoyer              - - x -   1.2-6   the caisse says when it went by post
    demande.consulter             x - x -   1.2-7
    piece.deposer                 x - x -   1.3-1, 3.1-1 T to the caisse, A to an organisme habilité
    piece.lire                    x - x -   1.3-3   the people entitled to the request
    piece.telecharger             x - x -   1.3-3
    demande.prendre_en_charge     - - x -   1.1-3
    demande.affecter              - - x -   1.1-3
    demande.demander_complement   - - x -
    demande.ecrire                x - x -
    demande.cloturer              - - x -   1.1-4
    demande.annuler               x - - -
    demande.retirer_consentement  x - x -   5       either side learns of it
    evenement.lire                x x x x   7-2     what bears on each one's own side
    statistiques.lire             x x x x   D-2     figures only
    webhook.lire                  - x x -           A for its caisse, G for its structure
    webhook.gerer                 - x x -
    webhook.essayer               - x x -
    journal.lire                  - x x x   9-1     N: acts on caisses and applications, never requests
    texte.revoir                  - - x -   5-3     confirmations are reviewed by the caisse
    assure.rechercher             - - x -   5-5     for an assuré, the caisse exports and erases
    assure.exporter               - - x -   5-5
    assure.effacer                - - x -   5-5
"""
# Cells that the texts leave empty and that we fill: each with its reason.
COLONNES = (Role.TECHNICIEN, Role.GESTIONNAIRE, Role.AGENT_CAISSE, Role.ADMINISTRATEUR)


def matrice() -> dict[str, set[Role]]:
    lignes = [ligne.split() for ligne in MATRICE.strip().splitlines()[1:]]
    return {
        action: {role for role, case in zip(COLONNES, cases, strict=False) if case == "x"}
        for action, *cases in lignes
    }


@pytest.mark.parametrize("role", Role)
@pytest.mark.parametrize("action", Action)
def test_une_case_de_la_table_des_droits_est_celle_de_la_convention(action, role):
    assert (role in DROITS[action].roles) is (role in matrice()[action])


def test_la_matrice_et_la_table_ont_les_memes_actions():
    assert set(matrice()) == set(DROITS) == set(Action)


def test_personne_n_administre_les_demandes():
    """The national operator never reads nor moves a request."""
    assert not [
        a for a, roles in matrice().items() if a.startswith("demande.") and Role.ADMINISTRATEUR in roles
    ]


@pytest.mark.parametrize("route", ROUTES, ids=lambda route: route.name)
def test_une_route_nomme_exactement_une_action(route):
    assert len(actions(route.dependant)) == (route.name not in SANS_ACTION)
    assert route.path.startswith("/v1/")


def test_chaque_action_est_celle_d_une_route():
    nommees = {action for route in ROUTES for action in actions(route.dependant)}
    assert nommees == set(Action)


@pytest.mark.parametrize("route", ROUTES, ids=lambda route: route.name)
def test_une_action_qui_lit_est_une_route_qui_lit(route):
    """An application of a structure, without anybody, does what reads: no route that writes may be named so."""
    if any(lit(action) for action in actions(route.dependant)):
        assert route.methods == {"GET"} or route.path.endswith("/recherche")


def test_une_action_publique_n_est_que_celle_d_un_lien_d_un_oubli_de_l_etat_ou_de_la_documentation():
    publiques = {action for action, droit in DROITS.items() if droit.public}
    assert publiques == {
        Action.MOT_DE_PASSE_OUBLIER,
        Action.MOT_DE_PASSE_REINITIALISER,
        Action.COMPTE_ACTIVER,
        Action.STATUT_LIRE,
        Action.DOCUMENTATION_LIRE,
    }


def test_hors_de_v1_aucune_route_n_agit_pour_quelqu_un():
    for route in sante_router.routes:
        assert isinstance(route, APIRoute)
        assert actions(route.dependant) == []


def test_le_contrat_montre_les_droits_de_chaque_operation():
    par_nom = {operation.nom: operation.corps for operation in operations()}
    for route in ROUTES:
        montre = par_nom[route.name].get("x-droit")
        if route.name in SANS_ACTION:
            assert montre is None
            continue
        (action,) = actions(route.dependant)
        assert montre["action"] == action
        assert set(montre["roles"]) == matrice()[action]
        assert montre["article"]
        assert montre["portee"] == DROITS[action].portee


@pytest.mark.parametrize("route", ROUTES, ids=lambda route: route.name)
def test_une_route_declare_les_refus_de_son_garde(route):
    """What the guard may answer follows from the row of the table."""
    if route.name in SANS_ACTION:
        return
    (action,) = actions(route.dependant)
    droit = DROITS[action]
    if droit.public:
        return
    attendus = {"jeton-invalide"}
    if not droit.avant_cgu and action is not Action.MOT_DE_PASSE_CHANGER:  # permitted before both
        attendus |= {"cgu-a-accepter", "mot-de-passe-expire"}
    if droit.roles != set(Role) or droit.portee:
        attendus |= {"permission-refusee"}
    if droit.fonctionnalite or droit.celle_de_la_demande:
        attendus |= {"caisse-non-conventionnee", "fonctionnalite-inactive"}
    codes = next(operation.codes for operation in operations() if operation.nom == route.name)
    assert attendus - codes == set()


def test_les_portees_du_contrat_sont_celles_des_droits():
    schemes = contrat()["components"]["securitySchemes"]
    flux = [flux for scheme in schemes.values() for flux in scheme.get("flows", {}).items()]
    assert {nom for nom, _ in flux} == {"authorizationCode", "clientCredentials", "password"}
    for _, detail in flux:
        assert set(detail["scopes"]) == {droit.portee.value for droit in DROITS.values() if droit.portee}
