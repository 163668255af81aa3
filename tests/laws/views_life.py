"""A transformation lived over HTTP, in an order that a seed draws, and its events as the log keeps them."""

from collections.abc import Iterator
from random import Random
from typing import Any
from uuid import UUID
from zoneinfo import ZoneInfo

from service.domain.event import Revision
from tests.api.steps import submit_plan
from tests.api.views_world import Acting
from tests.laws.naive_events import Told
from tests.laws.views_drawn import Drawn
from tests.running import Running

PARIS = ZoneInfo("Europe/Paris")
CREATIONS = "workstreams*3 actions*6 milestones*4 indicators*5 obstacles*5 decisions*2 status-reports*4 notes*2"
ACTS = {
    "actions": "complete reopen resume put-back revise*2 declare-progress*2 confirm mend*5",
    "milestones": "reschedule*2 reach reopen cancel revise confirm mend*3",
    "obstacles": "postpone escalate*4 answer speak*3 verify reopen reject assess*2 assign*2 revise mend*4",
    "indicators": "measure*5 accept-value refuse-value revise retire confirm mend*4",
    "decisions": "communicate apply revoke revise mend",
    "workstreams": "place prioritise confirm close",
    "status-reports": "create*2 acknowledge*2 mend*4",
    "notes": "mend",
    "axes": "look-at",
    "phases": "confirm",
    "transformations": "confirm",
}
BEFORE: dict[str, str | dict[str, str]] = {
    "complete": "start",
    "declare-progress": "start",
    "start": "plan",
    "resume": "pause",
    "pause": "plan",
    "verify": "resolve",
    "answer": "escalate",
    "accept-value": "propose-value",
    "refuse-value": "propose-value",
    "reopen": {"actions": "abandon", "milestones": "reach", "obstacles": "resolve"},
}
"""What is to be done with the same object just before, so that an act is likely to be legal."""


def each_as_often(words: str) -> Iterator[str]:
    """« mend*2 » is mend, and mend again."""
    for word, _, count in (each.partition("*") for each in words.split()):
        yield from [word] * int(count or 1)


