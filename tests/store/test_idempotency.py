"""Idempotency: one key, one act, one answer; refusals free the key; nothing personal is kept of an answer."""

from typing import Any

import pytest

from service.domain.act import Act
from service.domain.event import new_id
from service.domain.note import NOTE, NoteSubject, write
from service.domain.refusal import Refusal
from service.store.idempotency import IdempotencyKey, KeyReused, fingerprint
from service.store.unit import Outcome, Target, Unit
from tests.running import Running
from tests.store.sampling import everything_stored

MARKER = "Zoé Marqueur-Confidentiel"


class NotToday(Refusal):
    """Not today."""

    FR = "Pas aujourd’hui."


def note(unit: Unit) -> Target:
    subject = NoteSubject(kind="axis", id=new_id())
    return Target(NOTE, unit.create(NOTE, write(subject=subject, text=MARKER)), created=True, extra={"ref": "N-1"})


def execute(running: Running, key: IdempotencyKey, work: Any = note) -> Outcome:
    return running.service.recorder.execute(Act(actor="p_" + "1" * 32, now=running.now), work, key)


def some_key(principal: str = "p_1", print_: bytes = b"f" * 32) -> IdempotencyKey:
    return IdempotencyKey(principal, str(new_id()), print_)


def test_a_repeated_act_is_answered_as_the_first_and_done_once(running: Running) -> None:
    key = some_key()
    first = execute(running, key)
    again = execute(running, key, lambda unit: pytest.fail("decided") if unit.facts else note(unit))
    assert (again.id, again.version, again.position, again.created) == (first.id, 1, first.position, True)
    assert again.extra == {"ref": "N-1"}
    assert (first.replayed, again.replayed) == (False, True)
    assert running.service.log.head() == first.position


def test_the_key_of_another_request_is_refused(running: Running) -> None:
    key = some_key()
    execute(running, key)
    with pytest.raises(KeyReused):
        execute(running, IdempotencyKey(key.principal, key.key, b"g" * 32))


def test_keys_belong_to_their_principal(running: Running) -> None:
    key = some_key()
    mine = execute(running, key)
    theirs = execute(running, IdempotencyKey("p_2", key.key, key.fingerprint))
    assert theirs.id != mine.id
    assert not theirs.replayed


def test_a_refusal_frees_the_key(running: Running) -> None:
    key = some_key()

    def refuse(unit: Unit) -> Target:
        raise NotToday()

    with pytest.raises(NotToday):
        execute(running, key, refuse)
    assert not execute(running, key).replayed


def test_a_known_key_is_looked_at_before_any_refusal_is_told(running: Running) -> None:
    key = some_key()
    first = execute(running, key)

    def refuse(unit: Unit) -> Target:
        raise NotToday()

    assert execute(running, key, refuse).id == first.id


def test_an_expired_key_is_free_again(running: Running) -> None:
    key = some_key()
    first = execute(running, key)
    running.service.database.one(
        "UPDATE idempotency SET expires_at = clock_timestamp() - interval '1 second' WHERE key = %s RETURNING key",
        (key.key,),
    )
    again = execute(running, key)
    assert again.id != first.id
    assert not again.replayed


def test_keys_are_kept_for_a_day_at_least(running: Running) -> None:
    key = some_key()
    execute(running, key)
    row = running.service.database.one(
        "SELECT expires_at > clock_timestamp() + interval '24 hours' AS long FROM idempotency WHERE key = %s",
        (key.key,),
    )
    assert row == {"long": True}


@pytest.mark.parametrize(
    ("one", "other", "same"),
    [
        ({"a": 1, "b": 2}, {"b": 2, "a": 1}, True),
        ({"a": 1}, {"a": 2}, False),
        ({"a": None}, {}, False),
        ({"a": [1, 2]}, {"a": [2, 1]}, False),
    ],
)
def test_a_fingerprint_is_of_the_content_and_not_of_its_spelling(one: Any, other: Any, same: bool) -> None:
    assert (fingerprint("POST", "/x", one) == fingerprint("POST", "/x", other)) == same
    assert fingerprint("POST", "/x", one) != fingerprint("POST", "/y", one)


def test_no_log_line_and_no_stored_answer_holds_a_personal_text(
    running: Running, capfd: pytest.CaptureFixture[str]
) -> None:
    transformation = running.transformation(description=MARKER)
    row = running.service.database.one("SELECT id FROM phases WHERE transformation_id = %s LIMIT 1", (transformation,))
    assert row
    body = {"subject": {"kind": "phase", "id": str(row["id"])}, "title": "Clair", "due_on": "2026-06-01"}
    path = f"/transformations/{transformation}/milestones"
    made = running.post(path, {**body, "description": MARKER, "reason": MARKER})
    assert made.status_code == 201
    assert made.json()["description"] == MARKER
    assert running.act(f"/milestones/{made.json()['id']}", "cancel", {"reason": MARKER}).status_code == 200
    wrong = running.post(path, {**body, "due_on": MARKER, "unknown": MARKER})
    assert wrong.status_code == 422
    assert "Marqueur" not in wrong.text
    stored = everything_stored(running.service.database)
    assert "milestone.planned" in stored
    assert "Marqueur" not in stored
    out, err = capfd.readouterr()
    assert "/transformations/{transformation}/milestones" in out + err
    assert "Marqueur" not in out + err
