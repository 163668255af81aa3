"""The stage reviews of the story: the steering committee meets every six weeks, and at each gate."""

from dataclasses import dataclass, replace
from typing import Any

from service.acts.bodies import schedule_series
from service.acts.reviews import authority_of, freeze_pack, hold_review, schedule_review
from service.acts.verdicts import give_verdict
from service.demonstration.entry import Entry, On, The, Who, do, minutes_of, shaped
from service.demonstration.stage import Deed, Scene, Shaped
from service.domain import review_course as course
from service.domain.decision import DECISION
from service.domain.decision_events import Verdict
from service.domain.review import REVIEW
from service.domain.review_events import AgendaItem, EvidenceLink
from service.projections.all_tables import TABLES
from service.store.unit import Target

JUDGES = ("genevieve", "bertrand", "annelaure", "jeanbaptiste")
SEATED = (*JUDGES, "isabelle")
GATE = "Le passage de la phase"
SHOWN: dict[tuple[int, int], tuple[Shaped, ...]] = {
    (1, 1): (shaped(EvidenceLink, kind="milestone", id=The("entretiens/1")),),
    (1, 2): (
        shaped(EvidenceLink, kind="deliverable", id=The("livrable-1")),
        shaped(EvidenceLink, kind="document", document=minutes_of("Support de la restitution", "restitution", -331)),
    ),
    (1, 3): (shaped(EvidenceLink, kind="decision", id=The("quatre-axes")),),
    (2, 2): (shaped(EvidenceLink, kind="decision", id=The("plan-valide")),),
    (3, 1): (shaped(EvidenceLink, kind="deliverable", id=The("livrable-4")),),
    (4, 2): (shaped(EvidenceLink, kind="indicator", id=The("i-formes")),),
}
"""What shows that a criterion is met, or why it is not, by gate and criterion."""


@dataclass(frozen=True)
class Met:
    """One review that was held: when it was planned, who came, and what was judged. `gate` is its phase."""

    key: str
    day: int
    gate: int | None = None
    moved: tuple[int, str] | None = None
    """The day it was really held, and why it was moved."""
    came: tuple[str, ...] = JUDGES[:3]
    met: tuple[bool, ...] = ()
    waived: tuple[int, str] | None = None
    series: bool = False
    frozen: int = 2
    """How many days before, its pack was frozen: early enough where a series may have planned it some days earlier."""
    minutes: str = "Le comité a parcouru le dossier point par point."
    conclusions: str = "Rendez-vous est pris dans six semaines."
    read_by: tuple[str, ...] = SEATED

    @property
    def held(self) -> int:
        return self.moved[0] if self.moved else self.day


REVIEWS = (
    Met("etape-1", -408, series=True, minutes="Le comité s'installe et convient de sa manière de travailler."),
    Met("etape-2", -366, series=True, frozen=9),
    Met("etape-passage-1", -324, gate=1, came=JUDGES, met=(True, True, True)),
    Met("etape-3", -282, came=("genevieve", "bertrand", "isabelle")),
    Met(
        "etape-passage-2",
        -240,
        gate=2,
        met=(False, True),
        waived=(1, "Un seul chantier n'a pas son rang ; il attend l'arbitrage sur les effectifs."),
    ),
    Met("etape-4", -198),
    Met(
        "etape-passage-3",
        -156,
        gate=3,
        moved=(-149, "Le dossier du projet de direction est arrivé trop tard."),
        met=(False,),
        came=JUDGES,
    ),
    Met("etape-reprise", -134, gate=3, met=(False,), conclusions="Nouvel examen dans trois semaines."),
    Met(
        "etape-passage-3-bis",
        -114,
        gate=3,
        moved=(-110, "La présentation aux équipes a lieu le lendemain de la première date."),
        met=(True,),
        came=JUDGES,
    ),
    Met("etape-5", -72, series=True),
    Met(
        "etape-passage-4",
        -51,
        gate=4,
        met=(False, False),
        minutes="Le comité a demandé ce que coûterait de finir à la date prévue : la deuxième vague sans formation.",
        conclusions="Le passage sera jugé à nouveau à la nouvelle date.",
    ),
    Met("etape-6", -30, series=True, frozen=9, read_by=("genevieve", "annelaure"), came=JUDGES),
)


def _series(first: int, keys: tuple[str, ...]) -> Deed:
    def deed(scene: Scene) -> Target:
        body = scene.get("instance-steering")
        day, title = scene.stage.day(first), scene.said("Point d'étape du comité de pilotage")
        made = schedule_series(scene.unit, scene.transformation, body, title=title, first_on=day, count=len(keys))
        for key, review in zip(keys, made, strict=True):
            scene.enters(key, REVIEW, review)
        return Target(REVIEW, made[0], created=True)

    return deed


def _schedules(key: str, day: int, gate: int | None) -> Deed:
    """A review of the steering committee by itself: at a gate, with the point that it is to judge."""
    agenda: tuple[Any, ...] = (
        shaped(AgendaItem, title="Où en est le plan", owner=Who("mathilde"), expected="information", minutes=20),
        shaped(AgendaItem, title="Les obstacles portés au comité", owner=Who("olivier"), expected="decision"),
    )
    if gate is not None:
        verdict = shaped(AgendaItem, title=f"{GATE} {gate}", owner=Who("mathilde"), expected="verdict", minutes=30)
        agenda = (*agenda, verdict)

    def deed(scene: Scene) -> Target:
        title = f"Passage de la phase {gate}" if gate else "Point d'étape du comité de pilotage"
        scheduled = schedule_review(
            scene.unit,
            scene.transformation,
            body_id=scene.id("instance-steering"),
            phase_id=scene.id(f"phase-{gate}") if gate else None,
            title=scene.said(title),
            planned_on=scene.stage.day(day),
            agenda=scene.said(agenda),
        )
        return scene.enters(key, REVIEW, scheduled)

    return deed


