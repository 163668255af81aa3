"""The interactive documentation comes from this service alone."""

import re
from collections import Counter
from urllib.parse import urljoin

from service.api.routers.docs import FOLDER
from service.api.titles import ALIKE, CHAPTERS, TITLES
from tests.contract.world import World, is_problem

PAGE = "http://testserver/api/v1/docs"


def test_the_page_and_all_it_loads_are_served_from_here_without_a_key(world: World) -> None:
    page = world.running.client.get(PAGE)
    assert page.status_code == 200
    loaded = re.findall(r'(?:src|href)="([^"]+)"', page.text)
    assert len(loaded) >= 4
    for address in loaded:
        found = world.running.client.get(urljoin(PAGE, address))
        assert found.status_code == 200, address
        assert urljoin(PAGE, address).startswith(f"{PAGE}/")
    script = world.running.client.get(f"{PAGE}/trajectoire.js").text
    assert "openapi.json" in script
    assert world.running.client.get(urljoin(PAGE, "openapi.json")).status_code == 200


def test_the_policy_lets_no_other_host_and_no_inline_script_in(world: World) -> None:
    for address in (PAGE, f"{PAGE}/trajectoire.js"):
        policy = world.running.client.get(address).headers["Content-Security-Policy"]
        directives = dict(part.strip().split(" ", 1) for part in policy.split(";"))
        assert directives["default-src"] == "'none'"
        assert directives["script-src"] == "'self'"
        assert directives["connect-src"] == "'self'"
        assert directives["frame-ancestors"] == "'none'"
        assert "http" not in policy
    page = world.running.client.get(PAGE).text
    assert not re.search(r"<script>|<style>| on[a-z]+=", page), "the policy would block it"


def test_only_the_files_of_the_page_are_served(world: World) -> None:
    for name in ("LICENSE", "../../../../settings.py", "%2e%2e%2fsettings.py", "index.html", "x"):
        assert world.running.client.get(f"{PAGE}/{name}").status_code in (404, 422)
    is_problem(world.running.client.get(f"{PAGE}/x"), 422)


def test_who_holds_a_file_gets_304(world: World) -> None:
    first = world.running.client.get(f"{PAGE}/swagger-ui.css")
    again = world.running.client.get(f"{PAGE}/swagger-ui.css", headers={"If-None-Match": first.headers["ETag"]})
    assert (again.status_code, again.content) == (304, b"")


def test_every_operation_has_a_french_title_and_every_chapter_its_description(world: World) -> None:
    document = world.running.client.get(urljoin(PAGE, "openapi.json")).json()
    operations = [operation for path in document["paths"].values() for operation in path.values()]
    names = {operation["operationId"] for operation in operations}
    untold = {name for name in names if name not in TITLES and name.split("_")[0] not in ALIKE}
    assert not untold, "operations without a title in service/api/titles.py"
    assert not TITLES.keys() - names, "titles of no operation"
    assert [tag["name"] for tag in document["tags"]] == list(CHAPTERS)
    assert {tag for operation in operations for tag in operation["tags"]} == set(CHAPTERS)


def test_the_largest_chapter_can_be_open_before_the_page_keeps_only_what_is_near_the_window(world: World) -> None:
    """Swagger UI does that from 150 rows on: chapters and operations of open chapters."""
    document = world.running.client.get(urljoin(PAGE, "openapi.json")).json()
    script = world.running.client.get(f"{PAGE}/trajectoire.js").text
    room = int(re.findall(r"const ROOM = (\d+);", script)[0])
    operations = [operation for path in document["paths"].values() for operation in path.values()]
    largest = max(Counter(tag for operation in operations for tag in operation["tags"]).values())
    assert largest <= room
    assert room + len(document["tags"]) < 150
    assert ">=150" in (FOLDER / "swagger-ui-bundle.js").read_text("utf-8"), "another Swagger UI: look where it does it"
