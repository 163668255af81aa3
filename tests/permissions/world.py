"""What the permission table needs: one object of each kind for everybody, own ones for each role, and small bodies."""

from functools import cached_property
from typing import Any

from service.domain.event import new_id
from tests.running import ROLES, Running

TODAY = "2026-03-02"
CALLERS = ("none", "stranger", "admin", *ROLES)


class Objects:
    """A transformation in which every kind of object exists, one of each owned by every role where that matters."""

    def __init__(self, running: Running) -> None:
        self.running = running
        for name in ("stranger", "spare"):
            running.person(name)
        self.transformation = running.transformation()
        self.of_all = f"/transformations/{self.transformation}"
        phase = self.running.get(f"{self.of_all}/phases").json()["items"][0]["id"]
        axis = self.running.get(f"{self.of_all}/axes").json()["items"][0]["id"]
        members = self.running.get(f"{self.of_all}/members").json()["items"]
        (auditor,) = (item["id"] for item in members if item["role"] == "auditor")
        self.other = {"phases": phase, "axes": axis, "members": auditor}
        self.other["workstreams"] = self.make("workstreams")
        self.other["actions"] = self.make("actions")
        self.other["milestones"] = self.make("milestones")
        self.other["obstacles"] = self.make("obstacles")
        self.other["indicators"] = self.make("indicators")
        self.other["decisions"] = self.make("decisions", "sponsor")
        self.other["status-reports"] = self.make("status-reports")
        self.other["notes"] = self.make("notes")
        self.other["imports"] = self.imported()
        self.other["groups"] = self.make("groups")
        bodies = self.running.get(f"{self.of_all}/bodies?kind=steering").json()["items"]
        self.other["bodies"] = bodies[0]["id"]
        self.other["reviews"] = self.make("reviews", body_id=self.other["bodies"])
        frozen = running.act(f"/reviews/{self.other['reviews']}", "freeze-pack")
        assert frozen.status_code == 200, frozen.text
        self.restricted = {
            "obstacles": self.make("obstacles", visibility="restricted"),
            "decisions": self.make("decisions", "sponsor", visibility="restricted"),
            "notes": self.make("notes", visibility="restricted"),
        }
        self.own: dict[str, dict[str, str]] = {}
        for role in ROLES:
            action = self.make("actions", lead=running.people[role])
            about = {"subject": {"kind": "action", "id": action}}
            self.own[role] = {
                "actions": action,
                "milestones": self.make("milestones", **about),
                "obstacles": self.make("obstacles", owner=running.people[role]),
                "indicators": self.make("indicators", owner=running.people[role]),
            }
            if role in ("lead", "governance", "sponsor"):
                self.own[role]["decisions"] = self.make("decisions", role)
            if role in ("lead", "contributor", "facilitator", "integration"):
                self.own[role]["notes"] = self.make("notes", role, **about)

    @cached_property
    def description(self) -> dict[str, Any]:
        found: dict[str, Any] = self.running.client.get("/api/v1/openapi.json").json()
        return found

    @cached_property
    def event(self) -> str:
        """A fact of this transformation."""
        trail = self.running.get(f"/audit/events?transformation={self.transformation}&limit=1").json()
        return str(trail["items"][0]["event_id"])

    def make(self, collection: str, who: str = "lead", **more: Any) -> str:
        """A new object; its id."""
        body = self.body(f"/transformations/{{transformation}}/{collection}")
        if "subject" in body:
            body["subject"] = {"kind": "phase", "id": self.other["phases"]}
        body |= more
        made = self.running.post(f"{self.of_all}/{collection}", body, who)
        assert made.status_code == 201, (collection, who, made.text)
        return str(made.json()["id"])

    def imported(self) -> str:
        """The id of an import: the plan as it was exported."""
        workbook = self.running.get(f"{self.of_all}/exports/plan.xlsx").content
        headers = self.running.headers("lead", {"Idempotency-Key": str(new_id())})
        made = self.running.client.post(
            f"/api/v1{self.of_all}/imports",
            headers=headers,
            files={"file": ("plan.xlsx", workbook)},
            data={"mode": "apply"},
        )
        assert made.status_code == 201, made.text
        return str(made.json()["id"])

    def key(self, owner: str) -> str:
        """The id of a new key of somebody."""
        body = {"name": "essai", "owner": self.running.people[owner]}
        made = self.running.post("/keys", body, "Administratrice")
        return str(made.json()["id"])

    def body(self, path: str) -> dict[str, Any]:
        """The smallest body of a POST: required fields only."""
        operation = self.description["paths"][f"/api/v1{path}"]["post"]
        schema = operation["requestBody"]["content"]["application/json"]["schema"]
        found: dict[str, Any] = self._smallest(schema, "")
        return found

    def _smallest(self, schema: dict[str, Any], name: str) -> Any:
        if reference := schema.get("$ref"):
            return self._smallest(self.description["components"]["schemas"][reference.rsplit("/", 1)[1]], name)
        if "properties" in schema:
            required = schema.get("required", [])
            return {field: self._smallest(schema["properties"][field], field) for field in required}
        if "anyOf" in schema:
            return self._smallest(schema["anyOf"][0], name)
        if "enum" in schema:
            return "other" if "other" in schema["enum"] else schema["enum"][-1]
        special: dict[str, Any] = {
            "code": f"P-{new_id().hex[-10:].upper()}",
            "changes": {"title": "Corrigé"},
            "ordinal": new_id().int % 1000 + 10,
        }
        if name in special:
            return special[name]
        if str(schema.get("pattern", "")).startswith("^[ps]_"):
            return self.running.people["spare"]
        kinds = {"uuid": str(new_id()), "date": TODAY, "integer": 1, "number": 1, "string": "Essai", "boolean": True}
        return kinds[schema.get("format") or schema["type"]]
