"""The register: what was decided, told, applied; what took its place, what was contested, what was decided for all."""

from service.demonstration.entry import Entry, On, The, corrects, decides, do, minutes_of
from service.demonstration.people import AXES
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


def _contests(key: str, text: str) -> Deed:
    def deed(scene: Scene) -> Target:
        return scene.record(key, decision_course.contest(scene.get(key), scene.unit.act, text=scene.said(text)))

    return deed


def _answers(key: str, answer: str) -> Deed:
    def deed(scene: Scene) -> Target:
        decision = scene.get(key)
        contested = decision.contestations[-1].event_id
        return scene.record(key, decision_course.answer_contestation(decision, contested, answer=scene.said(answer)))

    return deed


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

ORDINARY = (
    Entry(
        -262,
        "bertrand",
        decides(
            "partout",
            title="Installer l'assistant partout à la même date",
            question="Comment l'assistant de transcription arrive-t-il dans les équipes ?",
            options=("Partout le même jour", "Par vagues"),
            chosen="Toutes les équipes le même jour, après un mois d'essai.",
            applies_from=On(-150),
        ),
    ),
    *told("partout", -259, "Le comité de direction"),
    Entry(
        -226,
        "mathilde",
        decides(
            "comite-outils",
            title="Créer un comité des outils",
            chosen="Métier et informatique se réunissent chaque mois ; chaque besoin reçoit une réponse motivée.",
            creates_actions=(The("reunion-outils"), The("besoins")),
            applies_from=On(-180),
        ),
    ),
    *told("comite-outils", -224, "Toute la direction", "La direction des systèmes d'information"),
    applied("comite-outils", -178, since=-179),
    Entry(
        -168,
        "bertrand",
        decides(
            "par-vagues",
            title="Déployer l'assistant par vagues, chez les volontaires",
            question="Peut-on encore tenir une date unique ?",
            options=("Maintenir la date unique", "Des vagues volontaires", "Renoncer"),
            chosen="Par vagues, chez les équipes volontaires ; l'essai se fait sur des séances publiques.",
            rationale="L'essai apprend plus de trois équipes qui veulent que de vingt qui subissent.",
            dissent="Anne-Laure Peyrissac redoute deux vitesses dans la direction.",
            supersedes=The("partout"),
            resolves=(The("securite"),),
            creates_actions=(The("vagues"),),
        ),
    ),
    *told("par-vagues", -166, "Toute la direction"),
    applied("par-vagues", -117, since=-118),
    Entry(
        -128,
        "mathilde",
        decides(
            "signature",
            title="Dire qui signe le compte rendu",
            question="Quand l'assistant a écrit le premier jet, qui signe ?",
            chosen="Le relecteur signe seul le compte rendu.",
        ),
        since=-129,
        named_for="jeanbaptiste",
        document=minutes_of("Relevé de décisions du comité de pilotage, troisième séance", "cp-03", -129),
    ),
    Entry(
        -124,
        "jeanbaptiste",
        _contests("signature", "Je n'ai pas dit « seul ». Le rédacteur et le relecteur signent ensemble."),
    ),
    Entry(-122, "olivier", _answers("signature", "C'est exact, l'enregistrement le confirme. Le relevé est corrigé.")),
    Entry(
        -121,
        "mathilde",
        corrects(
            "signature", "decision.taken", chosen="Le rédacteur et le relecteur signent ensemble le compte rendu."
        ),
        reason="Contestation fondée de l'autorité qui a décidé.",
    ),
    *told("signature", -120, "Toute la direction", "Les représentants du personnel"),
    applied("signature", -100),
    Entry(
        -104,
        "genevieve",
        decides(
            "deux-postes",
            kind="arbitration",
            title="Publier les deux postes sans attendre",
            question="Faut-il attendre le prochain budget pour remplacer les deux départs ?",
            options=("Attendre", "Publier maintenant"),
            chosen="Les deux postes sont publiés maintenant.",
            resolves=(The("departs"),),
        ),
    ),
    *told("deux-postes", -102, "Toute la direction"),
    applied("deux-postes", -51, since=-52),
    Entry(
        -145,
        "genevieve",
        decides(
            "renfort-equipe",
            title="Renforcer une équipe jusqu'à la fin de la session",
            chosen="Deux renforts, et un entretien pour chacun avec la médecine du travail.",
            visibility="restricted",
        ),
    ),
    Entry(-143, "mathilde", do("renfort-equipe", decision_course.communicate, "L'équipe concernée")),
    applied("renfort-equipe", -138),
    Entry(
        -70,
        "mathilde",
        decides(
            "lettre-papier",
            title="Imprimer aussi la lettre interne",
            chosen="Chaque équipe reçoit trois exemplaires imprimés.",
        ),
    ),
    *told("lettre-papier", -69, "Toute la direction"),
    Entry(-44, "annelaure", do("lettre-papier", decision_course.revoke), reason="Personne ne les prend."),
    Entry(
        -17,
        "bertrand",
        decides(
            "toutes-commissions",
            title="Ouvrir le compte rendu thématique à toutes les commissions",
            question="Le pilote est-il assez concluant pour aller plus loin ?",
            chosen="Oui, pour les commissions qui le demandent, après le bilan.",
            applies_from=On(30),
        ),
        since=-18,
    ),
    Entry(
        -5,
        "mathilde",
        decides(
            "referents",
            title="Un référent par équipe pour l'assistant",
            chosen="Chaque équipe volontaire choisit son référent, pour six mois.",
            applies_from=On(20),
        ),
    ),
    *told("referents", -3, "Les équipes volontaires"),
)


def entries() -> tuple[Entry, ...]:
    return (*GATES, *ORDINARY)
