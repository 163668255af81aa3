"""Commands on the read models: how they stand, rebuild them, compare them with a rebuild."""

import json
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Annotated, Any

import typer
from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeRemainingColumn

from service.bootstrap import Service
from service.commands.opening import CommandRefused, opened
from service.projections import rebuild as rebuilding
from service.projections.holdups import open_transactions
from service.projections.lag import look
from service.projections.poison import list_decisions, list_waiting

DIFFERENT = 5
"""The exit code of `verify` where the live tables are not what the log says."""

STILL_SECONDS = 10.0
"""Views that did not move for so long stand still: it may be that only their rebuild lets them go on."""

projections = typer.Typer(help="Les vues calculées à partir du journal.", no_args_is_help=True)
Name = Annotated[str | None, typer.Argument(help="La vue, par exemple milestones ou audit_events.")]
All = Annotated[bool, typer.Option("--all", help="Toutes les vues.")]


def register(app: typer.Typer) -> None:
    app.add_typer(projections, name="projections")


@projections.command("status")
def status(
    format: Annotated[str, typer.Option("--format", help="text ou json.")] = "text",
) -> None:
    """Le retard des vues, les événements mis de côté, les transactions qui retiennent les autres."""
    with opened() as service:
        standing = look(service.database)
        if standing is None:
            raise CommandRefused("La base ne dit pas où en sont les vues.")
        with service.database.connection() as connection:
            waiting, decisions = list_waiting(connection), list_decisions(connection, 20)
            held = [holdup for holdup in open_transactions(connection) if holdup.harmful]
    if format == "json":
        found = {
            "standing": {**standing._asdict(), "lag": standing.lag, "lag_seconds": standing.lag_seconds},
            "set_aside": waiting,
            "decisions": [{k: v for k, v in row.items() if k not in ("key", "fingerprint")} for row in decisions],
            "open_transactions": [{**holdup._asdict(), "advice": holdup.advice} for holdup in held],
        }
        print(json.dumps(found, default=str, ensure_ascii=False))
        return
    print(
        f"Journal\u202f: {standing.head} — vues\u202f: {standing.projected} — retard\u202f: {standing.lag} événement(s)"
    )
    if not waiting:
        print("Rien n’est mis de côté.")
    for row in waiting:
        print(
            f"Mis de côté\u202f: position {row['position']} ({row['topic']}, flux {row['stream_id']}), "
            f"{row['waiting']} événement(s) en attente, {row['tries']} essai(s)\u202f: {row['problem']}"
        )
    for row in decisions:
        print(f"Décidé\u202f: {row['decision']} en {row['position']} par {row['principal']}\u202f: {row['reason']}")
    for each in held:
        print(
            f"Transaction ouverte depuis {each.seconds:.0f}\u202fs (pid {each.pid}, {each.state})\u202f: {each.advice}"
        )


@projections.command("rebuild")
def rebuild(name: Name = None, all: All = False) -> None:
    """Reconstruit une vue (ou toutes) à côté, puis la met en place d’un coup\u202f; les lectures continuent."""
    with opened() as service, _shown(_chosen(service, name, all), service) as (work, progress):
        try:
            count = work.run(progress)
        except KeyboardInterrupt:
            raise CommandRefused(
                "Reconstruction interrompue\u202f: les vues en service restent comme elles étaient."
            ) from None
    print(f"{', '.join(work.names)}\u202f: {count} événements relus, en place.")


@projections.command("verify")
def verify(name: Name = None) -> None:
    """Reconstruit à côté et compare ligne à ligne avec la vue en service\u202f; nomme la première différence."""
    with opened() as service, _shown(_chosen(service, name, name is None), service) as (work, progress):
        difference = work.verify(progress)
    if difference is None:
        print(f"{work.events} événements relus\u202f: {len(work.names)} vue(s) identique(s).")
        return
    print(difference)
    raise typer.Exit(DIFFERENT)


def _chosen(service: Service, name: str | None, all: bool) -> rebuilding.Rebuild:
    if (name is None) != all:
        raise typer.BadParameter("nommez une vue, ou donnez --all")
    return service.rebuild([name] if name else [])


@contextmanager
def _shown(work: rebuilding.Rebuild, service: Service) -> Iterator[tuple[rebuilding.Rebuild, Any]]:
    """A progress bar on a terminal, nothing elsewhere. The live views come first to where the log is, if they move."""
    goal, seen = service.log.head(), -1
    while not service.gate.wait(goal, STILL_SECONDS) and service.gate.position != seen:
        seen = service.gate.position
    screen = Console(stderr=True)
    columns = (TextColumn("{task.description}"), BarColumn(), MofNCompleteColumn(), TimeRemainingColumn())
    with Progress(*columns, console=screen, transient=True, disable=not screen.is_terminal) as bar:
        task = bar.add_task("Événements", total=None)
        yield work, lambda position, head: bar.update(task, completed=position, total=head)
