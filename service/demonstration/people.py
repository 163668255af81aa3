"""The people of the story: invented names, their roles, when they join and leave; and the transformation they make."""

from dataclasses import dataclass
from datetime import date

from service.acts.principals import ALL_SCOPES, enrol_person, issue_key, register_service
from service.acts.transformations import grant_member, launch_transformation, prepare_transformation
from service.demonstration.entry import Entry, On, do
from service.demonstration.stage import Deed, Scene
from service.domain import member, phase, transformation
from service.domain.act import Role
from service.domain.activity import ActivityPeriod
from service.domain.axis import AXIS, AxisProposed
from service.domain.body import BODY
from service.domain.body_events import BodyConstituted
from service.domain.deliverable import DELIVERABLE
from service.domain.deliverable_events import DeliverableDrafted
from service.domain.key import KEY, Scope
from service.domain.member import MEMBER
from service.domain.phase import PHASE, PhasePlanned
from service.domain.principal import PERSON, SERVICE, grant_administrator
from service.domain.transformation import TRANSFORMATION
from service.store.unit import Target

CODE = "DIR-CR"
NAME = "La direction des comptes rendus"
DESCRIPTION = (
    "Une direction au métier exigeant, dans une grande institution parlementaire : des outils d'assistance à la "
    "rédaction qui arrivent, une activité très cyclique, des effectifs comptés et un métier qui cherche sa place. "
    "Le statu quo n'est plus tenable ; les équipes sont appelées à bâtir la suite elles-mêmes."
)


@dataclass(frozen=True)
class Person:
    """Somebody of the story. `key`: the role whose key the demonstration hands out, in this person's name."""

    name: str
    display_name: str
    role: Role
    joins: int = -423
    key: str | None = None


PEOPLE = (
    Person("mathilde", "Mathilde Corvisier", "lead", key="lead"),
    Person("genevieve", "Geneviève Lantier", "sponsor", key="sponsor"),
    Person("olivier", "Olivier Desmarest", "facilitator", key="facilitator"),
    Person("bertrand", "Bertrand Saulnier", "governance", key="governance"),
    Person("annelaure", "Anne-Laure Peyrissac", "governance"),
    Person("jeanbaptiste", "Jean-Baptiste Tourneur", "governance"),
    Person("claire", "Claire Hautecœur", "auditor", key="auditor"),
    Person("nadia", "Nadia Belkhodja", "contributor", key="contributor"),
    Person("thomas", "Thomas Guérinel", "contributor"),
    Person("sylvie", "Sylvie Malaterre", "contributor"),
    Person("antoine", "Antoine Vauquelin", "contributor"),
    Person("fatou", "Fatou Diakhaté", "contributor"),
    Person("remi", "Rémi Castagnède", "contributor"),
    Person("isabelle", "Isabelle Kerdaniel", "contributor"),
    Person("julien", "Julien Prémontet", "contributor"),
    Person("martine", "Martine Aubrespy", "contributor"),
    Person("hugo", "Hugo Lestienne", "contributor"),
    Person("camille", "Camille Roussillac", "contributor"),
    Person("yann", "Yann Le Guelvouit", "contributor"),
    Person("elise", "Élise Montbrunel", "contributor", joins=-236),
)
ADMINISTRATOR = Person("pascal", "Pascal Ferrandier", "auditor", key="administrator")
PROGRAM = Person("compteur", "Suivi d'activité des comptes rendus", "integration", key="integration")

SCOPES: dict[str, tuple[Scope, ...]] = {
    "administrator": ALL_SCOPES,
    "integration": ("read", "write", "import"),
    "auditor": ("read", "audit"),
}
BY_DEFAULT: tuple[Scope, ...] = ("read", "write", "import", "audit")


def years(anchor: date) -> range:
    """The years that the story touches, the plans that lie ahead included."""
    return range(anchor.year - 2, anchor.year + 2)


def activity_periods(anchor: date) -> tuple[ActivityPeriod, ...]:
    """The cycle of a parliamentary year, for the years that the story touches."""
    periods = []
    for year in years(anchor):
        for label, start, end, level in (
            ("Reprise de janvier", (1, 1), (1, 9), "low"),
            ("Textes de fin de session", (6, 1), (7, 13), "peak"),
            ("Intersession d’été", (7, 27), (9, 12), "low"),
            ("Session budgétaire", (10, 6), (12, 18), "peak"),
        ):
            periods.append(
                ActivityPeriod.model_validate(
                    {"label": label, "from_on": date(year, *start), "to_on": date(year, *end), "level": level}
                )
            )
    return tuple(periods)


def closed_days(anchor: date) -> tuple[date, ...]:
    """The days on which the institution is closed besides the public holidays: the eves, and a week in August."""
    august = [(8, day) for day in range(10, 15)]
    return tuple(date(year, *day) for year in years(anchor) for day in (*august, (12, 24), (12, 31)))


