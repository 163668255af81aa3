"""Imports over HTTP: a workbook is simulated, then the same file is applied."""

from collections import Counter
from typing import Annotated, Any, Literal
from uuid import UUID

import anyio.to_thread
from fastapi import Depends, File, Form, Query, Request, UploadFile
from fastapi.exceptions import RequestValidationError
from fastapi.responses import Response

from service.acts.import_refusals import RowsInError
from service.acts.plan_import import importer_of
from service.acts.plan_import_run import ImportOrder
from service.api.answers import answer, to_json
from service.api.as_of_query import AsOfQuery
from service.api.dependencies import Create, TransformationPath
from service.api.fields import ActBody
from service.api.listing import ListQuery, filters, list_objects, page_of
from service.api.problems import CREATES, READS, problem
from service.api.reader import Reader
from service.api.reading import read_object
from service.api.representation import representation, shown
from service.api.routing import api_router
from service.api.who import CallerDependency, Membership
from service.api.writing import Writing
from service.domain.import_run import IMPORT_RUN, ImportRun
from service.domain.permissions import require
from service.domain.transformation import require_active
from service.exchange.limits import MEGABYTE
from service.exchange.report import Report
from service.projections.imports import IMPORTS
from service.store.unit import Outcome

router = api_router("imports")
CONCEPT = IMPORT_RUN
ImportShown = representation(IMPORT_RUN)
MAX_FILE = 21 * MEGABYTE
"""Of the whole multipart body; the file itself may have 20 MB."""
TOLD = 200
"""How many wrong cells a problem document lists; the simulation lists up to 2 000."""


def present(state: ImportRun, reader: Reader) -> dict[str, Any]:
    return shown(IMPORT_RUN, state)


FileField = Annotated[
    UploadFile, File(description="Le classeur (.xlsx) ou le CSV\u202f; son format se lit à ses en-têtes.")
]
ModeField = Annotated[Literal["simulate", "apply"], Form(description="`simulate` n’enregistre rien.")]
PreferField = Annotated[
    Literal["file", "service"] | None,
    Form(description="Qui l’emporte là où le fichier et le service ont changé la même cellule."),
]
ValidRowsField = Annotated[bool, Form(description="Appliquer les lignes valables même si d’autres sont en erreur.")]
FIELDS = frozenset({"file", "mode", "prefer", "valid_rows_only"})


async def _known_fields(request: Request) -> None:
    """A form has no fields that nobody reads, nor a second file: a misspelt `mode` must not become a simulation."""
    given = Counter(name for name, _ in (await request.form()).multi_items())
    problems = {name: ("extra_forbidden", "no such field") for name in given if name not in FIELDS}
    problems |= {name: ("given_twice", "given twice") for name, times in given.items() if times > 1}
    if problems:
        raise RequestValidationError(
            [{"type": kind, "loc": ("body", name), "msg": said} for name, (kind, said) in sorted(problems.items())]
        )


@router.post(
    "/transformations/{transformation}/imports",
    response_model=ImportShown,
    **{
        **CREATES,
        "responses": {
            **CREATES["responses"],
            200: {"model": Report, "description": "What applying would do; nothing is recorded."},
        },
    },
    max_body_size=MAX_FILE,
    dependencies=[Depends(_known_fields)],
)
async def import_a_file(
    transformation: TransformationPath,
    write: Create,
    file: FileField,
    mode: ModeField = "simulate",
    prefer: PreferField = None,
    valid_rows_only: ValidRowsField = False,
) -> Response:
    """Simulate an import (200, the report), or apply it (201): all rows or none, unless `valid_rows_only`."""
    write.caller.require_scope("import")
    order = ImportOrder(await file.read(), (file.filename or "sans nom")[:300], prefer, valid_rows_only)
    key = write.key([order.sha256, mode, prefer, valid_rows_only])

    def permitted() -> Membership:
        member = write.member(transformation)
        require(f"import.{mode}", member.role)
        require_active(member.transformation)
        return member

    def run() -> Response | Outcome:
        member = permitted()
        work = importer_of(write.service, member.transformation.id, order)
        act = write.base_act(ActBody(), member.transformation.id, member)
        if mode == "simulate":
            return _simulated(write, work.simulate(act))
        try:
            outcome, _ = work.apply(act, key)
        except RowsInError as refusal:
            return _refused(write, refusal)
        return outcome

    done = await anyio.to_thread.run_sync(run)
    return await write.answer(done) if isinstance(done, Outcome) else done


def _simulated(write: Writing, report: Report) -> Response:
    return answer(write.request, to_json(report.model_dump(mode="json")), Content_Language=write.caller.language)


def _refused(write: Writing, refusal: RowsInError) -> Response:
    """The problem document of wrong rows: each cell in `errors`, with its place and what to do in `facts`."""
    report = refusal.report
    told = report.errors[:TOLD]
    errors = [
        {
            "pointer": "/file",
            "code": error.code.replace("_", "-"),
            "detail": f"{error.sheet} {error.cell or ''}".strip() + f"\u202f: {error.message}",
        }
        for error in told
    ]
    facts = {
        "invalid": report.invalid,
        "errors": [error.model_dump(mode="json") for error in told],
        "omitted": report.omitted + len(report.errors) - len(told),
    }
    message = refusal.message(write.caller.language)
    return problem(write.request, 422, code=refusal.code, detail=message, facts=facts, errors=errors)


@router.get("/transformations/{transformation}/imports", response_model=page_of(ImportShown), **READS)
async def list_imports(
    transformation: TransformationPath,
    request: Request,
    caller: CallerDependency,
    query: Annotated[ListQuery, filters(IMPORTS)],
) -> Response:
    """The imports that were applied."""
    return await list_objects(request, caller, transformation, IMPORT_RUN, query, present, ImportShown)


@router.get("/imports/{id}", response_model=ImportShown, **READS)
async def get_import(
    id: UUID, request: Request, caller: CallerDependency, query: Annotated[AsOfQuery, Query()]
) -> Response:
    """One applied import: its file, its counts, who applied it."""
    return await read_object(request, caller, IMPORT_RUN, id, query, present)
