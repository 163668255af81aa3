"""Each promise broken in one place: the test that guards it must fail. `python -m tests.prove.mutations [WORD]`.

Works on a copy of the tree. A test of the suite sees to it that every place still exists.
"""

import os
import shutil
import subprocess
import sys
import tempfile
import time
from pathlib import Path
from typing import NamedTuple

from service.store.embedded import EmbeddedPostgres

ROOT = Path(__file__).parents[2]
PATIENCE = 900.0


class Mutation(NamedTuple):
    """One promise, how the code is broken (text by text, in one file), and the test that must then fail."""

    promise: str
    file: str
    broken: tuple[tuple[str, str], ...]
    test: str

    @property
    def whole(self) -> str:
        """The file, broken. Raises `ValueError` where a place is gone or is not the only one."""
        text = (ROOT / self.file).read_text(encoding="utf-8")
        for old, new in self.broken:
            if text.count(old) != 1:
                raise ValueError(f"{self.file}: {text.count(old)} places like {old!r}")
            text = text.replace(old, new)
        return text


APPEND = "alembic/versions/0001_event_log.py"
ENGINE = "service/projections/engine.py"
LEADER = "service/projections/leader.py"
REBUILD = "service/projections/rebuild.py"
WRITER = "service/store/writer.py"
BACKUP = "service/store/backup.py"
IN_ENGINE = "tests/projections/test_engine.py::"
IN_REBUILD = "tests/projections/test_rebuild.py::"
IN_WRITER = "tests/store/test_writer.py::"
IN_BACKUP = "tests/store/test_backup.py::"

CLEARED = "            for _ in connection.notifies(timeout=0):\n                pass\n"
PROJECTED = (
    "            while self._batch(connection, epoch, BATCH) and not self.stopped.is_set():\n"
    "                watch.look(connection)\n"
)

