"""The words of changes: how objects are announced, what a new status says, and which fields other sentences tell."""

from collections.abc import Mapping

ARTICLES: Mapping[str, tuple[str, str]] = {
    "transformation": ("La transformation", "e"),
    "member": ("La qualité de membre", "e"),
    "group": ("Le groupe", ""),
    "body": ("L’instance", "e"),
    "phase": ("La phase", "e"),
    "axis": ("L’axe", ""),
    "workstream": ("Le chantier", ""),
    "action": ("L’action", "e"),
    "milestone": ("Le jalon", ""),
    "obstacle": ("L’obstacle", ""),
    "indicator": ("L’indicateur", ""),
    "decision": ("La décision", "e"),
    "deliverable": ("Le livrable", ""),
    "plan_version": ("La version du plan", "e"),
    "direction_project": ("Le projet de direction", ""),
    "evaluation": ("L’évaluation des impacts", "e"),
    "review": ("Le point d’étape", ""),
    "status_report": ("La météo", "e"),
    "note": ("La note de suivi", "e"),
    "import": ("L’import", ""),
}
"""The article with the noun, and the ending of its participles."""

CONTENT_ONLY = frozenset(
    {
        "acknowledgements", "applied_on", "attendance", "author", "authors", "axis_confirmed_on", "cancelled_because",
        "closed_on", "closed_reason", "closing_decision_id", "closing_on", "closing_reason", "comment",
        "communications", "completed_on", "conditions", "confirmed_on", "content_position", "contestations",
        "corrections", "decision_id", "defined_on", "dissolved_because", "dissolved_on", "earlier", "ended_on",
        "escalations", "evaluation_id", "forecasts", "granted_on", "id", "imported_status", "last_word", "launched_on",
        "level", "level_since", "measures", "opened_by", "opened_on", "original_baseline_on", "owner_since",
        "owner_spoke_on",
        "packs", "paused_from", "percent_on", "plan_decision_id", "plan_validated_on", "postponed_until", "proposals",
        "raised_by", "raised_on", "reached_on", "recusals", "recorded_by", "recorded_for", "recorded_on", "ref",
        "reopen_count", "replan_count", "reported_by", "reported_on", "reschedule_count", "resolution", "resolved_by",
        "retired_because", "retired_on", "revoked_because", "revoked_on", "row", "started_on", "status", "status_on",
        "status_reason", "submissions", "submitted_on", "superseded_by", "transformation_id", "validated_by",
        "validated_on", "validated_version", "verdict", "verdict_id", "verified_by", "version", "withdrawn",
        "written_on",
    }
)  # fmt: skip
"""Fields that another sentence tells, or that only keep count."""

FORECASTS = {"milestone": "due_on", "action": "end_on", "review": "planned_on"}


