"""A client that openapi-python-client writes from the published description, against a real server (CONTRACT 38)."""

import importlib
import io
import json
import subprocess
import sys
import threading
import time
import urllib.request
from collections.abc import Callable, Iterator
from datetime import date
from pathlib import Path
from typing import Any

import pytest
import uvicorn

from service.bootstrap import application
from service.domain.event import new_id
from tests.running import Running

CONFIGURATION = {
    "post_hooks": [],  # nobody reads this code: it need not be formatted
    "content_type_overrides": {
        # The generator reads a workbook as a file once it is told that it is one.
        "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet": "application/octet-stream"
    },
}


class Generated:
    """The generated package: `call(tag, operation, …)` and `model(name)`."""

    def __init__(self, address: str, token: str) -> None:
        module = importlib.import_module("trajectoire_client")
        self.client = module.AuthenticatedClient(base_url=address, token=token, raise_on_unexpected_status=True)

    def call(self, tag: str, operation: str, *arguments: Any, **options: Any) -> Any:
        """The detailed answer of an operation; a POST gets its key."""
        function = importlib.import_module(f"trajectoire_client.api.{tag}.{operation}").sync_detailed
        if "idempotency_key" in function.__annotations__:
            options.setdefault("idempotency_key", str(new_id()))
        return function(*arguments, client=self.client, **options)

    @staticmethod
    def model(name: str) -> Any:
        return getattr(importlib.import_module("trajectoire_client.models"), name)


@pytest.fixture(scope="module")
def address(running: Running) -> Iterator[str]:
    """The application on a port of its own."""
    config = uvicorn.Config(application(running.service), port=0, log_config=None, lifespan="on")
    server = uvicorn.Server(config)
    thread = threading.Thread(target=server.run, daemon=True)
    thread.start()
    deadline = time.monotonic() + 10
    while not server.started:
        assert time.monotonic() < deadline
        assert thread.is_alive()
        time.sleep(0.02)
    yield f"http://127.0.0.1:{server.servers[0].sockets[0].getsockname()[1]}"
    server.should_exit = True
    thread.join(10)


