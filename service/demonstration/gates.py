"""The decisions that carry the whole path: the axes, the validated plan, the gates between phases, the new dates."""

from service.demonstration.entry import Entry, The, decides, minutes_of
from service.demonstration.people import AXES
from service.demonstration.register import applied, told

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
        decides(
            "passage-1",
            kind="gate_verdict",
            title="Ouvrir la clarification de la cible",
            phase_id=The("phase-1"),
            verdict="go",
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
        decides(
            "passage-2",
            kind="gate_verdict",
            title="Ouvrir la structuration du projet de direction",
            phase_id=The("phase-2"),
            verdict="go",
            chosen="Le plan d'action est priorisé et légitimé : la troisième phase s'ouvre.",
        ),
    ),
    *told("passage-2", -239, "Toute la direction"),
    applied("passage-2", -236),
    Entry(
        -149,
        "genevieve",
        decides(
            "passage-3-suspendu",
            kind="gate_verdict",
            title="Suspendre la troisième phase",
            phase_id=The("phase-3"),
            verdict="hold",
            chosen="Le projet ne dit pas encore ce que la direction cesse de faire : on s'arrête, on l'écrit.",
            dissent="Bertrand Saulnier craint de perdre l'élan des ateliers.",
        ),
    ),
    *told("passage-3-suspendu", -148, "Le comité de direction", "Toute la direction"),
    applied("passage-3-suspendu", -147),
    Entry(
        -134,
        "genevieve",
        decides(
            "passage-3-repris",
            kind="gate_verdict",
            title="Reprendre la troisième phase",
            phase_id=The("phase-3"),
            verdict="replan",
            chosen="Les renoncements sont sur la table : la phase reprend, et finit un mois plus tard.",
        ),
    ),
    *told("passage-3-repris", -133, "Toute la direction"),
    applied("passage-3-repris", -132),
    Entry(
        -110,
        "genevieve",
        decides(
            "passage-3",
            kind="gate_verdict",
            title="Valider le projet de direction et passer à la mise en œuvre",
            phase_id=The("phase-3"),
            verdict="go",
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
)
