"""What the tests of both registers share: a launched transformation with a small plan, and short ways to write."""

from dataclasses import dataclass, field
from typing import Any

from tests.running import Running

Json = dict[str, Any]


@dataclass
class Place:
    """A launched transformation as tests know it."""

    running: Running
    id: str
    phases: list[str] = field(default_factory=list)
    axes: list[str] = field(default_factory=list)

    def path(self, collection: str) -> str:
        return f"/transformations/{self.id}/{collection}"

    def items(self, collection: str, who: str = "lead", **params: Any) -> list[Json]:
        found = self.running.get(self.path(collection), who, params=params)
        assert found.status_code == 200, found.text
        items: list[Json] = found.json()["items"]
        return items

    def make(self, collection: str, body: Json, who: str = "lead") -> Json:
        made = self.running.post(self.path(collection), body, who)
        assert made.status_code == 201, made.text
        answer: Json = made.json()
        return answer

    def action(self, **more: Any) -> Json:
        return self.make("actions", {"title": "Réécrire le mode d’emploi", "end_on": "2026-05-29", **more})

    def milestone(self, **more: Any) -> Json:
        subject = {"kind": "phase", "id": self.phases[0]}
        return self.make("milestones", {"subject": subject, "title": "Restitution", "due_on": "2026-05-04", **more})

    def obstacle(self, who: str = "lead", **more: Any) -> Json:
        return self.make("obstacles", {**OBSTACLE, **more}, who)

    def decision(self, who: str = "lead", **more: Any) -> Json:
        return self.make("decisions", {**DECISION, **more}, who)

    def verdict(self, verdict: str, phase: int, who: str = "sponsor", **more: Any) -> Any:
        gate = {"kind": "gate_verdict", "phase_id": self.phases[phase], "verdict": verdict}
        return self.running.post(self.path("decisions"), {**DECISION, **gate, **more}, who)

    def statuses(self) -> list[str]:
        """The statuses of the phases, in their order."""
        return [self.running.get(f"/phases/{id}").json()["status"] for id in self.phases]

    def behalf(self, who: str) -> Json:
        """For whom, with the document that grounds it."""
        minutes = {"title": "Compte rendu du 2 mars", "sha256": "0" * 64}
        return {"kind": "person", "id": self.running.people[who], "basis": {"kind": "document", "document": minutes}}

    def events(self, subject: str, topic: str) -> list[Any]:
        """The ids of the events of one topic in one stream, as the log holds them."""
        query = "SELECT event_id FROM audit_events WHERE subject_id = %s AND topic = %s ORDER BY position"
        return [row["event_id"] for row in self.running.service.database.all(query, (subject, topic))]

    def withdraw(self, path: str, event_id: Any, who: str, for_whom: str | None = None) -> Any:
        """`for_whom`: what governance or sponsor decided is taken back in their name."""
        behalf = {"on_behalf_of": self.behalf(for_whom)} if for_whom else {}
        return self.running.act(path, f"events/{event_id}/withdraw", {"reason": "Saisi par erreur", **behalf}, who)


OBSTACLE = {
    "title": "Le fournisseur ne répond plus",
    "statement": "Trois relances sans réponse",
    "nature": "obstacle",
    "impact": 3,
    "urgency": 2,
}
DECISION = {"title": "Retenir l’outil B", "chosen": "L’outil B, pour deux ans"}


def prepared(running: Running) -> Place:
    """A transformation from the template, before its launch."""
    place = Place(running, running.transformation())
    place.phases = [item["id"] for item in sorted(place.items("phases"), key=lambda phase: phase["ordinal"])]
    place.axes = [item["id"] for item in place.items("axes")]
    return place


def launched(running: Running) -> Place:
    """The same, launched by its sponsor: its first phase is open."""
    place = prepared(running)
    answer = running.act(f"/transformations/{place.id}", "launch", {}, "sponsor")
    assert answer.status_code == 200, answer.text
    return place
