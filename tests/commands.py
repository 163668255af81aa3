"""Commands run as a user runs them: each in a process with its own environment, folder, streams and exit code.

The process is forked from one that has imported everything already, which takes longer than most commands do.
"""

import contextlib
import gc
import json
import os
import signal
import subprocess
import sys
import tempfile
import threading
from concurrent.futures import Future
from concurrent.futures import TimeoutError as NotYet
from functools import cache
from pathlib import Path
from typing import Any

ROOT = Path(__file__).parents[1]
SECONDS = 90
"""After so long a command that is waited for is taken for stuck, and killed."""
NOWHERE = Path(os.devnull)
ALIVE: set[int] = set()
"""In the process that forks: whom it forked."""


class Command:
    """`trajectoire` with these words, which runs; to be used as a `subprocess.Popen`. What it says goes to files."""

    def __init__(
        self,
        *words: str,
        environment: dict[str, str],
        folder: Path = ROOT,
        stdout: Path = NOWHERE,
        stderr: Path = NOWHERE,
        seconds: int = 0,
    ) -> None:
        self._stdout = stdout
        self.pid, self._ended = _parent().fork(
            {
                "words": words,
                "environment": environment,
                "folder": str(folder),
                "streams": [str(stdout), str(stderr)],
                "seconds": seconds,
            }
        )

    def said(self) -> str:
        """Its standard output so far."""
        return self._stdout.read_text("utf-8")

    @property
    def returncode(self) -> int | None:
        return self._ended.result() if self._ended.done() else None

    def poll(self) -> int | None:
        """The exit code once it ended; minus the signal that ended it."""
        return self.returncode

    def wait(self, timeout: float | None = None) -> int:
        try:
            return self._ended.result(timeout)
        except NotYet:
            raise subprocess.TimeoutExpired("trajectoire", timeout or 0) from None

    def send_signal(self, number: int) -> None:
        if self.poll() is None:
            with contextlib.suppress(ProcessLookupError):  # it ended, and the word of it is on its way
                os.kill(self.pid, number)

    def kill(self) -> None:
        self.send_signal(signal.SIGKILL)


def command(*words: str, environment: dict[str, str], folder: Path = ROOT) -> "subprocess.CompletedProcess[str]":
    """Run `trajectoire` with these words and wait for its end."""
    with tempfile.TemporaryDirectory(prefix="trajectoire-command-") as place:
        said, complained = Path(place) / "stdout", Path(place) / "stderr"
        run = Command(*words, environment=environment, folder=folder, stdout=said, stderr=complained, seconds=SECONDS)
        return subprocess.CompletedProcess(words, run.wait(), said.read_text("utf-8"), complained.read_text("utf-8"))


class _Parent:
    """The process that forks: it ends with this one, which closes its standard input."""

    def __init__(self) -> None:
        given = {**os.environ, "PYTHONPATH": str(ROOT)}
        start = [sys.executable, "-m", "tests.commands"]
        self._process = subprocess.Popen(
            start,
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            env=given,
            cwd=ROOT,
            start_new_session=True,  # Ctrl-C is for the tests, which end what they started
        )
        self._one_at_a_time = threading.Lock()
        self._forked: Future[int] = Future()
        self._ends: dict[int, Future[int]] = {}
        threading.Thread(target=self._listen, daemon=True, name="commands").start()

    def fork(self, asked: dict[str, Any]) -> tuple[int, "Future[int]"]:
        with self._one_at_a_time:
            self._forked = Future()
            assert self._process.stdin
            self._process.stdin.write(json.dumps(asked).encode() + b"\n")
            self._process.stdin.flush()
            pid = self._forked.result(60)
            return pid, self._ends[pid]

    def _listen(self) -> None:
        assert self._process.stdout
        for line in self._process.stdout:
            what, pid, code = line.split()
            if what == b"forked":
                self._ends[int(pid)] = Future()
                self._forked.set_result(int(pid))
            else:
                self._ends[int(pid)].set_result(int(code))
        for waiting in (self._forked, *self._ends.values()):
            if not waiting.done():
                waiting.set_exception(RuntimeError("the process that forks has ended"))


_parent = cache(_Parent)


def _fork_for_each_line() -> None:
    import service.api.app  # what `serve` waits for
    from service.cli import main

    assert service.api.app
    gc.collect()
    gc.freeze()
    ended = {signal.SIGCHLD}
    signal.signal(signal.SIGCHLD, _tell_who_ended)
    for line in sys.stdin.buffer:
        signal.pthread_sigmask(signal.SIG_BLOCK, ended)  # nobody's end is told before its beginning
        child = os.fork()
        if child == 0:
            signal.signal(signal.SIGCHLD, signal.SIG_DFL)
            signal.pthread_sigmask(signal.SIG_UNBLOCK, ended)
            _become(json.loads(line))
            main()
            return
        ALIVE.add(child)
        os.write(1, b"forked %d 0\n" % child)
        signal.pthread_sigmask(signal.SIG_UNBLOCK, ended)
    signal.pthread_sigmask(signal.SIG_BLOCK, ended)
    for child in ALIVE:  # the tests are gone, and did not come to end them
        os.kill(child, signal.SIGKILL)


def _tell_who_ended(*_: object) -> None:
    while True:
        try:
            child, status = os.waitpid(-1, os.WNOHANG)
        except ChildProcessError:
            return
        if child == 0:
            return
        ALIVE.discard(child)
        os.write(1, b"ended %d %d\n" % (child, os.waitstatus_to_exitcode(status)))


def _become(asked: dict[str, Any]) -> None:
    """What the new process would have been given by a shell."""
    signal.alarm(asked["seconds"])
    os.setsid()
    os.chdir(asked["folder"])
    os.environ.clear()
    os.environ.update(asked["environment"])
    sys.argv = ["trajectoire", *asked["words"]]
    os.dup2(os.open(os.devnull, os.O_RDONLY), 0)
    for number, name in enumerate(asked["streams"], 1):
        os.dup2(os.open(name, os.O_WRONLY | os.O_CREAT | os.O_APPEND, 0o644), number)


if __name__ == "__main__":
    _fork_for_each_line()