MUTATIONS = (
    Mutation(
        "Position order is commit order: appends take the lock",
        APPEND,
        (("    PERFORM pg_advisory_xact_lock(7226, 1);\n\n    IF", "    IF"),),
        "tests/prove/test_order.py::test_committed_is_delivered_in_order",
    ),
    Mutation(
        "Of many writers of one version one wins, the others hear a conflict",
        APPEND,
        (("o.originator_id = e.stream AND o.originator_version = e.version", "false"),),
        IN_WRITER + "test_fifty_writers_of_one_version_one_wins",
    ),
    Mutation(
        "A conflict never fails its neighbours",
        "service/store/batch.py",
        (("{number: StreamMoved() for number in moved or ()}", "{n: StreamMoved() for n, _ in numbered if moved}"),),
        IN_WRITER + "test_a_refusal_never_touches_its_neighbours",
    ),
    Mutation(
        "The instant never goes back, though the clock does",
        APPEND,
        (("GREATEST(v_last, COALESCE(v_now", "(COALESCE(v_now"),),
        "tests/store/test_append.py::test_a_supplied_clock_is_asked_for_and_never_goes_back",
    ),
    Mutation(
        "A connection cut at COMMIT: the truth is looked up",
        WRITER,
        (("found = self._truth([batch[n] for n in missing], problem)", "found = [None] * len(missing)"),),
        IN_WRITER + "test_a_cut_append_is_recorded_once_and_told_as_recorded",
    ),
    Mutation(
        "The truth is looked up after the cut session has ended",
        WRITER,
        (("                self._await_end(connection, backend, deadline)\n", ""),),
        IN_WRITER + "test_the_session_that_was_cut_has_ended_before_the_log_is_asked",
    ),
    Mutation(
        "A clean shutdown records what waits",
        WRITER,
        (
            (
                "            self._closing = True\n",
                "            self._closing = True\n            self._waiting.clear()\n",
            ),
        ),
        IN_WRITER + "test_closing_records_what_waits_and_takes_no_more",
    ),
    Mutation(
        "Key, events and answer commit together",
        APPEND,
        ((") l ON l.append = k.append\n        WHERE k.append <> ALL (v_refused)", ") l ON false WHERE false"),),
        "tests/store/test_idempotency.py::test_a_repeated_act_is_answered_as_the_first_and_done_once",
    ),
    Mutation(
        "A key in flight has a lease",
        "service/store/flight.py",
        (('"SELECT set_config(\'idle_session_timeout\', %s, false)", (f"{LEASE}s",)', '"SELECT 1"'),),
        "tests/store/test_flight.py::test_a_holder_that_stands_still_loses_the_key_with_its_lease",
    ),
    Mutation(
        "Who was half entered by a crash gives way to the same key",
        "service/store/directory.py",
        (("if self.database.all(LEFT, (email, UNFINISHED)):", "if False:"),),
        "tests/test_crash.py::test_the_same_key_works_after_a_kill_in_the_middle_of_its_request[entering a person]",
    ),
    Mutation(
        "A decision over several objects is one commit",
        "service/store/recording.py",
        (
            (
                "self.log.append(unit.facts, self._conditions(unit, target, key))",
                "[f for fact in unit.facts for f in self.log.append([fact], self._conditions(unit, target, key))]",
            ),
        ),
        "tests/store/test_unit.py::test_of_an_act_over_several_objects_nothing_is_recorded_when_one_of_them_moved",
    ),
    Mutation(
        "Start-up refuses a server that can lose events",
        "service/store/durability.py",
        (('if settings["fsync"] == "off":', "if False:"),),
        "tests/store/test_durability.py::test_a_server_that_can_lose_events_is_refused",
    ),
    Mutation(
        "No lost wake-up: the flag is cleared before the pull",
        ENGINE,
        ((CLEARED + PROJECTED, PROJECTED + CLEARED),),
        IN_ENGINE + "test_what_is_committed_between_the_first_pull_and_the_wait_is_delivered_at_once",
    ),
    Mutation(
        "A notification that was lost costs a second at most",
        ENGINE,
        (
            (
                "connection.notifies(timeout=POLL_SECONDS, stop_after=1)",
                "connection.notifies(timeout=3600, stop_after=1)",
            ),
        ),
        IN_ENGINE + "test_a_lost_notification_costs_a_second_at_most",
    ),
    Mutation(
        "The engine reconnects by itself",
        ENGINE,
        (("                self.stopped.wait(RETRY_SECONDS)\n", "                return\n"),),
        IN_ENGINE + "test_it_comes_back_by_itself_after_its_session_was_ended",
    ),
    Mutation(
        "Rows and position move in one transaction",
        ENGINE,
        (
            (
                "                        self.folding.flush(connection)\n                    position",
                "                        with self.log.database.connection() as other:\n"
                "                            self.folding.flush(other)\n                    position",
            ),
        ),
        "tests/prove/test_workers.py::test_kills_in_mid_batch",
    ),
    Mutation(
        "Fencing: an epoch that is past writes nothing",
        ENGINE,
        (('head["epoch"] != epoch', "False"), ("    WHERE epoch = %s RETURNING", "    WHERE %s > 0 RETURNING")),
        IN_ENGINE + "test_an_epoch_that_is_past_writes_nothing",
    ),
    Mutation(
        "Fencing: said again with the commit",
        ENGINE,
        (("    WHERE epoch = %s RETURNING", "    WHERE %s > 0 RETURNING"),),
        IN_ENGINE + "test_an_epoch_that_ends_within_the_batch_takes_the_batch_with_it",
    ),
    Mutation(
        "A frozen leader is replaced, even one that stands still within a page",
        LEADER,
        (("(a.state <> 'active' OR a.wait_event_type = 'Client')", "a.state <> 'active'"),),
        IN_ENGINE + "test_a_leader_that_stands_still_loses_its_session_wherever_it_stands",
    ),
    Mutation(
        "A slow batch is no silence",
        LEADER,
        (("GREATEST(CASE WHEN l.pid = h.leader_pid THEN h.heartbeat_at END, a.state_change)", "h.heartbeat_at"),),
        IN_ENGINE + "test_a_leader_with_a_slow_batch_is_left_alone",
    ),
    Mutation(
        "A worker of an older schema never leads",
        LEADER,
        (("WHERE (SELECT version_num FROM alembic_version) = %s", "WHERE %s <> ''"),),
        "tests/projections/test_other_versions.py::test_a_worker_of_an_older_version_waits_and_sets_nothing_aside",
    ),
    Mutation(
        "A migration fences off the leader that knew the earlier schema",
        "service/store/migrations.py",
        (("UPDATE projection_head SET epoch = epoch + 1", "SELECT 1"),),
        "tests/projections/test_other_versions.py::test_a_migration_fences_off_the_leader_that_knew_the_earlier_schema",
    ),
    Mutation(
        "Poison stops its own stream only",
        "service/projections/poison.py",
        (
            (
                "    return not (isinstance(problem, psycopg.Error)",
                "    return False and not (isinstance(problem, psycopg.Error)",
            ),
        ),
        "tests/projections/test_poison.py::test_others_go_on_and_after_the_fix_a_retry_equals_a_replay",
    ),
    Mutation(
        "A full disk is nobody's poison",
        "service/projections/poison.py",
        (("psycopg.OperationalError | psycopg.InternalError | MemoryError", "MemoryError"),),
        IN_ENGINE + "test_a_full_disk_is_nobodys_poison_and_the_engine_goes_on_by_itself",
    ),
    Mutation(
        "Every view that lacks an event says so",
        "service/api/reader.py",
        (("found = incomplete(self.connection, self.transformation_id, self.as_of.position)", "found = []"),),
        "tests/api/test_projections.py::test_every_answer_that_lacks_an_event_says_so",
    ),
    Mutation(
        "An open transaction that holds others back is told with its pid",
        "service/projections/holdups.py",
        (("        return self.seconds >= (LONG", "        return False and self.seconds >= (LONG"),),
        IN_ENGINE + "test_the_engine_says_once_who_holds_others_back_and_what_to_do",
    ),
    Mutation(
        "A rebuilt table takes its place while nobody reads on an older snapshot",
        REBUILD,
        (('                    connection.execute("LOCK TABLE projection_gate IN ACCESS EXCLUSIVE MODE")\n', ""),),
        IN_REBUILD + "test_a_read_whose_snapshot_is_older_than_the_swap_still_finds_its_rows",
    ),
    Mutation(
        "A rebuilt table equals the one that grew",
        "service/projections/table_feed.py",
        (("        elif not first:\n", "        elif False:\n"),),
        IN_REBUILD + "test_the_rebuilt_tables_equal_those_that_grew",
    ),
    Mutation(
        "A rebuild mends a table that is gone",
        REBUILD,
        (("DROP TABLE IF EXISTS {}", "DROP TABLE {}"),),
        IN_REBUILD + "test_a_table_that_is_gone_or_changed_is_named_and_a_rebuild_mends_it",
    ),
    Mutation(
        "A rebuild that was cut leaves nothing behind",
        REBUILD,
        (
            (
                "                    connection.rollback()\n                    self._clear(connection)\n",
                "                    connection.rollback()\n",
            ),
        ),
        IN_REBUILD + "test_what_a_cut_rebuild_left_is_cleared_by_the_next",
    ),
    Mutation(
        "verify names the first difference",
        "service/projections/verify.py",
        (("WHERE l IS DISTINCT FROM b", "WHERE false"),),
        IN_REBUILD + "test_verify_names_the_first_difference",
    ),
    Mutation(
        "A backup while others write is of one position",
        BACKUP,
        (("psycopg.IsolationLevel.REPEATABLE_READ", "psycopg.IsolationLevel.READ_COMMITTED"),),
        IN_BACKUP + "test_a_backup_while_others_write_is_of_one_position",
    ),
    Mutation(
        "An altered backup is refused",
        BACKUP,
        (('if digest.hexdigest() != described["sha256"]:', "if False:"),),
        IN_BACKUP + "test_an_altered_table_is_refused",
    ),
    Mutation(
        "A restoration overwrites nothing",
        BACKUP,
        (
            (
                "WHERE schemaname = 'public' LIMIT 1\").fetchone() is not None",
                'WHERE false").fetchone() is not None',
            ),
            ('"SELECT FROM public.installation").fetchone() is not None', '"SELECT").fetchone() is None'),
        ),
        IN_BACKUP + "test_a_place_that_is_not_empty_is_left_alone",
    ),
    Mutation(
        "The keys of the texts have a file of their own",
        BACKUP,
        (('    "projection_skipped",\n)', '    "projection_skipped",\n    "text_keys",\n)'),),
        IN_BACKUP + "test_the_files_are_private_and_the_keys_are_apart",
    ),
    Mutation(
        "Another master key is refused",
        "service/commands/keeping.py",
        (("if wanted and wanted != [", "if False and wanted != ["),),
        IN_BACKUP + "test_the_commands",
    ),
)


