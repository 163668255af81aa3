"""Mail by SMTP, in real conversations: what is accepted, what is to be tried again, what is refused for good."""

import email
import ssl
import time
from datetime import UTC, datetime
from email.message import EmailMessage
from email.policy import default
from functools import partial
from pathlib import Path
from typing import Any, cast

import pytest

from service.integrations.mail import Mail, MailItem, Sent
from service.integrations.mail_message import mailbox
from service.integrations.smtp import SmtpMailer, SmtpServer
from tests.integrations.mail_server import (
    Certificates,
    Desk,
    behaving,
    certificates,
    drip,
    free_port,
    login,
    serving,
    until,
)

NOW = datetime(2026, 3, 2, 9, 0, tzinfo=UTC)
ADDRESS = "https://trajectoire.exemple.example"
ITEM = MailItem(
    "DIR-CR — Direction des comptes rendus",
    "Le jalon J-7 «\u202fRestitution\u202f» est prévu pour le 30 juin 2026.",
    "Règle «\u202fJalon à venir\u202f», 7 jours ouvrés avant le 30 juin 2026.",
    "/api/v1/milestones/01980000-0000-7000-8000-000000000001",
)
MAIL = Mail("reminder.42", "anne@exemple.example", "Anne Élan", "fr", (ITEM,))


def send(port: int, mail: Mail = MAIL, **server: Any) -> Sent:
    settings = {"security": "none", "timeout": 5, **server}
    mailer = SmtpMailer(
        SmtpServer("localhost", port, **settings),
        mailbox("Trajectoire", "no-reply@exemple.example"),
        ADDRESS,
        lambda: NOW,
    )
    return mailer.send(mail)


def taken(desk: Desk) -> EmailMessage:
    """The one message that the server took, parsed."""
    (envelope,) = desk.taken
    assert isinstance(envelope.content, bytes)
    return cast(EmailMessage, email.message_from_bytes(envelope.content, policy=default))


@pytest.fixture(scope="module")
def trust(tmp_path_factory: pytest.TempPathFactory) -> Certificates:
    return certificates(tmp_path_factory.mktemp("certificates"))


# What arrives


def test_an_accepted_mail_says_everything_in_text_and_in_html() -> None:
    desk = Desk()
    with serving(desk) as port:
        assert send(port) == Sent("sent")
    (envelope,) = desk.taken
    assert (envelope.mail_from, envelope.rcpt_tos) == ("no-reply@exemple.example", ["anne@exemple.example"])
    message = taken(desk)
    assert message["From"] == "Trajectoire <no-reply@exemple.example>"
    assert message["To"] == "Anne Élan <anne@exemple.example>"
    assert message["Subject"] == "[DIR-CR] Le jalon J-7 «\u202fRestitution\u202f» est prévu pour le 30 juin 2026"
    assert message["Message-ID"] == "<reminder.42@exemple.example>"
    assert message["Auto-Submitted"] == "auto-generated"
    assert email.utils.parsedate_to_datetime(message["Date"]) == NOW
    assert message["List-Unsubscribe"] == f"<{ADDRESS}/api/v1/me/preferences>"
    assert message["Content-Language"] == "fr"
    for kind in ("plain", "html"):
        part = message.get_body((kind,))
        assert part is not None
        content = part.get_content()
        for said in (
            "Bonjour Anne Élan,",
            ITEM.sentence,
            ITEM.why,
            ADDRESS + ITEM.path,
            f"{ADDRESS}/api/v1/me/preferences",
        ):
            assert said in content, kind
    assert all(len(line) <= 998 and line.isascii() for line in cast(bytes, envelope.content).splitlines())


def test_every_try_of_one_mail_has_the_same_message_id() -> None:
    desk = Desk()
    with serving(desk) as port:
        send(port)
        send(port)
    ids = [email.message_from_bytes(cast(bytes, each.content))["Message-ID"] for each in desk.taken]
    assert ids == ["<reminder.42@exemple.example>"] * 2


@pytest.mark.parametrize(
    ("name", "address", "shown", "arrives"),
    [
        ('Dupont, Éloïse "Zoé"', "eloise@exemple.example", 'Dupont, Éloïse "Zoé"', "eloise@exemple.example"),
        ("李小龍", "li@bücher.example", "李小龍", "li@xn--bcher-kva.example"),
        ("Ω" * 300, "omega@exemple.example", None, "omega@exemple.example"),
        ("", "sans.nom+etiquette@exemple.example", "", "sans.nom+etiquette@exemple.example"),
    ],
)
def test_names_and_domains_of_any_script_arrive(name: str, address: str, shown: str | None, arrives: str) -> None:
    desk = Desk()
    with serving(desk) as port:
        assert send(port, Mail("m", address, name, "fr", (ITEM,))) == Sent("sent")
    (to,) = taken(desk)["To"].addresses
    assert to.addr_spec == arrives
    assert shown is None or to.display_name == shown
    assert desk.taken[0].rcpt_tos == [arrives]


