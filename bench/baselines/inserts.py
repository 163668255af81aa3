"""pgbench inserting the same rows, without any promise of order: what the server can do at most, one row a commit."""

import importlib.util
import re
import subprocess
from pathlib import Path

import psycopg

from service.store.embedded_binaries import WHEEL
from service.store.mapper import StoredFact

TABLE = "CREATE TABLE IF NOT EXISTS inserted (LIKE events INCLUDING ALL)"
SCRIPT = """
INSERT INTO inserted (originator_id, originator_version, topic, state, event_id, transformation_id, recorded_at)
VALUES ({id}(), 1, '{topic}', '\\x{state}', {id}(), '{transformation}', clock_timestamp());
"""


class NoPgbench(Exception):
    """This PostgreSQL comes without pgbench."""


def pgbench() -> Path:
    """The program in the wheel. Raises `NoPgbench`."""
    spec = importlib.util.find_spec(WHEEL)
    folder = Path(spec.origin).parent if spec and spec.origin else Path()
    found = sorted(folder.glob("pginstall*/bin/pgbench"))
    if not found:
        raise NoPgbench(str(folder))
    return found[-1]


def room(dsn: str, wanted: int) -> int:
    """How many of the wanted connections the server still has."""
    with psycopg.connect(dsn) as connection:
        query = "SELECT current_setting('max_connections')::int - count(*) - 4 FROM pg_stat_activity"
        row = connection.execute(query).fetchone()
    return min(wanted, row[0] if row else wanted)


def rate(dsn: str, row: StoredFact, *, clients: int, seconds: int, script: Path) -> float:
    """Inserts a second by so many clients (fewer if the server has no room) with prepared statements."""
    clients = room(dsn, clients)
    with psycopg.connect(dsn) as connection:
        connection.execute(TABLE)
        number = connection.info.server_version
    id = "uuidv7" if number >= 180000 else "gen_random_uuid"
    script.write_text(
        SCRIPT.format(id=id, topic=row.topic, state=row.state.hex(), transformation=row.transformation_id)
    )
    command = [str(pgbench()), "-n", "-M", "prepared", "-c", str(clients), "-j", "2", "-T", str(seconds)]
    done = subprocess.run([*command, "-f", str(script), dsn], capture_output=True, text=True, check=False)
    found = re.search(r"tps = ([0-9.]+)", done.stdout)
    if found is None and done.returncode == 0 and seconds < 20:  # all its time went into connecting
        return rate(dsn, row, clients=clients, seconds=2 * seconds, script=script)
    if found is None:
        raise NoPgbench(done.stderr[-500:])
    return float(found.group(1))
