"""The workstreams of the plan: opened by the lead after the first workshops, ranked in the order the team chose."""

from dataclasses import dataclass

from service.demonstration.entry import Entry, The, do, workstream_opens
from service.domain import workstream


@dataclass(frozen=True)
class Opened:
    """A workstream, under an axis or another workstream; `rank`: its priority, given by a workshop."""

    key: str
    title: str
    axis: str
    rank: int
    objectives: tuple[str, ...]
    description: str | None = None
    parent: str | None = None


WORKSTREAMS = (
    Opened(
        "delais",
        "Délais et qualité du compte rendu",
        "axe-objectif",
        1,
        (
            "Publier le compte rendu provisoire en moins de trois heures pour neuf séances sur dix",
            "Ne pas laisser monter le nombre d'erreurs signalées après publication",
        ),
        "Tenir la promesse faite à la séance, sans que la vitesse se paie en qualité.",
    ),
    Opened(
        "offre",
        "Une offre pour les commissions",
        "axe-objectif",
        5,
        (
            "Servir deux commissions pilotes, puis toutes celles qui le demandent",
            "Porter leur satisfaction à huit sur dix",
        ),
        "Répondre à de nouvelles demandes avec le métier d'aujourd'hui, avant que d'autres n'y répondent.",
    ),
    Opened(
        "assistance",
        "L'assistance à la rédaction par l'IA",
        "axe-outils",
        2,
        ("Faire essayer l'assistant à toutes les équipes volontaires", "Décider, preuves en main, de la suite"),
        "Apprivoiser l'outil : ce qu'il fait bien, ce qu'il ne saura pas faire, ce qu'il change du métier.",
    ),
    Opened(
        "langue",
        "Le glossaire et la typographie communs",
        "axe-outils",
        9,
        ("Un seul glossaire, tenu à jour chaque semaine de séance",),
        parent="assistance",
    ),
    Opened(
        "comite",
        "La gouvernance des outils",
        "axe-outils",
        4,
        ("Répondre en moins d'un mois à chaque besoin exprimé par le métier",),
        "Un lieu où le métier et l'informatique décident ensemble, et où chaque demande reçoit une réponse.",
    ),
    Opened(
        "souplesse",
        "La souplesse des équipes au fil du calendrier",
        "axe-organisation",
        3,
        (
            "Couvrir la moitié des séances par des équipes polyvalentes",
            "Ramener à trente heures par agent les heures supplémentaires d'un pic",
        ),
        "Traverser les pics sans s'épuiser, et faire des creux un temps utile.",
    ),
    Opened(
        "relecture",
        "Le circuit de relecture",
        "axe-organisation",
        6,
        ("Passer de trois relectures à deux, à qualité égale",),
    ),
    Opened(
        "nuit",
        "Les séances de nuit et le travail à distance",
        "axe-organisation",
        8,
        ("Prévenir les équipes de nuit trois jours à l'avance au moins",),
    ),
    Opened(
        "metier",
        "Le sens du métier",
        "axe-rh",
        7,
        ("Faire entendre chaque équipe au moins une fois par trimestre",),
        "Dire ce que sera le métier, avec celles et ceux qui l'exercent.",
    ),
    Opened(
        "competences",
        "Les compétences et les parcours",
        "axe-rh",
        10,
        ("Former soixante agents à l'assistant de rédaction", "Ouvrir au moins quatre passerelles par an"),
    ),
    Opened(
        "effectifs",
        "Les effectifs et la relève",
        "axe-rh",
        11,
        ("Qu'aucun départ prévu ne laisse un poste vide plus de deux mois",),
    ),
)


AXIS_OF = {w.key: w.axis for w in WORKSTREAMS}


def entries() -> tuple[Entry, ...]:
    """Opened after the restitution, ranked in two workshops of the direction's committee."""
    opened = (
        Entry(
            -312,
            "mathilde",
            workstream_opens(
                w.key,
                title=w.title,
                axis_id=The(w.axis),
                parent_id=The(w.parent) if w.parent else None,
                description=w.description,
                objectives=w.objectives,
            ),
        )
        for w in WORKSTREAMS
    )
    ranked = (
        Entry(
            -292 if w.rank <= 5 else -270,
            "mathilde",
            do(w.key, workstream.prioritise, w.rank, source="Atelier du comité de direction sur les priorités"),
            since=-294 if w.rank <= 5 else -271,
        )
        for w in WORKSTREAMS
    )
    return (
        *opened,
        *ranked,
        Entry(
            -112,
            "mathilde",
            do("nuit", workstream.prioritise, 4, source="Point d'étape avec les équipes de nuit"),
        ),
        Entry(
            -104,
            "mathilde",
            do(
                "offre",
                workstream.revise,
                objectives=(
                    "Servir toutes les commissions qui le demandent, deux pilotes ayant ouvert la voie",
                    "Porter leur satisfaction à huit sur dix",
                ),
            ),
        ),
        Entry(-31, "mathilde", do("comite", workstream.confirm)),
    )
