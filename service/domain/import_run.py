"""Import run: one application of a file. What it made carries `imported.ImportStamp`; a simulation records nothing."""

from datetime import date
from typing import Literal

from service.domain.concept import Concept, State, created
from service.domain.event import Event, Fact, Value
from service.domain.text import PersonalText

# Events


class ImportCounts(Value):
    """How many rows were created, changed, found unchanged, in conflict (not applied) or wrong (not applied)."""

    created: int = 0
    changed: int = 0
    unchanged: int = 0
    conflicts: int = 0
    errors: int = 0


class ImportApplied(Event):
    """A file was applied. Its name is personal text: files are called after people. SHA-256 in hex."""

    TOPIC = "import.applied"
    file_name: PersonalText
    sha256: str
    format: str
    sheet: str | None = None
    counts: ImportCounts
    valid_rows_only: bool = False


# State


class ImportRun(State):
    """An import as it was."""

    status: Literal["applied", "withdrawn"] = "applied"
    file_name: str
    sha256: str
    format: str
    sheet: str | None = None
    counts: ImportCounts
    valid_rows_only: bool = False
    applied_on: date
    applied_by: str


def evolve(run: ImportRun | None, fact: Fact) -> ImportRun:
    """The import after one more fact: there is but one."""
    event = fact.event
    if isinstance(event, ImportApplied):
        return ImportRun(
            **created(fact),
            **{name: getattr(event, name) for name in ImportApplied.model_fields},
            applied_on=fact.occurred_on,
            applied_by=fact.envelope.actor,
        )
    assert run is not None  # a stream begins with its creation; `fold` has checked it
    return run


def check(run: ImportRun | None, fact: Fact) -> None:
    """An import has no life after it was applied."""


# Decisions


def apply(
    *,
    file_name: str,
    sha256: str,
    format: str,
    counts: ImportCounts,
    sheet: str | None = None,
    valid_rows_only: bool = False,
) -> list[Event]:
    """Record that a file was applied, in the commit that applies it."""
    return [
        ImportApplied(
            file_name=file_name,
            sha256=sha256,
            format=format,
            sheet=sheet,
            counts=counts,
            valid_rows_only=valid_rows_only,
        )
    ]


IMPORT_RUN: Concept[ImportRun] = Concept(
    name="import",
    collection="imports",
    state=ImportRun,
    events=(ImportApplied,),
    evolve=evolve,
    check=check,
    owners=lambda run: (run.applied_by,),
)
