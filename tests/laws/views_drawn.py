"""What is said in each act of a drawn life: bodies with dates, values, places and people that a seed draws."""

from collections.abc import Container
from datetime import timedelta
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from tests.laws.views_life import ViewsLife

Json = dict[str, Any]
CONFIDENCE = ("secured", "attainable", "support_needed", "compromised")
WISHES = ("due_on", "end_on", "value", "visibility", "title", "impact", "due_on", "percent", "confidence", "weight")


class Drawn:
    """Draws from the random numbers of a life, and among its objects."""

    def __init__(self, life: "ViewsLife") -> None:
        self.life, self.draw = life, life.draw

    def day(self, least: int = 1, most: int = 45) -> str:
        return str(self.life.running.now.date() + timedelta(days=self.draw.randrange(least, most)))

    def owner(self) -> str | None:
        return self.draw.choice([None, *(self.life.running.people[role] for role in ("facilitator", "contributor"))])

    def seen_by(self) -> str:
        return self.draw.choice(("members", "restricted"))

    def target(self, *collections: str) -> Json:
        """Something that stands, of one of these kinds."""
        kinds = {"actions": "action", "milestones": "milestone", "workstreams": "workstream", "phases": "phase"}
        kinds |= {"axes": "axis", "transformations": "transformation", "obstacles": "obstacle"}
        collection = self.draw.choice(collections)
        return {"kind": kinds[collection], "id": self.life.some(collection)}

    def creation(self, collection: str, number: int) -> Json:
        body: Json = {"title": f"Objet {number}"}
        life, axes = self.life, [axis["id"] for axis in self.life.acting.axes]
        match collection:
            case "workstreams":
                above = {"parent_id": life.some("workstreams")}
                body |= above if number == 2 else {"axis_id": axes[number]}
            case "actions":
                places: tuple[Json, ...] = ({}, {"axis_id": axes[0]}, {"parent_id": life.some("actions")})
                place = self.draw.choice((*places, *[{"workstream_id": life.some("workstreams")}] * 2))
                phase = self.draw.choice((None, life.acting.phases[0]["id"]))
                body |= {"end_on": self.draw.choice((None, self.day(), self.day())), "phase_id": phase, **place}
                body |= {"weight": self.draw.choice((0, 1, 1, 2.5)), "lead": self.owner()}
            case "milestones":
                subject = self.target("actions", "actions", "actions", "workstreams", "phases")
                body |= {"subject": subject, "due_on": self.day(), "weight": self.draw.choice((1, 1, 3))}
            case "obstacles":
                where = [self.target("actions"), self.target("actions", "milestones", "workstreams", "axes")]
                body |= {"statement": "Il manque du temps", "nature": "obstacle", "impact": 2, "urgency": 3}
                body |= {"blocks": where[: self.draw.randrange(3)], "owner": self.owner()}
                body |= {"next_look_on": self.draw.choice((None, self.day(1, 9))), "visibility": self.seen_by()}
                if number % 2:  # so that whoever sees nothing restricted sees their own all the same
                    body |= {"owner": life.running.people["facilitator"], "visibility": "restricted"}
                    body |= {"impact": 3, "next_look_on": self.day(1, 9)}
            case "decisions":
                body |= {"chosen": "Oui", "visibility": self.seen_by(), "supersedes": life.some("decisions")}
                body |= {"applies_from": self.draw.choice((None, self.day()))}
            case "indicators":
                body |= self.indicator(number)
            case "status-reports":
                body = {"subject": self.target("transformations", "axes", "workstreams", "phases", "workstreams")}
                body |= {"confidence": self.draw.choice(CONFIDENCE), "narrative": "On y va"}
                body |= {"occurred_on": self.day(-6, 1)}
            case "notes":
                body = {"subject": self.target("actions", "workstreams"), "text": "Vu", "visibility": self.seen_by()}
        return body

    def indicator(self, number: int) -> Json:
        """Up, down and held by turns; mostly measured every week; some with no way to go, or nowhere to begin yet."""
        direction = ("up", "down", "hold")[number % 3]
        body: Json = {"family": self.draw.choice(("doing", "being")), "unit": "%", "direction": direction}
        body |= {"cadence": self.draw.choice(("weekly", "weekly", "weekly", "monthly", "quarterly", "once"))}
        body |= {"tolerance": 20 if direction == "hold" else None, "weight": self.draw.choice((0.5, 1, 2))}
        body |= {"subject": self.draw.choice((None, self.target("axes", "workstreams", "actions")))}
        body |= {"availability_delay_days": self.draw.randrange(4), "owner": self.owner(), "collector": self.owner()}
        way = self.way(direction, 0 if number % 5 == 0 else self.draw.choice((1, 2)))
        return body | way | ({"baseline": None} if number % 5 == 1 else {})

    def way(self, direction: str, targets: int) -> Json:
        """A baseline and dated targets, on the side on which they are to be."""
        side = {"up": 1, "down": -1, "hold": self.draw.choice((-1, 0))}[direction]
        steps = ((self.day(60, 90), 30), (self.day(20, 59), 12))[:targets]
        baseline = {"value": 50, "on": self.day(-30, 1)}
        return {"baseline": baseline, "targets": [{"value": 50 + side * far, "on": on} for on, far in steps]}

    def act(self, collection: str, id: str, verb: str) -> Json:
        body: Json = {"reason": "Il le faut"}
        match collection, verb:
            case "actions", "revise":
                axes = self.life.acting.axes
                place = self.draw.choice(({"axis_id": self.draw.choice(axes)["id"], "workstream_id": None}, {}))
                body |= {"end_on": self.draw.choice((None, self.day(), self.day())), "lead": self.owner(), **place}
            case "actions", "declare-progress":
                body |= {"percent": self.draw.randrange(101)}
            case "milestones", "reschedule" | "revise":
                body |= {"due_on": self.day()}
            case "obstacles", "postpone":
                body |= {"until": self.day(1, 12)}
            case "obstacles", "escalate":
                level = self.draw.choice(("direction", "governance", "governance"))
                body |= {"level": level, "ask": "Un avis", "answer_due_on": self.day(1, 6)}
            case "obstacles", "answer":
                body |= {"answer": "Oui"}
            case "obstacles", "speak":
                body |= {"text": "On y est", "next_look_on": self.draw.choice((None, self.day(1, 9)))}
                body |= self.for_owner(id)
            case "obstacles", "resolve":
                body |= {"resolution": "Levé", "resolved_by": {"kind": "other"}}
            case "obstacles", "assess":
                body |= {"impact": 3, "urgency": self.draw.randrange(1, 4)}
            case "obstacles", "assign":
                body |= {"owner": self.owner()}
            case "obstacles" | "decisions", "revise":
                body |= {"visibility": self.seen_by()}
            case "indicators", "measure" | "propose-value":
                when = self.draw.choice((self.day(-9, 1), self.day(-20, 1), self.day(-373, -357)))
                body |= {"value": self.draw.randrange(100, 0, -1), "occurred_on": when}
            case "indicators", "revise":
                direction = self.life.running.get(f"/indicators/{id}").json().get("direction", "up")
                body |= self.way(direction, self.draw.choice((1, 2)))
            case "indicators", "accept-value" | "refuse-value":
                told = [f for f in self.life.history(id) if f.topic == "indicator.value_proposed"]
                body |= {"proposal_event_id": str(told[-1].envelope.event_id) if told else id}
            case "decisions", "communicate":
                body |= {"audience": "Les équipes"}
            case "workstreams", "place":
                body |= {"axis_id": self.draw.choice(self.life.acting.axes)["id"]}
            case "workstreams", "prioritise":
                body |= {"priority": self.draw.randrange(1, 9)}
            case _, "confirm" | "look-at":
                body |= {"occurred_on": self.day(-3, 1)}
        return body

    def for_owner(self, id: str) -> Json:
        """On behalf of who owns an obstacle: their word alone ends the silence."""
        owner = self.life.running.get(f"/obstacles/{id}").json().get("owner")
        return on_behalf_of(owner) if owner else {}

    def for_governance(self) -> Json:
        """On behalf of who validated: what a validation did is theirs to take back."""
        return on_behalf_of(self.life.running.people["governance"])

    def correction(self, fields: Container[str]) -> Json:
        """One field of a fact, else the day on which it was true."""
        wish = next((name for name in self.draw.sample(WISHES, len(WISHES)) if name in fields), "occurred_on")
        told = {"title": "Corrigé", "value": self.draw.randrange(100), "visibility": self.seen_by(), "impact": 1}
        told |= {"percent": self.draw.randrange(101), "confidence": self.draw.choice(CONFIDENCE), "weight": 4}
        return {wish: {**told, "due_on": self.day(), "end_on": self.day(), "occurred_on": self.day(-9, 0)}[wish]}


def on_behalf_of(person: str) -> Json:
    basis = {"kind": "document", "document": {"title": "Message", "uri": "https://example.org/1"}}
    return {"on_behalf_of": {"kind": "person", "id": person, "basis": basis}}
