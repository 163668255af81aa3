"""The decisions that carry the whole path: the axes, the validated plan, the verdicts at the gates, the new dates."""

from service.demonstration.entry import Entry, On, The, Who, decides, minutes_of, shaped
from service.demonstration.people import AXES
from service.demonstration.register import applied, told
from service.demonstration.reviews import judges
from service.domain.review_course import ConditionTerms

GATES = (
    Entry(
        -329,
        "olivier",
        decides(
            "quatre-axes",
            title="Retenir quatre axes de travail",
            question="Sur quoi la direction doit-elle porter son effort ?",
            options=("Les outils d'abord", "Quatre axes menés de front", "Attendre les arbitrages sur les effectifs"),
            chosen="Quatre axes : l'objectif opérationnel, les outils, l'organisation du travail, les ressources "
            "humaines.",
            rationale="Le diagnostic le montre : aucun de ces quatre sujets ne se règle sans les autres.",
            confirms_axes=tuple(The(axis) for axis in AXES),
        ),
        since=-331,
        named_for="bertrand",
        document=minutes_of("Relevé de décisions du comité de pilotage, restitution du diagnostic", "cp-01", -331),
    ),
    *told("quatre-axes", -327, "Toute la direction", "Les partenaires internes"),
    applied("quatre-axes", -318),
    Entry(
        -324,
        "genevieve",
        judges(
            "passage-1",
            "etape-passage-1",
            "go",
            title="Ouvrir la clarification de la cible",
            chosen="Le diagnostic est partagé : la deuxième phase s'ouvre.",
        ),
    ),
    *told("passage-1", -323, "Toute la direction"),
    applied("passage-1", -319),
    Entry(
        -245,
        "annelaure",
        decides(
            "plan-valide",
            kind="plan_validation",
            title="Valider le plan d'action",
            question="Le plan est-il assez précis pour engager la direction ?",
            chosen="Le plan est validé ; ses dates deviennent des engagements.",
            rationale="Chaque chantier a son rang, chaque action son pilote et sa date.",
            dissent="Jean-Baptiste Tourneur aurait préféré moins d'actions.",
        ),
    ),
    *told("plan-valide", -243, "Toute la direction", "Les représentants du personnel"),
    applied("plan-valide", -239),
    Entry(
        -240,
        "genevieve",
        judges(
            "passage-2",
            "etape-passage-2",
            "go",
            title="Ouvrir la structuration du projet de direction",
            chosen="Le plan d'action est priorisé et légitimé : la troisième phase s'ouvre.",
        ),
    ),
    *told("passage-2", -239, "Toute la direction"),
    applied("passage-2", -236),
    Entry(
        -149,
        "genevieve",
        judges(
            "passage-3-suspendu",
            "etape-passage-3",
            "hold",
            title="Suspendre la troisième phase",
            chosen="Le projet ne dit pas encore ce que la direction cesse de faire : on s'arrête, on l'écrit.",
            dissent="Bertrand Saulnier craint de perdre l'élan des ateliers.",
        ),
    ),
    *told("passage-3-suspendu", -148, "Le comité de direction", "Toute la direction"),
    applied("passage-3-suspendu", -147),
    Entry(
        -134,
        "olivier",
        judges(
            "passage-3-repris",
            "etape-reprise",
            "replan",
            title="Reprendre la troisième phase",
            chosen="Les renoncements sont sur la table : la phase reprend, et finit un mois plus tard.",
        ),
        named_for="instance-steering",
        review="etape-reprise",
    ),
    *told("passage-3-repris", -133, "Toute la direction"),
    applied("passage-3-repris", -132),
    Entry(
        -110,
        "genevieve",
        judges(
            "passage-3",
            "etape-passage-3-bis",
            "go_with_conditions",
            conditions=(
                shaped(
                    ConditionTerms,
                    statement="Chaque équipe a entendu le projet de vive voix.",
                    owner=Who("nadia"),
                    due_on=On(-80),
                ),
                shaped(
                    ConditionTerms,
                    statement="L'accord des ressources humaines sur les parcours est écrit.",
                    owner=Who("isabelle"),
                    due_on=On(-9),
                    blocking=True,
                ),
                shaped(
                    ConditionTerms,
                    statement="Les renoncements sont expliqués aux commissions servies.",
                    owner=Who("nadia"),
                    due_on=On(16),
                ),
            ),
            title="Valider le projet de direction et passer à la mise en œuvre",
            chosen="Le projet de direction est validé : la quatrième phase s'ouvre.",
            rationale="Il est court, il est clair, et les équipes s'y reconnaissent.",
        ),
    ),
    *told("passage-3", -109, "Toute la direction", "Les commissions servies"),
    applied("passage-3", -106),
    Entry(
        -94,
        "annelaure",
        decides(
            "nouvelles-dates",
            kind="replan",
            title="Fixer de nouvelles dates",
            question="Les dates du plan tiennent-elles encore après la suspension ?",
            options=("Garder les dates d'origine", "Fixer de nouvelles dates, une seule fois"),
            chosen="De nouvelles dates de référence, une seule fois ; celles d'origine restent affichées.",
        ),
    ),
    *told("nouvelles-dates", -92, "Toute la direction"),
    applied("nouvelles-dates", -91),
    Entry(
        -51,
        "genevieve",
        judges(
            "passage-4-prolonge",
            "etape-passage-4",
            "replan",
            title="Donner un mois de plus à la mise en œuvre",
            chosen="La phase reste ouverte et finit un mois plus tard : aucune équipe ne reçoit l'assistant sans être "
            "formée.",
            rationale="Tenir la date aurait coûté la confiance que la première vague a gagnée.",
        ),
    ),
    *told("passage-4-prolonge", -50, "Toute la direction"),
    applied("passage-4-prolonge", -48),
)
