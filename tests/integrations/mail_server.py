"""A real mail server for tests (aiosmtpd), a plain socket that misbehaves, and certificates, right and wrong."""

import contextlib
import ipaddress
import socket
import ssl
import threading
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

from aiosmtpd.controller import Controller
from aiosmtpd.smtp import SMTP, AuthResult, Envelope, Session
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import NameOID


def free_port() -> int:
    with socket.create_server(("127.0.0.1", 0)) as listener:
        port: int = listener.getsockname()[1]
        return port


@dataclass
class Desk:
    """What the server answers at each step, and what it took; `None` leaves the step to the library."""

    rcpt: str | None = None
    mail: str | None = None
    data: str = "250 2.0.0 Queued as 42"
    taken: list[Envelope] = field(default_factory=list)
    peers: list[Session] = field(default_factory=list)

    async def handle_MAIL(self, server: SMTP, session: Session, envelope: Envelope, address: str, options: Any) -> str:  # noqa: N802  # the library's name
        if self.mail is None:
            envelope.mail_from = address
            envelope.mail_options.extend(options)
        return self.mail or "250 OK"

    async def handle_RCPT(self, server: SMTP, session: Session, envelope: Envelope, address: str, options: Any) -> str:  # noqa: N802  # the library's name
        if self.rcpt is None:
            envelope.rcpt_tos.append(address)
        return (self.rcpt or "250 OK").format(address=address)

    async def handle_DATA(self, server: SMTP, session: Session, envelope: Envelope) -> str:  # noqa: N802  # the library's name
        self.peers.append(session)
        if self.data.startswith("2"):
            self.taken.append(envelope)
        return self.data


@contextlib.contextmanager
def serving(desk: Desk, **options: Any) -> Iterator[int]:
    """The port of a server that answers as `desk` says; options are those of the library's SMTP class."""
    controller = Controller(desk, hostname="127.0.0.1", port=free_port(), **options)
    controller.start()
    try:
        yield controller.port
    finally:
        controller.stop()


@contextlib.contextmanager
def behaving(talk: Callable[[socket.socket], None], context: ssl.SSLContext | None = None) -> Iterator[int]:
    """The port of a plain server that does with each connection what `talk` does."""
    listener = socket.create_server(("127.0.0.1", 0))

    def accept() -> None:
        with contextlib.suppress(OSError):
            while True:
                connection, _ = listener.accept()
                with connection, contextlib.suppress(OSError):
                    if context is None:
                        talk(connection)
                    else:
                        with context.wrap_socket(connection, server_side=True) as secured:
                            talk(secured)

    thread = threading.Thread(target=accept, daemon=True)
    thread.start()
    try:
        yield listener.getsockname()[1]
    finally:
        listener.close()


def until(connection: socket.socket, last: bytes, answers: dict[bytes, bytes]) -> None:
    """Speak SMTP up to a command, which is left without an answer."""
    connection.sendall(b"220 ready\r\n")
    lines = connection.makefile("rb")
    for line in lines:
        word = line.split()[0].upper()[:4] if line.split() else b""
        if word == last:
            return
        connection.sendall(answers.get(word, b"250 OK\r\n"))
        if word == b"DATA":
            for content in lines:
                if content == b".\r\n":
                    break
            if last == b".":
                return
            connection.sendall(b"250 OK\r\n")


def drip(connection: socket.socket) -> None:
    """A greeting of one byte every tenth of a second: each read succeeds, none ever ends."""
    for _ in range(600):
        connection.sendall(b"2")
        time.sleep(0.1)


def login(server: SMTP, session: Session, envelope: Envelope, mechanism: str, data: Any) -> AuthResult:
    """Takes one user with one password."""
    return AuthResult(success=(data.login, data.password) == (b"trajectoire", b"secret"), handled=False)


@dataclass(frozen=True)
class Certificates:
    """An authority, and certificates that it signed."""

    folder: Path
    authority: Path

    def context(self, name: str) -> ssl.SSLContext:
        """What a server uses that has the certificate of this name."""
        found = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        found.load_cert_chain(self.folder / f"{name}.pem")
        return found


def certificates(folder: Path) -> Certificates:
    """An authority with certificates for « localhost », for another name, and one that has expired."""
    key = ec.generate_private_key(ec.SECP256R1())
    authority = folder / "authority.pem"
    root = _signed("Autorité d’essai", key, key, "Autorité d’essai", authority=True)
    authority.write_bytes(root.public_bytes(serialization.Encoding.PEM))
    for name, host, days in (
        ("right", "localhost", 30),
        ("other", "mail.exemple.example", 30),
        ("old", "localhost", -1),
    ):
        own = ec.generate_private_key(ec.SECP256R1())
        signed = _signed(host, own, key, "Autorité d’essai", days=days)
        (folder / f"{name}.pem").write_bytes(
            own.private_bytes(
                serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
            )
            + signed.public_bytes(serialization.Encoding.PEM)
        )
    return Certificates(folder, authority)


def _signed(
    host: str,
    key: ec.EllipticCurvePrivateKey,
    signer: ec.EllipticCurvePrivateKey,
    by: str,
    *,
    authority: bool = False,
    days: int = 30,
) -> x509.Certificate:
    now = datetime.now(UTC)
    builder = (
        x509.CertificateBuilder()
        .subject_name(x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, host)]))
        .issuer_name(x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, by)]))
        .public_key(key.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(now - timedelta(days=60))
        .not_valid_after(now + timedelta(days=days))
        .add_extension(x509.BasicConstraints(ca=authority, path_length=None), critical=True)
    )
    if not authority:
        names: list[x509.GeneralName] = [x509.DNSName(host)]
        if host == "localhost":
            names.append(x509.IPAddress(ipaddress.ip_address("127.0.0.1")))
        builder = builder.add_extension(x509.SubjectAlternativeName(names), critical=False)
    return builder.sign(signer, hashes.SHA256())
