"""Submission: what one authority submits, another validates or sends back. Deliverables, plan versions, the direction
project and evaluations share these rules; what they submit is theirs."""

from datetime import date
from typing import Literal
from uuid import UUID

from service.domain.authority import authority
from service.domain.event import Fact, Value
from service.domain.refusal import Conflict

Answer = Literal["validated", "returned", "adjusted"]


class Submission(Value):
    """One time it was submitted, and what the authority answered."""

    version: int | None = None
    """Which version was submitted, where there are several."""
    by: str
    """The authority that submitted, whoever typed it."""
    on: date
    answer: Answer | None = None
    answered_by: str | None = None
    answered_on: date | None = None
    to_adjust: str | None = None
    decision_id: UUID | None = None
    """The decision that grounds the answer."""


class OwnSubmission(Conflict):
    """Who submits does not validate: {ref} was submitted by that same authority on {submitted_on}."""

    FR = "Qui soumet ne valide pas\u202f: {ref} a été soumis par cette même autorité le {submitted_on}."


class AnsweredBeforeSubmitted(Conflict):
    """{ref} was submitted on {submitted_on}: its answer cannot date from {on}."""

    FR = "{ref} a été soumis le {submitted_on}\u202f: la réponse ne peut pas dater du {on}."


class SubmittedIsFixed(Conflict):
    """{ref} is {status}: what was submitted is not reworded afterwards. Send it back, or begin another version."""

    FR = (
        "{ref} est au statut «\u202f{status}\u202f»\u202f: ce qui a été soumis ne se réécrit pas après coup. "
        "Renvoyez-le, ou commencez une autre version."
    )


Submissions = tuple[Submission, ...]


def submitted(earlier: Submissions, fact: Fact, version: int | None = None) -> Submissions:
    """The submissions with one more, which awaits its answer."""
    return (*earlier, Submission(version=version, by=authority(fact), on=fact.occurred_on))


def answered(
    submissions: Submissions,
    fact: Fact,
    answer: Answer,
    *,
    to_adjust: str | None = None,
    decision_id: UUID | None = None,
) -> Submissions:
    """The submissions once the last one has its answer."""
    said = {
        "answer": answer,
        "answered_by": authority(fact),
        "answered_on": fact.occurred_on,
        "to_adjust": to_adjust,
        "decision_id": decision_id,
    }
    return (*submissions[:-1], submissions[-1].model_copy(update=said))


def require_in_turn(ref: str, submissions: Submissions, fact: Fact) -> None:
    """An answer follows what it answers. Raises `AnsweredBeforeSubmitted`."""
    if submissions and fact.occurred_on < submissions[-1].on:
        raise AnsweredBeforeSubmitted(ref=ref, submitted_on=submissions[-1].on, on=fact.occurred_on)


def require_another_authority(ref: str, submissions: Submissions, fact: Fact) -> None:
    """Separation of duties compares authorities, not typists (DOMAIN section 1). Raises `OwnSubmission`."""
    if submissions and submissions[-1].by == authority(fact):
        raise OwnSubmission(ref=ref, submitted_on=submissions[-1].on)
