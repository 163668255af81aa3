"""The command `trajectoire`: its words (serve, demo, worker, people, import, backup…) and its exit codes."""

import sys

import psycopg
import typer
from psycopg_pool import PoolTimeout
from pydantic import ValidationError
from rich.console import Console
from typer import rich_utils

from service.commands import exchange, instance, keeping, projections, reminders, running
from service.commands.opening import CommandRefused
from service.domain.refusal import Refusal
from service.settings import Settings, unfit
from service.store.backup_refusals import BackupRefused
from service.store.durability import UnsafeSetting
from service.store.embedded_errors import EmbeddedPostgresError
from service.store.migrations import DatabaseOfNewerVersion
from service.store.texts import MasterKeyUnusable

app = typer.Typer(
    name="trajectoire",
    help="Le pilotage d’une transformation, événement par événement.",
    no_args_is_help=True,
    add_completion=False,
    pretty_exceptions_enable=False,
)
rich_utils.COMMANDS_PANEL_TITLE = "Commandes"
rich_utils.ERRORS_PANEL_TITLE = "Erreur"
rich_utils.DEFAULT_STRING = "[par défaut\u202f: {}]"
rich_utils.REQUIRED_LONG_STRING = "[obligatoire]"
running.register(app)
instance.register(app)
exchange.register(app)
projections.register(app)
keeping.register(app)
reminders.register(app)

USAGE = 2
REFUSED = 4
REFUSALS = (
    BackupRefused,
    CommandRefused,
    DatabaseOfNewerVersion,
    EmbeddedPostgresError,
    MasterKeyUnusable,
    UnsafeSetting,
)
"""Their message is one French sentence for the person at the terminal."""


def main() -> None:
    """Run the command. Exit codes: 0 done, 2 usage, 3 errors in rows, 4 refused; one clear sentence on refusal."""
    errors = Console(stderr=True)
    try:
        app(prog_name="trajectoire")
    except Refusal as refusal:
        errors.print(refusal.message("fr"), style="red", highlight=False, markup=False, soft_wrap=True)
    except REFUSALS as refusal:
        errors.print(str(refusal), style="red", highlight=False, markup=False, soft_wrap=True)
    except (psycopg.OperationalError, PoolTimeout) as problem:
        sentence = str(problem).strip().splitlines()[0] if str(problem).strip() else type(problem).__name__
        errors.print(f"La base de données ne répond pas\u202f: {sentence}", style="red", markup=False, soft_wrap=True)
    except ValidationError as problem:
        if problem.title != Settings.__name__:
            raise
        for sentence in unfit(problem):
            errors.print(sentence, style="red", highlight=False, markup=False, soft_wrap=True)
        sys.exit(USAGE)
    else:
        return
    sys.exit(REFUSED)


if __name__ == "__main__":
    main()
