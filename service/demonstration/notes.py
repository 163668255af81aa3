"""What people noted beside the plan, in their own words; one is for a few only, one was put right, one taken back."""

from service.demonstration.entry import Entry, corrects, notes, withdraws

NOTES = (
    Entry(
        -388,
        "olivier",
        notes("n-entretiens", "entretiens", "On nous attend. Plusieurs ont préparé des notes avant de venir."),
    ),
    Entry(
        -372,
        "camille",
        notes(
            "n-circuit",
            "donnees",
            "Entre la prise de parole et la publication, un compte rendu change onze fois de mains.",
        ),
    ),
    Entry(
        -332,
        "olivier",
        notes(
            "n-restitution",
            "restitution",
            "Un long silence, puis une question : « et maintenant, que fait-on ? ». La salle a applaudi.",
        ),
    ),
    Entry(-293, "olivier", notes("n-ateliers", "ateliers", "Le vote a surpris tout le monde : les délais d'abord.")),
    Entry(
        -246, "mathilde", notes("n-plan", "plan", "Chaque pilote a relu sa ligne avant l'envoi. Il faudra garder cela.")
    ),
    Entry(-221, "olivier", notes("n-prospective", "prospective", "« Nous sommes la mémoire de ce qui s'est dit. »")),
    Entry(
        -197,
        "antoine",
        notes("n-essai", "essai", "L'assistant entend très bien les orateurs, et très mal les interruptions."),
    ),
    Entry(
        -147,
        "sylvie",
        notes(
            "n-equipe",
            "equipe-en-souffrance",
            "Rencontré l'équipe au complet. On m'a demandé de ne pas en parler ailleurs, et de ne pas l'oublier.",
        ),
    ),
    Entry(
        -144,
        "mathilde",
        notes("n-suspension", "projet", "La suspension a été mal reçue. Dire pourquoi, équipe par équipe."),
    ),
    Entry(
        -107,
        "antoine",
        notes("n-vague", "vagues", "Troisième équipe servie. Deux autres demandent à passer avant leur tour."),
    ),
    Entry(-82, "elise", notes("n-relecture", "deux-relectures", "La deuxième relecture est plus attentive, depuis.")),
    Entry(
        -73,
        "thomas",
        notes("n-trois-heures", "trois-heures", "Vingt séances sur vingt-sept sous trois heures."),
    ),
    Entry(
        -72,
        "thomas",
        corrects("n-trois-heures", "note.written", text="Vingt et une séances sur vingt-sept sous trois heures."),
        reason="Une séance du soir avait été oubliée.",
    ),
    Entry(-66, "nadia", notes("n-doublon", "commissions", "Appeler le secrétariat de la commission.")),
    Entry(-65, "nadia", withdraws("n-doublon", "note.written"), reason="C'est un pense-bête, pas un suivi."),
    Entry(
        -56,
        "mathilde",
        notes(
            "n-martine", "passerelles", "Martine laisse un dossier clair ; Fatou reprend le contact avec les services."
        ),
    ),
    Entry(
        -23,
        "olivier",
        notes("n-points", "points", "On parle davantage de ce qui marche. Les silences sont moins longs."),
    ),
    Entry(-11, "remi", notes("n-postes", "postes", "Quinze postes attendus la semaine prochaine, si rien ne change.")),
    Entry(
        -4,
        "mathilde",
        notes("n-nuits", "nuits-imprevues", "La secrétaire générale adjointe en parle à la séance cette semaine."),
    ),
)


def entries() -> tuple[Entry, ...]:
    return NOTES