def _enters(person: Person) -> Deed:
    """The person is enrolled, or the program registered; those who show the demonstration get a key."""

    def deed(scene: Scene) -> Target:
        directory = scene.stage.service.directory
        name = scene.said(person.display_name)
        if person is PROGRAM:
            program = register_service(scene.unit, directory, name)
            owner, target = program.service_id, Target(SERVICE, program, created=True)
        else:
            first, _, last = person.display_name.partition(" ")
            email = f"{_ascii(first)}.{_ascii(last)}@demonstration.example"
            someone = enrol_person(scene.unit, directory, name, email=email)
            owner, target = someone.person_id, Target(PERSON, someone, created=True)
            if person is ADMINISTRATOR:
                scene.unit.record(PERSON, someone.id, grant_administrator(someone))
        scene.stage.people[person.name] = owner
        if person is not ADMINISTRATOR:
            scene.stage.roles[person.name] = person.role
        if person.key is None:
            return target
        key, whole = issue_key(
            scene.unit,
            directory,
            owner=owner,
            name="démonstration",
            scopes=SCOPES.get(person.key, BY_DEFAULT),
            environment=scene.stage.service.settings.environment,
        )
        scene.stage.keys[person.key] = (name, whole)
        return Target(KEY, key, created=True)

    return deed


def _ascii(name: str) -> str:
    pairs = {"é": "e", "è": "e", "ï": "i", "œ": "oe", "É": "e", " ": "", "’": "", "'": ""}
    return "".join(pairs.get(letter, letter) for letter in name).lower()


def _prepare(scene: Scene) -> Target:
    stage = scene.stage
    prepared = prepare_transformation(
        scene.unit,
        code=CODE,
        name=NAME,
        lead=stage.person("mathilde"),
        sponsor=stage.person("genevieve"),
        description=scene.said(DESCRIPTION),
        template="direction-4-phases",
        closed_days=closed_days(stage.anchor),
        activity_periods=activity_periods(stage.anchor),
    )
    stage.transformation_id = prepared.id
    stage.things["transformation"] = (TRANSFORMATION, prepared.id)
    for fact in scene.unit.facts:
        match fact.event:
            case PhasePlanned(ordinal=ordinal):
                stage.things[f"phase-{ordinal}"] = (PHASE, fact.originator_id)
            case AxisProposed(position=position):
                stage.things[AXES[position - 1]] = (AXIS, fact.originator_id)
            case DeliverableDrafted(ref=ref):
                stage.things[f"livrable-{ref}"] = (DELIVERABLE, fact.originator_id)
            case BodyConstituted(kind=kind):
                stage.things[f"instance-{kind}"] = (BODY, fact.originator_id)
    return Target(TRANSFORMATION, prepared, created=True)


AXES = ("axe-objectif", "axe-outils", "axe-organisation", "axe-rh")


PHASES = ((-414, -325), (-324, -240), (-239, -140), (-139, 120))
"""The planned dates of the four phases."""


def _joins(person: Person) -> Deed:
    def deed(scene: Scene) -> Target:
        id = scene.transformation.id
        granted = grant_member(scene.unit, id, scene.stage.person(person.name), person.role)
        return scene.enters(f"membre-{person.name}", MEMBER, granted)

    return deed


def _launch(scene: Scene) -> Target:
    with scene.connection() as connection:
        return Target(TRANSFORMATION, launch_transformation(scene.unit, connection, scene.transformation.id))


def entries() -> tuple[Entry, ...]:
    """Enrolled by the administrator, made members by the lead; the sponsor launches."""
    first = (ADMINISTRATOR, *(person for person in PEOPLE if person.joins == -423), PROGRAM)
    later = tuple(person for person in PEOPLE if person.joins > -423)
    members = tuple(person for person in (*PEOPLE, PROGRAM) if person.role not in ("lead", "sponsor"))
    return (
        *(Entry(-425, "pascal", _enters(person), channel="cli") for person in first),
        Entry(-425, "pascal", _prepare, channel="cli"),
        *(Entry(person.joins - 1, "pascal", _enters(person)) for person in later),
        *(Entry(person.joins, "mathilde", _joins(person)) for person in members),
        *(
            Entry(-421, "mathilde", do(f"phase-{n}", phase.revise, planned_from=On(start), planned_to=On(end)))
            for n, (start, end) in enumerate(PHASES, start=1)
        ),
        Entry(-414, "genevieve", _launch),
        Entry(-58, "mathilde", do("membre-martine", member.revoke, other_leads=1)),
        Entry(-40, "mathilde", do("transformation", transformation.confirm)),
    )
