"""The status of the action plan as a CRUD application computes it: eight queries, then plain dictionaries.

It answers the very JSON that ours does, for plans without sub-actions (the measured ones have none).
"""

from collections import Counter, defaultdict
from datetime import date
from typing import Any
from uuid import UUID

from service.domain.working_time import WorkingCalendar
from service.projections.event_words import event_words
from service.projections.plan_weather import SENTENCES

STATUSES = ("proposed", "planned", "in_progress", "paused", "done", "abandoned")
OPEN = frozenset(STATUSES[:4])
WEATHER = ("secured", "attainable", "support_needed", "compromised")
WORDS = {
    "secured": "objectifs sécurisés",
    "attainable": "objectifs atteignables",
    "support_needed": "appuis nécessaires",
    "compromised": "objectifs compromis",
}
GRAVITY = {"critical": 0, "high": 1, "medium": 2, "low": 3}
LEVELS = {"governance": 0, "direction": 1, "lead": 2}

QUERIES = {
    "axes": "SELECT id, position, title, status, changed FROM axes WHERE transformation_id = %s ORDER BY position, id",
    "phases": "SELECT id, ordinal, title, status, planned_from, planned_to, opened_on, ended_on, changed FROM phases "
    "WHERE transformation_id = %s ORDER BY ordinal, id",
    "workstreams": "SELECT id, ref, axis_id, title, status, priority, changed FROM workstreams "
    "WHERE transformation_id = %s ORDER BY priority NULLS LAST, ref",
    "actions": "SELECT id, ref, title, status, lead, axis_id, workstream_id, phase_id, parent_id, focus, horizon, "
    "priority, weight, start_on, end_on, baseline_on, original_baseline_on, completed_on, percent, percent_on, changed "
    "FROM actions WHERE transformation_id = %s ORDER BY id",
    "milestones": "SELECT id, ref, action_id, title, status, weight, due_on, baseline_on, reached_on, changed "
    "FROM milestones WHERE transformation_id = %s ORDER BY id",
    "obstacles": "SELECT id, ref, title, status, nature, category, severity, level, owner, blocks, raised_on, "
    "level_since, spoken_on, look_on, answer_due_on, changed FROM obstacles WHERE transformation_id = %s ORDER BY id",
    "indicators": "SELECT id, ref, title, stale_on, changed FROM indicators WHERE transformation_id = %s ORDER BY id",
    "reports": "SELECT id, workstream_id, confidence, narrative, reported_by, reported_on, changed FROM reports "
    "WHERE transformation_id = %s ORDER BY reported_on, id",
}
CHANGES = (
    "SELECT id, topic, recorded_at, occurred_on, actor, subject_kind, subject_id, subject_ref, subject_title "
    "FROM audit WHERE id = ANY (%s)"
)
Rows = list[dict[str, Any]]


