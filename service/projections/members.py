"""Members: who holds which role in which transformation."""

from service.domain.member import MEMBER, Member
from service.projections.table import ObjectTable

MEMBERS: ObjectTable[Member] = ObjectTable(
    name="members",
    concept=MEMBER,
    columns={"person_id": "text", "role": "text", "search": "text"},
    row=lambda m: {"person_id": m.person_id, "role": m.role, "search": m.role},
    indexes=("person_id",),
    past_indexes=("transformation_id, person_id, valid_from",),  # the role of an actor, then
    named_by="person_id",
)
