"""What stood in the way of the work: raised, escalated, answered, lifted, set aside, come back."""

from service.demonstration.entry import Entry, On, Who, do, raises, withdraws
from service.demonstration.lifting import blocks, lifted
from service.demonstration.obstacles_people import PEOPLE
from service.domain import obstacle_course

SECURITY = (
    Entry(
        -213,
        "remi",
        raises(
            "securite",
            title="L'assistant n'est pas homologué",
            statement="L'assistant envoie le son des séances hors de l'institution. Sans avis de sécurité, l'essai ne "
            "peut pas commencer.",
            nature="dependency",
            category="tools",
            impact=3,
            urgency=3,
            owner=Who("remi"),
            blocks=blocks("essai", "homologation"),
            next_look_on=On(-203),
        ),
    ),
    Entry(-211, "remi", do("securite", obstacle_course.activate)),
    Entry(
        -204,
        "remi",
        do(
            "securite",
            obstacle_course.speak,
            text="Le dossier demande un schéma d'hébergement que l'éditeur n'a pas encore fourni.",
            next_look_on=On(-197),
        ),
    ),
    Entry(
        -200,
        "mathilde",
        do(
            "securite",
            obstacle_course.escalate,
            level="direction",
            ask="Obtenir de l'éditeur son schéma d'hébergement.",
            answer_due_on=On(-190),
        ),
    ),
    Entry(
        -192,
        "mathilde",
        do("securite", obstacle_course.answer, answer="L'éditeur s'engage par écrit ; le dossier part cette semaine."),
        since=-193,
    ),
    Entry(
        -186,
        "mathilde",
        do(
            "securite",
            obstacle_course.escalate,
            level="governance",
            ask="Autoriser l'essai sur des séances déjà publiques, en attendant l'avis.",
            answer_due_on=On(-172),
        ),
    ),
    Entry(
        -178,
        "bertrand",
        do(
            "securite",
            obstacle_course.answer,
            answer="Oui pour les séances publiques, à condition que rien ne quitte l'institution.",
        ),
    ),
    # lifted by the decision « Déployer par vagues »: see decisions
    Entry(-155, "annelaure", do("securite", obstacle_course.close)),
)

WORK = (
    Entry(
        -208,
        "yann",
        raises(
            "nuits-imprevues",
            title="Des nuits que l'on apprend la veille",
            statement="L'ordre du jour change tard : personne ne sait trois jours avant qui sera de nuit.",
            nature="obstacle",
            category="organisation",
            impact=2,
            urgency=2,
            owner=Who("yann"),
            blocks=blocks("seances-nuit", "workstream:nuit"),
            next_look_on=On(-190),
        ),
    ),
    Entry(-206, "yann", do("nuits-imprevues", obstacle_course.activate)),
    Entry(
        -188,
        "yann",
        do("nuits-imprevues", obstacle_course.postpone, On(-140)),
        reason="Rien ne bougera avant la fin de la session.",
    ),
    Entry(-139, "yann", do("nuits-imprevues", obstacle_course.resume)),
    Entry(-78, "yann", lifted("nuits-imprevues", "Un tour de nuit est publié trois jours à l'avance.", "planning")),
    Entry(-71, "mathilde", do("nuits-imprevues", obstacle_course.close)),
    Entry(
        -33,
        "mathilde",
        do("nuits-imprevues", obstacle_course.reopen),
        reason="Trois nuits de suite ont été annoncées la veille.",
    ),
    Entry(
        -8,
        "mathilde",
        do(
            "nuits-imprevues",
            obstacle_course.escalate,
            level="governance",
            ask="Obtenir de la séance un préavis de trois jours, même indicatif.",
            answer_due_on=On(6),
        ),
    ),
    Entry(
        -132,
        "nadia",
        raises(
            "informatique-absente",
            title="Pas d'interlocuteur à l'informatique",
            statement="Le comité des outils se tient sans l'informatique une fois sur deux.",
            nature="dependency",
            category="partners",
            impact=2,
            urgency=2,
            owner=Who("nadia"),
            blocks=blocks("besoins"),
            next_look_on=On(-118),
        ),
    ),
    Entry(-130, "nadia", do("informatique-absente", obstacle_course.activate)),
    Entry(-97, "nadia", lifted("informatique-absente", "Une correspondante est nommée et siège au comité.")),
    Entry(-90, "mathilde", do("informatique-absente", obstacle_course.close)),
    Entry(
        -57,
        "remi",
        raises(
            "livraison",
            title="Les postes n'arrivent pas",
            statement="Le fournisseur est en rupture ; la deuxième vague attend ses postes.",
            nature="obstacle",
            category="schedule",
            impact=2,
            urgency=3,
            owner=Who("remi"),
            blocks=blocks("vagues"),
            next_look_on=On(-45),
        ),
    ),
    Entry(-55, "remi", do("livraison", obstacle_course.activate)),
    Entry(
        -16,
        "remi",
        do(
            "livraison",
            obstacle_course.speak,
            text="Vingt postes sur trente-cinq sont là. Le reste est promis.",
            next_look_on=On(7),
        ),
    ),
    Entry(
        -95,
        "hugo",
        raises(
            "salles",
            title="Pas de salle pour les points d'étape",
            statement="Les salles sont prises aux heures où l'on peut se réunir.",
            nature="obstacle",
            impact=1,
            urgency=1,
            owner=Who("olivier"),
        ),
    ),
    Entry(
        -93,
        "mathilde",
        do("salles", obstacle_course.reject),
        reason="Deux salles sont libres le matin : ce n'est pas un obstacle.",
    ),
    Entry(
        -54,
        "antoine",
        raises(
            "postes-encore",
            title="Postes en retard",
            statement="Les postes commandés ne sont pas livrés.",
            nature="obstacle",
            category="schedule",
            impact=2,
            urgency=2,
            owner=Who("antoine"),
        ),
    ),
    Entry(
        -53,
        "antoine",
        withdraws("postes-encore", "obstacle.raised"),
        reason="Rémi l'avait déjà signalé : c'est le même obstacle.",
    ),
    Entry(
        -19,
        "camille",
        raises(
            "confidentialite",
            title="Les auditions à huis clos",
            statement="On suppose que l'assistant peut servir aux auditions à huis clos ; personne ne l'a vérifié.",
            nature="assumption",
            category="legal",
            impact=2,
            urgency=1,
            owner=Who("camille"),
            blocks=blocks("auditions"),
            next_look_on=On(10),
        ),
        since=-20,
    ),
)


def entries() -> tuple[Entry, ...]:
    return (*SECURITY, *PEOPLE, *WORK)
