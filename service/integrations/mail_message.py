"""A mail as it travels (RFC 5322, MIME): its headers and its two forms. Nothing that people wrote can add a header."""

import re
from dataclasses import dataclass
from datetime import datetime
from email.header import Header
from email.message import EmailMessage
from email.policy import SMTP
from email.utils import format_datetime

from service.integrations.lines import one_line
from service.integrations.mail import Mail
from service.integrations.mail_text import PREFERENCES, write

ATOM = r"[A-Za-z0-9!#$%&'*+/=?^_`{|}~\u00a1-\U0010ffff-]+"
LOCAL = re.compile(rf"{ATOM}(\.{ATOM})*")
DOMAIN = re.compile(r"[a-z0-9]([a-z0-9-]*[a-z0-9])?(\.[a-z0-9]([a-z0-9-]*[a-z0-9])?)*")
LONGEST_LOCAL, LONGEST = 64, 254
NAME = 200
PLAIN = re.compile(r"[A-Za-z0-9 -]{1,60}")
"""What stands in a header as it is, for a name as for a subject."""


class AddressUnusable(ValueError):
    """No mail can be sent to this address: it is none, or one that no server would take."""


@dataclass(frozen=True, slots=True)
class Mailbox:
    """Where mail goes to or comes from, ready for the wire; the domain is in its ASCII form (RFC 5890)."""

    name: str
    local: str
    domain: str

    @property
    def address(self) -> str:
        return f"{self.local}@{self.domain}"

    @property
    def international(self) -> bool:
        """Whether the server has to know SMTPUTF8 (RFC 6531)."""
        return not self.local.isascii()


def mailbox(name: str, address: str) -> Mailbox:
    """A name and an address, checked. Raises `AddressUnusable`."""
    local, at, domain = address.rpartition("@")
    if not address.isprintable():
        raise AddressUnusable("this is no address")
    try:
        ascii_domain = domain.encode("idna").decode().lower()
    except UnicodeError:
        raise AddressUnusable("the domain of the address cannot be") from None
    if not at or not LOCAL.fullmatch(local) or not DOMAIN.fullmatch(ascii_domain):
        raise AddressUnusable("this is no address")
    if len(local.encode()) > LONGEST_LOCAL or len(local.encode()) + 1 + len(ascii_domain) > LONGEST:
        raise AddressUnusable("the address is too long")
    return Mailbox(one_line(name, NAME), local, ascii_domain)


def compose(mail: Mail, sender: Mailbox, recipient: Mailbox, address: str, at: datetime) -> bytes:
    """The bytes of a mail. Its Message-ID is that of the mail, the same for every try; `address` is the service's.

    The headers are written here and not by the library, which decodes an encoded word (RFC 2047) in what it is given:
    a title that holds one would bring its line breaks into the header.
    """
    written = write(mail, address)
    headers = {
        "From": _named("From", sender),
        "To": _named("To", recipient),
        "Subject": _words("Subject", written.subject),
        "Date": format_datetime(at),
        "Message-ID": f"<{re.sub(r'[^A-Za-z0-9._-]', '-', mail.message_id)}@{sender.domain}>",
        "Auto-Submitted": "auto-generated",  # RFC 3834: no answering machine answers it
        "X-Auto-Response-Suppress": "All",  # … nor those that know this header only
        "List-Unsubscribe": f"<{address}{PREFERENCES}>",
        "Content-Language": mail.language,
    }
    message = EmailMessage(policy=SMTP)
    message.set_content(written.text, cte="quoted-printable")
    message.add_alternative(written.html, subtype="html", cte="quoted-printable")
    head = "".join(f"{name}: {value}\r\n" for name, value in headers.items())
    return head.encode() + message.as_bytes()


def _named(header: str, box: Mailbox) -> str:
    return f"{_words(header, box.name)} <{box.address}>" if box.name else box.address


def _words(header: str, text: str) -> str:
    """The text as it is where it is plain, else in encoded words, folded."""
    return text if PLAIN.fullmatch(text) else Header(text, "utf-8", header_name=header).encode(linesep="\r\n")