STATUSES: Mapping[tuple[str, str], tuple[str, tuple[str, ...], str, str, str]] = {
    # (concept, new status): group, kinds of events, French, English, the field that holds the day
    ("milestone", "reached"): ("closed", ("reached",), "a été atteint", "was reached", "reached_on"),
    ("milestone", "cancelled"): ("closed", ("cancelled",), "a été annulé", "was cancelled", ""),
    ("milestone", "planned"): ("reopened", ("reopened",), "est de nouveau prévu", "is planned again", ""),
    ("action", "proposed"): ("changed", ("put_back",), "est de nouveau à discuter", "is to be discussed again", ""),
    ("action", "planned"): ("changed", ("planned",), "a été retenue", "was retained", ""),
    ("action", "in_progress"): ("changed", ("started", "resumed"), "est en cours", "is in progress", ""),
    ("action", "done"): ("closed", ("completed",), "a été réalisée", "was done", "completed_on"),
    ("action", "paused"): ("changed", ("paused",), "a été mise en pause", "was paused", ""),
    ("action", "abandoned"): ("closed", ("abandoned",), "a été abandonnée", "was abandoned", ""),
    ("workstream", "open"): ("reopened", ("reopened",), "a été rouvert", "was reopened", ""),
    ("workstream", "closed"): ("closed", ("closed",), "a été clos", "was closed", "closed_on"),
    ("axis", "confirmed"): ("decided", ("confirmed",), "a été confirmé", "was confirmed", "axis_confirmed_on"),
    ("axis", "closed"): ("closed", ("closed",), "a été clos", "was closed", "closed_on"),
    ("phase", "open"): ("changed", ("opened", "resumed"), "est ouverte", "is open", ""),
    ("phase", "completed"): ("closed", ("completed",), "a été achevée", "was completed", "ended_on"),
    ("phase", "held"): ("decided", ("held",), "a été suspendue", "was put on hold", ""),
    ("phase", "stopped"): ("closed", ("stopped",), "a été arrêtée", "was stopped", "ended_on"),
    ("obstacle", "raised"): ("reopened", ("reopened",), "est de nouveau signalé", "is raised again", ""),
    ("obstacle", "active"): ("changed", ("activated", "resumed"), "est pris en charge", "is being dealt with", ""),
    ("obstacle", "resolved"): ("lifted", ("resolved",), "a été levé, à vérifier", "was lifted, to be verified", ""),
    ("obstacle", "closed"): ("lifted", ("closed", "resolved"), "a été levé et vérifié", "was lifted and verified", ""),
    ("obstacle", "postponed"): (
        "changed",
        ("postponed",),
        "a été reporté jusqu’au",
        "was postponed to",
        "postponed_until",
    ),
    ("obstacle", "rejected"): ("closed", ("rejected",), "a été écarté", "was rejected", ""),
    ("indicator", "retired"): ("closed", ("retired",), "a été retiré du suivi", "is no longer followed", "retired_on"),
    ("decision", "superseded"): ("decided", ("superseded",), "a été remplacée", "was superseded", ""),
    ("decision", "revoked"): ("decided", ("revoked",), "a été révoquée", "was revoked", "revoked_on"),
    ("deliverable", "submitted"): ("changed", ("submitted",), "a été soumis", "was submitted", "submitted_on"),
    ("deliverable", "validated"): ("decided", ("validated",), "a été validé", "was validated", "validated_on"),
    ("deliverable", "returned"): ("decided", ("returned",), "a été renvoyé", "was sent back", ""),
    ("deliverable", "drafted"): ("reopened", ("reopened",), "est repris", "was taken up again", ""),
    ("plan_version", "submitted"): ("changed", ("submitted",), "a été soumise", "was submitted", "submitted_on"),
    ("plan_version", "validated"): ("decided", ("validated",), "a été validée", "was validated", "validated_on"),
    ("plan_version", "returned"): ("decided", ("returned",), "a été renvoyée", "was sent back", ""),
    ("direction_project", "submitted"): ("changed", ("submitted",), "a été soumis", "was submitted", "submitted_on"),
    ("direction_project", "validated"): ("decided", ("validated",), "a été validé", "was validated", "validated_on"),
    ("direction_project", "adjusted"): ("decided", ("adjusted",), "est à ajuster", "is to be adjusted", ""),
    ("direction_project", "drafted"): (
        "changed",
        ("version_begun",),
        "a une nouvelle version en préparation",
        "has another version in the making",
        "",
    ),
    ("evaluation", "validated"): ("decided", ("validated",), "a été validée", "was validated", "validated_on"),
    ("group", "dissolved"): ("closed", ("dissolved",), "a été dissous", "was dissolved", "dissolved_on"),
    ("body", "dissolved"): ("closed", ("dissolved",), "a été dissoute", "was dissolved", "dissolved_on"),
    ("review", "pack_frozen"): ("changed", ("pack_frozen",), "a son dossier figé", "has its pack frozen", ""),
    ("review", "held"): ("decided", ("held",), "s’est tenu", "was held", "held_on"),
    ("review", "closed"): ("closed", ("closed",), "a été clos", "was closed", "closed_on"),
    ("review", "cancelled"): ("closed", ("cancelled",), "a été annulé", "was cancelled", ""),
    ("status_report", "acknowledged"): ("weather", ("acknowledged",), "a été prise en compte", "was noted", ""),
    ("transformation", "running"): ("decided", ("launched",), "a été lancée", "was launched", "launched_on"),
    ("transformation", "closing"): ("decided", ("closing_started",), "entre en clôture", "begins to end", "closing_on"),
    ("transformation", "closed"): ("closed", ("closed",), "est close", "is closed", "closed_on"),
}
CLOSED: Mapping[str, tuple[str, ...]] = {
    "milestone": ("reached", "cancelled"),
    "action": ("done", "abandoned"),
    "workstream": ("closed",),
    "axis": ("closed",),
    "obstacle": ("resolved", "closed", "rejected"),
    "phase": ("completed", "stopped"),
    "indicator": ("retired",),
    "deliverable": ("validated",),
}
"""The statuses that an object leaves only by being reopened, or because the fact was withdrawn."""

REVISIONS = (
    "described", "rescheduled", "reassigned", "placed", "prioritised", "budgeted", "labelled", "calendar_set",
    "activity_calendar_set", "baseline_set", "progress_declared", "assessed", "assigned", "look_planned", "spoken",
    "retargeted", "rebaselined", "value_proposed", "value_refused", "visibility_changed", "answered", "changed",
    "status_imported", "version_added", "rewritten",
    "rules_set", "member_appointed", "member_left", "counted", "gate_configured", "member_recused",
    "criterion_assessed", "criterion_waived", "condition_met", "condition_lifted", "contestation_answered",
    "acknowledged",
)  # fmt: skip
"""The kinds of events that change what an object says without a word of their own."""
