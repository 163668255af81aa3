"""Bodies and stage reviews for the permission table: seated, and as far on their way as an act needs."""

from typing import Any

from tests.running import Running

ON_CONDITIONS = ("meet-condition", "escalate-condition", "lift-condition")
GATE = ("give-verdict", *ON_CONDITIONS)
"""Acts on a review at a gate: each in a launched transformation of its own, since a gate hears one verdict."""
AFTER = ("close", "acknowledge", "contest", "answer-contestation", *GATE)
"""Acts on a review that was held."""
AUTHORITY = ("sponsor", "governance")
SEATS = ["Présidence", "Membre"]
MONTHLY = {"unit": "month", "every": 1}


class Governance:
    """Makes bodies and reviews, as the lead unless the act is the sponsor's."""

    def __init__(self, running: Running, today: str) -> None:
        self.running = running
        self.today = today

    def body(self, transformation: str, seated: tuple[str, ...]) -> str:
        """A body with a cadence, whose seats some people take."""
        sent = {"name": "Comité", "seats": [*SEATS], "cadence": MONTHLY}
        made = self.running.post(f"/transformations/{transformation}/bodies", sent)
        assert made.status_code == 201, made.text
        for seat, who in enumerate(seated, start=1):
            self._done(f"/bodies/{made.json()['id']}", "appoint", {"person_id": self.running.people[who], "seat": seat})
        return str(made.json()["id"])

    def review(self, transformation: str, verb: str, owner: str = "") -> str:
        """A review on which the act can succeed; for an `owner`, one in which they have a part."""
        phase: str | None = None
        if verb in GATE:
            transformation, phase = self._launched()
        own_seat = (owner,) if owner and owner not in AUTHORITY else ()
        body = self.body(transformation, (*AUTHORITY[: 2 - len(own_seat)], *own_seat))
        point = {"title": "Point", "owner": self.running.people[owner]} if owner else {"title": "Point"}
        sent: dict[str, Any] = {"body_id": body, "title": "Point d’étape", "planned_on": self.today, "agenda": [point]}
        if phase:
            self._done(f"/phases/{phase}", "configure-gate", {"body_id": body}, "sponsor")
        else:
            sent["criteria"] = ["Une feuille de route"]
        made = self.running.post(
            f"/transformations/{transformation}/reviews", sent | ({"phase_id": phase} if phase else {})
        )
        assert made.status_code == 201, made.text
        path = f"/reviews/{made.json()['id']}"
        if verb in ("hold", *AFTER):
            self._done(path, "freeze-pack", {})
        if verb in AFTER:
            attended = [self.running.people[who] for who in (*AUTHORITY[: 2 - len(own_seat)], *own_seat)]
            self._done(path, "hold", {"attended": attended})
        if verb in ON_CONDITIONS:
            for criterion in made.json()["criteria"]:
                self._done(path, "assess-criterion", {"number": criterion["number"], "met": True})
            owns = self.running.people[owner or "spare"]
            condition = {"statement": "Finir", "owner": owns, "due_on": "2026-06-30"}
            if verb == "escalate-condition":
                condition |= {"due_on": self.running.now.date().isoformat(), "blocking": True}
            verdict = {"verdict": "go_with_conditions", "title": "Oui", "chosen": "Oui", "conditions": [condition]}
            self._done(path, "give-verdict", verdict, "sponsor")
        if verb == "escalate-condition":
            self.running.advance(days=1)  # its date has passed
        return str(made.json()["id"])

    def _launched(self) -> tuple[str, str]:
        """A transformation of its own, and its open phase."""
        transformation = self.running.transformation()
        self._done(f"/transformations/{transformation}", "launch", {}, "sponsor")
        phases = self.running.get(f"/transformations/{transformation}/phases?sort=ordinal").json()["items"]
        return transformation, str(phases[0]["id"])

    def _done(self, path: str, verb: str, body: dict[str, Any], who: str = "lead") -> None:
        done = self.running.act(path, verb, body, who)
        assert done.status_code == 200, (path, verb, done.text)
