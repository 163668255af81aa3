"""Commands on files: import a plan or indicator values, export them."""

import errno
import json
from datetime import datetime
from pathlib import Path
from typing import Annotated, Literal

import typer
from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn

from service.commands.instance import As
from service.commands.opening import CommandRefused, acting, opened
from service.domain.refusal import NotFound
from service.projections.as_of import AsOf

ROW_ERRORS = 3
UNREADABLE = {
    errno.ENOENT: "aucun fichier ne porte ce nom",
    errno.EISDIR: "c’est un dossier",
    errno.EACCES: "vous n’en avez pas le droit",
}
UNWRITABLE = {**UNREADABLE, errno.ENOENT: "son dossier n’existe pas", errno.EROFS: "le disque est en lecture seule"}
Code = Annotated[str, typer.Option("--transformation", help="Le code de la transformation.")]


def register(app: typer.Typer) -> None:
    app.command("import")(import_file)
    app.command("export")(export_file)


def import_file(
    file: Annotated[Path, typer.Argument(help="Le classeur (.xlsx) ou le fichier CSV.")],
    transformation: Code,
    apply: Annotated[bool, typer.Option("--apply", help="Enregistrer\u202f; sans cela, l’import est simulé.")] = False,
    valid_rows_only: Annotated[
        bool, typer.Option("--valid-rows-only", help="Enregistrer les lignes justes malgré les autres.")
    ] = False,
    prefer: Annotated[str | None, typer.Option(help="En cas de conflit\u202f: file ou service.")] = None,
    format: Annotated[str, typer.Option("--format", help="text ou json.")] = "text",
    as_person: As = None,
) -> None:
    """Importe un plan d’action ou des valeurs d’indicateurs\u202f; par défaut, simule et explique."""
    if prefer not in (None, "file", "service"):
        raise typer.BadParameter("file ou service", param_hint="--prefer")
    if format not in ("text", "json"):
        raise typer.BadParameter("text ou json", param_hint="--format")
    side: Literal["file", "service"] | None = prefer  # type: ignore[assignment]  # checked just above
    try:
        content = file.read_bytes()
    except OSError as problem:
        why = UNREADABLE.get(problem.errno or 0, problem.strerror)
        raise CommandRefused(f"«\u202f{file}\u202f» ne peut pas être lu\u202f: {why}.") from None
    # The workbooks' side of the house is large: only who imports waits for it.
    from service.acts.import_refusals import RowsInError
    from service.acts.plan_import import run_import
    from service.commands.import_report import tell

    with opened() as service:
        act = acting(service, as_person, scope="import")
        screen = Console(stderr=True)
        columns = (TextColumn("{task.description}"), BarColumn(), MofNCompleteColumn())
        with Progress(*columns, console=screen, transient=True, disable=not screen.is_terminal) as bar:
            task = bar.add_task("Lignes", total=None)
            try:
                report = run_import(
                    service,
                    act,
                    transformation,
                    content,
                    file.name,
                    apply=apply,
                    valid_rows_only=valid_rows_only,
                    prefer=side,
                    progress=lambda done, total: bar.update(task, completed=done, total=total),
                )
            except RowsInError as refused:
                report = refused.report
    if format == "json":
        print(json.dumps(report.model_dump(mode="json"), ensure_ascii=False))
    else:
        tell(report, Console())
    if report.errors or report.invalid:
        raise typer.Exit(ROW_ERRORS)


def export_file(
    transformation: Code,
    output: Annotated[Path, typer.Option("--output", "-o", help="Le fichier à écrire.")],
    as_of: Annotated[str | None, typer.Option("--as-of", help="Un instant passé (RFC 3339 avec décalage).")] = None,
    as_person: As = None,
) -> None:
    """Exporte le plan d’action dans le format de classeur que l’import relit."""
    instant: datetime | None = None
    if as_of is not None:
        try:
            instant = datetime.fromisoformat(as_of)
        except ValueError:
            raise typer.BadParameter("un instant RFC 3339 est attendu", param_hint="--as-of") from None
        if instant.tzinfo is None:
            raise typer.BadParameter("l’instant doit porter son décalage, par exemple +01:00", param_hint="--as-of")
    from service.acts.plan_export import run_export

    with opened() as service:
        act = acting(service, as_person, scope="read")
        if instant is not None and instant > service.clock():
            raise CommandRefused("Le passé s’arrête maintenant\u202f: --as-of est plus tard.")
        point = AsOf(instant, service.log.position_at(instant)) if instant else None
        try:
            content = run_export(service, act.actor, transformation, point)
        except NotFound:  # said as it was asked for: before it was prepared, only its id is known
            raise NotFound(what="transformation", id=transformation) from None
    try:
        output.write_bytes(content)
    except OSError as problem:
        why = UNWRITABLE.get(problem.errno or 0, problem.strerror)
        raise CommandRefused(f"«\u202f{output}\u202f» ne peut pas être écrit\u202f: {why}.") from None
    print(f"{output}\u202f: {len(content)} octets.")
