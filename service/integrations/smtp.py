"""Mail by SMTP: one try, in bounded time, and what became of it. TLS is verified unless there is none.

What concerns the mail decides for good (a refused recipient, a refused content); what concerns us or the server (no
connection, TLS, login, a refused sender) is worth another try, once whoever runs the service has put it right.
"""

import contextlib
import re
import smtplib
import socket
import ssl
import threading
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Literal

from service.integrations.lines import one_line
from service.integrations.mail import Mail, Outcome, Sent
from service.integrations.mail_message import AddressUnusable, Mailbox, compose, mailbox

Security = Literal["starttls", "tls", "none"]
ADDRESS = re.compile(r"<?[^\s<>\"]+@[^\s<>\"]+>?")
WAIT = re.compile(r"\b(?:in|for|after)\s+(\d{1,5})\s*(s|sec|second|m|min|minute)s?\b", re.IGNORECASE)
ANSWER = 300
"""Characters of a server's answer that are kept."""


@dataclass(frozen=True)
class SmtpServer:
    """The next server, and how to speak to it."""

    host: str
    port: int
    security: Security = "starttls"
    user: str | None = None
    password: str | None = None
    ca_file: Path | None = None
    """Of the authority that signed the server's certificate, where it is none of those that the system knows."""
    timeout: float = 30
    """Seconds for a whole try."""


class SmtpMailer:
    """Carries mails to one server. Each try has a connection of its own."""

    def __init__(self, server: SmtpServer, sender: Mailbox, address: str, clock: Callable[[], datetime]) -> None:
        self.server = server
        self.sender = sender
        self.address = address
        self.clock = clock
        self._tls = _tls(server)

    def send(self, mail: Mail) -> Sent:
        """Try once. Network trouble and refusals are outcomes, not exceptions."""
        try:
            recipient = mailbox(mail.recipient_name, mail.recipient_address)
        except AddressUnusable as problem:
            return Sent("refused", str(problem))
        content = compose(mail, self.sender, recipient, self.address, self.clock())
        deadline = _Deadline(self.server.timeout)
        try:
            with deadline.over(self._client()) as client:
                client.connect(self.server.host, self.server.port)
                deadline.require()  # while it connected there was nothing to cut
                self._open(client)
                return self._hand_over(client, recipient, content)
        except (OSError, smtplib.SMTPException) as problem:  # an SMTPException is an OSError too: said for readers
            return Sent("deferred", "the server is too slow") if deadline.passed else _trouble(problem)

    def _client(self) -> smtplib.SMTP:
        host, local, timeout = self.server.host, self.sender.domain, self.server.timeout
        if self.server.security == "tls":
            return _TlsClient(host, local, timeout, self._tls)
        return _Client(host, local, timeout)

    def _open(self, client: smtplib.SMTP) -> None:
        client.ehlo_or_helo_if_needed()
        if self.server.security == "starttls":
            client.starttls(context=self._tls)
            client.ehlo()
        if self.server.user is not None:
            client.login(self.server.user, self.server.password or "")

    def _hand_over(self, client: smtplib.SMTP, recipient: Mailbox, content: bytes) -> Sent:
        """The mail itself: what the server says of it counts, whatever happens to the connection afterwards."""
        options = ["SMTPUTF8", "BODY=8BITMIME"] if recipient.international else []
        if options and not client.has_extn("smtputf8"):
            return Sent("refused", "the server takes no address beyond ASCII (SMTPUTF8)")
        try:
            client.sendmail(self.sender.address, [recipient.address], content, mail_options=options)
        except smtplib.SMTPRecipientsRefused as refused:
            ((code, text),) = refused.recipients.values()
            return _said("recipient", code, text)
        except smtplib.SMTPDataError as refused:
            return _said("content", refused.smtp_code, refused.smtp_error)
        with contextlib.suppress(smtplib.SMTPException, OSError):
            client.quit()
        return Sent("sent")