class Status:
    """One computation over the rows of one transformation."""

    def __init__(self, rows: dict[str, Rows], whole: dict[str, Any], today: date, calendar: WorkingCalendar) -> None:
        self.rows, self.whole_row, self.today, self.calendar = rows, whole, today, calendar
        self.parts: dict[Any, dict[str, Any]] = defaultdict(
            lambda: {"actions": [], "milestones": [], "obstacles": [], "indicators": [], "reports": [], "last": 0}
        )
        self.names: dict[Any, dict[str, Any]] = {}
        self._place()

    def _place(self) -> None:
        rows, parts, today = self.rows, self.parts, self.today
        parts["whole"]["last"] = self.whole_row["changed"]
        for axis in rows["axes"]:
            self._put((axis["id"], "whole"), axis)
        for phase in rows["phases"]:
            self._put((phase["id"], "whole"), phase)
        axis_of = {w["id"]: w["axis_id"] for w in rows["workstreams"]}
        for workstream in rows["workstreams"]:
            self._put((workstream["id"], workstream["axis_id"] or "no axis", "whole"), workstream)
        places: dict[Any, tuple[Any, ...]] = {}
        for action in rows["actions"]:
            workstream_id = action["workstream_id"]
            action["axis_id"] = axis_of[workstream_id] if workstream_id else action["axis_id"]
            above = ("whole", action["axis_id"] or "no axis", action["phase_id"] or "no phase")
            places[action["id"]] = (*above, workstream_id) if workstream_id else above
            self._put(places[action["id"]], action, "actions")
            self._name("action", f"A-{action['ref']}", action)
        promised: dict[Any, Rows] = defaultdict(list)
        for milestone in rows["milestones"]:
            self._put(places[milestone["action_id"]], milestone, "milestones")
            promised[milestone["action_id"]].append(milestone)
            self._name("milestone", f"J-{milestone['ref']}", milestone)
            due, real = milestone["due_on"], milestone["reached_on"]
            base = milestone["baseline_on"] or due
            milestone["late"] = milestone["status"] == "planned" and not real and (today > due or (due > base))
            if milestone["late"]:
                milestone["days"] = self.calendar.working_days_between(min(base, due), max(due, today))
        self.blocking: dict[Any, list[Any]] = defaultdict(list)
        for obstacle in rows["obstacles"]:
            where = {"whole"}
            for target in obstacle["blocks"]:
                where.update(places[UUID(target["id"])])
                self.blocking[UUID(target["id"])].append(obstacle["id"])
            self._put(where, obstacle, "obstacles")
            self._name("obstacle", f"O-{obstacle['ref']}", obstacle)
        for indicator in rows["indicators"]:
            self._put(("whole",), indicator, "indicators")
            self._name("indicator", f"I-{indicator['ref']}", indicator)
        for report in rows["reports"]:
            own = report["workstream_id"]
            self._put((own, axis_of[own] or "no axis", "whole"), report)
            parts[own]["reports"].append(report)
        for action in rows["actions"]:
            self._derive(action, promised.get(action["id"], []))

    def _put(self, places: Any, row: dict[str, Any], kind: str = "") -> None:
        for place in places:
            part = self.parts[place]
            part["last"] = max(part["last"], row["changed"])
            if kind:
                part[kind].append(row)

    def _name(self, kind: str, ref: str, row: dict[str, Any]) -> None:
        self.names[row["id"]] = {"kind": kind, "id": row["id"], "ref": ref, "title": row["title"]}

    def _derive(self, action: dict[str, Any], milestones: Rows) -> None:
        today, end, base = self.today, action["end_on"], action["baseline_on"]
        awaited = not action["completed_on"] and action["status"] != "abandoned"
        action["overdue"] = bool(awaited and end and today > end)
        action["late"] = bool(awaited and end and (today > end or (base and end > base)))
        action["blockers"] = self.blocking.get(action["id"], [])
        action["blocked"] = bool(action["blockers"])
        parts = [
            {"kind": "milestone", "id": m["id"], "weight": m["weight"], "value": int(m["status"] == "reached")}
            for m in milestones
            if m["status"] in ("planned", "reached")
        ]
        weights = sum(part["weight"] for part in parts)
        if action["status"] == "done":
            action["progress"] = _figure(1, "done", {}, 1, 1)
        elif weights:
            mean = sum(part["weight"] * part["value"] for part in parts) / weights
            action["progress"] = _figure(mean, "mean_of_parts", {"parts": parts}, len(parts), len(parts))
        elif action["percent"] is not None:
            said = {"value": action["percent"] / 100, "on": action["percent_on"]}
            action["progress"] = _figure(said["value"], "declared", {"declared": said}, 1, 1)
        else:
            action["progress"] = _figure(None, "nothing_known", {"parts": parts}, 0, len(parts))

    def _slippage(self, action: dict[str, Any], base: date | None) -> dict[str, Any] | None:
        if base is None or action["status"] == "abandoned":
            return None
        real, end = action["completed_on"], action["end_on"]
        if real:
            compared, rule = real, "real_date"
        elif end and end >= self.today:
            compared, rule = end, "forecast"
        else:
            compared, rule = self.today, "today"
        return {
            "calendar_days": (compared - base).days,
            "working_days": self.calendar.working_days_between(base, compared),
            "baseline_on": base,
            "compared_on": compared,
            "rule": rule,
        }

    def answer(self, changes: dict[int, dict[str, Any]]) -> dict[str, Any]:
        """The whole view, without the names of the people."""
        self.changes = changes
        whole, rows = self.whole_row, self.rows
        under: dict[Any, Rows] = defaultdict(list)
        for w in rows["workstreams"]:
            shown = {name: w[name] for name in ("id", "title", "status", "priority")}
            under[w["axis_id"]].append({**self._part(w["id"]), **shown, "ref": f"X-{w['ref']}", "workstreams": []})
        return {
            **{name: whole[name] for name in ("id", "code", "name", "status", "plan_validated_on")},
            "total": self._part("whole"),
            "axes": [
                {
                    **self._part(a["id"]),
                    **{name: a[name] for name in ("id", "position", "title", "status")},
                    "workstreams": under[a["id"]],
                }
                for a in rows["axes"]
            ],
            "without_axis": {**self._part("no axis"), "workstreams": under[None]},
            "phases": [
                {**self._part(p["id"]), **{name: value for name, value in p.items() if name != "changed"}}
                for p in rows["phases"]
            ],
            "without_phase": self._part("no phase"),
            "actions": [self._row(a) for a in rows["actions"]],
        }

    def _row(self, a: dict[str, Any]) -> dict[str, Any]:
        own = "id title status lead axis_id workstream_id phase_id parent_id focus horizon priority weight start_on"
        also = "end_on progress late overdue blocked blockers"
        return {
            **{name: a[name] for name in own.split()},
            **{name: a[name] for name in also.split()},
            "ref": f"A-{a['ref']}",
            "slippage": self._slippage(a, a["baseline_on"]),
            "original_slippage": self._slippage(a, a["original_baseline_on"]),
        }

    def _part(self, key: Any) -> dict[str, Any]:
        part = self.parts[key]
        actions = part["actions"]
        counts = Counter(a["status"] for a in actions)
        opened = [a for a in actions if a["status"] in OPEN]
        kept = [a for a in actions if a["status"] != "abandoned"]
        known = [a for a in kept if a["progress"]["value"] is not None]
        weights = sum(a["weight"] for a in known)
        mean = sum(a["weight"] * a["progress"]["value"] for a in known) / weights if weights else None
        inputs = [{"id": a["id"], "weight": a["weight"], "value": a["progress"]["value"]} for a in kept]
        return {
            "counts": {status: counts.get(status, 0) for status in STATUSES},
            "open": len(opened),
            "abandoned": len(actions) - len(kept),
            "late": sum(a["late"] for a in opened),
            "overdue": sum(a["overdue"] for a in opened),
            "blocked": sum(a["blocked"] for a in opened),
            "progress": _figure(
                mean, "none_known" if mean is None else "mean_of_known", {"actions": inputs}, len(known), len(kept)
            ),
            "weather": self._weather(part, opened),
            "open_obstacles": [self._obstacle(o) for o in sorted(part["obstacles"], key=self._rank)],
            "last_change": self.changes.get(part["last"]),
        }

    def _rank(self, o: dict[str, Any]) -> tuple[int, int, int, int]:
        return (GRAVITY[o["severity"]], LEVELS[o["level"]], -(self.today - o["raised_on"]).days, o["ref"])

    def _obstacle(self, o: dict[str, Any]) -> dict[str, Any]:
        today = self.today
        shown = "id title status nature category severity level owner blocks raised_on look_on answer_due_on"
        return {
            **{name: o[name] for name in shown.split()},
            "ref": f"O-{o['ref']}",
            "age_days": (today - o["raised_on"]).days,
            "days_at_level": (today - o["level_since"]).days,
            "days_silent": (today - o["spoken_on"]).days,
            "overdue": _overdue(o, today),
        }

    def _weather(self, part: dict[str, Any], opened: Rows) -> dict[str, Any]:
        reasons: Rows = []
        late = [m for m in part["milestones"] if m["late"]]
        if some := [m for m in late if m["days"] <= 10]:
            reasons.append(self._reason("milestone_late", 1, some, working_days=max(m["days"] for m in some)))
        if some := [m for m in late if m["days"] > 10]:
            reasons.append(self._reason("milestone_very_late", 2, some, working_days=max(m["days"] for m in some)))
        if some := [a for a in opened if a["blocked"]]:
            reasons.append(self._reason("action_blocked", 2, some))
        troubled = [a for a in opened if a["late"] or a["blocked"]]
        if troubled and 3 * len(troubled) >= len(opened):
            reasons.append(self._reason("third_late_or_blocked", 3, troubled, count=len(troubled), of=len(opened)))
        if some := [i for i in part["indicators"] if i["stale_on"] and i["stale_on"] <= self.today]:
            reasons.append(self._reason("indicator_stale", 1, some))
        if some := [o for o in part["obstacles"] if o["answer_due_on"]]:
            reasons.append(self._reason("escalation_unanswered", 2, some))
        grave = [o for o in part["obstacles"] if o["severity"] == "critical" and o["level"] == "governance"]
        if some := [o for o in grave if _overdue(o, self.today)]:
            reasons.append(self._reason("critical_obstacle_overdue", 3, some))
        reasons.sort(key=lambda reason: -WEATHER.index(reason["weather"]))
        seen = any(part[kind] for kind in ("actions", "milestones", "obstacles", "indicators"))
        value = (reasons[0]["weather"] if reasons else "secured") if seen else "unknown"
        report = part["reports"][-1] if part["reports"] else None
        declared = report and {
            "report_id": report["id"],
            "confidence": report["confidence"],
            "narrative": report["narrative"],
            "by": report["reported_by"],
            "on": report["reported_on"],
            "acknowledged": False,
            "acknowledgements": [],
        }
        computed = {"value": value, "reasons": reasons}
        gap = None
        if report and value not in ("unknown", report["confidence"]):
            gap = _gap(report["confidence"], value)
        return {"declared": declared, "computed": computed, "disagreement": gap}

    def _reason(self, code: str, weather: int, about: Rows, **facts: int) -> dict[str, Any]:
        subjects = [self.names[row["id"]] for row in about]
        one, several = SENTENCES["fr"][code]
        refs = [subject["ref"] for subject in subjects]
        more = len(refs) - 5
        listed = ", ".join(refs[:5]) + (f" et {more} autre{'s' if more > 1 else ''}" if more > 0 else "")
        days = facts.get("working_days", 0)
        said = "moins d’un jour ouvré" if days < 1 else "un jour ouvré" if days == 1 else f"{days} jours ouvrés"
        sentence = (one if len(refs) == 1 else several).format(
            ref=refs[0], refs=listed, count=len(refs), of=facts.get("of"), days=said
        )
        return {"code": code, "weather": WEATHER[weather], "sentence": sentence, "subjects": subjects, "facts": facts}


def _figure(value: float | None, rule: str, inputs: dict[str, Any], known: int, of: int) -> dict[str, Any]:
    return {"rule": rule, "inputs": inputs, "coverage": {"known": known, "of": of}, "value": value}


def _overdue(o: dict[str, Any], today: date) -> bool:
    due = [day for day in (o["look_on"], o["answer_due_on"]) if day]
    return any(day < today for day in due)


def _gap(declared: str, computed: str) -> dict[str, Any]:
    steps = WEATHER.index(computed) - WEATHER.index(declared)
    size = abs(steps)
    surer = "la personne est plus confiante que les faits" if steps > 0 else "les faits sont meilleurs"
    sentence = (
        f"Déclarée «\u202f{WORDS[declared]}\u202f», calculée «\u202f{WORDS[computed]}\u202f»\u202f: "
        f"{size} cran{'s' if size > 1 else ''} d’écart, {surer}."
    )
    return {"declared": declared, "computed": computed, "steps": steps, "sentence": sentence}


def told(row: dict[str, Any]) -> dict[str, Any]:
    """A row of the audit table as the last change of a part."""
    return {
        **{k: v for k, v in row.items() if k != "id"},
        "position": row["id"],
        "what": event_words(row["topic"], "fr"),
    }
