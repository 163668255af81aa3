"""Every source of the agenda, in one list; those of registers are here, those of reviews in `agenda_reviews`,
of what is submitted in `agenda_submissions`."""

from collections.abc import Iterator
from datetime import date, timedelta

from service.domain.body import BODY
from service.domain.decision import DECISION
from service.domain.decision_course import not_applied, not_communicated
from service.domain.indicator import INDICATOR
from service.domain.indicator_figures import value_due_on
from service.domain.obstacle import OBSTACLE
from service.domain.obstacle_clock import answer_due_on
from service.domain.status_report import STATUS_REPORT
from service.projections.agenda import Desk, Source, Waiting
from service.projections.agenda_contestations import contestations
from service.projections.agenda_reviews import conditions, empty_bodies, gates, reviews_held, reviews_to_come
from service.projections.agenda_submissions import deliverables, direction_projects, ending, evaluations, plan_versions

TELL_WITHIN = 5
"""A decision is told within so many working days (DOMAIN section 3)."""
READ_WITHIN = 15
"""What was recorded in somebody's name stands on that person's agenda for so many working days."""


def decisions(desk: Desk) -> Iterator[Waiting]:
    """To communicate, to apply; and what was recorded in somebody's name, to be read."""
    leads = desk.role("lead")
    for decision in desk.states(DECISION):
        ref = DECISION.reference(decision)
        if not_communicated(decision):
            due = desk.calendar.add_working_days(decision.taken_on, TELL_WITHIN)
            fr, en = f"Communiquer la décision {ref}.", f"Communicate decision {ref}."
            yield desk.waiting("decision_to_communicate", DECISION, decision, fr, en, leads, due)
        if not_applied(decision, desk.today):
            fr, en = f"Appliquer la décision {ref}.", f"Apply decision {ref}."
            due = decision.applies_from or decision.taken_on
            yield desk.waiting("decision_to_apply", DECISION, decision, fr, en, leads, due)
        recorded: date = decision.recorded_on or decision.taken_on
        if decision.recorded_for and desk.today <= desk.calendar.add_working_days(recorded, READ_WITHIN):
            fr = f"Lire la décision {ref}, enregistrée en votre nom\u202f; vous pouvez la contester."
            en = f"Read decision {ref}, recorded in your name; you may contest it."
            people = [p for p in desk.people(decision.recorded_for) if p != decision.recorded_by]
            yield desk.waiting("recorded_in_your_name", DECISION, decision, fr, en, people)


def obstacles(desk: Desk) -> Iterator[Waiting]:
    """An escalation to answer, at the level that it was taken to; a lifting to verify by somebody else."""
    management = [person for b in desk.states(BODY) if b.kind == "management" for person in desk.seated(b.id)]
    for obstacle in desk.states(OBSTACLE):
        ref = OBSTACLE.reference(obstacle)
        due = answer_due_on(obstacle)
        if obstacle.pending is not None and due is not None:
            asked = desk.role("governance", "sponsor")
            if obstacle.pending.level == "direction":
                asked = tuple(management) or desk.role("sponsor")
            fr, en = f"Répondre à l’escalade de l’obstacle {ref}.", f"Answer the escalation of obstacle {ref}."
            yield desk.waiting("escalation_to_answer", OBSTACLE, obstacle, fr, en, asked, due)
        if obstacle.status == "resolved":
            fr, en = f"Vérifier que l’obstacle {ref} est levé.", f"Verify that obstacle {ref} is lifted."
            others = [p for p in desk.role("lead", "governance", "sponsor") if p != obstacle.owner]
            yield desk.waiting("lifting_to_verify", OBSTACLE, obstacle, fr, en, others)


def indicator_values(desk: Desk) -> Iterator[Waiting]:
    """The value of a period that is over, for who collects it; a proposed value to accept or refuse."""
    for indicator in desk.states(INDICATOR):
        due = value_due_on(indicator)
        if due is not None and due - timedelta(days=indicator.availability_delay_days) < desk.today:
            ref = INDICATOR.reference(indicator)
            fr, en = f"Donner la valeur de l’indicateur {ref}.", f"Give the value of indicator {ref}."
            collector = [indicator.collector or indicator.owner]
            yield desk.waiting("value_to_give", INDICATOR, indicator, fr, en, collector, due)
        pending = [proposal for proposal in indicator.proposals if proposal.status == "pending"]
        if pending:
            ref = INDICATOR.reference(indicator)
            fr, en = f"Accepter ou refuser la valeur proposée pour {ref}.", f"Accept or refuse the value of {ref}."
            people = [indicator.owner] if indicator.owner else desk.role("lead")
            yield desk.waiting("value_to_accept", INDICATOR, indicator, fr, en, people)


def weather(desk: Desk) -> Iterator[Waiting]:
    """A declared weather of the whole that asks for support, and that nobody of governance has noted yet."""
    for report in desk.states(STATUS_REPORT):
        if report.confidence in ("support_needed", "compromised") and not report.acknowledgements:
            if not desk.calendar.add_working_days(report.reported_on, READ_WITHIN) >= desk.today:
                continue
            fr, en = "Prendre acte d’une météo qui demande un appui.", "Note a weather that asks for support."
            people = desk.role("governance", "sponsor")
            yield desk.waiting("weather_to_acknowledge", STATUS_REPORT, report, fr, en, people)


SOURCES: tuple[Source, ...] = (
    reviews_to_come,
    reviews_held,
    conditions,
    gates,
    empty_bodies,
    decisions,
    contestations,
    obstacles,
    indicator_values,
    weather,
    deliverables,
    plan_versions,
    direction_projects,
    evaluations,
    ending,
)
"""Add a source: one line here."""
