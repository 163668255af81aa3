"""Templates of transformations. `direction-4-phases` is the path the product was born from: four phases, four axes."""

from typing import NamedTuple

from service.domain.axis import AxisProposed
from service.domain.body_events import BodyConstituted, Cadence
from service.domain.deliverable_events import DeliverableKind
from service.domain.phase import PhasePlanned
from service.domain.refusal import Invalid


class TemplateUnknown(Invalid):
    """There is no template {template}; known: {known}."""

    FR = "Il n’y a pas de modèle {template}\u202f; modèles connus\u202f: {known}."


class Expected(NamedTuple):
    """A deliverable of a phase, which is named by its place among the phases."""

    phase: int
    kind: DeliverableKind
    title: str
    criteria: tuple[str, ...] = ()


class Template(NamedTuple):
    """What a template creates, one event per object, in order."""

    phases: tuple[PhasePlanned, ...]
    axes: tuple[AxisProposed, ...]
    deliverables: tuple[Expected, ...]
    bodies: tuple[BodyConstituted, ...]


def template_events(name: str | None) -> Template:
    """The creation events of a template; none without a name. Raises `TemplateUnknown`."""
    if name is None:
        return Template((), (), (), ())
    if name not in TEMPLATES:
        raise TemplateUnknown(pointer="/template", template=name, known=list(TEMPLATES))
    return TEMPLATES[name]


DIRECTION_4_PHASES = Template(
    phases=(
        PhasePlanned(
            ordinal=1,
            title="Diagnostic et immersion",
            objective="Comprendre de l’intérieur comment la direction fonctionne\u202f: ce qui la met sous tension, "
            "ce qui la porte et ce dont elle est capable.",
            expected_actions=(
                "Rencontrer, seuls ou en groupe, plus de la moitié des agents, l’équipe de direction "
                "et les partenaires internes",
                "Étudier les processus, l’organisation et les données d’activité",
                "Restituer à tous les constats, les quatre axes de travail prioritaires et les conditions de réussite",
            ),
            deliverables=("Un diagnostic partagé", "Une feuille de route de l’accompagnement"),
            exit_criteria=(
                "Plus de la moitié des agents ont été rencontrés",
                "Le diagnostic a été restitué à la direction et à ses équipes",
                "Les axes de travail sont confirmés",
            ),
        ),
        PhasePlanned(
            ordinal=2,
            title="Clarification de la cible à court terme",
            objective="Rendre l’avenir proche lisible pour chacun et mettre le collectif en mouvement.",
            expected_actions=(
                "Réunir le comité de direction en ateliers pour classer les chantiers par priorité",
                "Fixer des objectifs opérationnels mesurables et détailler le plan d’action",
                "Faire valider le plan par la gouvernance et arrêter le calendrier de mise en œuvre",
            ),
            deliverables=("Un plan d’action priorisé et légitimé, prêt à être déployé",),
            exit_criteria=(
                "Chaque chantier a une priorité et des objectifs mesurables",
                "Le plan d’action est validé par la gouvernance",
            ),
        ),
        PhasePlanned(
            ordinal=3,
            title="Structuration du projet de direction",
            objective="Bâtir ensemble une vision stratégique dans laquelle toute la direction se reconnaît.",
            expected_actions=(
                "Conduire des ateliers de prospective et de co-construction sur l’identité, "
                "les missions et les ambitions",
                "Écrire le projet de direction\u202f: pourquoi nous agissons, comment nous agirons",
                "Préparer la présentation à la gouvernance, puis intégrer les ajustements qu’elle demande",
            ),
            deliverables=("Un projet de direction écrit, porteur de sens et accordé aux enjeux à venir",),
            exit_criteria=("Le projet de direction est validé par la gouvernance",),
        ),
        PhasePlanned(
            ordinal=4,
            title="Accompagnement au changement et pilotage",
            objective="Soutenir la mise en œuvre au quotidien et installer durablement les nouvelles pratiques.",
            expected_actions=(
                "Animer les points d’étape, lever les obstacles et ajuster le cap en chemin",
                "Communiquer en interne pour que les équipes s’approprient le changement",
                "Suivre les indicateurs et évaluer les impacts",
            ),
            deliverables=(
                "Une transformation effective",
                "Des processus stabilisés",
                "Une dynamique collective qui dure",
            ),
            exit_criteria=(
                "Les impacts ont été évalués",
                "Chaque nouvelle pratique a quelqu’un qui la fait vivre",
            ),
        ),
    ),
    axes=(
        AxisProposed(
            position=1,
            title="Objectif opérationnel",
            description="Ce que la direction doit produire, pour qui et avec quelle qualité, "
            "et les nouvelles missions auxquelles elle répond.",
        ),
        AxisProposed(
            position=2,
            title="Outils",
            description="Les outils d’aujourd’hui et ceux qui arrivent, dont l’assistance par l’IA\u202f: "
            "les choisir et les suivre ensemble, au plus près des besoins du métier.",
        ),
        AxisProposed(
            position=3,
            title="Organisation du travail",
            description="Une organisation assez souple pour une activité très cyclique, "
            "dans ses pics comme dans ses creux.",
        ),
        AxisProposed(
            position=4,
            title="Gestion des ressources humaines",
            description="Les effectifs, les compétences, les perspectives de chacun et le sens du métier.",
        ),
    ),
    deliverables=(
        Expected(1, "document", "Diagnostic partagé"),
        Expected(1, "document", "Feuille de route de l’accompagnement"),
        Expected(2, "document", "Plan d’action priorisé et légitimé"),
        Expected(3, "document", "Projet de direction"),
        Expected(
            4,
            "outcome",
            "Transformation effective",
            criteria=("Les processus sont stabilisés", "La dynamique collective dure sans l’accompagnement"),
        ),
    ),
    bodies=(
        BodyConstituted(
            name="Comité de pilotage",
            kind="steering",
            mission="Juger chaque passage de phase, valider le plan d’action et le projet de direction, "
            "répondre à ce qui lui est porté.",
            seats=("Commanditaire", "Direction générale", "Direction", "Ressources humaines", "Partenaires internes"),
            second_needs_quorum=False,
            cadence=Cadence(every=6, unit="week"),
        ),
        BodyConstituted(
            name="Comité de direction",
            kind="management",
            mission="Classer les chantiers par priorité, suivre le plan d’action, lever les obstacles à sa portée.",
            seats=("Direction", "Adjoint à la direction", "Services", "Services", "Services"),
            cadence=Cadence(every=2, unit="week"),
        ),
        BodyConstituted(
            name="Comité outils",
            kind="tools",
            mission="Choisir et suivre les outils au plus près des besoins du métier.",
            seats=("Métier", "Métier", "Informatique", "Partenaires internes"),
            cadence=Cadence(every=1, unit="month"),
        ),
    ),
)

TEMPLATES: dict[str, Template] = {"direction-4-phases": DIRECTION_4_PHASES}
