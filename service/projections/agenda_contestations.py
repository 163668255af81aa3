"""What is contested waits for its answer; without one in time, those who audit the transformation look at it."""

from collections.abc import Iterator

from service.domain.decision import DECISION
from service.domain.review import REVIEW
from service.projections.agenda import Desk, Waiting

ANSWER_WITHIN = 5
"""A contestation is answered within so many working days."""
CONTESTED = ((DECISION, "de la décision", "decision"), (REVIEW, "du point d’étape", "review"))


def contestations(desk: Desk) -> Iterator[Waiting]:
    """To answer, by a lead or facilitator who did not contest it; left unanswered, to be looked at by the auditors."""
    for concept, of, noun in CONTESTED:
        for subject in desk.states(concept):
            ref = concept.reference(subject)
            for objection in subject.contestations:
                if objection.answered_on is not None:
                    continue
                due = desk.calendar.add_working_days(objection.on, ANSWER_WITHIN)
                fr, en = f"Répondre à la contestation {of} {ref}.", f"Answer the contestation of {noun} {ref}."
                others = [person for person in desk.role("lead", "facilitator") if person != objection.by]
                yield desk.waiting("contestation_to_answer", concept, subject, fr, en, others, due)
                if due < desk.today:
                    fr = f"Examiner la contestation {of} {ref}, restée sans réponse."
                    en = f"Look at the contestation of {noun} {ref}, left unanswered."
                    yield desk.waiting("contestation_unanswered", concept, subject, fr, en, desk.role("auditor"), due)
