"""Every environment variable of the service: typed, explained, in one place. All begin with `TRAJECTOIRE_`."""

import os
from collections.abc import Iterator
from pathlib import Path
from typing import Literal, Self, get_args

import psycopg
from psycopg.conninfo import conninfo_to_dict
from pydantic import Field, FilePath, SecretStr, ValidationError, field_validator, model_validator
from pydantic_settings import BaseSettings, SettingsConfigDict


def default_data_dir() -> Path:
    """Where the embedded database lives when nobody says otherwise."""
    if hasattr(os, "geteuid") and os.geteuid() == 0:
        return Path("/var/lib/trajectoire")
    return Path(os.environ.get("XDG_DATA_HOME") or Path.home() / ".local" / "share") / "trajectoire"


class Settings(BaseSettings):
    """The settings. Each field's description is its documentation (README lists them; a test compares)."""

    model_config = SettingsConfigDict(env_prefix="TRAJECTOIRE_", extra="ignore", hide_input_in_errors=True)

    database_url: str | None = Field(
        None, description="PostgreSQL 15 à 18 à utiliser ; absent, le service démarre son propre PostgreSQL embarqué."
    )
    data_dir: Path = Field(
        default_factory=default_data_dir, description="Dossier de la base embarquée et des fichiers de clés."
    )
    host: str = Field("127.0.0.1", description="Adresse d’écoute.")
    port: int = Field(8000, description="Port d’écoute.", ge=0, le=65535)
    public_url: str | None = Field(
        None,
        description="Adresse du service telle que les gens la voient (https://…), pour les liens des courriels et des "
        "calendriers\u202f; absente, http:// suivi de l’adresse et du port d’écoute.",
        pattern=r"^https?://[^\s/?#]+(/[^\s?#]*)?$",
    )
    environment: str = Field(
        "live", description="Nom court placé dans les clés d’API (trj_<nom>_…).", pattern=r"^[a-z0-9]{1,12}$"
    )
    master_key: SecretStr | None = Field(
        None,
        description="Clé maîtresse des textes personnels (32 octets en base64) ; absente, lue dans un fichier 0600.",
    )
    api_key: SecretStr | None = Field(None, description="Clé d’API au nom de laquelle agit la ligne de commande.")
    log_level: Literal["debug", "info", "warning", "error"] = Field("info", description="Niveau du journal technique.")
    accept_lost_commits: bool = Field(
        False,
        description="Accepter un PostgreSQL réglé sur synchronous_commit=off : une panne peut y perdre les derniers "
        "événements confirmés.",
    )
    tick_seconds: int = Field(
        60,
        description="Intervalle (secondes) entre deux passages des tâches (rappels, escalades) ; 0 les arrête.",
        ge=0,
        le=3600,
    )
    pool_size: int = Field(16, description="Connexions à la base par processus.", ge=2, le=100)
    view_cache_mb: int = Field(
        32, description="Mémoire (Mo) des vues déjà calculées, par processus ; 0 les recalcule toujours.", ge=0, le=4096
    )
    consistency_wait: float = Field(
        1.0, description="Attente maximale (secondes) pour qu’une écriture soit visible en lecture.", ge=0, le=30
    )
    lag_limit: float = Field(
        30.0, description="Retard des vues (secondes) au-delà duquel le service ne se dit plus prêt.", ge=1, le=86_400
    )

    smtp_host: str | None = Field(
        None,
        description="Serveur qui achemine les courriels\u202f; absent, les rappels restent dans la boîte de réception.",
    )
    smtp_port: int = Field(
        587, description="Port de ce serveur (465 en général avec «\u202ftls\u202f»).", ge=1, le=65535
    )
    smtp_security: Literal["starttls", "tls", "none"] = Field(
        "starttls",
        description="Chiffrement\u202f: «\u202fstarttls\u202f» ou «\u202ftls\u202f», certificat vérifié\u202f; "
        "«\u202fnone\u202f» pour un relais local.",
    )
    smtp_ca_file: FilePath | None = Field(
        None, description="Autorité (PEM) qui a signé le certificat du serveur, si le système ne la connaît pas."
    )
    smtp_user: str | None = Field(None, description="Identifiant auprès de ce serveur, s’il en demande un.")
    smtp_password: SecretStr | None = Field(None, description="Mot de passe de cet identifiant.")
    smtp_from: str | None = Field(
        None,
        description="Adresse d’expédition, nécessaire avec TRAJECTOIRE_SMTP_HOST\u202f; les retours y arrivent.",
        pattern=r"^[^@\s]+@[^@\s]+$",
    )
    smtp_timeout: float = Field(30.0, description="Durée maximale (secondes) d’un envoi.", ge=1, le=120)

    @field_validator("database_url")
    @classmethod
    def _names_a_database(cls, url: str | None) -> str | None:
        try:
            conninfo_to_dict(url or "")
        except psycopg.ProgrammingError:
            raise ValueError("ce n’est pas une adresse de PostgreSQL") from None  # the library's words quote the secret
        return url

    @model_validator(mode="after")
    def _mail_can_leave(self) -> Self:
        """Told at the start, not at the first mail."""
        if self.smtp_host is not None and self.smtp_from is None:
            raise ValueError("TRAJECTOIRE_SMTP_HOST demande une adresse d’expédition\u202f: TRAJECTOIRE_SMTP_FROM")
        if self.smtp_user is not None and self.smtp_security == "none":
            raise ValueError("un mot de passe ne voyage pas en clair\u202f: TRAJECTOIRE_SMTP_SECURITY=starttls ou tls")
        secret = self.smtp_password.get_secret_value() if self.smtp_password else ""
        if not f"{self.smtp_user or ''}{secret}".isascii():
            raise ValueError("l’identifiant et le mot de passe SMTP n’ont que des caractères ASCII")
        return self

    @property
    def address(self) -> str:
        """Where people find the service, without a slash at the end."""
        return (self.public_url or f"http://{self.host}:{self.port}").rstrip("/")

    @property
    def master_key_file(self) -> Path:
        return self.data_dir / "master.key"


def unfit(problem: ValidationError) -> Iterator[str]:
    """Which variables do not fit, one French sentence each; their values, secrets perhaps, are not repeated."""
    prefix = Settings.model_config["env_prefix"]
    for error in problem.errors(include_url=False, include_input=False):
        if not error["loc"]:
            said = error["msg"].removeprefix("Value error, ")
            yield f"Ces réglages ne vont pas ensemble\u202f: {said}."
            continue
        name = str(error["loc"][0])
        yield f"{prefix}{name.upper()} ne convient pas. Ce qui est attendu\u202f: {_expected(name)}"


def _expected(name: str) -> str:
    field = Settings.model_fields[name]
    limits = {type(rule).__name__: getattr(rule, type(rule).__name__.lower(), None) for rule in field.metadata}
    words = get_args(field.annotation)
    if words and all(isinstance(word, str) for word in words):
        return f"{(field.description or '').rstrip('.')} ({', '.join(words)})."
    within = f" (de {limits['Ge']} à {limits['Le']})" if {"Ge", "Le"} <= limits.keys() else ""
    return f"{(field.description or '').rstrip('.')}{within}."
