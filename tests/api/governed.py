"""A launched transformation whose gates belong to its steering committee, and short ways through a stage review."""

from dataclasses import dataclass, field
from typing import Any

from tests.api.registers import Json, Place, launched
from tests.running import Running

JUDGES = ("sponsor", "governance", "second")
"""Who sits in the committee, by seat; « alternate » stands in for the first."""


@dataclass
class Governed:
    """The place, its committee, and the phases whose gates it judges."""

    place: Place
    body: str
    people: dict[str, str] = field(default_factory=dict)

    @property
    def running(self) -> Running:
        return self.place.running

    def review(self, phase: int | None = 0, **more: Any) -> Json:
        gate = {} if phase is None else {"phase_id": self.place.phases[phase]}
        body = {"body_id": self.body, "title": "Point d’étape", "planned_on": self.today(), **gate, **more}
        return self.place.make("reviews", body)

    def today(self) -> str:
        return self.running.now.date().isoformat()

    def act(self, review: Json, verb: str, body: Json | None = None, who: str = "lead") -> Any:
        return self.running.act(f"/reviews/{review['id']}", verb, body, who)

    def done(self, review: Json, verb: str, body: Json | None = None, who: str = "lead") -> Json:
        answered = self.act(review, verb, body, who)
        assert answered.status_code == 200, answered.text
        shown: Json = answered.json()
        return shown

    def ready(self, phase: int | None = 0, *, met: bool = True, attended: tuple[str, ...] = JUDGES) -> Json:
        """A review whose criteria are judged, whose pack is frozen and that was held today."""
        review = self.review(phase)
        for criterion in review["criteria"]:
            self.done(review, "assess-criterion", {"number": criterion["number"], "met": met})
        self.done(review, "freeze-pack")
        return self.done(review, "hold", {"attended": [self.running.people[who] for who in attended]})

    def verdict(self, review: Json, verdict: str, who: str = "sponsor", **more: Any) -> Any:
        body = {"verdict": verdict, "title": "Verdict", "chosen": "Ainsi décidé", **more}
        return self.act(review, "give-verdict", body, who)

    def condition(self, **more: Any) -> Json:
        owner = self.running.people["contributor"]
        return {"statement": "Finir les entretiens", "owner": owner, "due_on": "2026-04-01", **more}


def governed(running: Running, gates: tuple[int, ...] = (0, 1, 2, 3)) -> Governed:
    """Two more members of governance, three seats filled, and the gates given to the committee by the sponsor."""
    place = launched(running)
    for name in ("second", "alternate"):
        if name not in running.people:
            running.person(name)
        place.make("members", {"person_id": running.people[name], "role": "governance"})
    (steering,) = place.items("bodies", kind="steering")
    for seat, who in enumerate(JUDGES, start=1):
        appoint(running, steering["id"], who, seat)
    appoint(running, steering["id"], "alternate", 1, standing="alternate")
    for phase in gates:
        path = f"/phases/{place.phases[phase]}"
        assert running.act(path, "configure-gate", {"body_id": steering["id"]}, "sponsor").status_code == 200
    return Governed(place, steering["id"])


def appoint(running: Running, body: str, who: str, seat: int, **more: Any) -> Any:
    answer = running.act(f"/bodies/{body}", "appoint", {"person_id": running.people[who], "seat": seat, **more})
    assert answer.status_code == 200, answer.text
    return answer.json()
