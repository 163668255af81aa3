"""Every environment variable of the service: typed, explained, in one place. All begin with `TRAJECTOIRE_`."""

import os
from pathlib import Path
from typing import Literal

from pydantic import Field, SecretStr
from pydantic_settings import BaseSettings, SettingsConfigDict


def default_data_dir() -> Path:
    """Where the embedded database lives when nobody says otherwise."""
    if hasattr(os, "geteuid") and os.geteuid() == 0:
        return Path("/var/lib/trajectoire")
    return Path(os.environ.get("XDG_DATA_HOME") or Path.home() / ".local" / "share") / "trajectoire"


class Settings(BaseSettings):
    """The settings. Each field's description is its documentation (README lists them; a test compares)."""

    model_config = SettingsConfigDict(env_prefix="TRAJECTOIRE_", extra="ignore")

    database_url: str | None = Field(
        None, description="PostgreSQL 15 à 18 à utiliser ; absent, le service démarre son propre PostgreSQL embarqué."
    )
    data_dir: Path = Field(
        default_factory=default_data_dir, description="Dossier de la base embarquée et des fichiers de clés."
    )
    host: str = Field("127.0.0.1", description="Adresse d’écoute.")
    port: int = Field(8000, description="Port d’écoute.", ge=0, le=65535)
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

    @property
    def master_key_file(self) -> Path:
        return self.data_dir / "master.key"
