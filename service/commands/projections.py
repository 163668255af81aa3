"""Commands on the read models: how they stand, what to do with a set-aside event, rebuild, compare with a rebuild."""

import json
import time
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Annotated, Any
from uuid import UUID

import typer
from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeRemainingColumn

from service.bootstrap import Service
from service.commands.instance import As
from service.commands.opening import CommandRefused, acting, opened
from service.domain.event import new_id
from service.domain.permissions import require
from service.projections import rebuild as rebuilding
from service.projections.holdups import open_transactions
from service.projections.lag import look
from service.projections.poison import Decision, decide, list_decisions, list_waiting
from service.store.idempotency import IdempotencyKey, fingerprint

DIFFERENT = 5
"""The exit code where the live tables are not what the log says, or a stream still waits."""

STILL_SECONDS = 10.0
"""Views that did not move for so long stand still: it may be that only their rebuild lets them go on."""

projections = typer.Typer(help="Les vues calculées à partir du journal.", no_args_is_help=True)
Name = Annotated[str | None, typer.Argument(help="La vue, par exemple milestones ou audit_events.")]
Stream = Annotated[UUID, typer.Argument(help="Le flux, tel que «\u202fstatus\u202f» le montre.")]
Reason = Annotated[str, typer.Option("--reason", help="Pourquoi\u202f: c’est gardé, avec qui l’a décidé.")]
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


@projections.command("retry")
def retry(stream: Stream, reason: Reason, as_person: As = None) -> None:
    """Reprend un flux mis de côté, quand la cause est réparée\u202f; la décision est gardée."""
    _decide(stream, "retry", reason, as_person)


@projections.command("skip")
def skip(stream: Stream, reason: Reason, as_person: As = None) -> None:
    """Laisse un événement hors des vues, qui resteront marquées incomplètes\u202f; la décision est gardée."""
    _decide(stream, "skip", reason, as_person)


def _decide(stream: UUID, decision: Decision, reason: str, person: str | None) -> None:
    with opened() as service:
        act = acting(service, person)
        require(f"projection.{decision}", "administrator" if service.is_administrator(act.actor) else None)
        content = {"reason": reason}
        key = IdempotencyKey(act.actor, str(new_id()), fingerprint("CLI", f"{stream}/{decision}", content))
        with service.database.connection() as connection, connection.transaction():
            decide(connection, stream, decision, key, reason)
        left = _left(service, stream)
    if left is None:
        print("Plus rien n’est mis de côté pour ce flux.")
        return
    print(f"Ce flux attend toujours, en position {left['position']} ({left['topic']})\u202f: {left['problem']}")
    raise typer.Exit(DIFFERENT)


def _left(service: Service, stream: UUID) -> dict[str, Any] | None:
    """What still waits of a stream once the engine has done what was decided. Raises `CommandRefused`."""
    deadline = time.monotonic() + STILL_SECONDS
    while time.monotonic() < deadline:
        with service.database.connection() as connection:
            rows = [row for row in list_waiting(connection) if row["stream_id"] == stream]
        if not rows or rows[0]["asked"] is None:
            return rows[0] if rows else None
        time.sleep(0.05)
    raise CommandRefused("La décision est gardée\u202f; le moteur des vues ne l’a pas encore exécutée.")


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
