"""The weather as people declared it, month after month, and who took note of it. What is computed stands beside it."""

from typing import NamedTuple

from service.demonstration.entry import Entry, do, reports
from service.domain import status_report
from service.domain.status_report import Confidence


class Report(NamedTuple):
    """On a day, how confident the lead is about something, and why; who took note, two days later."""

    day: int
    subject: str
    confidence: Confidence
    narrative: str
    noted_by: tuple[str, ...] = ()


WHOLE = "transformation"

REPORTS = (
    Report(-396, WHOLE, "attainable", "Les entretiens commencent ; chacun veut être entendu.", ("genevieve",)),
    Report(
        -366, WHOLE, "secured", "Plus de la moitié des agents rencontrés, avec quinze jours d'avance.", ("bertrand",)
    ),
    Report(-334, WHOLE, "secured", "La restitution est prête. Les constats sont rudes, et ils sont partagés."),
    Report(-304, WHOLE, "attainable", "Les premiers ateliers ont lieu ; deux ont été déplacés pour cause de séance."),
    Report(-276, WHOLE, "secured", "Onze chantiers, classés ensemble. Le plan s'écrit.", ("genevieve", "annelaure")),
    Report(-244, WHOLE, "secured", "Le plan est validé. Reste à le vivre.", ("genevieve", "bertrand", "annelaure")),
    Report(-214, WHOLE, "attainable", "Tout part en même temps, au moment d'un pic d'activité."),
    Report(
        -184,
        WHOLE,
        "support_needed",
        "L'homologation de l'assistant bloque l'essai : il nous faut un appui.",
        ("bertrand",),
    ),
    Report(
        -154, WHOLE, "support_needed", "Une équipe va mal, et le projet de direction est en retard.", ("genevieve",)
    ),
    Report(
        -140,
        WHOLE,
        "compromised",
        "La troisième phase est suspendue. Les équipes se demandent si l'on continue.",
        ("genevieve", "bertrand", "jeanbaptiste"),
    ),
    Report(-118, WHOLE, "attainable", "Le projet ajusté est prêt ; les équipes s'y reconnaissent.", ("annelaure",)),
    Report(-88, WHOLE, "attainable", "Quatrième phase ouverte, dates refixées une fois pour toutes.", ("genevieve",)),
    Report(
        -58,
        WHOLE,
        "secured",
        "Trois séances sur quatre à l'heure, un mois entier. On le fête.",
        ("genevieve", "annelaure"),
    ),
    Report(
        -30, WHOLE, "attainable", "Les postes livrés au compte-gouttes retiennent la deuxième vague.", ("bertrand",)
    ),
    Report(
        -7,
        WHOLE,
        "support_needed",
        "Les nuits annoncées la veille reviennent : la séance doit nous aider.",
        ("genevieve",),
    ),
    # axis by axis, since the plan was validated
    Report(-205, "axe-objectif", "attainable", "Les temps sont mesurés, les causes de retard connues."),
    Report(-132, "axe-objectif", "attainable", "La charte est écrite ; les commissions pilotes arrivent."),
    Report(-72, "axe-objectif", "secured", "Un mois entier à trois séances sur quatre.", ("bertrand",)),
    Report(-15, "axe-objectif", "attainable", "Le bilan du pilote attend une date."),
    Report(-203, "axe-outils", "support_needed", "Pas d'essai sans homologation."),
    Report(-155, "axe-outils", "attainable", "Avis de sécurité rendu ; l'essai reprend.", ("annelaure",)),
    Report(-105, "axe-outils", "secured", "Trois équipes ont l'assistant, et le gardent."),
    Report(
        -6,
        "axe-outils",
        "secured",
        "Les équipes servies ne reviendraient pas en arrière ; le retard des postes se rattrapera.",
    ),
    Report(-201, "axe-organisation", "attainable", "Le planning commun fait débat, et c'est bon signe."),
    Report(-152, "axe-organisation", "support_needed", "Les nuits épuisent."),
    Report(-84, "axe-organisation", "attainable", "Un tour de nuit connu à l'avance, deux relectures presque partout."),
    Report(
        -29,
        "axe-organisation",
        "support_needed",
        "Trois nuits annoncées la veille, et deux équipes de retour à trois relectures.",
        ("jeanbaptiste",),
    ),
    Report(-199, "axe-rh", "compromised", "Deux départs sans remplaçant, et la peur d'être remplacés.", ("genevieve",)),
    Report(-135, "axe-rh", "support_needed", "Le métier de demain est décrit ; les postes ne sont pas publiés."),
    Report(-86, "axe-rh", "attainable", "Les deux postes vont être publiés."),
    Report(-28, "axe-rh", "attainable", "Quarante agents formés. Les passerelles attendent un pilote.", ("annelaure",)),
    # a workstream and a phase that deserve a word of their own
    Report(-91, "delais", "attainable", "Les séances de nuit restent notre point faible."),
    Report(-14, "delais", "secured", "Huit séances sur dix sous trois heures ; neuf sont à portée."),
    Report(-98, "phase-4", "secured", "La mise en œuvre commence avec un projet que tout le monde a lu."),
    Report(
        -10,
        "phase-4",
        "attainable",
        "Le bilan de mi-parcours approche ; les actions tiennent, deux obstacles demandent la gouvernance.",
        ("bertrand", "genevieve"),
    ),
)


def entries() -> tuple[Entry, ...]:
    told = []
    for number, report in enumerate(REPORTS, start=1):
        key = f"meteo-{number}"
        told.append(Entry(report.day, "mathilde", reports(key, report.subject, report.confidence, report.narrative)))
        told.extend(Entry(report.day + 2, reader, do(key, status_report.acknowledge)) for reader in report.noted_by)
    return tuple(told)
