"""What waits around stage reviews and gates: to prepare, attend, record, judge, close, acknowledge; conditions."""

from collections.abc import Iterator

from service.domain.body import BODY
from service.domain.phase import PHASE
from service.domain.review import REVIEW
from service.domain.review_rules import awaits_verdict, is_pending
from service.projections.agenda import Desk, Waiting

PACK_BEFORE = 5
"""The pack is frozen so many working days before the review (DOMAIN section 3)."""
PREPARE_BEFORE = 10
INVITE_BEFORE = 14
GATE_BEFORE = 20


def reviews_to_come(desk: Desk) -> Iterator[Waiting]:
    """To prepare and freeze, for the leads; to attend, for the body; to record, once its day has come."""
    leads = desk.role("lead")
    for review in desk.states(REVIEW):
        if review.status not in ("scheduled", "pack_frozen") or not desk.soon(review.planned_on, INVITE_BEFORE):
            continue
        ref, day = REVIEW.reference(review), review.planned_on
        if not review.packs and desk.soon(day, PREPARE_BEFORE):
            due = desk.calendar.add_working_days(day, -PACK_BEFORE)
            fr, en = f"Préparer le point d’étape {ref} et figer son dossier.", f"Prepare review {ref}, freeze its pack."
            yield desk.waiting("review_to_prepare", REVIEW, review, fr, en, leads, due)
        if day >= desk.today:
            fr, en = f"Participer au point d’étape {ref}.", f"Attend review {ref}."
            yield desk.waiting("review_to_attend", REVIEW, review, fr, en, desk.seated(review.body_id), day)
        if day <= desk.today:
            fr, en = f"Dire comment s’est tenu le point d’étape {ref}.", f"Record how review {ref} was held."
            yield desk.waiting("review_to_record", REVIEW, review, fr, en, (*leads, *desk.role("facilitator")), day)


def reviews_held(desk: Desk) -> Iterator[Waiting]:
    """Its verdict, for those who sat; then closing and acknowledging."""
    for review in desk.states(REVIEW):
        held = review.attendance
        if held is None:
            continue
        ref, on = REVIEW.reference(review), held.held_on
        if awaits_verdict(review):
            fr, en = f"Rendre le verdict du point d’étape {ref}.", f"Give the verdict of review {ref}."
            yield desk.waiting("verdict_to_give", REVIEW, review, fr, en, held.quorum.counted, on)
        elif review.status == "held":
            fr, en = f"Clore le point d’étape {ref}.", f"Close review {ref}."
            due = desk.calendar.add_working_days(on, PACK_BEFORE)
            yield desk.waiting("review_to_close", REVIEW, review, fr, en, desk.role("lead"), due)
        if review.awaiting:
            fr, en = f"Prendre acte du point d’étape {ref}.", f"Acknowledge review {ref}."
            due = desk.calendar.add_working_days(on, PREPARE_BEFORE)
            yield desk.waiting("review_to_acknowledge", REVIEW, review, fr, en, review.awaiting, due)


def conditions(desk: Desk) -> Iterator[Waiting]:
    """Each open condition, for its owner; a blocking one unmet at its date goes up to governance."""
    for review in desk.states(REVIEW):
        ref = REVIEW.reference(review)
        for condition in review.conditions:
            if condition.settled_on is not None:
                continue
            said = f"condition {condition.number} du point d’étape {ref}"
            fr, en = f"Remplir la {said}.", f"Meet condition {condition.number} of review {ref}."
            yield desk.waiting("condition_due", REVIEW, review, fr, en, [condition.owner], condition.due_on)
            if condition.blocking and condition.overdue(desk.today):
                above = (*desk.role("sponsor"), *desk.seated(review.body_id))
                fr, en = (
                    f"Trancher\u202f: la {said} bloque et n’est pas remplie à sa date.",
                    (f"Decide: condition {condition.number} of review {ref} blocks and is unmet at its date."),
                )
                yield desk.waiting("condition_escalated", REVIEW, review, fr, en, above, condition.due_on)


def gates(desk: Desk) -> Iterator[Waiting]:
    """The gate of an open phase that comes near its end: the sponsor's verdict, or a review of its body to schedule."""
    waiting = {r.phase_id for r in desk.states(REVIEW) if r.phase_id and is_pending(r)}
    for phase in desk.states(PHASE):
        if phase.status not in ("open", "held") or phase.planned_to is None:
            continue
        if not desk.soon(phase.planned_to, GATE_BEFORE) or phase.id in waiting:
            continue
        number = phase.ordinal
        if phase.gate_body_id is None:
            fr, en = f"Rendre le verdict de passage de la phase {number}.", f"Give the verdict on phase {number}."
            yield desk.waiting("verdict_to_give", PHASE, phase, fr, en, desk.role("sponsor"), phase.planned_to)
        else:
            fr = f"Programmer le point d’étape qui juge le passage de la phase {number}."
            en = f"Schedule the review that judges the gate of phase {number}."
            yield desk.waiting("gate_to_schedule", PHASE, phase, fr, en, desk.role("lead"), phase.planned_to)


def empty_bodies(desk: Desk) -> Iterator[Waiting]:
    """A body that has a review ahead and too few seats filled for its quorum."""
    ahead = {r.body_id for r in desk.states(REVIEW) if r.status in ("scheduled", "pack_frozen")}
    for body in desk.states(BODY):
        if body.id in ahead and not desk.seated(body.id):
            fr, en = f"Pourvoir les sièges de l’instance {body.name}.", f"Fill the seats of the body {body.name}."
            yield desk.waiting("seats_to_fill", BODY, body, fr, en, desk.role("lead"))