class _Client(smtplib.SMTP):
    """A client that is not connected yet, so that a deadline can hold it from the first byte on."""

    def __init__(self, host: str, local: str, timeout: float) -> None:
        super().__init__(local_hostname=local, timeout=timeout)
        self._host = host  # what the certificate is to be for: the library sets it only where it connects at once


class _TlsClient(smtplib.SMTP_SSL):
    """The same, with TLS before the first word."""

    def __init__(self, host: str, local: str, timeout: float, context: ssl.SSLContext) -> None:
        super().__init__(local_hostname=local, timeout=timeout, context=context)
        self._host = host


def _tls(server: SmtpServer) -> ssl.SSLContext:
    """Verifies the certificate and its name. Raises `OSError` where the file of the authority cannot be read."""
    return ssl.create_default_context(cafile=str(server.ca_file) if server.ca_file else None)


class _Deadline:
    """Ends a conversation after so many seconds: a socket's own timeout begins anew with every byte."""

    def __init__(self, seconds: float) -> None:
        self.seconds = seconds
        self.passed = False

    @contextlib.contextmanager
    def over(self, client: smtplib.SMTP) -> Iterator[smtplib.SMTP]:
        """The client, closed at the end, and cut off at the deadline."""
        timer = threading.Timer(self.seconds, self._cut, [client])
        timer.daemon = True
        timer.start()
        try:
            yield client
        finally:
            timer.cancel()
            client.close()

    def require(self) -> None:
        """Raises `TimeoutError` once it has passed."""
        if self.passed:
            raise TimeoutError

    def _cut(self, client: smtplib.SMTP) -> None:
        self.passed = True
        with contextlib.suppress(OSError):
            if client.sock is not None:
                # Below TLS: its own shutdown would wait for the other side.
                socket.socket.shutdown(client.sock, socket.SHUT_RDWR)


def _trouble(problem: OSError) -> Sent:
    """Why there was no word about the mail; the most telling kind first."""
    match problem:
        case smtplib.SMTPServerDisconnected() if isinstance(problem.__context__, TimeoutError):
            return Sent("deferred", "the server is too slow")
        case smtplib.SMTPServerDisconnected():
            return Sent("deferred", "the connection was dropped")
        case smtplib.SMTPAuthenticationError():
            return _said("login", problem.smtp_code, problem.smtp_error, "deferred")
        case smtplib.SMTPSenderRefused():
            return _said("sender", problem.smtp_code, problem.smtp_error, "deferred")
        case smtplib.SMTPResponseException():
            return _said("session", problem.smtp_code, problem.smtp_error, "deferred")
        case smtplib.SMTPException():
            return Sent("deferred", f"the server cannot do what is asked of it: {_clean(str(problem))}")
        case ssl.SSLCertVerificationError():
            return Sent("deferred", f"the certificate is not trusted: {_clean(problem.verify_message)}")
        case ssl.SSLError():
            return Sent("deferred", f"TLS failed: {_clean(problem.reason or type(problem).__name__)}")
        case TimeoutError():
            return Sent("deferred", "the server is too slow")
        case _:
            return Sent("deferred", f"no connection: {_clean(problem.strerror or type(problem).__name__)}")


def _said(about: str, code: int, answer: bytes | str, outcome: Outcome | None = None) -> Sent:
    """What the server answered: 5xx is for good, anything else worth another try (RFC 5321, 4.2.1)."""
    text = _clean(answer.decode("utf-8", "replace") if isinstance(answer, bytes) else answer)
    found: Outcome = outcome or ("refused" if 500 <= code <= 599 else "deferred")
    wait = WAIT.search(text) if found == "deferred" else None
    seconds = int(wait[1]) * (60 if wait[2].lower().startswith("m") else 1) if wait else None
    return Sent(found, f"{about}: {code} {text}".rstrip(), seconds)


def _clean(answer: str) -> str:
    """On one line, without the addresses that servers like to repeat."""
    return one_line(ADDRESS.sub("<…>", answer), ANSWER)
