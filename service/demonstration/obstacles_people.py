"""What weighed on people: the fear of being replaced, a team that suffers (seen by a few only), posts left empty."""

from service.demonstration.entry import Entry, On, Who, do, raises
from service.demonstration.lifting import blocks, lifted
from service.domain import obstacle_course

PEOPLE = (
    Entry(
        -240,
        "isabelle",
        raises(
            "remplacement",
            title="La peur d'être remplacés",
            statement="Plusieurs collègues ne viennent plus aux ateliers : « à quoi bon, si la machine écrit ? »",
            nature="risk",
            category="meaning",
            impact=3,
            urgency=2,
            owner=Who("mathilde"),
            blocks=blocks("workstream:metier"),
            next_look_on=On(-228),
        ),
        since=-243,
    ),
    Entry(-238, "mathilde", do("remplacement", obstacle_course.activate)),
    Entry(
        -216,
        "mathilde",
        do(
            "remplacement",
            obstacle_course.speak,
            text="Rencontré cinq équipes. Ce qu'elles veulent savoir : qui signe le compte rendu, demain ?",
            next_look_on=On(-180),
        ),
    ),
    Entry(
        -163,
        "mathilde",
        do(
            "remplacement",
            obstacle_course.speak,
            text="Le projet de direction l'écrira : une personne relit, une personne signe.",
            next_look_on=On(-115),
        ),
    ),
    Entry(-116, "mathilde", do("remplacement", obstacle_course.assess, impact=3, urgency=1)),
    Entry(-110, "mathilde", lifted("remplacement", "Le projet de direction dit qui signe.", "projet")),
    Entry(-103, "bertrand", do("remplacement", obstacle_course.close)),
    Entry(
        -52,
        "mathilde",
        do("remplacement", obstacle_course.reopen),
        reason="La deuxième vague réveille l'inquiétude dans les équipes de commission.",
    ),
    Entry(
        -50,
        "mathilde",
        do(
            "remplacement",
            obstacle_course.speak,
            text="Je passe une matinée dans chaque équipe avant l'arrivée de l'assistant.",
            next_look_on=On(14),
        ),
    ),
    Entry(
        -155,
        "mathilde",
        raises(
            "equipe-en-souffrance",
            title="Une équipe en souffrance",
            statement="Dans une équipe, deux collègues ont dit ne plus dormir à l'approche des séances longues. Le "
            "médecin du travail est prévenu, avec leur accord.",
            nature="obstacle",
            category="people",
            impact=3,
            urgency=3,
            owner=Who("sylvie"),
            blocks=blocks("seances-nuit"),
            visibility="restricted",
            next_look_on=On(-148),
        ),
        since=-158,
    ),
    Entry(-154, "sylvie", do("equipe-en-souffrance", obstacle_course.activate)),
    Entry(
        -150,
        "sylvie",
        do(
            "equipe-en-souffrance",
            obstacle_course.escalate,
            level="governance",
            ask="Deux renforts jusqu'à la fin de la session.",
            answer_due_on=On(-143),
        ),
    ),
    Entry(
        -146,
        "genevieve",
        do("equipe-en-souffrance", obstacle_course.answer, answer="Un renfort dès lundi, le second sous dix jours."),
    ),
    Entry(
        -60,
        "sylvie",
        do(
            "equipe-en-souffrance",
            obstacle_course.speak,
            text="Les nuits sont moins longues ; l'équipe demande que l'attention ne retombe pas.",
            next_look_on=On(12),
        ),
    ),
    Entry(-11, "sylvie", do("equipe-en-souffrance", obstacle_course.assess, impact=3, urgency=2)),
    Entry(
        -175,
        "fatou",
        raises(
            "departs",
            title="Deux départs sans remplaçant",
            statement="Deux rédacteurs partent dans l'année et leurs postes ne sont pas encore publiés.",
            nature="risk",
            category="people",
            impact=2,
            urgency=3,
            owner=Who("fatou"),
            blocks=blocks("releve"),
            next_look_on=On(-150),
        ),
    ),
    Entry(-174, "fatou", do("departs", obstacle_course.activate)),
    Entry(
        -141,
        "mathilde",
        do(
            "departs",
            obstacle_course.escalate,
            level="direction",
            ask="Publier les deux postes avant l'été.",
            answer_due_on=On(-125),
        ),
    ),
    # lifted by an arbitration, after it rose by itself: see decisions
    Entry(-110, "compteur", do("departs", obstacle_course.rise, On(-110)), channel="job"),
    Entry(-98, "bertrand", do("departs", obstacle_course.close)),
)
