"""What reminders say, in French and in English: one sentence, why, and the name of each rule."""

from collections.abc import Mapping
from datetime import date

from service.domain.refusal import Language
from service.domain.reminder import Reminder, ReminderRaised
from service.domain.reminder_rules import RuleName
from service.domain.words import french_date

SENTENCES: Mapping[RuleName, tuple[str, str]] = {
    "review_upcoming": ("{what} se tient le {due}.", "{what} takes place on {due}."),
    "pack_to_freeze": (
        "Le dossier du {what_of} est à figer\u202f: il se tient le {due}.",
        "The pack of {what_of} is to be frozen: it takes place on {due}.",
    ),
    "review_today": ("{what} se tient le {due}\u202f: c’est le jour.", "{what} takes place on {due}: this is the day."),
    "condition_due": (
        "La condition {number} du {what_of} est attendue pour le {due}.",
        "Condition {number} of {what_of} is due on {due}.",
    ),
    "condition_overdue": (
        "La condition {number} du {what_of} n’est pas remplie\u202f: elle était attendue pour le {due}.",
        "Condition {number} of {what_of} is unmet: it was due on {due}.",
    ),
    "condition_escalated": (
        "À trancher\u202f: la condition {number} du {what_of} bloque et n’a pas été remplie pour le {due}.",
        "To be decided: condition {number} of {what_of} blocks and was not met by {due}.",
    ),
    "milestone_upcoming": ("{what} est prévu pour le {due}.", "{what} is planned for {due}."),
    "milestone_overdue": (
        "{what} n’est pas atteint\u202f: il était prévu pour le {due}.",
        "{what} is not reached: it was planned for {due}.",
    ),
    "obstacle_look": ("{what} est à revoir le {due}.", "{what} is to be looked at again on {due}."),
    "obstacle_silent": ("{what}\u202f: aucune nouvelle depuis le {due}.", "{what}: no word since {due}."),
    "escalation_due": (
        "{what} attend une réponse à son escalade pour le {due}.",
        "{what} awaits an answer to its escalation by {due}.",
    ),
    "escalation_unanswered": (
        "{what} attend toujours une réponse à son escalade, due le {due}.",
        "{what} still awaits an answer to its escalation, due on {due}.",
    ),
    "value_due": ("La valeur de {what_of} est attendue pour le {due}.", "The value of {what_of} is due on {due}."),
    "value_stale": (
        "{what} n’est plus à jour\u202f: sa valeur était attendue pour le {due}.",
        "{what} is stale: its value was due on {due}.",
    ),
    "decision_not_communicated": (
        "{what}, prise le {due}, n’a encore été communiquée à personne.",
        "{what}, taken on {due}, has not been communicated to anybody yet.",
    ),
}

KINDS: Mapping[str, tuple[str, str, str]] = {
    # kind: at the head of a sentence, after « du » or « de », in English
    "review": ("Le point d’étape", "point d’étape", "Review"),
    "milestone": ("Le jalon", "jalon", "Milestone"),
    "obstacle": ("L’obstacle", "obstacle", "Obstacle"),
    "indicator": ("L’indicateur", "l’indicateur", "Indicator"),
    "decision": ("La décision", "décision", "Decision"),
}


def sentence(raised: ReminderRaised | Reminder, ref: str, title: str | None, language: Language) -> str:
    """« Le jalon J-7 « Première restitution » est prévu pour le 30 juin 2027. »"""
    head, inside, english = KINDS[raised.subject.kind]
    fr, en = SENTENCES[raised.rule]
    if language == "fr":
        name = f"{ref} «\u202f{title}\u202f»" if title else ref
        return fr.format(
            what=f"{head} {name}",
            what_of=f"{inside} {name}",
            due=french_date(raised.due_on),
            number=raised.subject.number,
        )
    name = f"{ref} “{title}”" if title else ref
    return en.format(
        what=f"{english} {name}",
        what_of=f"{english.lower()} {name}",
        due=english_date(raised.due_on),
        number=raised.subject.number,
    )


NAMES: Mapping[RuleName, tuple[str, str]] = {
    "review_upcoming": ("Point d’étape à venir", "Stage review to come"),
    "pack_to_freeze": ("Dossier à figer", "Pack to freeze"),
    "review_today": ("Point d’étape du jour", "Stage review today"),
    "condition_due": ("Condition à remplir", "Condition due"),
    "condition_overdue": ("Condition en retard", "Condition overdue"),
    "condition_escalated": ("Condition montée à la gouvernance", "Condition escalated"),
    "milestone_upcoming": ("Jalon à venir", "Milestone to come"),
    "milestone_overdue": ("Jalon dépassé", "Milestone overdue"),
    "obstacle_look": ("Obstacle à revoir", "Obstacle to look at"),
    "obstacle_silent": ("Obstacle sans nouvelles", "Obstacle without word"),
    "escalation_due": ("Réponse attendue", "Answer due"),
    "escalation_unanswered": ("Escalade sans réponse", "Escalation unanswered"),
    "value_due": ("Valeur attendue", "Value due"),
    "value_stale": ("Indicateur périmé", "Indicator stale"),
    "decision_not_communicated": ("Décision à communiquer", "Decision to communicate"),
}


def why(raised: ReminderRaised | Reminder, language: Language) -> str:
    """The rule and the day that it speaks on: « Règle « Jalon à venir », 7 jours ouvrés avant le 30 juin 2027. »"""
    count, before = abs(raised.offset), raised.offset < 0
    fr, en = NAMES[raised.rule]
    if language == "fr":
        days = f"{count} jour{'s' if count > 1 else ''} ouvré{'s' if count > 1 else ''}"
        when = f"{days} {'avant' if before else 'après'} le" if count else "le jour même, le"
        return f"Règle «\u202f{fr}\u202f», {when} {french_date(raised.due_on)}."
    days = f"{count} working day{'s' if count > 1 else ''}"
    when = f"{days} {'before' if before else 'after'}" if count else "on the day itself,"
    return f"Rule “{en}”, {when} {english_date(raised.due_on)}."


def english_date(day: date) -> str:
    """“30 June 2027”."""
    return f"{day.day} {ENGLISH_MONTHS[day.month - 1]} {day.year}"


ENGLISH_MONTHS = (
    "January", "February", "March", "April", "May", "June",
    "July", "August", "September", "October", "November", "December",
)  # fmt: skip
