"""Places for data directories of the embedded PostgreSQL."""

import shutil
import subprocess
import tempfile
from collections.abc import Iterator
from pathlib import Path

import pytest

from service.store.embedded import EmbeddedPostgres
from service.store.embedded_server import Server


def open_folder() -> Path:
    """A folder that the server's user may pass through, which pytest's own are not."""
    folder = Path(tempfile.mkdtemp(prefix="trajectoire-test-"))
    folder.chmod(0o711)
    return folder


@pytest.fixture
def empty() -> Iterator[Path]:
    """Where a test puts its data directories; their servers end with it."""
    folder = open_folder()
    yield folder
    for pid_file in folder.rglob("postmaster.pid"):
        Server(pid_file.parent.parent).stop()
    shutil.rmtree(folder)


@pytest.fixture(scope="session")
def initialised() -> Iterator[Path]:
    """A data directory that was used and stopped once: copying it is quicker than making one."""
    folder = open_folder()
    with EmbeddedPostgres(folder / "data"):
        pass
    yield folder / "data"
    shutil.rmtree(folder)


@pytest.fixture
def place(empty: Path, initialised: Path) -> Path:
    """The same, with an initialised directory `data` in it."""
    subprocess.run(["cp", "-a", initialised, empty / "data"], check=True)
    return empty
