"""Importing a file into a transformation, whatever its format: the API and the command line come in here."""

from dataclasses import replace
from typing import Any, Protocol
from uuid import UUID

from service.acts.import_refusals import refusal_of
from service.acts.indicator_values import ValuesImport
from service.acts.membership import role_for
from service.acts.plan_import_record import Progress
from service.acts.plan_import_run import ImportOrder, PlanImport, silent
from service.domain.act import Act
from service.domain.refusal import NotFound
from service.exchange.indicator_values import read_indicator_values
from service.exchange.merge import Prefer
from service.exchange.plan_reader import read_plan
from service.exchange.refusal import NoRows, WorkbookRefused, WrongHeadings
from service.exchange.report import Report
from service.exchange.workbook import read_workbook
from service.store.idempotency import IdempotencyKey
from service.store.unit import Outcome


class Importer(Protocol):
    """A file of some format, ready to be taken."""

    def simulate(self, act: Act) -> Report:
        """What applying would do; nothing is recorded."""

    def apply(self, act: Act, key: IdempotencyKey | None = None) -> tuple[Outcome, Report | None]:
        """Record everything in one append; the report is None where an idempotent replay answers."""


def importer_of(service: Any, transformation_id: UUID, order: ImportOrder, progress: Progress = silent) -> Importer:
    """The importer of a file: a plan, or PILOTE's indicator values. The format is told by the headings.

    Raises the `FileRefused` of what is wrong with the file.
    """
    try:
        workbook = read_workbook(order.content)
        try:
            return PlanImport(service, transformation_id, order, read_plan(workbook), progress)
        except WrongHeadings as no_plan:
            try:
                values = read_indicator_values(workbook)
            except NoRows:
                raise
            except WorkbookRefused:
                raise no_plan from None
    except WorkbookRefused as problem:
        raise refusal_of(problem) from problem
    return ValuesImport(service, transformation_id, order, values, progress)


def transformation_named(service: Any, code: str) -> UUID:
    """The id of a transformation, by its code. Raises `NotFound`."""
    row = service.database.one(
        "SELECT id FROM transformations WHERE code = %s AND valid_to IS NULL AND NOT withdrawn", (code,)
    )
    if row is None:
        raise NotFound(what="transformation", id=code)
    id: UUID = row["id"]
    return id


def run_import(
    service: Any,
    act: Act,
    transformation_code: str,
    content: bytes,
    file_name: str,
    *,
    apply: bool = False,
    valid_rows_only: bool = False,
    prefer: Prefer | None = None,
    progress: Progress | None = None,
) -> Report:
    """Import a file from first to last: what the command line does, in the role that the actor has.

    Raises `NotFound` for who is no member, `NotAllowed`, `FileRefused`, `RowsInError` (which carries the report),
    `ImportInProgress`.
    """
    transformation_id = transformation_named(service, transformation_code)
    role = role_for(
        service, transformation_id, transformation_code, act.actor, "import.apply" if apply else "import.simulate"
    )
    act = replace(act, role=role)
    order = ImportOrder(content, file_name, prefer, valid_rows_only)
    work = importer_of(service, transformation_id, order, progress or silent)
    if not apply:
        return work.simulate(act)
    _, report = work.apply(act)
    if report is None:
        raise LookupError("an import without a key cannot be a replay")
    return report
