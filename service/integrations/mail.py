"""What a mail says and what became of it, behind one protocol; how it is written and carried lives beside this."""

from dataclasses import dataclass
from datetime import date
from typing import Literal, Protocol

from service.domain.refusal import Language

Outcome = Literal["sent", "deferred", "refused"]
"""Accepted by the next server; to be tried again; never to be tried again."""


@dataclass(frozen=True, slots=True)
class MailItem:
    """One reminder in a mail. The texts are in the language of the mail already."""

    transformation: str
    """The code of the transformation, with its name: « DIR-CR — Direction de la communication »."""
    sentence: str
    why: str
    path: str
    """The object's address under the public address of the service: `/api/v1/milestones/…`."""
    due_on: date | None = None


@dataclass(frozen=True, slots=True)
class Mail:
    """One message to one person: a single reminder, or a digest of several."""

    message_id: str
    """Without angle brackets or domain: the same for every try, so that receivers can drop duplicates."""
    recipient_address: str
    recipient_name: str
    language: Language
    items: tuple[MailItem, ...]
    """At least one; the most pressing first."""
    digest: bool = False


@dataclass(frozen=True, slots=True)
class Sent:
    """What became of one try."""

    outcome: Outcome
    detail: str = ""
    """What the server answered, or what went wrong, without any address."""
    retry_after: int | None = None
    """Seconds that the server asks to wait for."""


class Mailer(Protocol):
    """Carries one mail to the next server. At least once: a lost answer is tried again with the same `message_id`."""

    def send(self, mail: Mail) -> Sent:
        """Try once. Network trouble and refusals are outcomes, not exceptions."""


class NoMailer:
    """No mail server is configured: the inbox works, and every mail says why it was not sent."""

    def send(self, mail: Mail) -> Sent:
        return Sent("refused", "no mail server is configured (TRAJECTOIRE_SMTP_HOST)")
