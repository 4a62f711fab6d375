"""The commands: `espace-partenaires --help`."""

import asyncio
import email
import email.policy
import json
import os
import sys
from typing import Annotated, Any

import typer
from rich.console import Console
from rich.progress import Progress
from rich.table import Table

from app.cli_journal import journal
from app.config import settings

cli = typer.Typer(no_args_is_help=True, pretty_exceptions_enable=False, help="Espace Partenaires")
admin = typer.Typer(no_args_is_help=True, help="The first accounts of a real installation.")
caisse = typer.Typer(no_args_is_help=True, help="The caisses.")
agent = typer.Typer(no_args_is_help=True, help="The agents of the caisses.")
keys = typer.Typer(no_args_is_help=True, help="The keys that sign the tokens.")
pieces = typer.Typer(no_args_is_help=True, help="The files of the pieces.")
GROUPS = {
    "admin": admin,
    "caisse": caisse,
    "agent": agent,
    "keys": keys,
    "journal": journal,
    "pieces": pieces,
}
for name, group in GROUPS.items():
    cli.add_typer(group, name=name)
out, err = Console(), Console(stderr=True)


@cli.command()
def serve(
    host: str = "127.0.0.1",
    port: int = 8000,
    workers: int = 1,
    jobs: Annotated[bool, typer.Option(help="Run a worker of background jobs beside the API.")] = True,
    with_demo: Annotated[
        bool, typer.Option("--demo", help="Load the demo first when the database is empty.")
    ] = False,
) -> None:
    """Serve the API, and one worker of background jobs beside it."""
    from app import serving

    os.environ.setdefault("EP_BASE_URL", f"http://{host}:{port}")
    serving.prepare()
    if with_demo:
        _load_demo_when_empty()
    serving.welcome(out)
    serving.serve(host, port, workers, jobs=jobs)


@cli.command()
def worker(parent: Annotated[int, typer.Option(hidden=True)] = 0) -> None:
    """Run the background jobs alone."""
    from app import serving

    serving.prepare()
    serving.work(parent)


@cli.command()
def migrate() -> None:
    """Migrate the database to head."""
    from app.kit.migrations import migrate as to_head

    to_head()
    err.print("The database is at head.")


@cli.command()
def demo(
    as_json: Annotated[bool, typer.Option("--json", help="Print the accounts as JSON.")] = False,
) -> None:
    """Load the demo data into an empty database, and print its accounts."""
    from app import serving
    from app.demo.chargement import DejaRemplie

    if settings().production:
        err.print("Refused: the demo has known passwords, and this is EP_ENV=production.")
        raise typer.Exit(1)
    serving.prepare()
    try:
        loaded = _load_demo()
    except DejaRemplie:
        err.print("Refused: the database is not empty. Give another EP_DATA_DIR or EP_DATABASE_URL.")
        raise typer.Exit(1) from None
    if as_json:
        sys.stdout.write(json.dumps(loaded, ensure_ascii=False) + "\n")
    else:
        _print_accounts(loaded)


def _load_demo() -> dict[str, list[dict[str, Any]]]:
    from app.demo.chargement import charger

    with Progress(console=err, transient=True) as progress:
        task = progress.add_task("Demo requests", total=None)
        return asyncio.run(charger(lambda done, total: progress.update(task, completed=done, total=total)))


def _load_demo_when_empty() -> None:
    from app.demo.chargement import DejaRemplie

    try:
        _load_demo()
    except DejaRemplie:
        return


def _print_accounts(loaded: dict[str, list[dict[str, Any]]]) -> None:
    table = Table("role", "identifiant", "mot de passe", "caisse")
    for compte in loaded["comptes"]:
        table.add_row(compte["role"], compte["identifiant"], compte["mot_de_passe"], compte["caisse"] or "")
    out.print(table)
    applications = Table("client_id", "client_secret", "caisse")
    for application in loaded["applications"]:
        applications.add_row(
            application["client_id"], application["client_secret"] or "(public)", application["caisse"]
        )
    out.print(applications)


@cli.command()
def seed(demandes: Annotated[int, typer.Option(min=1, help="How many requests to add.")]) -> None:
    """Add volume data for benchmarks, by COPY: development only."""
    from app import seed as volume
    from app import serving

    if settings().production:
        err.print("Refused: invented requests have no place in EP_ENV=production.")
        raise typer.Exit(1)
    serving.prepare()
    with Progress(console=err) as progress:
        task = progress.add_task("Requests", total=demandes)
        try:
            structures = volume.semer(demandes, lambda done, _: progress.update(task, completed=done))
        except volume.SansCaisse:
            err.print("Refused: there is no caisse yet; `espace-partenaires demo` creates two.")
            raise typer.Exit(1) from None
    out.print(f"{demandes} requests, {structures} new structures.")


@cli.command()
def openapi() -> None:
    """Print the contract."""
    from app import contract
    from app.main import create_app

    sys.stdout.write(contract.to_yaml(contract.build(create_app())))


