"""What a mail says: its subject, its text and its HTML, in the language of who receives it."""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from jinja2 import Environment, PackageLoader, StrictUndefined

from service.domain.refusal import Language
from service.integrations.lines import one_line
from service.integrations.mail import Mail, MailItem

SUBJECT = 140
"""Characters of a subject at the most."""
PREFERENCES = "/api/v1/me/preferences"
TEMPLATES = Environment(
    loader=PackageLoader("service.integrations"),
    autoescape=lambda name: name is not None and name.endswith(".html"),
    undefined=StrictUndefined,
    trim_blocks=True,
    lstrip_blocks=True,
    keep_trailing_newline=True,
)
WORDS: dict[Language, dict[str, str]] = {
    "fr": {
        "greeting": "Bonjour {name},",
        "nameless": "Bonjour,",
        "intro": "Vous avez {count} rappels.",
        "subject": "Trajectoire\u202f: {count} rappels",
        "automatic": "Message automatique de Trajectoire\u202f: inutile d’y répondre.",
        "choose": "Choisir comment recevoir ces rappels",
        "colon": "\u202f:",
    },
    "en": {
        "greeting": "Hello {name},",
        "nameless": "Hello,",
        "intro": "You have {count} reminders.",
        "subject": "Trajectoire: {count} reminders",
        "automatic": "This is an automatic message from Trajectoire: there is no need to answer it.",
        "choose": "Choose how to receive these reminders",
        "colon": ":",
    },
}


@dataclass(frozen=True, slots=True)
class Entry:
    """One reminder as it is written."""

    sentence: str
    why: str
    link: str


@dataclass(frozen=True, slots=True)
class Group:
    """The reminders of one transformation."""

    transformation: str
    entries: tuple[Entry, ...]


@dataclass(frozen=True, slots=True)
class Written:
    """A mail in words; the subject is on one line."""

    subject: str
    text: str
    html: str


def write(mail: Mail, address: str) -> Written:
    """The words of a mail. `address` is that of the service, without a slash at the end: links begin with it."""
    words = WORDS[mail.language]
    name = one_line(mail.recipient_name)
    subject = _subject(mail)
    said: dict[str, Any] = {
        **{key: words[key] for key in ("automatic", "choose", "colon")},
        "language": mail.language,
        "subject": subject,
        "greeting": words["greeting"].format(name=name) if name else words["nameless"],
        "intro": words["intro"].format(count=len(mail.items)) if len(mail.items) > 1 else "",
        "groups": tuple(_groups(mail, address)),
        "bullet": "• " if len(mail.items) > 1 else "",
        "indent": "  " if len(mail.items) > 1 else "",
        "preferences": address + PREFERENCES,
    }
    text, html = (TEMPLATES.get_template(name).render(said) for name in ("mail.txt", "mail.html"))
    return Written(subject, text, html)


def _subject(mail: Mail) -> str:
    """The one reminder with the code of its transformation; else how many they are."""
    if len(mail.items) > 1:
        return WORDS[mail.language]["subject"].format(count=len(mail.items))
    (item,) = mail.items
    code = item.transformation.partition(" — ")[0]
    return one_line(f"[{code}] {item.sentence.removesuffix('.')}", SUBJECT)


def _groups(mail: Mail, address: str) -> Iterator[Group]:
    """By transformation, in the order of the most pressing of each; the order within one stays."""
    for transformation in dict.fromkeys(item.transformation for item in mail.items):
        own = (item for item in mail.items if item.transformation == transformation)
        yield Group(one_line(transformation), tuple(_entry(item, address) for item in own))


def _entry(item: MailItem, address: str) -> Entry:
    return Entry(one_line(item.sentence), one_line(item.why), address + item.path)
