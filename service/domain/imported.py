"""The stamp that an import leaves on what it creates: matching uses it even after renames and moves."""

from uuid import UUID

from service.domain.event import Value


class ImportStamp(Value):
    """`row_key` is the normalised path, action title and sub-action title of the row that made the object."""

    import_id: UUID
    row_key: str
