"""A view that was computed before is given again, only to who may see it, and only while nothing has changed."""

import pytest

from service.domain.event import new_id
from tests.api.registers import Place, launched
from tests.running import Running

SECRET = "confidentiel-zèbre"


@pytest.fixture
def place(running: Running) -> Place:
    return launched(running)


def status(place: Place, who: str, **options: object) -> str:
    found = place.running.get(place.path("action-plan"), who, **options)
    assert found.status_code == 200
    text: str = found.text
    return text


def held(place: Place) -> int:
    """How many views are held."""
    return len(place.running.app.state.shelf._held)  # the test looks inside


def test_a_held_view_is_shown_to_nobody_who_may_not_see_it(place: Place) -> None:
    owner = place.running.people["facilitator"]
    place.obstacle(title=SECRET, visibility="restricted", owner=owner)
    for who in ("contributor", "lead", "contributor", "facilitator", "lead", "contributor"):
        assert (SECRET in status(place, who)) is (who != "contributor"), who


def test_the_past_too_is_held_by_visibility(place: Place) -> None:
    owner = place.running.people["facilitator"]
    place.obstacle(title=SECRET, visibility="restricted", owner=owner)
    then = place.running.now.isoformat()
    position = place.running.service.log.head()
    for asked in ({"as_of": then}, {"as_of_position": position}):
        for who in ("lead", "contributor", "lead", "contributor"):
            assert (SECRET in status(place, who, params=asked)) is (who == "lead"), (asked, who)


def test_the_same_view_is_computed_once_and_again_after_a_change(place: Place) -> None:
    first = status(place, "lead")
    before = held(place)
    assert status(place, "lead") == first
    assert held(place) == before
    place.obstacle(title="Nouveau")
    assert "Nouveau" in status(place, "lead")
    assert held(place) == before + 1


def test_who_lost_the_membership_or_the_key_gets_no_held_view(place: Place) -> None:
    running = place.running
    stranger = running.person(f"Invitée {new_id()}")
    name = next(name for name, id in running.people.items() if id == stranger)
    granted = running.post(place.path("members"), {"person_id": stranger, "role": "contributor"})
    assert granted.status_code == 201
    etag = running.get(place.path("action-plan"), name).headers["ETag"]
    path = f"/members/{granted.json()['id']}"
    assert running.act(path, "revoke", {"reason": "Partie"}).status_code == 200
    for headers in ({}, {"If-None-Match": etag}, {"If-None-Match": "*"}):
        assert running.get(place.path("action-plan"), name, headers=headers).status_code == 404
    running.keys["wrong"] = running.keys["lead"][:-1] + ("0" if running.keys["lead"][-1] != "0" else "1")
    assert running.get(place.path("action-plan"), "wrong").status_code == 401


def test_a_new_name_in_the_directory_makes_a_new_view(place: Place) -> None:
    lead = place.running.people["lead"]
    place.obstacle(owner=lead)
    assert "Renommée" not in status(place, "lead")
    with place.running.service.database.connection() as connection:
        connection.execute("UPDATE people SET display_name = 'Renommée' WHERE id = %s", (lead,))
    try:
        assert "Renommée" in status(place, "lead")
    finally:
        with place.running.service.database.connection() as connection:
            connection.execute("UPDATE people SET display_name = 'lead' WHERE id = %s", (lead,))
