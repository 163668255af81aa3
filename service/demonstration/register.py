"""The words of the register that the story repeats: told to audiences, applied, contested, answered."""

from service.demonstration.entry import Entry, do
from service.demonstration.stage import Deed, Scene
from service.domain import decision_course
from service.store.unit import Target


def told(key: str, day: int, *audiences: str, who: str = "mathilde") -> tuple[Entry, ...]:
    """Each audience is told on its day: every second day from the first."""
    return tuple(
        Entry(day + 2 * number, who, do(key, decision_course.communicate, audience))
        for number, audience in enumerate(audiences)
    )


def applied(key: str, day: int, since: int | None = None) -> Entry:
    """It is in effect; the lead says so."""
    return Entry(day, "mathilde", do(key, decision_course.apply), since=since)


def contests(key: str, text: str) -> Deed:
    """The authority for which it was recorded says that it did not decide so."""

    def deed(scene: Scene) -> Target:
        return scene.record(key, decision_course.contest(scene.get(key), scene.unit.act, text=scene.said(text)))

    return deed


def answers(key: str, answer: str) -> Deed:
    """The last contestation is answered."""

    def deed(scene: Scene) -> Target:
        decision = scene.get(key)
        contested = decision.contestations[-1].event_id
        return scene.record(key, decision_course.answer_contestation(decision, contested, answer=scene.said(answer)))

    return deed
