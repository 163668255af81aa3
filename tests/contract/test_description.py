"""The description says what a generated client needs to know: limits, lists with commas, the names to sort by."""

from typing import Any

import pytest

from tests.running import Running


@pytest.fixture(scope="module")
def described(running: Running) -> dict[str, Any]:
    found: dict[str, Any] = running.client.get("/api/v1/openapi.json").json()
    return found


def parameters(described: dict[str, Any], path: str) -> dict[str, Any]:
    return {
        one["name"]: one
        for one in described["paths"][f"/api/v1/transformations/{{transformation}}{path}"]["get"]["parameters"]
    }


def test_limits_of_numbers_are_in_the_words_of_json_schema(described: dict[str, Any]) -> None:
    weight = described["components"]["schemas"]["PlanMilestone"]["properties"]["weight"]
    assert (weight["type"], weight["exclusiveMinimum"], weight["maximum"]) == ("number", 0, 1000)
    assert "anyOf" not in weight


def test_several_values_are_a_list_with_commas(described: dict[str, Any]) -> None:
    status = parameters(described, "/milestones")["status"]
    assert (status["style"], status["explode"], status["schema"]["type"]) == ("form", False, "array")
    assert "reached" in status["schema"]["items"]["enum"]


def test_the_names_to_sort_by_and_to_choose_are_listed(described: dict[str, Any]) -> None:
    found = parameters(described, "/milestones")
    assert "-due_on" in found["sort"]["schema"]["enum"]
    assert {"id", "title"} <= set(found["fields"]["schema"]["items"]["enum"])


def test_what_the_description_lists_is_accepted(described: dict[str, Any], running: Running) -> None:
    of_all = f"/transformations/{running.transformation()}/milestones"
    found = parameters(described, "/milestones")
    for name in found["sort"]["schema"]["enum"]:
        assert running.get(f"{of_all}?sort={name}").status_code == 200
    for name in ("fields", "status"):
        every = ",".join(found[name]["schema"]["items"]["enum"])
        assert running.get(f"{of_all}?{name}={every}").status_code == 200
    assert running.get(f"{of_all}?status=null").status_code == 422
