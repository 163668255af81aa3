"""A transformation lived over HTTP, in an order that a seed draws, and its events as the log keeps them."""

from datetime import timedelta
from random import Random
from typing import Any
from uuid import UUID
from zoneinfo import ZoneInfo

from service.domain.event import Revision
from tests.api.steps import submit_plan
from tests.api.views_world import Acting
from tests.laws.naive_events import Told
from tests.running import Running

PARIS = ZoneInfo("Europe/Paris")
ACTS = {
    "actions": "complete reopen resume put-back revise mend mend mend",
    "milestones": "reschedule reopen cancel revise mend mend",
    "obstacles": "postpone escalate verify reopen reject assess assign revise mend mend",
    "indicators": "measure measure accept-value retire mend mend",
    "decisions": "communicate apply revoke revise mend",
    "workstreams": "place",
}
BEFORE = {
    "complete": "start",
    "start": "plan",
    "resume": "pause",
    "pause": "plan",
    "verify": "resolve",
    "accept-value": "propose-value",
    "reopen": {"actions": "abandon", "milestones": "reach", "obstacles": "resolve"},
}
"""What is to be done with the same object just before, so that an act is likely to be legal."""
WISHES = ("due_on", "end_on", "value", "visibility", "title", "impact", "due_on")


class ViewsLife:
    """Everything is created in a drawn order, then acted upon, mended and taken back; what a rule refuses is passed."""

    def __init__(self, running: Running, seed: int) -> None:
        self.acting, self.running, self.draw = Acting(running), running, Random(seed)
        self.things: list[tuple[str, str]] = []
        self.refused = 0
        self.begins = running.service.log.head()

    def live(self) -> "ViewsLife":
        creations = ["workstreams", "workstreams", *["actions"] * 5, *["milestones"] * 3]
        creations += [*["obstacles"] * 4, *["decisions"] * 2, *["indicators"] * 2]
        for number, collection in enumerate(creations):
            self.later()
            self.create(collection, number)
            if number == 8:
                self.validate()
        acts = [(collection, verb) for collection, verbs in ACTS.items() for verb in verbs.split()]
        self.draw.shuffle(acts)
        for collection, verb in acts:
            self.later()
            id = self.some(collection)
            if id is not None:
                self.mend(collection, id) if verb == "mend" else self.act(collection, id, verb)
        return self

    def later(self) -> None:
        """Up to two days, so that nights pass, at which Paris and UTC are not on the same day."""
        self.running.advance(hours=self.draw.randrange(48))

    def day(self, least: int = 1, most: int = 45) -> str:
        return str(self.running.now.date() + timedelta(days=self.draw.randrange(least, most)))

    def some(self, collection: str) -> str | None:
        found = [id for name, id in self.things if name == collection]
        return self.draw.choice(found) if found else None

    def owner(self) -> str | None:
        return self.draw.choice([None, *(self.running.people[role] for role in ("facilitator", "contributor"))])

    @staticmethod
    def who(collection: str) -> str:
        return "governance" if collection == "decisions" else "lead"

    def seen_by(self) -> str:
        return self.draw.choice(("members", "restricted"))

    def validate(self) -> None:
        submit_plan(self.running, self.acting.id)
        self.acting.add("decisions", "governance", kind="plan_validation", title="Plan validé", chosen="Oui")

    def create(self, collection: str, number: int) -> None:
        axes = [axis["id"] for axis in self.acting.axes]
        body: dict[str, Any] = {"title": f"Objet {number}"}
        target = {"kind": "action", "id": self.some("actions")}
        match collection:
            case "workstreams":
                body |= {"axis_id": axes[number]}
            case "actions":
                place = self.draw.choice(
                    ({}, {"axis_id": axes[0]}, {"workstream_id": self.some("workstreams")}, {"parent_id": target["id"]})
                )
                phase = self.draw.choice((None, self.acting.phases[0]["id"]))
                body |= {"end_on": self.draw.choice((None, self.day(), self.day())), "phase_id": phase, **place}
            case "milestones":
                body |= {"subject": target, "due_on": self.day()}
            case "obstacles":
                body |= {"statement": "Il manque du temps", "nature": "obstacle", "impact": 2, "urgency": 3}
                body |= {"blocks": [target], "owner": self.owner(), "visibility": self.seen_by()}
                if number % 2:  # so that whoever sees nothing restricted sees their own all the same
                    body |= {"owner": self.running.people["facilitator"], "visibility": "restricted"}
            case "decisions":
                body |= {"chosen": "Oui", "visibility": self.seen_by(), "supersedes": self.some("decisions")}
                body |= {"applies_from": self.draw.choice((None, self.day()))}
            case "indicators":
                body |= {"family": "doing", "unit": "%", "direction": "up", "cadence": "monthly"}
                body |= {
                    "baseline": {"value": 1, "on": self.day(-9, 20)},
                    "targets": [{"value": 90, "on": self.day(60, 90)}],
                }
        answer = self.running.post(f"/transformations/{self.acting.id}/{collection}", body, self.who(collection))
        self.refused += answer.status_code != 201
        if answer.status_code == 201:
            self.things.append((collection, answer.json()["id"]))

    def act(self, collection: str, id: str, verb: str) -> None:
        before = BEFORE.get(verb)
        if before:
            self.act(collection, id, before if isinstance(before, str) else before[collection])
        body: dict[str, Any] = {"reason": "Il le faut"}
        match collection, verb:
            case "actions", "revise":
                place = self.draw.choice(
                    ({"axis_id": self.draw.choice(self.acting.axes)["id"], "workstream_id": None}, {})
                )
                body |= {"end_on": self.day(), **place}
            case "milestones", "reschedule" | "revise":
                body |= {"due_on": self.day()}
            case "obstacles", "postpone":
                body |= {"until": self.day()}
            case "obstacles", "escalate":
                body |= {"level": "direction", "ask": "Un avis", "answer_due_on": self.day()}
            case "obstacles", "resolve":
                body |= {"resolution": "Levé", "resolved_by": {"kind": "other"}}
            case "obstacles", "assess":
                body |= {"impact": 3, "urgency": self.draw.randrange(1, 4)}
            case "obstacles", "assign":
                body |= {"owner": self.owner()}
            case "obstacles" | "decisions", "revise":
                body |= {"visibility": self.seen_by()}
            case "indicators", "measure" | "propose-value":
                body |= {"value": self.draw.randrange(100), "occurred_on": self.day(-20, 1)}
            case "indicators", "accept-value":
                told = [f for f in self.history(id) if f.topic == "indicator.value_proposed"]
                body |= {"proposal_event_id": str(told[-1].envelope.event_id) if told else id}
            case "decisions", "communicate":
                body |= {"audience": "Les équipes"}
            case "workstreams", "place":
                body |= {"axis_id": self.draw.choice(self.acting.axes)["id"]}
        self.post(collection, id, verb, body)

    def mend(self, collection: str, id: str) -> None:
        """Put one fact of an object right, or take it back: its creation at times."""
        fact = self.draw.choice(self.history(id))
        path = f"events/{fact.envelope.event_id}"
        fields = type(fact.event).model_fields
        wish = next((name for name in self.draw.sample(WISHES, len(WISHES)) if name in fields), "occurred_on")
        told = {"title": "Corrigé", "value": self.draw.randrange(100), "visibility": self.seen_by(), "impact": 1}
        dates = {"due_on": self.day(), "end_on": self.day(), "occurred_on": self.day(-9, 0)}
        if self.draw.random() < 0.5:
            self.post(collection, id, f"{path}/withdraw", {"reason": "Par erreur"})
        else:
            self.post(collection, id, f"{path}/correct", {"reason": "Faux", "changes": {wish: {**told, **dates}[wish]}})

    def post(self, collection: str, id: str, verb: str, body: dict[str, Any]) -> None:
        who = "contributor" if verb == "propose-value" else self.who(collection)
        answer = self.running.act(f"/{collection}/{id}", verb, body, who)
        assert answer.status_code in (200, 400, 403, 404, 409, 422), answer.text
        self.refused += answer.status_code != 200

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
                "data": fact.event.model_dump(mode="json", exclude_unset=isinstance(fact.event, Revision)),
            }
            for fact in sorted(facts, key=lambda fact: fact.position)
        ]
