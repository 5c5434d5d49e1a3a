"""The command line, `comanda`: every command's words and options; the work is in one file per command."""

from __future__ import annotations

import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Annotated

import typer
from pydantic import ValidationError
from pydantic_core import ErrorDetails

from comanda.failure import Failure
from kernel.config import Settings, get_settings
from kernel.errors import ComandaError

app = typer.Typer(
    name="comanda",
    help="Takes orders by chat and carries them to cash.",
    no_args_is_help=True,
    add_completion=False,
    pretty_exceptions_enable=False,
)

Json = Annotated[bool, typer.Option("--json", help="Results as JSON on standard output.")]
Url = Annotated[str | None, typer.Option(help="A running Comanda; default: the one on this machine.")]


def main() -> None:
    app()


@app.command()
def up(steps_done: Annotated[int, typer.Option(hidden=True)] = 0) -> None:
    """Start everything, and stop it all with Ctrl-C."""
    from comanda.up import up as start_everything

    with _clear_end():
        start_everything(_settings(), steps_done)


@app.command()
def train(
    anew: Annotated[bool, typer.Option("--anew", help="Even if the model is current.")] = False,
    from_labels: Annotated[
        bool, typer.Option("--from-labels", help="With what staff said that messages mean, as it stands now.")
    ] = False,
    labels: Annotated[
        Path | None, typer.Option(help="The console's labels.csv instead of the database's labels.", dir_okay=False)
    ] = None,
) -> None:
    """Train the model that understands customers, if it is not current."""
    from comanda import model
    from comanda.progress import Steps

    with _clear_end():
        steps = Steps(total=2 if from_labels or labels else 1)
        if from_labels or labels:
            from comanda import lessons

            with steps.step("Lessons") as step:
                learnt = lessons.learn(_settings(), labels)
                step.outcome = f": {len(learnt.taken)} of {len(learnt.taken) + len(learnt.left)} labels"
            for left in learnt.left:
                typer.echo(f"      {left}")
        with steps.step("Model") as step:
            step.outcome = f"is {model.train(anew=anew)}"


@app.command()
def migrate() -> None:
    """Bring the database to the newest version."""
    from comanda import database
    from comanda.progress import Steps
    from comanda.soundness import refuse_unsound

    with _clear_end(), Steps(total=1).step("Database"):
        refuse_unsound(_settings())
        database.migrate(_settings())


@app.command()
def backup(
    to: Annotated[Path, typer.Argument(help="The folder to make; it must not be there yet.")],
    with_secrets: Annotated[
        bool, typer.Option("--with-secrets", help="Keys and passwords of the settings, too, in secrets.json.")
    ] = False,
) -> None:
    """Back up everything that this Comanda keeps, while it runs."""
    from comanda.backup.make import backup as make_backup

    with _clear_end():
        made = make_backup(_settings(), to, with_secrets=with_secrets)
        typer.echo(f"{to}: {sum(each.size_bytes for each in made.files.values()) / 1e6:,.1f} MB")


@app.command()
def restore(
    source: Annotated[Path, typer.Argument(metavar="FROM", help="The folder of a backup.", file_okay=False)],
    nothing_ran_since: Annotated[
        bool,
        typer.Option(
            "--nothing-ran-since",
            help="The backup was taken with everything stopped: go on with what waited to be sent or answered.",
        ),
    ] = False,
) -> None:
    """Put a backup into an empty home; nothing that was on its way then is sent a second time."""
    from comanda.backup.restore import restore as put_back

    with _clear_end():
        put_back(_settings(), source, nothing_ran_since=nothing_ran_since)


@app.command()
def move(
    to: Annotated[str, typer.Option(help="An empty PostgreSQL database: postgresql://user:password@host/database.")],
) -> None:
    """Move everything from SQLite to PostgreSQL, with Comanda stopped."""
    from comanda.move import move as move_all

    with _clear_end():
        typer.echo(f"ledger {move_all(_settings(), to)}")


@app.command()
def seed() -> None:
    """Fill the demo shop, once."""
    from comanda import database
    from comanda.progress import Steps

    settings = _settings()
    if not settings.is_demo:
        _stop("the demo shop belongs in a demo: COMANDA_MODE is production here")
    with Steps(total=1).step("Demo shop") as step:
        database.migrate(settings)
        step.outcome = database.seed_demo_shop(settings)


@app.command()
def doctor() -> None:
    """Check every part, and say what to do."""
    from comanda.doctor import examine

    raise typer.Exit(examine(_settings()))


@app.command()
def audit(json: Json = False) -> None:
    """Check the books: stock, reservations, orders."""
    from comanda.audit import audit_books

    raise typer.Exit(audit_books(_settings(), as_json=json))


@app.command()
def stuck(json: Json = False) -> None:
    """List the orders that have been too long where they are."""
    from comanda.audit import list_stuck

    raise typer.Exit(list_stuck(_settings(), as_json=json))


@app.command()
def chat(
    conversation: Annotated[str, typer.Option(help="A name for it; the same name goes on with it.")] = "terminal",
    language: Annotated[str, typer.Option(help="es or en, to begin with.")] = "es",
    url: Url = None,
) -> None:
    """Chat in the terminal, through the real web channel."""
    from comanda.chat import talk

    with _clear_end():
        talk(_settings(), conversation, language, url)


