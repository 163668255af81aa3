"""What a person may wish for, and what is refused with a sentence."""

from datetime import datetime, time

import pytest

from service.domain.act import PARIS
from service.domain.preference import DEFAULT, Preference
from service.domain.preference_rules import AddressNeeded, InboxStays, QuietHoursEmpty, revise

ADDRESS = "anne@exemple.example"


def test_only_what_is_said_changes() -> None:
    after = revise(DEFAULT, {"digest": "weekly"}, address=ADDRESS, chosen=False)
    assert after == DEFAULT.model_copy(update={"digest": "weekly"})


def test_the_inbox_is_always_a_channel() -> None:
    with pytest.raises(InboxStays) as refusal:
        revise(DEFAULT, {"channels": ("email",)}, address=ADDRESS, chosen=True)
    assert refusal.value.pointer == "/channels"


@pytest.mark.parametrize("begins", [time(0), time(20)])
def test_quiet_hours_last_some_time_and_not_the_whole_day(begins: time) -> None:
    with pytest.raises(QuietHoursEmpty) as refusal:
        revise(DEFAULT, {"quiet_from": begins, "quiet_to": begins}, address=None, chosen=False)
    assert f"{begins:%H:%M}" in refusal.value.message("fr")


def test_quiet_hours_may_span_midnight() -> None:
    night = revise(DEFAULT, {"quiet_from": time(20), "quiet_to": time(7, 30)}, address=None, chosen=False)
    quiet = [hour for hour in range(24) if night.quiet_at(datetime(2026, 3, 2, hour, 15, tzinfo=PARIS))]
    assert quiet == [0, 1, 2, 3, 4, 5, 6, 7, 20, 21, 22, 23]


def test_mail_that_one_chose_needs_an_address() -> None:
    with pytest.raises(AddressNeeded):
        revise(DEFAULT, {"channels": ("inbox", "email")}, address=None, chosen=True)
    assert revise(DEFAULT, {"channels": ("inbox",)}, address=None, chosen=True) == Preference(channels=("inbox",))


def test_who_never_chose_a_channel_needs_no_address_for_other_wishes() -> None:
    assert revise(DEFAULT, {"language": "en"}, address=None, chosen=False).language == "en"