class ViewsLife:
    """Everything is created in a drawn order, then acted upon, mended and taken back; what a rule refuses is passed."""

    def __init__(self, running: Running, seed: int) -> None:
        self.acting, self.running, self.draw = Acting(running), running, Random(seed)
        self.things: list[tuple[str, str]] = [("transformations", self.acting.id)]
        self.things += [("axes", axis["id"]) for axis in self.acting.axes]
        self.things += [("phases", self.acting.phases[0]["id"])]
        self.drawn = Drawn(self)
        self.refused = 0
        self.begins = running.service.log.head()

    def live(self) -> "ViewsLife":
        creations = list(each_as_often(CREATIONS))
        for number, collection in enumerate(creations):
            self.later()
            self.create(collection, number)
            if number == len(creations) // 2:
                self.validate()
        acts = [(collection, verb) for collection, verbs in ACTS.items() for verb in each_as_often(verbs)]
        self.draw.shuffle(acts)
        for number, (collection, verb) in enumerate(acts):
            self.later()
            id = self.some(collection)
            if verb == "create":
                self.create(collection, number)
            elif id is not None:
                self.mend(collection, id) if verb == "mend" else self.act(collection, id, verb)
        self.surely()
        return self

    def surely(self) -> None:
        """What a draw may leave out: a known progress given up, forecasts upon forecasts, an end recorded by mistake,
        a rate of which half is known, and one that a regression must not pull down."""
        phase, on = self.acting.phases[0]["id"], self.drawn.day
        action = self.made("actions")
        self.act("actions", action, "declare-progress")
        self.act("actions", action, "abandon")
        milestone = self.made("milestones", subject={"kind": "phase", "id": phase}, due_on=on())
        for verb in ("reschedule", "reschedule", "reschedule", "reach"):
            self.later()
            self.act("milestones", milestone, verb)
        reached = self.history(milestone)[-1].envelope.event_id
        self.post("milestones", milestone, f"events/{reached}/withdraw", {"reason": "Par erreur"})
        way = {"baseline": {"value": 0, "on": on(-9, -8)}, "targets": [{"value": 100, "on": on(60, 61)}]}
        shape = {"family": "benefit", "unit": "€", "direction": "up", "cadence": "monthly", **way}
        for id, value in [(self.made("indicators", **shape), value) for value in (50, -50)]:
            self.post("indicators", id, "measure", {"value": value})

    def made(self, collection: str, **body: Any) -> str:
        self.later()
        return str(self.acting.add(collection, title="Sûrement", **body)["id"])

    def later(self) -> None:
        """Up to two days, so that nights pass, at which Paris and UTC are not on the same day."""
        self.running.advance(hours=self.draw.randrange(48))

    def some(self, collection: str) -> str | None:
        found = [id for name, id in self.things if name == collection]
        return self.draw.choice(found) if found else None

    @staticmethod
    def who(collection: str, verb: str = "") -> str:
        return "governance" if collection == "decisions" or verb == "acknowledge" else "lead"

    def validate(self) -> None:
        submit_plan(self.running, self.acting.id)
        self.acting.add("decisions", "governance", kind="plan_validation", title="Plan validé", chosen="Oui")

    def create(self, collection: str, number: int) -> None:
        body = self.drawn.creation(collection, number)
        answer = self.running.post(f"/transformations/{self.acting.id}/{collection}", body, self.who(collection))
        self.refused += answer.status_code != 201
        if answer.status_code == 201:
            self.things.append((collection, answer.json()["id"]))

    def act(self, collection: str, id: str, verb: str) -> None:
        before = BEFORE.get(verb)
        if before:
            self.act(collection, id, before[collection] if isinstance(before, dict) else before)
        self.post(collection, id, verb, self.drawn.act(collection, id, verb))

    def mend(self, collection: str, id: str) -> None:
        """Put one fact of an object right, or take it back: its creation at times."""
        history = self.history(id)
        fact = self.draw.choice(history)
        path = f"events/{fact.envelope.event_id}"
        behalf = self.drawn.for_governance() if fact.topic.endswith(".baseline_set") else {}
        if self.draw.random() < 0.5:
            done = self.post(collection, id, f"{path}/withdraw", {"reason": "Par erreur", **behalf})
            if done and fact is history[0]:
                self.things.remove((collection, id))
        else:
            changes = self.drawn.correction(type(fact.event).model_fields)
            self.post(collection, id, f"{path}/correct", {"reason": "Faux", "changes": changes, **behalf})

    def post(self, collection: str, id: str, verb: str, body: dict[str, Any]) -> bool:
        who = "contributor" if verb == "propose-value" else self.who(collection, verb)
        answer = self.running.act(f"/{collection}/{id}", verb, body, who)
        assert answer.status_code in (200, 400, 403, 404, 409, 422), answer.text
        self.refused += answer.status_code != 200
        return bool(answer.status_code == 200)

    def history(self, id: str) -> list[Any]:
        return self.running.service.log.history(UUID(id))

    def told(self) -> list[Told]:
        """Every event of the transformation, in the order of the log."""
        query = "SELECT DISTINCT originator_id FROM events WHERE transformation_id = %s"
        streams = self.running.service.database.all(query, (self.acting.id,))
        facts = [fact for row in streams for fact in self.history(str(row["originator_id"]))]
        return [
            {
                "position": fact.position,
                "stream": str(fact.originator_id),
                "topic": fact.topic,
                "event_id": str(fact.envelope.event_id),
                "on": str(fact.occurred_on),
                "today": str(fact.recorded_at.astimezone(PARIS).date()),
                "at": fact.recorded_at,
                "who": [fact.envelope.actor, *([fact.envelope.on_behalf_of.id] if fact.envelope.on_behalf_of else [])],
                "data": fact.event.model_dump(mode="json", exclude_unset=isinstance(fact.event, Revision)),
            }
            for fact in sorted(facts, key=lambda fact: fact.position)
        ]
