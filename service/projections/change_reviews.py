"""What changes tell of stage reviews beside their status: verdict, conditions, waivers, recusals, contestations."""

from collections.abc import Iterator

from service.domain.review_state import Review
from service.projections.change_spelling import Spelling

Sentence = tuple[str, str, tuple[str, ...]]
"""The group, the sentence, and the kinds of events that it tells."""


def sentences(spell: Spelling, before: Review | None, after: Review, the: str) -> Iterator[Sentence]:
    """Everything that was decided around a review between two points; `the` names it."""
    say = spell.say
    if after.verdict and not (before and before.verdict):
        said, on = spell.word(after.verdict.verdict), spell.day(after.verdict.given_on)
        fr, en = f"{the} a rendu son verdict le {on}\u202f: {said}.", f"{the} gave its verdict on {on}: {said}."
        yield "decided", say(fr, en), ("verdict_given", "condition_set")
    yield from _conditions(spell, before, after, the)
    waived = {each.number for each in before.criteria if each.waiver} if before else set()
    for criterion in after.criteria:
        if criterion.waiver and criterion.number not in waived:
            fr = f"{the}\u202f: le critère {criterion.number} est levé par dérogation."
            yield "decided", say(fr, f"{the}: criterion {criterion.number} is waived."), ("criterion_waived",)
    for _ in after.recusals[len(before.recusals) if before else 0 :]:
        fr, en = f"{the}\u202f: un membre de l’instance s’est récusé.", f"{the}: a member of the body was recused."
        yield "changed", say(fr, en), ("member_recused",)
    if len(after.contestations) > (len(before.contestations) if before else 0):
        yield "decided", say(f"{the} a été contesté.", f"{the} was contested."), ("contested",)
    answered = sum(each.answered_on is not None for each in after.contestations)
    if answered > (sum(each.answered_on is not None for each in before.contestations) if before else 0):
        fr, en = f"{the}\u202f: la contestation a reçu sa réponse.", f"{the}: the contestation was answered."
        yield "decided", say(fr, en), ("contestation_answered",)


def _conditions(spell: Spelling, before: Review | None, after: Review, the: str) -> Iterator[Sentence]:
    known = {each.number: each for each in before.conditions} if before else {}
    for condition in after.conditions:
        old, number = known.get(condition.number), condition.number
        if condition.escalated_on and not (old and old.escalated_on):
            fr = f"{the}\u202f: la condition {number}, bloquante et non remplie à sa date, est portée à la gouvernance."
            en = f"{the}: condition {number} blocks and was unmet at its date; it goes up to governance."
            yield "raised", spell.say(fr, en), ("condition_escalated",)
        if condition.met_on and not (old and old.met_on):
            on = spell.day(condition.met_on)
            fr = f"{the}\u202f: la condition {number} est remplie depuis le {on}."
            yield "closed", spell.say(fr, f"{the}: condition {number} was met on {on}."), ("condition_met",)
        if condition.lifted_on and not (old and old.lifted_on):
            fr = f"{the}\u202f: la condition {number} n’est plus demandée."
            yield "decided", spell.say(fr, f"{the}: condition {number} is no longer asked for."), ("condition_lifted",)