def _freezes(key: str) -> Deed:
    tables = {table.concept.name: table for table in TABLES}

    def deed(scene: Scene) -> Target:
        review = scene.get(key)
        with scene.connection() as connection:
            position = scene.stage.service.log.head()
            events = freeze_pack(scene.unit, connection, tables, scene.transformation, review, position)
        return scene.record(key, events)

    return deed


def _held(met: Met) -> Deed:
    """It was held on its day, which a series may have moved past a holiday: so it is recorded a little later."""

    def deed(scene: Scene) -> Target:
        review = scene.get(met.key)
        scene.unit.act = replace(scene.unit.act, occurred_on=review.planned_on)
        came = tuple(scene.stage.person(name) for name in met.came)
        return scene.record(met.key, hold_review(scene.unit, review, attended=came, minutes=scene.said(met.minutes)))

    return deed


def _waives(met: Met, number: int) -> Deed:
    def deed(scene: Scene) -> Target:
        return scene.record(met.key, course.waive_criterion(scene.get(met.key), number, authority_of(scene.unit.act)))

    return deed


def judges(key: str, review: str, verdict: Verdict, **fields: Any) -> Deed:
    """The committee gives its verdict on the gate: the decision enters under `key`."""

    def deed(scene: Scene) -> Target:
        with scene.connection() as connection:
            position = scene.stage.service.log.head()
            after = give_verdict(
                scene.unit,
                connection,
                scene.transformation,
                scene.get(review),
                position=position,
                verdict=verdict,
                **scene.said(fields),
            )
        if after.verdict is None:
            raise LookupError(f"{review} has no verdict")
        scene.enters(key, DECISION, scene.unit.get(DECISION, after.verdict.decision_id))
        return Target(REVIEW, after)

    return deed


def _life(met: Met) -> tuple[Entry, ...]:
    """Prepared, frozen, held, closed and read."""
    found: list[Entry] = []
    if not met.series:
        found.append(Entry(met.day - 20, "mathilde", _schedules(met.key, met.day, met.gate)))
    if met.moved:
        found.append(Entry(met.day - 6, "mathilde", do(met.key, course.reschedule, On(met.held)), met.moved[1]))
    for number, fulfilled in enumerate(met.met, start=1):
        evidence = SHOWN.get((met.gate or 0, number), ())
        assessed = do(met.key, course.assess_criterion, number, met=fulfilled, evidence=evidence)
        found.append(Entry(met.held - 3, "olivier", assessed))
    found.append(Entry(met.held - met.frozen, "mathilde", _freezes(met.key)))
    # What a series planned may fall on the working day after a holiday.
    recorded = met.held + 9 if met.series else met.held
    found.append(Entry(recorded, "olivier", _held(met)))
    if met.waived:
        found.append(Entry(met.held, "genevieve", _waives(met, met.waived[0]), met.waived[1]))
    closing = do(met.key, course.close, conclusions=met.conclusions)
    found.append(Entry(recorded + 2, "mathilde", closing))
    found += [
        Entry(recorded + 3 + number, reader, do(met.key, course.acknowledge))
        for number, reader in enumerate(met.read_by)
    ]
    return tuple(found)


def _answers(key: str, answer: str) -> Deed:
    def deed(scene: Scene) -> Target:
        review = scene.get(key)
        contested = review.contestations[-1].event_id
        return scene.record(key, course.answer_contestation(review, contested, scene.said(answer)))

    return deed


def _meets(number: int, comment: str) -> Deed:
    def deed(scene: Scene) -> Target:
        review = scene.get("etape-passage-3-bis")
        met = course.meet_condition(review, scene.unit.act, number, comment=scene.said(comment))
        return scene.record("etape-passage-3-bis", met)

    return deed


def entries() -> tuple[Entry, ...]:
    """Every six weeks; what was contested; the conditions; what is ahead."""
    return (
        Entry(-413, "mathilde", _series(-408, ("etape-1", "etape-2"))),
        Entry(-100, "mathilde", _series(-72, ("etape-5", "etape-6", "etape-7"))),
        *(entry for met in REVIEWS for entry in _life(met)),
        Entry(-190, "jeanbaptiste", do("etape-4", course.contest, "J'avais demandé que le coût des postes figure.")),
        Entry(-187, "olivier", _answers("etape-4", "C'est exact : le coût est ajouté au compte rendu.")),
        Entry(-84, "nadia", _meets(1, "Les onze équipes ont été vues.")),
        Entry(-4, "mathilde", do("etape-passage-3-bis", course.escalate_condition, 2)),
        Entry(-15, "bertrand", do("etape-6", course.contest, "Le comité n'a pas dit que tout allait bien.")),
        Entry(-12, "mathilde", _schedules("etape-passage-4-bis", 108, 4)),
    )
