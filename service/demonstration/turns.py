"""Where the plan does not go as planned: pauses, reopenings, corrections, withdrawals, and « rien n’a changé »."""

from decimal import Decimal

from service.demonstration.actions_path import ACTIONS as PATH
from service.demonstration.actions_people import ACTIONS as PEOPLE
from service.demonstration.actions_service import ACTIONS as SERVICE
from service.demonstration.entry import Entry, On, Who, corrects, do, promises, withdraws
from service.demonstration.planned import told
from service.domain import action_course, axis, milestone, phase, workstream

ACTIONS = (*PATH, *SERVICE, *PEOPLE)

TURNS = (
    # given up, set aside
    Entry(
        -131,
        "julien",
        do("outil-maison", action_course.abandon),
        reason="Le comité des outils préfère un produit que l'informatique sait maintenir.",
    ),
    Entry(
        -64,
        "julien",
        do("video", action_course.pause),
        reason="Le prestataire de la vidéo change ; on reprendra avec le nouveau.",
    ),
    # somebody leaves, somebody takes over
    Entry(
        -59,
        "mathilde",
        do("passerelles", action_course.revise, lead=Who("fatou"), contributors=(Who("nadia"),)),
        reason="Martine prend sa retraite.",
    ),
    Entry(-57, "mathilde", do("parrainage", action_course.revise, contributors=(Who("elise"),))),
    # what was thought done
    Entry(
        -41,
        "isabelle",
        do("glossaire", action_course.reopen),
        reason="Les sigles des nouvelles instances n'y figurent pas.",
    ),
    Entry(
        -40,
        "isabelle",
        do("glossaire", action_course.revise, end_on=On(-14)),
        reason="Une relecture de plus, avec les équipes de commission.",
    ),
    Entry(-10, "isabelle", do("glossaire", action_course.complete), since=-11),
    Entry(
        -61,
        "elise",
        do("deux-relectures/2", milestone.reopen),
        reason="Deux équipes sont revenues à trois relectures.",
        since=-63,
    ),
    Entry(
        -60,
        "elise",
        do("deux-relectures/2", milestone.reschedule, On(-48)),
        reason="Le temps de reprendre l'essai avec elles.",
    ),
    Entry(-46, "elise", do("deux-relectures/2", milestone.reach), since=-47),
    # mistakes, put right or taken back
    Entry(
        -20,
        "yann",
        corrects("polyvalence/2", "milestone.reached", occurred_on=On(-49)),
        reason="Le trimestre s'est achevé plus tôt ; la date saisie était celle du bilan.",
    ),
    Entry(-88, "mathilde", promises("doublon", "vagues", title="Première vague : trois équipes", due_on=On(-80))),
    Entry(
        -87,
        "mathilde",
        withdraws("doublon", "milestone.planned"),
        reason="Ce jalon existait déjà : il a été saisi deux fois.",
    ),
    Entry(-75, "camille", do("auditions", action_course.declare_progress, Decimal(90))),
    Entry(
        -74,
        "camille",
        withdraws("auditions", "action.progress_declared"),
        reason="Quatre-vingt-dix pour cent concernait la lettre interne.",
    ),
    # a milestone that nobody wants any more, and one of a workstream
    Entry(
        -268,
        "mathilde",
        promises("outil-maison/0", "comite", title="Choix entre acheter et développer", due_on=On(-135)),
    ),
    Entry(-131, "mathilde", do("outil-maison/0", milestone.reach)),
    Entry(
        -205,
        "julien",
        promises("outil-maison/1", "outil-maison", title="Maquette montrée aux relecteurs", due_on=On(-120)),
    ),
    Entry(
        -130,
        "julien",
        do("outil-maison/1", milestone.cancel),
        reason="L'action est abandonnée.",
    ),
    Entry(
        -108,
        "mathilde",
        promises("mi-parcours", "phase-4", title="Bilan de mi-parcours avec la gouvernance", due_on=On(20)),
    ),
    # words and places that change
    Entry(
        -126,
        "antoine",
        do(
            "vagues",
            action_course.revise,
            expected_result="Chaque équipe volontaire dispose de l'assistant, et de quelqu'un qui sait l'expliquer",
        ),
    ),
    Entry(-99, "mathilde", do("enquete", action_course.revise, priority="high")),
    Entry(-99, "mathilde", do("lettre", action_course.revise, contributors=(Who("isabelle"),))),
    Entry(
        -20,
        "remi",
        do("postes/1", milestone.revise, description="Écran large, pédale silencieuse, clavier au choix de chacun"),
    ),
    Entry(-49, "mathilde", do("phase-4", phase.revise, planned_to=On(150))),
    # « rien n’a changé »
    Entry(-68, "antoine", do("vagues/3", milestone.confirm)),
    Entry(-35, "thomas", do("trois-heures/3", milestone.confirm)),
    Entry(-34, "nadia", do("enquete", action_course.confirm)),
    Entry(-21, "fatou", do("formation/3", milestone.confirm)),
    Entry(-13, "yann", do("seances-nuit", action_course.confirm)),
    Entry(-9, "fatou", do("passerelles", action_course.confirm)),
    Entry(-6, "thomas", do("trois-heures", action_course.confirm)),
    Entry(-4, "mathilde", do("phase-4", phase.confirm)),
    *(Entry(-13, "mathilde", do(key, axis.look_at)) for key in ("axe-objectif", "axe-rh")),
    *(Entry(-13, "mathilde", do(key, workstream.confirm)) for key in ("delais", "souplesse", "metier", "competences")),
    *(
        Entry(-12, "mathilde", do(key, action_course.confirm))
        for key in ("points", "ecoute", "reussites", "polyvalence")
    ),
    *(Entry(-12, "thomas", do(key, milestone.confirm)) for key in ("trois-heures/3", "commissions/2")),
    # the last days
    Entry(-3, "camille", do("auditions", action_course.declare_progress, Decimal(60))),
    Entry(-2, "elise", do("binomes", action_course.declare_progress, Decimal(85))),
    Entry(-1, "camille", do("lettre", action_course.declare_progress, Decimal(60))),
)


def entries() -> tuple[Entry, ...]:
    """The whole plan: the life of each action, then what turned otherwise."""
    return (*(entry for action in ACTIONS for entry in told(action)), *TURNS)
