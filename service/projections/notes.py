"""Follow-up notes on any object."""

from service.domain.note import NOTE, Note
from service.projections.table import ObjectTable

NOTES: ObjectTable[Note] = ObjectTable(
    name="notes",
    concept=NOTE,
    columns={"subject_kind": "text", "subject_id": "uuid", "author": "text", "written_on": "date", "search": "text"},
    row=lambda n: {
        "subject_kind": n.subject.kind,
        "subject_id": n.subject.id,
        "author": n.author,
        "written_on": n.written_on,
        "search": n.text,
    },
    indexes=("subject_id",),
)
