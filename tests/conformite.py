"""The conformity report: which test proves which rule. `python -m tests.conformite` writes docs/conformite.md."""

import ast
from collections import defaultdict
from collections.abc import Iterator
from pathlib import Path

TESTS = Path(__file__).parent
FICHIER = TESTS.parent / "docs" / "conformite.md"
A_VENIR = "à venir"
CALCUL = "regles/"  # pure rules: no HTTP, no database
TETE = """# Conformité

Chaque règle de la convention, et les tests qui la prouvent. Une règle est prouvée quand un test la conduit par l'API,
sur PostgreSQL ; un test de `regles/` prouve le calcul seul. Page écrite par `make conformite` depuis les marques
`@pytest.mark.regle`, et comparée à elles par un test.

{prouvees} règles prouvées par l'API sur {total}.
"""

# Identifier: one sentence. The convention is the public act of 23 June 2025 (2025-06-23-043).
REGLES = {
    "D-1": "Les échanges passent par des référents que chaque partie nomme et que l'autre peut lire.",
    "D-2": "Les deux parties suivent le partenariat par des chiffres sans donnée personnelle.",
    "1.1-1": "Un technicien signale une personne accompagnée en difficulté d'accès aux droits ou aux soins.",
    "1.1-2": "Sans consentement recueilli et daté, la demande est refusée et rien n'est enregistré.",
    "1.1-3": "La demande arrive dans la file de la caisse, par type et thème, et s'affecte à un agent.",
    "1.1-4": "Une situation sociale complexe s'oriente vers le service social de la caisse.",
    "1.2-1": "Contact : écrire à la caisse de rattachement de la personne.",
    "1.2-2": "Étude de dossier : soumettre un dossier PUMa, C2S, AME ou autre.",
    "1.2-3": "Signalement : la fonctionnalité qui ouvre les demandes de l'article 1.1.",
    "1.2-4": "Rendez-vous : demander à la caisse de recevoir la personne.",
    "1.2-5": "Document : demander une attestation, un certificat, un formulaire ou une offre de prévention.",
    "1.2-6": "Le document demandé part à l'adresse que la caisse connaît, pas par le portail.",
    "1.2-7": "Historique : lire toutes les demandes de sa structure.",
    "1.2-8": "La caisse ouvre ou ferme chaque fonctionnalité, pour tous ou pour une convention.",
    "1.3-1": "Seul un organisme habilité reçoit des documents par le portail.",
    "1.3-2": "Une pièce sortante est d'une nature de la liste.",
    "1.3-3": "Une pièce n'est lue que par qui a droit à sa demande, et chaque lecture est journalisée.",
    "2.1-1": "On se connecte par un identifiant et un mot de passe personnels.",
    "2.1-2": "Les conditions générales s'acceptent avant tout autre appel, et à chaque nouvelle version.",
    "2.2-1": "Un partenaire a deux profils : gestionnaire et technicien.",
    "2.2-2": "Un gestionnaire qui fait des demandes a deux comptes distincts.",
    "2.2-3": "La caisse habilite les gestionnaires ; eux seuls créent les techniciens de leur structure.",
    "2.2.1-1": "Une demande d'habilitation se traite en cinq jours ouvrés, et ses retards se voient.",
    "2.2.1-2": "Elle porte civilité, nom, prénom, fonction, téléphone et courriel, tous exigés.",
    "2.2.1-3": "Le titulaire choisit son mot de passe par un lien personnel, unique et qui expire.",
    "2.2.1-4": "Les mots de passe suivent des règles publiées et se renouvellent à intervalle régulier.",
    "2.2.1-5": "Le lien du technicien avec sa structure est déclaré : employé, salarié ou bénévole.",
    "2.2.1-6": "L'adresse est professionnelle, d'un domaine de la structure.",
    "2.2.1-7": "Le gestionnaire déclare un équipement professionnel et protégé.",
    "2.2.1-8": "Au plus 2, 3 ou 5 gestionnaires selon la taille de la structure.",
    "2.2.1-9": "Au plus 5, 15 ou 25 techniciens selon la taille de la structure.",
    "2.2.1-10": "Ces plafonds tiennent même sous des créations simultanées.",
    "2.2.2-1": "La caisse seule modifie un gestionnaire, et seulement quatre de ses champs.",
    "2.2.3-1": "La fin de toutes les conventions inactive tous les comptes du partenaire.",
    "2.2.3-2": "La fin avec une seule caisse ne coupe que l'accès à celle-ci.",
    "2.2.3-3": "La fin d'un gestionnaire s'annonce quinze jours à l'avance.",
    "2.2.3-4": "Le dernier gestionnaire ne part qu'après l'habilitation d'un successeur.",
    "2.2.3-5": "La caisse inactive le gestionnaire dès qu'elle en est informée.",
    "2.2.3-6": "Les techniciens d'un gestionnaire parti restent actifs et passent à un autre.",
    "2.2.3-7": "Tout gestionnaire de la structure peut inactiver un technicien.",
    "2.2.3-8": "Six mois après, le compte inactif est effacé ; ses demandes gardent un auteur neutre.",
    "3.1-1": "Une pièce déposée dit sa nature ; nombre, taille et formats sont bornés.",
    "3.1-2": "Nul n'ouvre une pièce avant l'antivirus ; infectée, elle est refusée et journalisée.",
    "3.1-3": "Une pièce illisible, chiffrée, vide ou trop petite est refusée avec sa raison.",
    "3.1-4": "On travaille depuis le territoire européen ; ailleurs, c'est signalé ou refusé.",
    "3.2-1": "Le service répond tous les jours, à toute heure, hors maintenance.",
    "3.2-2": "Une maintenance s'annonce ; pendant sa durée, les appels reçoivent un 503.",
    "3.2-3": "Pendant une panne, le service nomme les référents à joindre.",
    "3.2-4": "La documentation à télécharger est à jour, avec sa version et sa date.",
    "3.3-1": "Un partenaire lit les référents de ses caisses.",
    "3.3-2": "Un dysfonctionnement signalé se suit jusqu'à sa réponse.",
    "4.1-1": "Rien ne redonne jamais un mot de passe, une empreinte ou un lien.",
    "4.1-2": "Fraude, vol ou perte : le compte est coupé à l'appel suivant, dans tous les processus.",
    "4.1-3": "La caisse qui constate une fraude coupe le compte et en informe le partenaire.",
    "4.1-4": "Une exclusion est notifiée, immédiate, et un gestionnaire ne la défait pas.",
    "4.1-5": "En cas de mésusage, la caisse coupe l'accès de toute la structure chez elle.",
    "4.2-1": "La caisse ouvre une revue ; le gestionnaire maintient ou termine chaque compte.",
    "4.2-2": "Le tableau des habilitations se lit et s'exporte à tout moment.",
    "5-1": "Une personne est identifiée sans numéro de sécurité sociale ; un champ inconnu est refusé.",
    "5-2": "Un numéro écrit dans un texte est refusé, avec sa place.",
    "5-3": "Un texte qui semble parler de santé est refusé, ou confirmé et journalisé.",
    "5-4": "Les pièces sortantes ne vont qu'aux partenaires habilités, sans excès.",
    "5-5": "La caisse exporte et efface les données d'une personne ; les durées purgent le reste.",
    "5-6": "Aucune donnée personnelle dans les journaux, mesures, adresses, courriels ou webhooks.",
    "7-1": "Rien n'est purgé avant la fin de l'année de convention en cours, sauf effacement demandé.",
    "7-2": "Chaque partie informe l'autre sans délai : avis de la caisse, signalement du partenaire.",
    "8.1-1": "La convention vaut un an dès la dernière signature, et se reconduit tacitement.",
    "8.1-2": "Le renouvellement de l'une renouvelle l'autre.",
    "8.2-1": "Résilier la convention métier résilie celle d'utilisation au même instant.",
    "8.2-2": "Pour manquement : mise en demeure reçue, trente jours, et rien si c'est réparé.",
    "8.2-3": "À la résiliation rien ne se perd : la caisse finit les demandes ouvertes.",
    "8.3-1": "Un avenant change la convention à sa date ; les termes passés restent lisibles.",
    "9-1": "Le journal est complet, ordonné, et toute altération s'y voit.",
}


