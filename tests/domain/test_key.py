"""API keys: issued, rotated with an overlap, revoked once."""

from datetime import UTC, datetime, timedelta

from service.domain.key import (
    KEY,
    ExpiryInPast,
    KeyAlreadyRevoked,
    KeyExpired,
    KeyIssued,
    KeyRevoked,
    KeyRotated,
    issue,
    revoke,
    rotate,
)
from tests.domain.given import LEAD, given

ISSUED = KeyIssued(key_id="k1", owner=LEAD, scopes=("read", "write"))
NOW, LATER = datetime(2026, 3, 2, tzinfo=UTC), datetime(2026, 4, 1, tzinfo=UTC)


def test_a_rotated_key_expires_as_before_unless_told_and_its_old_secret_no_later_than_by_itself():
    soon, day = datetime(2026, 3, 20, tzinfo=UTC), datetime(2026, 3, 10, tzinfo=UTC)
    dated = ISSUED.model_copy(update={"expires_at": soon})
    for until, opens_until in ((None, None), (day, day), (LATER, soon)):
        world = given(KEY, dated).when(lambda k, until=until: rotate(k, NOW, old_secret_until=until))
        assert world.then(KeyRotated(old_secret_until=opens_until, expires_at=soon)).expires_at == soon
    world = given(KEY, dated).when(lambda k: rotate(k, NOW, old_secret_until=day, expires_at=LATER))
    assert world.then(KeyRotated(old_secret_until=day, expires_at=LATER)).expires_at == LATER


def test_an_expired_key_is_not_rotated_without_another_expiry():
    ended = ISSUED.model_copy(update={"expires_at": NOW})
    given(KEY, ended).when(lambda k: rotate(k, NOW)).refused(KeyExpired, key_id="k1")
    assert given(KEY, ended).when(lambda k: rotate(k, NOW, expires_at=LATER)).then(KeyRotated(expires_at=LATER))


def test_a_key_never_begins_expired():
    given(KEY).when(lambda: issue(NOW, key_id="k1", owner=LEAD, scopes=("read",), expires_at=NOW)).refused(ExpiryInPast)
    given(KEY, ISSUED).when(lambda k: rotate(k, LATER, expires_at=NOW)).refused(ExpiryInPast)


def test_a_key_is_issued_rotated_and_revoked_once():
    state = given(KEY).when(lambda: issue(NOW, key_id="k1", owner=LEAD, scopes=("read", "write"))).then(ISSUED)
    assert (state.status, state.owner, state.scopes) == ("issued", LEAD, ("read", "write"))
    world = given(KEY, ISSUED).when(lambda k: rotate(k, NOW, old_secret_until=LATER))
    state = world.then(KeyRotated(old_secret_until=LATER))
    assert (state.rotation_count, state.old_secret_until) == (1, LATER)
    assert given(KEY, ISSUED).when(revoke).then(KeyRevoked()).status == "revoked"
    for decision in (revoke, lambda k: rotate(k, NOW)):
        given(KEY, ISSUED, KeyRevoked()).when(decision).refused(KeyAlreadyRevoked, key_id="k1")


def test_what_a_key_opens_at_an_instant():
    key = given(KEY, ISSUED, KeyRotated(old_secret_until=NOW, expires_at=LATER)).state
    before = NOW - timedelta(seconds=1)
    assert [key.status_at(now) for now in (before, NOW, LATER)] == ["issued", "issued", "expired"]
    assert [key.overlap_at(now) for now in (before, NOW, LATER)] == [NOW, None, None]
    gone = given(KEY, ISSUED, KeyRotated(old_secret_until=NOW, expires_at=LATER), KeyRevoked()).state
    assert (gone.status_at(LATER), gone.overlap_at(before)) == ("revoked", None)