def test_an_address_beyond_ascii_needs_a_server_that_takes_it() -> None:
    mail = Mail("m", "élodie@exemple.example", "Élodie", "fr", (ITEM,))
    desk = Desk()
    with serving(desk, enable_SMTPUTF8=True) as port:
        assert send(port, mail) == Sent("sent")
    assert desk.taken[0].rcpt_tos == ["élodie@exemple.example"]
    with serving(Desk(), enable_SMTPUTF8=False) as port:
        found = send(port, mail)
    assert found.outcome == "refused"
    assert "SMTPUTF8" in found.detail


@pytest.mark.parametrize("break_", ["\r\n", "\n", "\r", "\u2028", "\x85", "\x00", "\x0b", "=?utf-8?q?=0D=0A?="])
def test_nothing_that_people_wrote_adds_a_header_or_a_recipient(break_: str) -> None:
    evil = f"Anne{break_}Bcc: eve@exemple.example{break_}{break_}<b>corps</b>"
    item = MailItem(f"DIR{break_}X-Evil: 1 — Direction", f"Le jalon{break_}Bcc: eve@exemple.example", evil, "/api/v1/x")
    desk = Desk()
    with serving(desk) as port:
        assert send(port, Mail(f"m{break_}X-Evil: 1", "anne@exemple.example", evil, "fr", (item,))) == Sent("sent")
    message = taken(desk)
    assert set(message.keys()) == {
        "From", "To", "Subject", "Date", "Message-ID", "Auto-Submitted", "X-Auto-Response-Suppress", "List-Unsubscribe",
        "Content-Language", "MIME-Version", "Content-Type",
    }  # fmt: skip
    assert desk.taken[0].rcpt_tos == ["anne@exemple.example"]
    assert [each.addr_spec for each in message["To"].addresses] == ["anne@exemple.example"]
    html = message.get_body(("html",))
    assert html is not None
    assert "<b>" not in html.get_content()


@pytest.mark.parametrize(
    "address",
    [
        "anne@exemple.example\r\nRCPT TO:<eve@exemple.example>", "anne@exemple.example>", "<anne@exemple.example",
        "anne@exemple.example,eve@exemple.example", "anne", "@exemple.example", "anne@", "a b@exemple.example", "",
        "anne@exemple..example", "anne@-exemple.example", "x" * 65 + "@exemple.example", "a@" + "é" * 300 + ".example",
        "anne..b@exemple.example", "anne@exemple.example\u2028", "\udcffanne@exemple.example", 'a"b@exemple.example',
    ],
)  # fmt: skip
def test_an_address_that_is_none_is_refused_before_any_conversation(address: str) -> None:
    assert send(free_port(), Mail("m", address, "Anne", "fr", (ITEM,))).outcome == "refused"


# What the server says


@pytest.mark.parametrize(
    ("desk", "outcome", "detail", "retry"),
    [
        (Desk(rcpt="550 5.1.1 <{address}>: unknown user"), "refused", "recipient: 550 5.1.1 <…>: unknown user", None),
        (Desk(rcpt="450 4.2.1 {address} greylisted, try again in 5 minutes"), "deferred", "recipient: 450", 300),
        (Desk(rcpt="452 4.2.2 full, wait for 30 seconds"), "deferred", "recipient: 452", 30),
        (Desk(data="554 5.7.1 no such thing here"), "refused", "content: 554", None),
        (Desk(data="451 4.3.0 later"), "deferred", "content: 451", None),
        (Desk(mail="550 5.7.1 not your address"), "deferred", "sender: 550", None),
        (Desk(mail="421 4.3.2 shutting down"), "deferred", "sender: 421", None),
    ],
)
def test_a_refusal_of_the_mail_is_for_good_and_any_other_is_not(
    desk: Desk, outcome: str, detail: str, retry: int | None
) -> None:
    with serving(desk) as port:
        found = send(port)
    assert (found.outcome, found.retry_after) == (outcome, retry)
    assert detail in found.detail
    assert "anne@" not in found.detail
    assert desk.taken == []


def test_an_answer_that_rambles_is_kept_short_and_on_one_line() -> None:
    with behaving(lambda c: c.sendall(b"554-" + b"x" * 400 + b"\r\n554 \x1b[31mred\x07\r\n")) as port:
        found = send(port)
    assert found.outcome == "deferred"
    assert len(found.detail) < 330
    assert found.detail.isprintable()


