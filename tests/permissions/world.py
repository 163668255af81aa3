"""What the permission table needs: one object of each kind for everybody, own ones for each role, and small bodies."""

from datetime import date, timedelta
from functools import cached_property
from itertools import count
from typing import Any

from service.domain.event import new_id
from tests.permissions.governance import AUTHORITY, Governance
from tests.permissions.ready import BEFORE, BODIES, CORRECTED, REASON
from tests.running import ROLES, Running

TODAY = "2026-03-02"
BASIS = {"kind": "document", "document": {"title": "Relevé de décisions"}}
ORDINALS = count(20)
CALLERS = ("none", "stranger", "admin", *ROLES)


class Objects:
    """A transformation in which every kind of object exists, one of each owned by every role where that matters."""

    def __init__(self, running: Running) -> None:
        self.running = running
        self.governance = Governance(running)
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
        self.other["deliverables"] = self.make("deliverables")
        self.other["plan-versions"] = self.make("plan-versions")
        self.other["direction-projects"] = self.make("direction-projects")
        self.other["evaluations"] = self.make("evaluations")
        self.other["status-reports"] = self.make("status-reports")
        self.other["notes"] = self.make("notes")
        self.other["imports"] = self.imported()
        self.other["groups"] = self.make("groups")
        bodies = self.running.get(f"{self.of_all}/bodies?kind=steering").json()["items"]
        self.other["bodies"] = bodies[0]["id"]
        self.other["reviews"] = self.make("reviews")
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
                "deliverables": self.make("deliverables", owner=running.people[role]),
            }
            if role in ("lead", "governance", "sponsor"):
                self.own[role]["decisions"] = self.make("decisions", role)
            if role in ("lead", "contributor", "facilitator", "integration"):
                self.own[role]["notes"] = self.make("notes", role, **about)

        self._ready: dict[tuple[str, ...], tuple[str, str]] = {}
        self._reminders: dict[tuple[str, bool], str] = {}
        self._prepared = self._closing = ""
        self._elsewhere: dict[str, str] = {}
        """The transformation of what each has one of, by its id."""

    @cached_property
    def description(self) -> dict[str, Any]:
        found: dict[str, Any] = self.running.client.get("/api/v1/openapi.json").json()
        return found

    @cached_property
    def _governed(self) -> str:
        """The transformation whose bodies meet: with little in it, since every pack that is frozen holds all of it."""
        return self.running.transformation()

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
        if collection == "reviews":
            body["body_id"] = self.other["bodies"]
        body |= more
        made = self.running.post(f"{self.of_all}/{collection}", body, who)
        assert made.status_code == 201, (collection, who, made.text)
        return str(made.json()["id"])

    def standing(self, collection: str, kind: str, caller: str) -> str:
        """An object to be read."""
        if collection == "transformations":
            return self.transformation
        if collection == "reminders":
            return self.reminder(caller if kind == "mine" else "lead", restricted=kind != "other")
        if kind == "mine":  # restricted, and the caller's own
            if collection == "notes":
                return self.make("notes", caller, visibility="restricted", **self._about("own", caller))
            return self.make(collection, owner=self.running.people[caller], visibility="restricted")
        return {"other": self.other, "restricted": self.restricted, "own": self.own.get(caller, {})}[kind][collection]

    def reminder(self, person: str, *, restricted: bool = False) -> str:
        """A reminder to somebody, about an obstacle of that person to be looked at today: made once."""
        if (person, restricted) in self._reminders:
            return self._reminders[person, restricted]
        visibility = "restricted" if restricted else "members"
        owner = self.running.people[person]
        obstacle = self.make("obstacles", owner=owner, next_look_on=TODAY, visibility=visibility)
        service = self.running.service
        assert service.gate.wait(service.log.head(), 10)
        assert service.ticker().tick() is not None
        assert service.gate.wait(service.log.head(), 10)
        raised = self.running.get(f"{self.of_all}/reminders?subject_id={obstacle}").json()["items"]
        self._reminders[person, restricted] = str(raised[0]["id"])
        return self._reminders[person, restricted]

    def ready(self, collection: str, verb: str, kind: str, caller: str) -> tuple[str, str]:
        """An object on which the act can succeed, and the event that the act is about; kept until it did."""
        whose = caller if kind == "own" or collection == "decisions" else ""
        key = (collection, verb, kind, whose)
        if key not in self._ready:
            self._ready[key] = self._make_ready(collection, verb, kind, caller)
        return self._ready[key]

    def done(self, id: str) -> None:
        """The object was acted on: the next caller gets another."""
        self._ready = {key: found for key, found in self._ready.items() if found[0] != id}
        if self._prepared == id:
            self._prepared = ""
        if self._closing == id:
            self._closing = ""

    def _make_ready(self, collection: str, verb: str, kind: str, caller: str) -> tuple[str, str]:
        id = self._fresh(collection, verb, kind, caller)
        path = f"/{collection}/{id}"
        if verb in ("correct", "withdraw") and collection not in ("notes", "status-reports", "decisions"):
            self.lead(path, "revise", {CORRECTED.get(collection, "title"): f"Revu {new_id().hex[-6:]}"})
        for before, body in BEFORE.get((collection, verb), ()):
            self.lead(path, before, body)
        if verb in ("accept-value", "refuse-value"):
            proposer = "lead" if (kind, caller) == ("own", "contributor") else "contributor"
            proposed = self.running.post(f"{path}/propose-value", {"value": 3}, proposer)
            return id, str(proposed.json()["proposals"][0]["event_id"])
        if verb == "answer-contestation":
            contested = self.running.act(path, "contest", {"text": "Non"}, "sponsor")
            return id, str(contested.json()["contestations"][0]["event_id"])
        if verb == "reopen" and collection == "deliverables":
            assert self.running.act(path, "validate", {}, "sponsor").status_code == 200
        if verb not in ("correct", "withdraw"):
            return id, ""
        of = self._elsewhere.get(id, self.transformation)
        trail = self.running.get(f"/audit/events?transformation={of}&subject={id}&limit=200").json()
        return id, str(max(trail["items"], key=lambda item: item["position"])["event_id"])

    def _fresh(self, collection: str, verb: str, kind: str, caller: str) -> str:
        restricted = {"visibility": "restricted"} if kind == "restricted" else {}
        owner = self.running.people[caller] if kind == "own" else self.running.people["spare"]
        if collection == "transformations":
            return self.transformation
        if collection == "members":
            return self.make("members", person_id=self.running.person(f"Recrue {new_id().hex[-8:]}"), role="auditor")
        if collection == "decisions":
            if verb == "answer-contestation":
                behalf = {"kind": "person", "id": self.running.people["sponsor"], "basis": BASIS}
                return self.make("decisions", "lead", on_behalf_of=behalf, **restricted)
            taker = caller if kind == "own" else "governance" if caller == "sponsor" else "sponsor"
            return self.make("decisions", taker, **restricted)
        if collection == "notes":
            return self.make("notes", caller if kind == "own" else "lead", **self._about(kind, caller), **restricted)
        if collection == "bodies":
            seated = ("contributor",) if verb == "leave" else ()
            return self._in_governed(self.governance.body(self._governed, seated))
        if collection == "reviews":
            owner = caller if kind == "own" else ""
            return self._in_governed(self.governance.review(self._governed, verb, owner))
        if collection == "actions":
            return self.make("actions", **({"lead": owner} if kind == "own" else {}))
        if collection == "milestones":
            return self.make("milestones", **self._about(kind, caller))
        if collection in ("obstacles", "indicators"):
            return self.make(collection, owner=owner, **restricted)
        if collection == "deliverables":
            return self.make(collection, owner=owner, kind="document")
        if collection == "evaluations":
            said = {"baseline": "Au départ", "result": "Mieux", "narrative": "Le récit", "follow_up_on": TODAY}
            return self.make(collection, carried_on_by=owner, **said)
        if collection in ("plan-versions", "direction-projects"):
            return self._alone(collection)
        return self.make(collection)

    def _alone(self, collection: str) -> str:
        """An object of which a transformation has one: it gets a transformation to itself."""
        of = self.running.transformation()
        parts = {"why": "Le sens", "how": "Ensemble", "vision": "Loin", "missions": ["Une"], "ambitions": ["Durer"]}
        body = {"title": "Essai", **(parts if collection == "direction-projects" else {})}
        id = str(self.running.post(f"/transformations/{of}/{collection}", body).json()["id"])
        self._elsewhere[id] = of
        return id

    def _in_governed(self, id: str) -> str:
        self._elsewhere[id] = self._governed
        return id

    def _about(self, kind: str, caller: str) -> dict[str, Any]:
        return {"subject": {"kind": "action", "id": self.own[caller]["actions"]}} if kind == "own" else {}

    def lead(self, path: str, verb: str, body: dict[str, Any]) -> None:
        """An act of the lead that prepares another."""
        done = self.running.act(path, verb, body)
        assert done.status_code == 200, (path, verb, done.text)

    def said(self, collection: str, verb: str, kind: str, event: str, caller: str) -> dict[str, Any]:
        """What the body of an act says beyond its required fields."""
        more: dict[str, Any] = {**REASON, **BODIES.get((collection, verb), {})}
        if verb == "correct":
            more["changes"] = {CORRECTED.get(collection, "title"): f"Corrigé {new_id().hex[-6:]}"}
        if (collection, verb) == ("decisions", "revise"):
            return more | {"visibility": "members" if kind == "restricted" else "restricted"}
        if verb == "revise" and not BODIES.get((collection, verb)):
            more[CORRECTED.get(collection, "title")] = f"Revu {new_id().hex[-6:]}"
        if verb in ("accept-value", "refuse-value"):
            more["proposal_event_id"] = event
        if verb == "answer-contestation":
            more["contested_event_id"] = event
        if (collection, verb) == ("axes", "confirm"):
            more["decision_id"] = self.other["decisions"]
        if verb == "place":
            inside = ("parent_id", "groups") if collection == "groups" else ("axis_id", "axes")
            more[inside[0]] = self.other[inside[1]]
        if verb == "configure-gate":
            more["body_id"] = self.other["bodies"]
        if verb in ("appoint", "leave"):
            more |= {"person_id": self.running.people["contributor"]}
        if verb == "recuse" and kind != "own" and caller not in AUTHORITY:
            more["person_id"] = self.running.people["governance"]
        if verb == "assign":
            more["owner"] = self.running.people["lead"]
        if verb == "set-reminders":
            more["rules"] = [{"rule": "obstacle_silent", "offsets": [1 + next(ORDINALS) % 60]}]
        if verb == "set-calendar":
            more["closed_days"] = [(date(2026, 5, 1) + timedelta(days=next(ORDINALS))).isoformat()]
        return more

    def versioned(self, path: str) -> bool:
        """Whether the route asks for If-Match."""
        parameters = self.description["paths"][f"/api/v1{path}"]["post"].get("parameters", ())
        return any(parameter["name"] == "If-Match" for parameter in parameters)

    def send(self, method: str, path: str, headers: dict[str, str], *, versioned: bool, **sent: Any) -> Any:
        """A request; on the version that the lead saw last, or once more on another that the object has by now."""
        address, more = "/".join(path.split("/")[:3]), {}
        who = "Administratrice" if address.startswith(("/people", "/keys")) else "lead"
        if versioned:
            more = {"If-Match": self.running.version(address, who)}
        answer = self.running.client.request(method, f"/api/v1{path}", headers=headers | more, **sent)
        if versioned and answer.status_code == 412:
            current = self.running.version(address, who, again=True)
            assert current != more["If-Match"], "the version that an answer told is the current one"
            more = {"If-Match": current, "Idempotency-Key": str(new_id())}
            answer = self.running.client.request(method, f"/api/v1{path}", headers=headers | more, **sent)
        self.running.saw(path, answer)
        return answer

    def calendar(self, caller: str) -> str:
        """The secret of a new calendar address of the caller; of somebody else's for who has no key."""
        who = {"none": "spare", "admin": "Administratrice"}.get(caller, caller)
        opened = self.running.post("/me/calendar", {}, who)
        assert opened.status_code == 201, opened.text
        return str(opened.json()["address"]).rpartition("/")[2].removesuffix(".ics")

    def prepared(self) -> str:
        """A transformation that waits to be launched."""
        self._prepared = self._prepared or self.running.transformation()
        return self._prepared

    def closing(self) -> str:
        """A transformation that waits to be closed: stopped, and its impacts evaluated."""
        if not self._closing:
            self._closing = self.running.transformation()
            path = f"/transformations/{self._closing}"
            assert self.running.act(path, "launch", {}, "sponsor").status_code == 200
            phase = self.running.get(f"{path}/phases").json()["items"][0]["id"]
            verdict = {"kind": "gate_verdict", "phase_id": phase, "verdict": "stop", "title": "Fin", "chosen": "Fin"}
            assert self.running.post(f"{path}/decisions", verdict, "sponsor").status_code == 201
            self._finally_reviewed(path)
            said = {"baseline": "Au départ", "result": "Mieux", "narrative": "Le récit", "follow_up_on": TODAY}
            whole = {"title": "Impacts", "carried_on_by": self.running.people["spare"], **said}
            made = self.running.post(f"{path}/evaluations", whole).json()
            assert self.running.act(f"/evaluations/{made['id']}", "validate", {}, "sponsor").status_code == 200
        return self._closing

    def _finally_reviewed(self, path: str) -> None:
        bodies = self.running.get(f"{path}/bodies", params={"kind": "steering"}).json()["items"]
        seat = {"person_id": self.running.people["governance"], "seat": 1}
        assert self.running.act(f"/bodies/{bodies[0]['id']}", "appoint", seat).status_code == 200
        review = {"body_id": bodies[0]["id"], "title": "Revue finale", "planned_on": TODAY}
        made = f"/reviews/{self.running.post(f'{path}/reviews', review).json()['id']}"
        assert self.running.act(made, "freeze-pack", {}).status_code == 200
        assert self.running.act(made, "hold", {"attended": [seat["person_id"]]}).status_code == 200

    def candidate(self, *, administrator: bool) -> str:
        """The id of a person who is, or is not yet, an administrator."""
        return self.running.person(f"Recrue {new_id().hex[-8:]}", administrator=administrator)

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
            "ordinal": next(ORDINALS),
        }
        if name in special:
            return special[name]
        if str(schema.get("pattern", "")).startswith("^[ps]_"):
            return self.running.people["spare"]
        kinds = {
            "uuid": str(new_id()),
            "date": TODAY,
            "integer": 1,
            "number": 1,
            "string": "Essai",
            "boolean": True,
            "array": [],
        }
        return kinds[schema.get("format") or schema["type"]]