def marques() -> Iterator[tuple[str, str]]:
    """Yield (rule, test) for every mark, read from the sources: no test is run; a whole file may be marked."""
    for fichier in sorted(TESTS.rglob("test_*.py")):
        nom = fichier.relative_to(TESTS).as_posix()
        for noeud in ast.walk(ast.parse(fichier.read_text())):
            if isinstance(noeud, ast.FunctionDef | ast.AsyncFunctionDef | ast.ClassDef):
                yield from (
                    (regle, f"{nom}::{noeud.name}") for regle in map(_regle, noeud.decorator_list) if regle
                )
            elif isinstance(noeud, ast.Assign) and ast.unparse(noeud.targets[0]) == "pytestmark":
                ecrites = noeud.value.elts if isinstance(noeud.value, ast.List) else [noeud.value]
                yield from ((regle, nom) for regle in map(_regle, ecrites) if regle)


def _regle(decorateur: ast.expr) -> str | None:
    """Return the rule of `@pytest.mark.regle("…")`."""
    match decorateur:
        case ast.Call(func=ast.Attribute(attr="regle"), args=[ast.Constant(value=str(regle))]):
            return regle
        case ast.Call(func=ast.Attribute(attr="regle")):
            raise ValueError(f"line {decorateur.lineno}: a mark names one rule, as a literal")
    return None


def preuves() -> dict[str, list[str]]:
    tests: dict[str, list[str]] = defaultdict(list)
    for regle, test in marques():
        if test not in tests[regle]:
            tests[regle].append(test)
    return tests


def rapport() -> str:
    """Return the page: one row a rule, in the order of the convention."""
    trouvees, prouvees = preuves(), 0
    lignes = ["| règle | ce qu'elle dit | tests |", "|---|---|---|"]
    for regle, phrase in REGLES.items():
        tests = sorted(trouvees.get(regle, []))
        par_l_api = any(not test.startswith(CALCUL) for test in tests)
        prouvees += par_l_api
        cellule = [f"`{test}`" for test in tests] + [A_VENIR] * (not par_l_api)
        lignes.append(f"| {regle} | {phrase} | {'<br>'.join(cellule)} |")
    tete = TETE.format(prouvees=prouvees, total=len(REGLES))
    return tete + "\n" + "\n".join(lignes) + "\n"


if __name__ == "__main__":
    FICHIER.write_text(rapport())
