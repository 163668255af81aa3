"""The rules of reminders (DOMAIN section 3): when each speaks, by default and as a transformation wants it.

What each rule looks at is in `reminder_sources`; what a raised reminder is, in `reminder`.
"""

from collections.abc import Iterable, Mapping
from typing import Literal

from service.domain.event import Event, Value
from service.domain.refusal import Invalid

RuleName = Literal[
    "review_upcoming",
    "pack_to_freeze",
    "review_today",
    "condition_due",
    "condition_overdue",
    "condition_escalated",
    "milestone_upcoming",
    "milestone_overdue",
    "obstacle_look",
    "obstacle_silent",
    "escalation_due",
    "escalation_unanswered",
    "value_due",
    "value_stale",
    "decision_not_communicated",
]
FURTHEST = 60
"""Working days: no rule speaks earlier or later than that, or less often."""


class Timing(Value):
    """When a rule speaks: on these working days from its date (negative: before), then every so many."""

    offsets: tuple[int, ...]
    every: int | None = None
    """Once the last offset is past, again every so many working days, as long as it lasts."""

    @property
    def before(self) -> bool:
        """Whether it speaks of what is to come; it then falls silent after the date."""
        return all(offset <= 0 for offset in self.offsets)


DEFAULTS: Mapping[RuleName, Timing] = {
    "review_upcoming": Timing(offsets=(-14, -7, -1)),
    "pack_to_freeze": Timing(offsets=(-5,)),
    "review_today": Timing(offsets=(0,)),
    "condition_due": Timing(offsets=(-5, 0)),
    "condition_overdue": Timing(offsets=(1,), every=5),
    "condition_escalated": Timing(offsets=(1,), every=5),
    "milestone_upcoming": Timing(offsets=(-7, -1)),
    "milestone_overdue": Timing(offsets=(1,), every=5),
    "obstacle_look": Timing(offsets=(0,)),
    "obstacle_silent": Timing(offsets=(10,)),
    "escalation_due": Timing(offsets=(0,)),
    "escalation_unanswered": Timing(offsets=(1,), every=5),
    "value_due": Timing(offsets=(0,)),
    "value_stale": Timing(offsets=(1,)),
    "decision_not_communicated": Timing(offsets=(5,)),
}
"""Every rule. The promised date of a need gets its line here once needs exist."""


LASTING: frozenset[RuleName] = frozenset({"obstacle_look"})
"""Rules of a day that no other rule follows up: missed on that day, they speak on the next one."""


class ReminderRule(Value):
    """How one transformation wants one rule. A rule that it does not name speaks by default."""

    rule: RuleName
    on: bool = True
    offsets: tuple[int, ...] | None = None
    """None: those of the default."""
    every: int | None = None
    """None: that of the default, unless `offsets` are given, which then are all."""


class TransformationRemindersSet(Event):
    """Which rules of reminders speak in this transformation, and when; the others go by default."""

    TOPIC = "transformation.reminders_set"
    rules: tuple[ReminderRule, ...]


class ReminderRuleTwice(Invalid):
    """The rule {rule} is given twice."""

    FR = "La règle «\u202f{rule}\u202f» est donnée deux fois."


class ReminderTimingImpossible(Invalid):
    """The rule {rule} cannot speak on the working days {offsets}: {needed}."""

    FR = "La règle «\u202f{rule}\u202f» ne peut pas parler aux jours ouvrés {offsets}\u202f: {needed}."


def timings(rules: Iterable[ReminderRule]) -> dict[RuleName, Timing]:
    """The rules that speak, with their days."""
    found = dict(DEFAULTS)
    for rule in rules:
        if not rule.on:
            del found[rule.rule]
        elif rule.offsets is not None:
            found[rule.rule] = Timing(offsets=rule.offsets, every=rule.every)
        elif rule.every is not None:
            found[rule.rule] = Timing(offsets=DEFAULTS[rule.rule].offsets, every=rule.every)
    return found


def require_possible(rules: Iterable[ReminderRule]) -> None:
    """Each rule once, and on days that it can speak on. Raises `ReminderRuleTwice`, `ReminderTimingImpossible`."""
    named: set[str] = set()
    for index, rule in enumerate(rules):
        if rule.rule in named:
            raise ReminderRuleTwice(pointer=f"/rules/{index}/rule", rule=rule.rule)
        named.add(rule.rule)
        before = DEFAULTS[rule.rule].before
        offsets = rule.offsets if rule.offsets is not None else DEFAULTS[rule.rule].offsets
        days = range(-FURTHEST, 1) if before else range(1, FURTHEST + 1)
        needed = f"{days[0]}…{days[-1]}"
        ordered = list(offsets) == sorted(set(offsets))
        if not offsets or not ordered or any(offset not in days for offset in offsets):
            raise ReminderTimingImpossible(
                pointer=f"/rules/{index}/offsets", rule=rule.rule, offsets=str(list(offsets)), needed=needed
            )
        if rule.every is not None and (before or not 1 <= rule.every <= FURTHEST):
            raise ReminderTimingImpossible(
                pointer=f"/rules/{index}/every",
                rule=rule.rule,
                offsets=str(rule.every),
                needed="—" if before else f"1…{FURTHEST}",
            )
