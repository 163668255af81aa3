"""For every act: what was done before on the object, and the body that makes it succeed."""

from typing import Any

LATER = "2026-06-30"
PLAN: tuple[str, dict[str, Any]] = ("plan", {})
START: tuple[str, dict[str, Any]] = ("start", {})
REACH: tuple[str, dict[str, Any]] = ("reach", {})
ESCALATE: tuple[str, dict[str, Any]] = (
    "escalate",
    {"level": "governance", "ask": "Un renfort", "answer_due_on": LATER},
)
RESOLVE: tuple[str, dict[str, Any]] = ("resolve", {"resolution": "Levé", "resolved_by": {"kind": "other"}})
VERSION: tuple[str, dict[str, Any]] = ("add-version", {"title": "Version 1"})
SUBMIT: tuple[str, dict[str, Any]] = ("submit", {})
REASON = {"reason": "Essai"}

BEFORE: dict[tuple[str, str], list[tuple[str, dict[str, Any]]]] = {
    ("actions", "start"): [PLAN],
    ("actions", "declare-progress"): [PLAN, START],
    ("actions", "complete"): [PLAN, START],
    ("actions", "pause"): [PLAN, START],
    ("actions", "resume"): [PLAN, START, ("pause", REASON)],
    ("actions", "reopen"): [("abandon", REASON)],
    ("actions", "put-back"): [PLAN],
    ("milestones", "reopen"): [REACH],
    ("obstacles", "answer"): [ESCALATE],
    ("obstacles", "verify"): [RESOLVE],
    ("obstacles", "resume"): [("postpone", {"until": LATER, **REASON})],
    ("obstacles", "reopen"): [("reject", REASON)],
    ("workstreams", "reopen"): [("close", REASON)],
    ("members", "grant"): [("revoke", REASON)],
    ("deliverables", "submit"): [VERSION],
    ("deliverables", "validate"): [VERSION, SUBMIT],
    ("deliverables", "return"): [VERSION, SUBMIT],
    ("deliverables", "reopen"): [VERSION, SUBMIT],
    ("plan-versions", "return"): [SUBMIT],
    ("direction-projects", "adjust"): [SUBMIT],
    ("direction-projects", "validate"): [SUBMIT],
}
"""The lead's acts on a fresh object, so that the act of the row has something to do."""

BODIES: dict[tuple[str, str], dict[str, Any]] = {
    ("actions", "revise"): {"title": "Revu"},
    ("milestones", "revise"): {"title": "Revu"},
    ("milestones", "reschedule"): {"due_on": LATER},
    ("obstacles", "revise"): {"title": "Revu"},
    ("obstacles", "assess"): {"impact": 2, "urgency": 1},
    ("obstacles", "escalate"): ESCALATE[1],
    ("obstacles", "resolve"): RESOLVE[1],
    ("obstacles", "postpone"): {"until": LATER},
    ("reviews", "reschedule"): {"planned_on": LATER},
    ("reviews", "give-verdict"): {"verdict": "hold"},
    ("members", "change"): {"role": "facilitator"},
    ("members", "grant"): {"role": "facilitator"},
}
"""What a body needs beyond its required fields."""

CORRECTED = {
    "notes": "text",
    "status-reports": "narrative",
    "transformations": "name",
    "groups": "name",
    "bodies": "name",
}
"""The field that a correction changes; the title elsewhere."""
