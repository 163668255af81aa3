"""The other decisions: told, applied, contested, replaced, revoked; one is seen by a few only."""

from service.demonstration.entry import Entry, On, The, corrects, decides, do, minutes_of
from service.demonstration.gates import GATES
from service.demonstration.register import answers, applied, contests, told
from service.domain import decision_course

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
        contests("signature", "Je n'ai pas dit « seul ». Le rédacteur et le relecteur signent ensemble."),
    ),
    Entry(-122, "olivier", answers("signature", "C'est exact, l'enregistrement le confirme. Le relevé est corrigé.")),
    Entry(
        -121,
        "jeanbaptiste",
        corrects(
            "signature", "decision.taken", chosen="Le rédacteur et le relecteur signent ensemble le compte rendu."
        ),
        reason="Le relevé ne disait pas ce que le comité a décidé.",
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
