"""Commands run as a user runs them: each in a process with its own environment, folder, streams and exit code.

The process is forked from one that has imported everything already, which takes longer than most commands do.
"""

import gc
import json
import os
import signal
import subprocess
import sys
import tempfile
from functools import cache
from pathlib import Path
from typing import Any

ROOT = Path(__file__).parents[1]
SECONDS = 90
"""After so long a command is taken for stuck, and killed."""


def command(*words: str, environment: dict[str, str], folder: Path = ROOT) -> "subprocess.CompletedProcess[str]":
    """Run `trajectoire` with these words and wait for its end."""
    with tempfile.TemporaryDirectory(prefix="trajectoire-command-") as place:
        said, complained = Path(place) / "stdout", Path(place) / "stderr"
        asked = {
            "words": words,
            "environment": environment,
            "folder": str(folder),
            "streams": [str(said), str(complained)],
        }
        parent = _parent()
        assert parent.stdin
        assert parent.stdout
        parent.stdin.write(json.dumps(asked) + "\n")
        parent.stdin.flush()
        code = int(parent.stdout.readline())
        return subprocess.CompletedProcess(words, code, said.read_text("utf-8"), complained.read_text("utf-8"))


@cache
def _parent() -> "subprocess.Popen[str]":
    """The process that forks: it ends with this one, which closes its standard input."""
    given = {**os.environ, "PYTHONPATH": str(ROOT)}
    start = [sys.executable, "-m", "tests.commands"]
    return subprocess.Popen(start, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True, env=given, cwd=ROOT)


def _fork_for_each_line() -> None:
    from service.cli import main

    gc.freeze()
    for line in sys.stdin:
        child = os.fork()
        if child == 0:
            _become(json.loads(line))
            main()
            return
        _, status = os.waitpid(child, 0)
        print(os.waitstatus_to_exitcode(status), flush=True)


def _become(asked: dict[str, Any]) -> None:
    """What the new process would have been given by a shell."""
    signal.alarm(SECONDS)
    os.setsid()
    os.chdir(str(asked["folder"]))
    os.environ.clear()
    os.environ.update(asked["environment"])
    sys.argv = ["trajectoire", *asked["words"]]
    os.dup2(os.open(os.devnull, os.O_RDONLY), 0)
    for number, name in enumerate(asked["streams"], 1):
        os.dup2(os.open(name, os.O_WRONLY | os.O_CREAT), number)


if __name__ == "__main__":
    _fork_for_each_line()
