"""The tour of the README, taken out of the page and run as printed against a real `./run demo`."""

import ast
import json
import os
import re
import shutil
import signal
import socket
import subprocess
import tempfile
import time
import urllib.error
import urllib.request
from collections.abc import Iterator
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[1]


@pytest.fixture(scope="module")
def demo() -> Iterator[dict[str, str]]:
    """`./run demo` on a free port with data of its own; the environment in which the tour is run."""
    folder = Path(tempfile.mkdtemp(prefix="trajectoire-demo-"))
    folder.chmod(0o711)
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    environment = {
        **{name: value for name, value in os.environ.items() if not name.startswith("TRAJECTOIRE_")},
        "TRAJECTOIRE_DATA_DIR": str(folder / "data"),
        "TRAJECTOIRE_PORT": str(port),
        "TRAJECTOIRE_LOG_LEVEL": "warning",
    }
    output = (folder / "output").open("w+")
    process = subprocess.Popen(
        [str(ROOT / "run"), "demo"], env=environment, stdout=output, stderr=subprocess.STDOUT, start_new_session=True
    )
    try:
        _await(f"http://127.0.0.1:{port}/readyz", process, folder / "output")
        yield {**environment, "DEMO_OUTPUT": str(folder / "output")}
    finally:
        process.send_signal(signal.SIGINT)
        process.wait(timeout=20)
        output.close()
        shutil.rmtree(folder, ignore_errors=True)


def _await(url: str, process: subprocess.Popen[bytes], output: Path) -> None:
    deadline = time.monotonic() + 90
    while time.monotonic() < deadline:
        try:
            with urllib.request.urlopen(url, timeout=2) as answer:
                if json.load(answer)["ready"]:
                    return
        except (urllib.error.URLError, ConnectionError, TimeoutError):
            assert process.poll() is None, output.read_text()
            time.sleep(0.2)
    raise AssertionError(output.read_text())


def test_the_tour_runs_as_printed_and_answers_what_it_should(demo: dict[str, str], tmp_path: Path) -> None:
    page = (ROOT / "README.md").read_text()
    tour = re.search(r"```bash\n(.*?)```", page, re.S)
    assert tour is not None
    # The only thing that differs: the tour is run from another folder, so that its plan.xlsx lands elsewhere.
    script = tour.group(1).replace("$(./run ", f"$({ROOT}/run ")
    run = subprocess.run(
        ["bash", "-euo", "pipefail", "-c", script], env=demo, cwd=tmp_path, capture_output=True, text=True, timeout=120
    )
    assert run.returncode == 0, run.stdout + run.stderr
    said = run.stdout.splitlines()
    assert re.fullmatch(r"[0-9a-f-]{36}", said[0])
    assert int(said[1]) >= 40
    assert said[2] == "direction"
    assert said[3] == "reached"
    assert float(said[4]) == pytest.approx(0.4)
    assert said[5] == "D-1"
    assert "'done'" in said[6] or "'planned'" in said[6]
    assert said[7] == "obstacle.resolved"
    assert "«" in said[8]
    month_ago, today = ast.literal_eval(said[9]), ast.literal_eval(_said_today(demo))
    assert sum(month_ago.values()) > 30
    assert month_ago != today, "the story of the demonstration goes on to its last day"
    assert (tmp_path / "plan.xlsx").read_bytes()[:2] == b"PK"


def test_the_tour_asks_for_no_day_that_will_be_past() -> None:
    tour = (ROOT / "README.md").read_text()
    assert not re.search(r'due_on": "[0-9]', tour)


def _said_today(demo: dict[str, str]) -> str:
    """The last line of the tour, without its `as_of`."""
    asked = f"""eval "$({ROOT}/run demo --keys)"
        curl -sS -H "Authorization: Bearer $LEAD" "$API/transformations/DIR-CR/action-plan" |
        python3 -c "import json, sys; print(json.load(sys.stdin)['total']['counts'])" """
    return subprocess.run(["bash", "-c", asked], env=demo, capture_output=True, text=True, check=True).stdout


def test_the_demo_prints_lines_that_work_as_printed(demo: dict[str, str]) -> None:
    printed = Path(demo["DEMO_OUTPUT"]).read_text()
    lines = [line.strip() for line in printed.splitlines() if line.strip().startswith("curl ")]
    assert len(lines) == 3
    for line in lines:
        answer = subprocess.run(["bash", "-c", line], env=demo, capture_output=True, text=True, timeout=30, check=True)
        assert "status" not in json.loads(answer.stdout) or json.loads(answer.stdout)["status"] != 404, line
        assert json.loads(answer.stdout).keys() & {"items", "position", "total", "axes"}, answer.stdout[:300]