@pytest.fixture(scope="module")
def package(address: str, tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """The folder on the import path, and in it the package; what the generator said."""
    folder = tmp_path_factory.mktemp("client")
    configuration = folder / "configuration.json"
    configuration.write_text(json.dumps(CONFIGURATION))
    with urllib.request.urlopen(f"{address}/api/v1/openapi.json", timeout=60) as answer:
        (folder / "openapi.json").write_bytes(answer.read())
    generator = Path(sys.executable).with_name("openapi-python-client")
    options = ["--meta", "none", "--config", configuration, "--fail-on-warning"]
    paths = ["--path", folder / "openapi.json", "--output-path", folder / "trajectoire_client"]
    done = subprocess.run([generator, "generate", *paths, *options], capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stdout + done.stderr
    sys.path.insert(0, str(folder))
    yield done.stdout + done.stderr
    sys.path.remove(str(folder))
    for name in [name for name in sys.modules if name.split(".")[0] == "trajectoire_client"]:
        del sys.modules[name]


@pytest.fixture(scope="module")
def enter(running: Running, address: str, package: str) -> Iterator[Callable[[str], Generated]]:
    """`enter("lead")`: the generated client with the key of that person."""
    for role in ("lead", "sponsor"):
        running.person(role)
    opened = {who: Generated(address, running.keys[who]) for who in ("lead", "Administratrice")}
    yield opened.__getitem__
    for generated in opened.values():
        generated.client.get_httpx_client().close()


@pytest.fixture(scope="module")
def transformation(running: Running, enter: Callable[[str], Generated]) -> str:
    """A transformation that the generated client prepared from the template."""
    admin = enter("Administratrice")
    body = admin.model("PrepareTransformation")(
        code="CLIENT",
        name="Direction des comptes rendus",
        lead=running.people["lead"],
        sponsor=running.people["sponsor"],
        template="direction-4-phases",
    )
    made = admin.call("transformations", "prepare_transformation", body=body)
    assert made.status_code == 201
    assert isinstance(made.parsed, admin.model("Recorded"))  # an administrator does not see what it holds
    return str(made.parsed.id)


@pytest.fixture
def planned(enter: Callable[[str], Generated], transformation: str) -> Any:
    """The answer to a milestone being planned on the first phase."""
    lead = enter("lead")
    by_ordinal = lead.model("ListPhasesSort").ORDINAL
    phase = lead.call("phases", "list_phases", transformation, sort=by_ordinal).parsed.items[0]
    subject = lead.model("MilestoneSubject")(kind=lead.model("MilestoneSubjectKind").PHASE, id=phase.id)
    body = lead.model("PlanMilestone")(subject=subject, title="Diagnostic partagé", due_on=date(2026, 3, 27))
    answer = lead.call("milestones", "plan_milestone", transformation, body=body)
    assert answer.status_code == 201
    return answer


def test_the_generator_understands_every_operation(package: str, address: str) -> None:
    assert "warning" not in package.lower()
    assert "error" not in package.lower()
    with urllib.request.urlopen(f"{address}/api/v1/openapi.json", timeout=60) as answer:
        operations = [
            (operation["tags"][0].replace(" ", "_"), operation["operationId"])
            for path in json.load(answer)["paths"].values()
            for operation in path.values()
        ]
    assert len(operations) > 100
    for tag, operation in operations:
        assert importlib.import_module(f"trajectoire_client.api.{tag}.{operation}").sync_detailed


def test_it_reads_what_it_created(enter: Callable[[str], Generated], planned: Any) -> None:
    read = enter("lead").call("milestones", "get_milestone", planned.parsed.id)

    assert read.status_code == 200
    assert read.parsed.title == "Diagnostic partagé"
    assert read.parsed.due_on == date(2026, 3, 27)
    assert read.parsed.status == Generated.model("MilestoneStatus").PLANNED
    assert read.headers["ETag"] == planned.headers["ETag"]


def test_it_acts_on_the_version_it_read(enter: Callable[[str], Generated], planned: Any) -> None:
    lead = enter("lead")
    reached = lead.call(
        "milestones",
        "reach_milestone",
        planned.parsed.id,
        body=lead.model("ReachMilestone")(),
        if_match=planned.headers["ETag"],
    )

    assert reached.status_code == 200
    assert reached.parsed.status == lead.model("MilestoneStatus").REACHED
    assert reached.parsed.reached_on == date(2026, 3, 2)
    assert reached.parsed.version == planned.parsed.version + 1


def test_a_stale_version_meets_a_typed_problem(enter: Callable[[str], Generated], planned: Any) -> None:
    lead = enter("lead")
    act = {"body": lead.model("ReachMilestone")(), "if_match": planned.headers["ETag"]}
    first = lead.call("milestones", "reach_milestone", planned.parsed.id, **act)
    second = lead.call("milestones", "reach_milestone", planned.parsed.id, **act)

    assert (first.status_code, second.status_code) == (200, 412)
    assert isinstance(second.parsed, lead.model("Problem"))
    assert second.parsed.code == "stale-version"
    assert second.headers["ETag"] == first.headers["ETag"]


def test_a_rule_that_refuses_meets_a_typed_problem_with_its_facts(
    enter: Callable[[str], Generated], planned: Any
) -> None:
    lead = enter("lead")
    refused = lead.call(
        "milestones",
        "reopen_milestone",
        planned.parsed.id,
        body=lead.model("ActBody")(reason="Essai"),
        if_match=planned.headers["ETag"],
    )

    assert refused.status_code == 409
    assert isinstance(refused.parsed, lead.model("Problem"))
    assert refused.parsed.status == 409
    assert refused.parsed.type_ == f"/api/v1/problems/{refused.parsed.code}"
    assert refused.parsed.facts["ref"] == planned.parsed.ref


def test_it_carries_a_workbook_there_and_back(enter: Callable[[str], Generated], transformation: str) -> None:
    lead = enter("lead")
    lead.call("actions", "propose_action", transformation, body=lead.model("ProposeAction")(title="Écouter les agents"))
    exported = lead.call("exports", "export_plan", transformation)
    file = importlib.import_module("trajectoire_client.types").File(
        payload=io.BytesIO(exported.parsed.payload.read()), file_name="plan.xlsx"
    )
    simulated = lead.call("imports", "import_file", transformation, body=lead.model("ImportFile")(file=file))

    assert (exported.status_code, simulated.status_code) == (200, 200)
    assert isinstance(simulated.parsed, lead.model("Report"))
    assert (simulated.parsed.unchanged, simulated.parsed.errors) == (1, [])