def main(word: str = "") -> int:
    """Break each promise whose name holds `word`; the number of those whose test did not notice."""
    unnoticed = 0
    with tempfile.TemporaryDirectory(prefix="trajectoire-broken-") as folder:
        Path(folder).chmod(0o711)  # the server's user passes through
        tree = Path(folder) / "tree"
        shutil.copytree(ROOT, tree, ignore=shutil.ignore_patterns(".*", "__pycache__", "seed"), symlinks=True)
        with EmbeddedPostgres(Path(folder) / "data") as postgres:
            for mutation in MUTATIONS:
                if word.lower() in mutation.promise.lower():
                    said, seconds = _noticed(tree, mutation, postgres.dsn("postgres"))
                    unnoticed += not said.startswith("noticed")
                    print(f"{said:12} {seconds:5.0f} s  {mutation.promise}", flush=True)
    return unnoticed


def _noticed(tree: Path, mutation: Mutation, dsn: str) -> tuple[str, float]:
    began, file = time.monotonic(), tree / mutation.file
    file.write_text(mutation.whole, encoding="utf-8")
    kept = {name: value for name, value in os.environ.items() if not name.startswith("TRAJECTOIRE_")}
    environment = {**kept, "PYTHONPATH": str(tree), "TRAJECTOIRE_DATABASE_URL": dsn}
    command = [sys.executable, "-m", "pytest", "-q", "-x", "-p", "no:cacheprovider", mutation.test]
    try:
        done = subprocess.run(
            command, cwd=tree, env=environment, capture_output=True, text=True, timeout=PATIENCE, check=False
        )
        said = {0: "NOT NOTICED", 1: "noticed"}.get(done.returncode, f"ended with {done.returncode}: {done.stdout}")
    except subprocess.TimeoutExpired:
        said = "TOO SLOW"
    finally:
        shutil.copy(ROOT / mutation.file, file)
    return said, time.monotonic() - began


if __name__ == "__main__":
    sys.exit(main(*sys.argv[1:2]))
