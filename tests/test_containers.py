"""The container files, as far as they can be judged without an engine."""

import os
import re
import shlex
import subprocess
import sys
from pathlib import Path
from typing import Any

import psycopg
import pytest
import yaml

from service.settings import Settings

ROOT = Path(__file__).resolve().parent.parent
COMPOSE = ROOT / "docker-compose.yml"
OURS = ("migrate", "api", "worker")


@pytest.fixture(scope="module")
def services() -> dict[str, Any]:
    return dict(yaml.safe_load(COMPOSE.read_text(encoding="utf-8"))["services"])


@pytest.fixture(scope="module")
def dockerfile() -> list[list[str]]:
    """The instructions of the Dockerfile, their continued lines joined, as [NAME, rest]."""
    text = (ROOT / "Dockerfile").read_text(encoding="utf-8").replace("\\\n", " ")
    return [line.split(None, 1) for line in text.splitlines() if line and not line.startswith("#")]


def last_stage(dockerfile: list[list[str]]) -> list[list[str]]:
    starts = [i for i, (name, _) in enumerate(dockerfile) if name == "FROM"]
    return dockerfile[starts[-1] :]


def test_the_four_services_of_the_installation_are_there(services: dict[str, Any]) -> None:
    assert set(services) == {"postgres", *OURS}


def test_every_service_says_whether_it_is_well(services: dict[str, Any], dockerfile: list[list[str]]) -> None:
    assert "/livez" in next(rest for name, rest in last_stage(dockerfile) if name == "HEALTHCHECK")
    assert services["migrate"]["healthcheck"] == {"disable": True}
    for name in ("postgres", "worker"):
        assert services[name]["healthcheck"]["test"][0] == "CMD"


def test_each_starts_after_what_it_needs(services: dict[str, Any]) -> None:
    assert services["migrate"]["depends_on"]["postgres"]["condition"] == "service_healthy"
    for name in ("api", "worker"):
        assert services[name]["depends_on"]["migrate"]["condition"] == "service_completed_successfully"


def test_nobody_runs_as_root(services: dict[str, Any], dockerfile: list[list[str]]) -> None:
    assert services["postgres"]["user"] == "postgres"
    users = [rest for name, rest in last_stage(dockerfile) if name == "USER"]
    assert users == ["trajectoire"]
    for name in OURS:
        assert "user" not in services[name]
        assert services[name]["cap_drop"] == ["ALL"]


def test_secrets_come_from_outside_and_have_no_default(services: dict[str, Any]) -> None:
    for name, service in services.items():
        for variable, value in service["environment"].items():
            if re.search(r"PASSWORD|KEY|SECRET|TOKEN", variable):
                assert re.fullmatch(r"\$\{[A-Z_]+:\?[^}]+\}", value), f"{name}: {variable}"
            assert "://" not in str(value) or "@" not in str(value) or ":" not in value.split("@")[0].split("//")[1]
    assert not re.search(
        r"(?i)(password|secret|token|_key)\s*=\s*\S", (ROOT / "Dockerfile").read_text(encoding="utf-8")
    )


def test_nothing_is_published_beyond_this_machine(services: dict[str, Any]) -> None:
    assert [name for name, service in services.items() if "ports" in service] == ["api"]
    assert all(port.startswith("127.0.0.1:") for port in services["api"]["ports"])


def test_every_variable_given_is_one_that_the_service_knows(
    services: dict[str, Any], dockerfile: list[list[str]]
) -> None:
    known = {f"TRAJECTOIRE_{name.upper()}" for name in Settings.model_fields}
    given = {variable for name in OURS for variable in services[name]["environment"] if variable != "PGPASSWORD"}
    image = " ".join(rest for name, rest in last_stage(dockerfile) if name == "ENV")
    given |= set(re.findall(r"(TRAJECTOIRE_[A-Z_]+)=", image))
    assert given <= known


def test_the_image_installs_the_locked_versions_only_by_their_hashes(dockerfile: list[list[str]]) -> None:
    install = next(rest for name, rest in dockerfile if name == "RUN" and "pip install" in rest)
    assert {"--require-hashes", "--no-deps", "requirements.lock"} <= set(shlex.split(install))


def test_what_the_image_copies_exists_and_is_not_ignored(dockerfile: list[list[str]]) -> None:
    ignored = (ROOT / ".dockerignore").read_text(encoding="utf-8").splitlines()
    for name, rest in dockerfile:
        if name == "COPY" and not rest.startswith("--from"):
            for source in rest.split()[:-1]:
                assert (ROOT / source).exists(), source
                assert f"!{source}" in ignored, source


@pytest.mark.parametrize("service", OURS)
def test_the_command_of_each_container_exists(services: dict[str, Any], service: str) -> None:
    command, *options = services[service]["command"]
    run = subprocess.run(
        [sys.executable, "-m", "service.cli", command, "--help"], cwd=ROOT, capture_output=True, text=True, check=False
    )
    assert run.returncode == 0, run.stderr[-2000:]
    assert all(option in run.stdout for option in options)


def test_a_worker_is_healthy_while_somebody_projects(services: dict[str, Any], fresh_database: str) -> None:
    _, program, *options = services["worker"]["healthcheck"]["test"]
    environment = {**os.environ, "TRAJECTOIRE_DATABASE_URL": fresh_database}

    def asked() -> int:
        return subprocess.run([sys.executable, *options], env=environment, cwd=ROOT, check=False).returncode

    assert program == "python"
    assert asked() == 1
    with psycopg.connect(fresh_database, autocommit=True) as connection:
        connection.execute("UPDATE projection_head SET heartbeat_at = clock_timestamp()")
        assert asked() == 0
        connection.execute("UPDATE projection_head SET heartbeat_at = clock_timestamp() - interval '1 minute'")
    assert asked() == 1
