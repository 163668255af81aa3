"""Writers in processes of their own, for the proofs: they say on paper what was acknowledged."""

import json
import sys
import threading
import time
from pathlib import Path
from uuid import UUID

import psycopg

from service.domain.event import new_id
from service.domain.milestone import MilestoneConfirmed
from service.domain.note import NOTE, NoteSubject, write
from service.store.batch import Conditions
from service.store.database import Database
from service.store.idempotency import IdempotencyKey
from service.store.log import EventLog
from service.store.recording import Recorder
from service.store.texts import TextVault
from service.store.unit import Target, Unit
from service.store.writer import NotRecorded
from tests.store.sampling import NOW, act, fact

VAULT_KEY = b"v" * 32


def append_many(dsn: str, events: int, paper: Path) -> None:
    """Append `events` events in appends of one to five by eight callers; write down each acknowledged event id.

    An append that the database rolled back is made again, as a new one.
    """
    database = Database(dsn, pool_size=2)
    log = EventLog(database, TextVault(VAULT_KEY))
    written, lock = [0], threading.Lock()

    def caller(number: int) -> None:
        size = 1 + number % 5
        with paper.with_suffix(f".{number}").open("w") as out:
            while True:
                with lock:
                    if written[0] >= events:
                        return
                    written[0] += size
                while True:
                    try:
                        recorded = log.append([fact(MilestoneConfirmed()) for _ in range(size)], Conditions(at=NOW))
                        break
                    except (psycopg.errors.RaiseException, NotRecorded):
                        continue
                out.writelines(f"{each.envelope.event_id}\n" for each in recorded)

    callers = [threading.Thread(target=caller, args=(number,)) for number in range(8)]
    for each in callers:
        each.start()
    for each in callers:
        each.join()
    database.close()


def write_notes(dsn: str, paper: Path, again: list[str]) -> None:
    """Write notes until killed, each with its key; first those whose answer was never heard.

    A line « asked KEY » before an act, a line « done KEY ID POSITION » after its acknowledgement.
    """
    database = Database(dsn, pool_size=8)
    recorder = Recorder(EventLog(database, TextVault(VAULT_KEY)))
    out, lock = paper.open("a"), threading.Lock()
    subject = NoteSubject(kind="axis", id=UUID(int=7))

    def say(*words: object) -> None:
        with lock:
            print(*words, file=out, flush=True)

    def work(unit: Unit) -> Target:
        return Target(NOTE, unit.create(NOTE, write(subject=subject, text="Sous les coups")), created=True)

    def caller() -> None:
        while True:
            with lock:
                key = again.pop() if again else str(new_id())
            say("asked", key)
            while True:
                try:
                    outcome = recorder.execute(act(), work, IdempotencyKey("p_1", key, b"f" * 32))
                    break
                except psycopg.Error:
                    time.sleep(0.05)  # the database is away; whoever kills it kills us too
            say("done", key, outcome.id, outcome.position)

    for _ in range(6):
        threading.Thread(target=caller, daemon=True).start()
    print("writing", flush=True)
    sys.stdin.read()


if __name__ == "__main__":
    if sys.argv[1] == "append":
        append_many(sys.argv[2], int(sys.argv[3]), Path(sys.argv[4]))
    else:
        write_notes(sys.argv[2], Path(sys.argv[3]), json.loads(sys.argv[4]))
