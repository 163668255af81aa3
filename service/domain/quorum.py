"""Quorum: who counts for which seat on a day, and how many it takes (DOMAIN section 2, Quorum)."""

from collections.abc import Collection
from datetime import date

from service.domain.body import Body, sitting
from service.domain.event import Value


class Quorum(Value):
    """What was required and who was present, as it is stored with the review and with its verdict."""

    required: int
    present: int
    filled: int
    """The seats filled on the day, without those that were recused."""
    counted: tuple[str, ...] = ()
    """Those who counted, one for each seat present."""

    @property
    def reached(self) -> bool:
        """Even where the rules ask for no quorum, nobody decides when nobody is there."""
        return self.present >= max(self.required, 1)


def count(
    body: Body, day: date, *, attended: Collection[str], recused: Collection[str], second: bool = False
) -> Quorum:
    """Count the seats of a body on a day.

    A seat is filled when it has a titular. Its alternate counts where the titular is absent. A seat whose titular is
    recused leaves both counts, and so does one whose titular is absent and whose alternate is recused. Required: the
    body's number, else floor(n/2) + 1 of the seats that stay; none for a second convening if the body's rules say so.
    """
    filled, counted = 0, []
    seated = sitting(body, day)
    for titular in (each.person_id for each in seated if each.standing == "titular"):
        seat = next(each.seat for each in seated if each.person_id == titular)
        alternates = [each.person_id for each in seated if each.seat == seat and each.standing == "alternate"]
        represents = titular if titular in attended or titular in recused else next(iter(alternates), titular)
        if represents in recused:
            continue
        filled += 1
        if represents in attended:
            counted.append(represents)
    required = filled // 2 + 1 if body.quorum is None else body.quorum
    if second and not body.second_needs_quorum:
        required = 0
    return Quorum(required=required, present=len(counted), filled=filled, counted=tuple(counted))