# What happens to the connection


@pytest.mark.parametrize("command", [b"EHLO", b"MAIL", b"RCPT", b"DATA", b"."])
def test_a_dropped_connection_is_tried_again(command: bytes) -> None:
    talk = partial(until, last=command, answers={b"DATA": b"354 go on\r\n"})
    with behaving(talk) as port:
        assert send(port) == Sent("deferred", "the connection was dropped")


def test_a_mail_that_was_accepted_is_sent_whatever_comes_after() -> None:
    with behaving(partial(until, last=b"QUIT", answers={b"DATA": b"354 go on\r\n"})) as port:
        assert send(port) == Sent("sent")


def test_nobody_there_is_tried_again() -> None:
    found = send(free_port())
    assert found.outcome == "deferred"
    assert "no connection" in found.detail


def test_a_server_that_never_speaks_or_speaks_for_ever_does_not_hold_us() -> None:
    for talk in (lambda c: time.sleep(3), drip):
        began = time.monotonic()
        with behaving(talk) as port:
            assert send(port, timeout=1) == Sent("deferred", "the server is too slow")
        assert time.monotonic() - began < 3


def test_a_slow_server_under_tls_does_not_hold_us(trust: Certificates) -> None:
    with behaving(drip, trust.context("right")) as port:
        found = send(port, security="tls", ca_file=trust.authority, timeout=1)
    assert found == Sent("deferred", "the server is too slow")


# TLS and login


def test_starttls_and_login_with_a_trusted_certificate(trust: Certificates) -> None:
    desk = Desk()
    options = {
        "tls_context": trust.context("right"),
        "require_starttls": True,
        "authenticator": login,
        "auth_required": True,
    }
    with serving(desk, **options) as port:
        good = {"security": "starttls", "ca_file": trust.authority, "user": "trajectoire", "password": "secret"}
        assert send(port, **good) == Sent("sent")
        (session,) = desk.peers
        assert session.ssl is not None
        wrong = send(port, **{**good, "password": "perdu"})
        assert (wrong.outcome, wrong.detail[:10]) == ("deferred", "login: 535")
        nobody = send(port, **{**good, "user": None})
        assert nobody.outcome == "deferred"
    assert len(desk.taken) == 1


def test_tls_from_the_first_byte_on(trust: Certificates) -> None:
    talk = partial(until, last=b"QUIT", answers={b"DATA": b"354 go on\r\n"})
    with behaving(talk, trust.context("right")) as port:
        assert send(port, security="tls", ca_file=trust.authority) == Sent("sent")


@pytest.mark.parametrize("security", ["starttls", "tls"])
@pytest.mark.parametrize(
    ("name", "trusted", "said"), [("right", False, "issuer"), ("other", True, "mismatch"), ("old", True, "expired")]
)
def test_a_wrong_certificate_gets_no_mail(
    trust: Certificates, security: str, name: str, trusted: bool, said: str
) -> None:
    desk, server = Desk(), {"security": security, "ca_file": trust.authority if trusted else None}
    if security == "starttls":
        with serving(desk, tls_context=trust.context(name)) as port:
            found = send(port, **server)
    else:
        with behaving(partial(until, last=b"QUIT", answers={}), trust.context(name)) as port:
            found = send(port, **server)
    assert found.outcome == "deferred"
    assert "the certificate is not trusted" in found.detail
    assert said in found.detail
    assert desk.taken == []


def test_a_server_without_starttls_gets_neither_mail_nor_password() -> None:
    heard: list[bytes] = []

    def talk(connection: Any) -> None:
        connection.sendall(b"220 ready\r\n")
        for line in connection.makefile("rb"):
            heard.append(line)
            connection.sendall(
                b"250-here\r\n250 AUTH PLAIN LOGIN\r\n" if line.upper().startswith(b"EHLO") else b"250 OK\r\n"
            )

    with behaving(talk) as port:
        found = send(port, security="starttls", user="trajectoire", password="secret")
    assert found.outcome == "deferred"
    assert "STARTTLS" in found.detail
    assert [line.split()[0].upper() for line in heard] == [b"EHLO"]


def test_a_server_that_speaks_no_tls_where_it_should_is_told_apart() -> None:
    with behaving(lambda c: c.sendall(b"220 ready\r\n" * 20)) as port:
        found = send(port, security="tls")
    assert (found.outcome, found.detail[:10]) == ("deferred", "TLS failed")


def test_an_authority_that_is_not_there_is_told_at_the_start(tmp_path: Path) -> None:
    with pytest.raises((FileNotFoundError, ssl.SSLError)):
        send(1, security="starttls", ca_file=tmp_path / "none.pem")
