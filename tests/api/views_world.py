"""A transformation that tests of views act upon through the API, and read back."""

from typing import Any
from uuid import UUID

from tests.running import Running


class Acting:
    """One launched transformation, with short words to add to it, act on it, mend it and look at it."""

    def __init__(self, running: Running) -> None:
        self.running = running
        self.id = running.transformation()
        launched = running.act(f"/transformations/{self.id}", "launch", who="sponsor")
        assert launched.status_code == 200, launched.text
        self.phases = self.listed("phases")
        self.axes = sorted(self.listed("axes"), key=lambda axis: axis["position"])

    def listed(self, collection: str) -> list[dict[str, Any]]:
        items: list[dict[str, Any]] = self.running.get(f"/transformations/{self.id}/{collection}").json()["items"]
        return items

    def add(self, collection: str, who: str = "lead", **body: Any) -> dict[str, Any]:
        made = self.running.post(f"/transformations/{self.id}/{collection}", body, who)
        assert made.status_code == 201, made.text
        return dict(made.json())

    def do(self, collection: str, what: dict[str, Any], verb: str, body: dict[str, Any], who: str = "lead") -> Any:
        done = self.running.act(f"/{collection}/{what['id']}", verb, body, who)
        assert done.status_code == 200, done.text
        return done.json()

    def view(self, name: str, who: str = "lead", language: str = "fr", **query: Any) -> dict[str, Any]:
        headers = {"Accept-Language": language}
        answer = self.running.get(f"/transformations/{self.id}/{name}", who, params=query, headers=headers)
        assert answer.status_code == 200, answer.text
        return dict(answer.json())

    def mend(self, collection: str, what: dict[str, Any], topic: str, verb: str, body: dict[str, Any]) -> None:
        """Correct or withdraw the first fact of a topic in an object's history."""
        history = self.running.service.log.history(UUID(what["id"]))
        event_id = next(fact.envelope.event_id for fact in history if fact.topic == topic)
        self.do(collection, what, f"events/{event_id}/{verb}", {"reason": "Saisi par erreur", **body})

    def head(self) -> int:
        return self.running.service.log.head()