@app.command()
def say(
    text: Annotated[str, typer.Argument(help="What the customer writes.")] = "",
    conversation: Annotated[str, typer.Option(help="A name for it; the same name goes on with it.")] = "say",
    choice: Annotated[int, typer.Option(help="Press the Nth button of the last reply instead of writing.")] = 0,
    language: Annotated[str, typer.Option(help="es or en, to begin with.")] = "es",
    json: Json = False,
    timeout: Annotated[float, typer.Option(help="Seconds to wait for the reply.")] = 60.0,
    url: Url = None,
) -> None:
    """Send one customer message through the real web channel, and print the replies.

    Exit codes: 0 answered, 1 refused or unreachable, 2 wrong use, 3 no reply in time.
    """
    from comanda.say import say_once

    if bool(text) == bool(choice):
        raise typer.BadParameter("give either TEXT or --choice N")
    with _clear_end():
        raise typer.Exit(say_once(_settings(), conversation, text, choice, language, timeout, url, as_json=json))


@app.command()
def parse(
    text: Annotated[str | None, typer.Argument(help="What a customer might write.")] = None,
    file: Annotated[
        Path | None, typer.Option(help="JSON lines with a `text` each.", exists=True, dir_okay=False)
    ] = None,
    json: Json = False,
) -> None:
    """What the trained model understands: intent, language, order lines."""
    from comanda.parse import parse_texts

    if (text is None) == (file is None):
        raise typer.BadParameter("give either TEXT or --file")
    with _clear_end():
        raise typer.Exit(parse_texts(text, file, as_json=json))


@app.command()
def evaluate(
    file: Annotated[
        Path | None,
        typer.Option(
            help="JSON lines with `text`, `intent`, `language`; default: the messages nobody trains on.",
            exists=True,
            dir_okay=False,
        ),
    ] = None,
    out: Annotated[Path, typer.Option(help="Where the page goes.")] = Path("artifacts/understanding.html"),
) -> None:
    """How well the trained model understands messages whose meaning is known, as one HTML page."""
    from comanda.evaluate import evaluate as judge
    from comanda.evaluate import share

    with _clear_end():
        judged = judge(file, out)
        typer.echo(f"{share(judged):.1%} of {len(judged)} messages; {out}")


@app.command()
def logs(
    names: Annotated[list[str] | None, typer.Argument(help="rasa, actions, web, worker; default: all.")] = None,
    follow: Annotated[bool, typer.Option("--follow", "-f", help="Go on as they are written.")] = False,
) -> None:
    """What the processes say, each line with the name of its process."""
    from comanda.logs import show

    with _clear_end():
        show(_settings().home / "logs", names or [], follow=follow)


privacy = typer.Typer(help="What Comanda keeps of one person: hand it out, or erase it.", no_args_is_help=True)
app.add_typer(privacy, name="privacy")
PersonNamed = Annotated[
    str, typer.Argument(metavar="PERSON", help="A customer's id, e-mail, phone, order number, or channel:id.")
]


@privacy.command()
def export(
    person: PersonNamed,
    to: Annotated[Path, typer.Option(help="The zip to write; it must not be there yet.")] = Path("datos.zip"),
) -> None:
    """Everything of one person, over all channels, as a zip to read and for programs."""
    from comanda.privacy.command import export_to

    with _clear_end():
        export_to(_settings(), person, to)


@privacy.command()
def erase(
    person: Annotated[str, typer.Argument(metavar="[PERSON]", help="As for export; left out with --again.")] = "",
    yes: Annotated[bool, typer.Option("--yes", help="Do not ask.")] = False,
    again: Annotated[bool, typer.Option("--again", help="After restoring a backup: everyone erased before.")] = False,
) -> None:
    """Erase one person; what the law has you keep stays, with a number in place of them. The receipt is printed."""
    from comanda.privacy.command import erase_one, erase_restored

    if bool(person) == again:
        raise typer.BadParameter("give either PERSON or --again")
    if person and not yes:
        typer.confirm(f"Erase everything that names {person}? It cannot be undone", abort=True)
    with _clear_end():
        if again:
            erase_restored(_settings())
        else:
            erase_one(_settings(), person)


catalog = typer.Typer(help="What the shop sells, as a CSV for spreadsheets.", no_args_is_help=True)
app.add_typer(catalog, name="catalog")


@catalog.command("import")
def import_catalogue(
    file: Annotated[Path, typer.Argument(help="The CSV; docs/catalog.md says how.", exists=True, dir_okay=False)],
    trial: Annotated[bool, typer.Option("--trial", help="Only say what would be done.")] = False,
) -> None:
    """Bring a catalogue in: whole, or not at all. The same file again changes nothing."""
    from comanda.catalogue import bring_in

    with _clear_end():
        bring_in(_settings(), file, is_trial=trial)


@catalog.command("export")
def export_catalogue(
    to: Annotated[Path, typer.Option(help="The CSV to write; it must not be there yet.")] = Path("catalogo.csv"),
    language: Annotated[str, typer.Option(help="es or en, of its headers.")] = "es",
) -> None:
    """Write the catalog out, to be changed and brought in again."""
    from comanda.catalogue import write_out

    if language not in ("es", "en"):
        raise typer.BadParameter("es or en")
    with _clear_end():
        write_out(_settings(), to, language)


def _settings() -> Settings:
    try:
        return get_settings()
    except ValidationError as error:
        _stop("\n".join(_said_plainly(detail) for detail in error.errors(include_url=False)))
        raise AssertionError("unreachable") from error


def _said_plainly(detail: ErrorDetails) -> str:
    """What was set wrongly: "PORT: input should be a valid integer, …"."""
    said = detail["msg"].removeprefix("Value error, ")
    return ": ".join([*map(str, detail["loc"]), said])


@contextmanager
def _clear_end() -> Iterator[None]:
    """A failure that a person can do something about ends in one clear message, not in a traceback."""
    try:
        yield
    except (Failure, ComandaError) as failure:
        _stop(str(failure))
    except KeyboardInterrupt:
        raise typer.Exit(130) from None


def _stop(message: str) -> None:
    print(f"\ncomanda: {message}", file=sys.stderr)
    raise typer.Exit(1)
