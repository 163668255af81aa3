"""Reminders as the log has them; what became of each on its way to people is in `service.store.outbox`."""

from service.domain.reminder import REMINDER, Reminder
from service.projections.table import ObjectTable

REMINDERS: ObjectTable[Reminder] = ObjectTable(
    name="reminders",
    concept=REMINDER,
    columns={
        "rule": "text",
        "recipient": "text",
        "subject_kind": "text",
        "subject_id": "uuid",
        "due_on": "date",
        "raised_on": "date",
    },
    row=lambda r: {
        "rule": r.rule,
        "recipient": r.recipient,
        "subject_kind": r.subject.kind,
        "subject_id": r.subject.id,
        "due_on": r.due_on,
        "raised_on": r.raised_on,
    },
    indexes=("subject_id", "recipient"),
    named_by="recipient",
)
