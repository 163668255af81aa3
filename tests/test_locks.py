"""The lock files hold what pyproject.toml asks for, by hash and without any address."""

import re
import tomllib
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
PROJECT = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))


def pins(lock: str) -> set[str]:
    return set(re.findall(r"^([a-z0-9.-]+==\S+)", (ROOT / lock).read_text(encoding="utf-8"), re.MULTILINE))


def names(requirements: list[str]) -> set[str]:
    return {re.split(r"[\[<>=~!; ]", requirement)[0].lower().replace("_", "-") for requirement in requirements}


def test_every_dependency_is_locked() -> None:
    assert names(PROJECT["project"]["dependencies"]) <= {pin.split("==")[0] for pin in pins("requirements.lock")}
    assert names(PROJECT["dependency-groups"]["dev"]) <= {pin.split("==")[0] for pin in pins("requirements-dev.lock")}


def test_the_development_lock_holds_all_of_the_other_in_the_same_versions() -> None:
    assert pins("requirements.lock") <= pins("requirements-dev.lock")


def test_every_version_has_its_hashes_and_no_line_an_address() -> None:
    for lock in ("requirements.lock", "requirements-dev.lock"):
        text = (ROOT / lock).read_text(encoding="utf-8")
        assert "://" not in text
        blocks = re.split(r"^(?=[a-z0-9])", text, flags=re.MULTILINE)[1:]
        assert all("--hash=sha256:" in block for block in blocks)
