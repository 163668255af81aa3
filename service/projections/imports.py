"""Imports that were applied: which file, what it made and changed."""

from service.domain.import_run import IMPORT_RUN, ImportRun
from service.projections.table import ObjectTable

IMPORTS: ObjectTable[ImportRun] = ObjectTable(
    name="imports",
    concept=IMPORT_RUN,
    columns={"sha256": "text", "applied_on": "date", "search": "text"},
    row=lambda i: {"sha256": i.sha256, "applied_on": i.applied_on, "search": i.file_name},
)
