"""The French words for the wire words, and French typography: what every screen, message and refusal says."""

import re
from datetime import date

MONTHS = (
    "janvier", "février", "mars", "avril", "mai", "juin",
    "juillet", "août", "septembre", "octobre", "novembre", "décembre",
)  # fmt: skip

WORDS: dict[str, str] = {
    # roles
    "lead": "pilote",
    "contributor": "contributeur",
    "facilitator": "facilitateur",
    "governance": "gouvernance",
    "sponsor": "commanditaire",
    "auditor": "auditeur",
    "integration": "intégration",
    "administrator": "administrateur",
    # concepts
    "transformation": "transformation",
    "phase": "phase",
    "axis": "axe",
    "workstream": "chantier",
    "action": "action",
    "milestone": "jalon",
    "obstacle": "obstacle",
    "indicator": "indicateur",
    "status_report": "météo",
    "decision": "décision",
    "member": "membre",
    "deliverable": "livrable",
    "plan_version": "version du plan",
    "direction_project": "projet de direction",
    "evaluation": "évaluation des impacts",
    "version": "version",
    "note": "note de suivi",
    "reminder": "rappel",
    "person": "personne",
    "review": "point d’étape",
    "group": "groupe",
    "body": "instance",
    "key": "clé",
    "problem": "erreur",
    # states
    "prepared": "préparée",
    "running": "en cours",
    "closing": "en clôture",
    "closed": "clos",
    "planned": "prévu",
    "open": "ouvert",
    "completed": "achevé",
    "held": "suspendu",
    "stopped": "arrêté",
    "proposed": "proposé",
    "confirmed": "confirmé",
    "in_progress": "en cours",
    "done": "réalisé",
    "paused": "en pause",
    "abandoned": "abandonné",
    "reached": "atteint",
    "cancelled": "annulé",
    "withdrawn": "retiré",
    "raised": "signalé",
    "active": "actif",
    "resolved": "levé",
    "postponed": "reporté",
    "rejected": "écarté",
    "taken": "prise",
    "superseded": "remplacée",
    "revoked": "révoquée",
    "defined": "défini",
    "retired": "retiré du suivi",
    "accepted": "accepté",
    "refused": "refusé",
    "reported": "déclarée",
    "acknowledged": "prise en compte",
    "written": "écrite",
    "applied": "appliqué",
    "import": "import",
    "drafted": "en projet",
    "submitted": "soumis",
    "validated": "validé",
    "returned": "renvoyé",
    "adjusted": "à ajuster",
    # what a project or an evaluation says
    "why": "le pourquoi",
    "how": "le comment",
    "vision": "la vision",
    "missions": "les missions",
    "ambitions": "les ambitions",
    "baseline": "le point de départ",
    "result": "le résultat",
    "narrative": "le récit",
    "carried_on_by": "qui prend la suite",
    "follow_up_on": "la date de suivi",
    # more states
    "granted": "accordée",
    "enrolled": "inscrite",
    "registered": "enregistré",
    "issued": "créée",
    # mending
    "already_mended": "déjà retiré, ou lui-même une rectification",
    "of_another_object": "il n’est pas de cet objet",
    "unknown_field": "ce champ n’existe pas dans ce fait",
    "fixed_field": "ce champ ne se rectifie pas, d’autres faits s’y réfèrent",
    "wrong_shape": "la valeur n’a pas la forme attendue",
    "not_a_date": "ce n’est pas une date",
    # obstacles
    "risk": "risque",
    "dependency": "dépendance",
    "assumption": "hypothèse",
    "people": "personnes",
    "meaning": "sens",
    "organisation": "organisation",
    "tools": "outils",
    "skills": "compétences",
    "budget": "budget",
    "schedule": "calendrier",
    "legal": "juridique",
    "partners": "partenaires",
    "other": "autre",
    "direction": "direction",
    "low": "faible",
    "medium": "moyenne",
    "high": "élevée",
    "critical": "critique",
    "members": "membres",
    "restricted": "restreint",
    # indicators
    "doing": "faire",
    "being": "être",
    "benefit": "bénéfice",
    "up": "à la hausse",
    "down": "à la baisse",
    "weekly": "hebdomadaire",
    "monthly": "mensuelle",
    "quarterly": "trimestrielle",
    "half_yearly": "semestrielle",
    "yearly": "annuelle",
    "once": "ponctuelle",
    "pending": "en attente",
    # decisions
    "ordinary": "ordinaire",
    "plan_validation": "validation du plan",
    "gate_verdict": "verdict de passage",
    "arbitration": "arbitrage",
    # governance
    "staff": "personnel",
    "partner": "partenaire interne",
    "steering": "comité de pilotage",
    "management": "comité de direction",
    "titular": "titulaire",
    "alternate": "suppléant",
    "constituted": "constituée",
    "formed": "formé",
    "dissolved": "dissous",
    "scheduled": "programmé",
    "pack_frozen": "dossier figé",
    "meeting": "réunion",
    "week": "semaine",
    "month": "mois",
    "information": "information",
    "discussion": "échange",
    "verdict": "verdict",
    # weather
    "secured": "objectifs sécurisés",
    "attainable": "objectifs atteignables",
    "support_needed": "appuis nécessaires",
    "compromised": "objectifs compromis",
    "unknown": "inconnu",
    # verdicts
    "go": "feu vert",
    "go_with_conditions": "feu vert sous conditions",
    "replan": "replanification",
    "hold": "suspension",
    "stop": "arrêt",
}


def word(wire: str) -> str:
    """The French word for a wire word; anything else is given back as it is."""
    return WORDS.get(wire, wire)


_BEFORE = re.compile(r" ([;:!?»])")
_THOUSANDS = re.compile(r"(?<=\d) (?=\d{3}(?!\d))")


def french(template: str) -> str:
    """The template with typographic apostrophes and narrow no-break spaces where French wants them."""
    text = template.replace("'", "\u2019").replace("« ", "«\u202f")
    return _THOUSANDS.sub("\u202f", _BEFORE.sub("\u202f\\1", text))


def french_figures(number: int) -> str:
    """A whole number in threes from five figures on: 2026, 100\u202f000."""
    return str(int(number)) if abs(number) < 10_000 else f"{int(number):,}".replace(",", "\u202f")


def french_date(day: date) -> str:
    """« 1er mars 2026 », « 14 mars 2026 »: the first of the month is an ordinal in French."""
    ordinal = "1er" if day.day == 1 else str(day.day)
    return f"{ordinal} {MONTHS[day.month - 1]} {day.year}"
