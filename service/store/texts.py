"""The vault of personal texts: AES-256-GCM, one random key per text, wrapped by a master key.

An erased text is a destroyed key: the ciphertext stays in the log for ever, so no hashed byte ever changes.
"""

import base64
import hashlib
import hmac
import json
import os
from pathlib import Path
from typing import Any, NamedTuple
from uuid import UUID

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM

from service.domain.text import ERASED_TEXT

MARK = "$text"
NONCE_BYTES = 12
compact = json.JSONEncoder(separators=(",", ":")).encode


NOT_A_KEY = "La clé maîtresse ne convient pas\u202f: il faut 32 octets, écrits en base64 (TRAJECTOIRE_MASTER_KEY)."


class MasterKeyUnusable(Exception):
    """The master key is missing or is not 32 bytes of base64."""


class TextTampered(Exception):
    """A ciphertext of the log does not match its key: it was altered."""


class WrappedKey(NamedTuple):
    """The key of one text, as `text_keys` holds it. `path` is the wire path of the text in its event."""

    event_id: UUID
    path: str
    wrapped: bytes


class TextVault:
    """Encrypts and opens personal texts under one master key."""

    def __init__(self, master_key: bytes) -> None:
        if len(master_key) != 32:
            raise MasterKeyUnusable(NOT_A_KEY)
        self._wrap = AESGCM(master_key)
        self.master_key_id = hashlib.sha256(b"trajectoire master key" + master_key).hexdigest()[:16]

    def encrypt(
        self, text: str, *, event_id: UUID, topic: str, path: str, version: int, stream: UUID, number: int
    ) -> tuple[dict[str, Any], WrappedKey]:
        """The ciphertext to store in the event and the wrapped key to store beside the log.

        The additional data binds wire path, schema version, stream and version of the event; the commitment
        (HMAC-SHA256 under a key derived from the text key) ties the key to this ciphertext alone.
        """
        key = AESGCM.generate_key(256)
        nonce = os.urandom(NONCE_BYTES)
        wire = f"{topic}#{path}"
        sealed = nonce + AESGCM(_derived(key, b"seal")).encrypt(
            nonce, text.encode(), _binding(wire, version, stream, number)
        )
        stored = {
            MARK: base64.b64encode(sealed).decode(),
            "path": wire,
            "v": version,
            "tie": base64.b64encode(hmac.digest(_derived(key, b"tie"), sealed, "sha256")).decode(),
        }
        wrap_nonce = os.urandom(NONCE_BYTES)
        wrapped = wrap_nonce + self._wrap.encrypt(wrap_nonce, key, f"{event_id}|{path}".encode())
        return stored, WrappedKey(event_id, path, wrapped)

    def decrypt(
        self, stored: dict[str, Any], wrapped: bytes | None, *, event_id: UUID, stream: UUID, number: int
    ) -> str:
        """The clear text, or `ERASED_TEXT` where its key was destroyed. Raises `TextTampered`."""
        if wrapped is None:
            return ERASED_TEXT
        wire, version = stored["path"], stored["v"]
        path = wire.partition("#")[2]
        sealed = base64.b64decode(stored[MARK])
        try:
            key = self._wrap.decrypt(wrapped[:NONCE_BYTES], wrapped[NONCE_BYTES:], f"{event_id}|{path}".encode())
            tie = hmac.digest(_derived(key, b"tie"), sealed, "sha256")
            if not hmac.compare_digest(tie, base64.b64decode(stored["tie"])):
                raise TextTampered(wire)
            opened = AESGCM(_derived(key, b"seal")).decrypt(
                sealed[:NONCE_BYTES], sealed[NONCE_BYTES:], _binding(wire, version, stream, number)
            )
        except InvalidTag:
            raise TextTampered(wire) from None
        return opened.decode()


def _derived(key: bytes, purpose: bytes) -> bytes:
    return hmac.digest(key, purpose, "sha256")


def _binding(wire: str, version: int, stream: UUID, number: int) -> bytes:
    return compact([wire, version, str(stream), number]).encode()


def master_key(given: str | None, file: Path) -> bytes:
    """The master key: as given (base64), else from a 0600 file, which is made on first use."""
    if given:
        return _decoded(given)
    if not file.exists():
        file.parent.mkdir(parents=True, exist_ok=True)
        fresh = base64.b64encode(os.urandom(32))
        scratch = file.with_name(f"{file.name}.{os.getpid()}")
        descriptor = os.open(scratch, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
        with os.fdopen(descriptor, "wb") as out:
            out.write(fresh)
        try:
            os.link(scratch, file)  # the first of several processes wins
        except FileExistsError:
            pass
        finally:
            scratch.unlink()
    return _decoded(file.read_text())


def _decoded(text: str) -> bytes:
    try:
        return base64.b64decode(text.strip(), validate=True)
    except ValueError as problem:
        raise MasterKeyUnusable(NOT_A_KEY) from problem
