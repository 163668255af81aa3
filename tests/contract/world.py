"""The world of the contract tests: a transformation with its milestones, and what every problem must be."""

from dataclasses import dataclass
from datetime import timedelta
from typing import Any

from service.domain.event import new_id
from tests.running import Running

TYPE = "/api/v1/problems/"


@dataclass
class World:
    """A running service with a transformation; `milestones` is its collection."""

    running: Running
    transformation: str
    phase: str

    @property
    def milestones(self) -> str:
        return f"/transformations/{self.transformation}/milestones"

    def promise(self, **more: Any) -> dict[str, Any]:
        """The body of a promise."""
        return {"subject": {"kind": "phase", "id": self.phase}, "title": "Restitution", "due_on": "2026-06-01", **more}

    def milestone(self, **more: Any) -> dict[str, Any]:
        """A new milestone, with its ETag."""
        made = self.running.post(self.milestones, self.promise(**more))
        assert made.status_code == 201, made.text
        return {**made.json(), "etag": made.headers["ETag"]}

    def send(self, path: str, content: bytes | str, **headers: str) -> Any:
        """POST these very bytes as JSON, with a fresh idempotency key."""
        sent = {"Idempotency-Key": str(new_id()), "Content-Type": "application/json"}
        sent |= {name.replace("_", "-"): value for name, value in headers.items()}
        return self.running.client.post(f"/api/v1{path}", content=content, headers=self.running.headers("lead", sent))

    def in_days(self, days: int) -> str:
        """A date so many days after the clock's."""
        return (self.running.now + timedelta(days=days)).date().isoformat()

    def events(self) -> int:
        """The position of the head of the log."""
        return int(self.running.service.log.head())


def is_problem(answer: Any, status: int, code: str | None = None) -> dict[str, Any]:
    """An RFC 9457 document, complete, about this very request."""
    assert answer.status_code == status, answer.text[:400]
    assert answer.headers["Content-Type"] == "application/problem+json"
    body: dict[str, Any] = answer.json()
    assert {"type", "title", "status", "detail", "instance", "code"} <= body.keys()
    assert body["status"] == status
    assert body["type"] == TYPE + body["code"]
    assert body["instance"] == answer.headers["X-Request-ID"]
    assert body["title"]
    assert body["detail"]
    if code is not None:
        assert body["code"] == code
    return body


def resolve(pointer: str, document: Any) -> Any:
    """RFC 6901."""
    assert pointer == "" or pointer.startswith("/")
    for part in pointer.split("/")[1:]:
        name = part.replace("~1", "/").replace("~0", "~")
        document = document[int(name)] if isinstance(document, list) else document[name]
    return document