@cli.command()
def mails(last: Annotated[int, typer.Option("--last", min=1, help="How many, the newest.")] = 10) -> None:
    """Read the development mailbox."""
    from app.kit.mail import mailbox

    for path in sorted(mailbox().glob("*.eml"))[-last:]:
        message = email.message_from_bytes(path.read_bytes(), policy=email.policy.default)
        body = message.get_body()
        sys.stdout.write(f"── {message['date']}\nÀ : {message['to']}\nObjet : {message['subject']}\n\n")
        sys.stdout.write(f"{body.get_content() if body else ''}\n")


def _identite(
    civilite: str, nom: str, prenom: str, fonction: str, telephone: str, courriel: str
) -> dict[str, str]:
    return {
        "civilite": civilite,
        "nom": nom,
        "prenom": prenom,
        "fonction": fonction,
        "telephone": telephone,
        "email": courriel,
    }


Civilite = Annotated[str, typer.Option(help="m or mme")]
Texte = Annotated[str, typer.Option()]


@admin.command("create")
def create_admin(
    civilite: Civilite, nom: Texte, prenom: Texte, telephone: Texte, email_: Annotated[str, typer.Option("--email")],
    fonction: Texte = "Administrateur national",
) -> None:  # fmt: skip
    """Create an administrateur: the holder receives a link and chooses the password."""
    from app import bootstrap

    _report(bootstrap.administrateur(_identite(civilite, nom, prenom, fonction, telephone, email_)))


@agent.command("create")
def create_agent(
    code: Annotated[str, typer.Option("--caisse")], civilite: Civilite, nom: Texte, prenom: Texte, telephone: Texte,
    email_: Annotated[str, typer.Option("--email")], fonction: Texte = "Agent de caisse",
) -> None:  # fmt: skip
    """Create an agent of a caisse: the holder receives a link and chooses the password."""
    from app import bootstrap

    _report(bootstrap.agent(code, _identite(civilite, nom, prenom, fonction, telephone, email_)))


@caisse.command("create")
def create_caisse(
    code: Texte,
    nom: Texte,
    departement: Texte,
    email_: Annotated[str, typer.Option("--email", help="Where the mails about its queue go.")],
    departements: Annotated[
        list[str] | None, typer.Option(help="Whose inhabitants are attached to it; default: its own.")
    ] = None,
) -> None:
    """Create a caisse."""
    from app import bootstrap

    _report(bootstrap.caisse(code, nom, departement, departements or [departement], email_))


@keys.command("rotate")
def rotate_keys() -> None:
    """Make a new signing key; tokens signed with the former one stay valid until they expire."""
    from app import bootstrap

    _report(bootstrap.rotate_keys())


@pieces.command("rotate-keys")
def rotate_piece_keys() -> None:
    """Wrap the key of every piece again under the first of EP_STORAGE_KEYS."""
    from app import bootstrap

    _report(bootstrap.rotate_piece_keys())


@pieces.command("sweep")
def sweep_pieces(
    dry_run: Annotated[
        bool, typer.Option("--dry-run", help="Say what would be deleted, and delete nothing.")
    ] = False,
) -> None:
    """Delete the files that no row wants, and report the rows whose file is missing."""
    from app import bootstrap

    _report(bootstrap.sweep_pieces(dry_run=dry_run))


def _report(work: Any) -> None:
    from pydantic import ValidationError

    from app import serving
    from app.erreurs import Probleme

    serving.prepare()
    try:
        out.print(asyncio.run(work))
    except Probleme as probleme:
        err.print(f"{probleme.titre} : {probleme.phrase} {probleme.membres.get('erreurs', '')}")
        raise typer.Exit(1) from None
    except ValidationError as error:
        for detail in error.errors(include_input=False, include_url=False):
            err.print(f"{'.'.join(str(part) for part in detail['loc'])} : {detail['msg']}")
        raise typer.Exit(1) from None


@cli.command()
def lifecycle(
    as_of: Annotated[
        str, typer.Option("--as-of", metavar="DATE", help="The day to live, 2026-01-31; default: today.")
    ] = "",
    dry_run: Annotated[
        bool, typer.Option("--dry-run", help="Say what would change, and change nothing.")
    ] = False,
) -> None:
    """Run the daily rules as of a day: ends of conventions, scheduled ends, deletions, reminders."""
    from datetime import date

    from app import cycle_de_vie, serving
    from app.kit.clock import today

    try:
        jour = date.fromisoformat(as_of) if as_of else today()
    except ValueError:
        err.print("--as-of wants a day such as 2026-01-31.")
        raise typer.Exit(2) from None
    serving.prepare()
    actes = asyncio.run(cycle_de_vie.vivre(jour, a_blanc=dry_run))
    for acte in actes:
        out.print(f"{acte.regle}  (art. {acte.article})  {acte.id}", highlight=False)
    out.print(f"{len(actes)} {'would change' if dry_run else 'changed'} as of {jour}", highlight=False)
