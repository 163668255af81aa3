"""A tick: what is due and not recorded is recorded once, what the rules want is done, and people get to know."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from service.domain.job import SERVICE_ID, rule_id
from service.domain.preference import Preference
from service.integrations.mail import Sent
from tests.jobs.house import KeptMail, address, at, caught_up, lines, raised, tick
from tests.running import Running


@pytest.fixture
def house(fresh_database: str, tmp_path: Path) -> Iterator[Running]:
    with Running(fresh_database, tmp_path) as running:
        running.service.mailer = KeptMail()
        yield running


def planned(running: Running, due_on: str, **more: object) -> tuple[str, dict]:
    """A transformation with one milestone of its first phase, which is the lead's affair."""
    transformation = running.transformation()
    address(running, "lead", "lead@example.org")
    phase = running.get(f"/transformations/{transformation}/phases").json()["items"][0]["id"]
    sent = {"subject": {"kind": "phase", "id": phase}, "title": "Restitution", "due_on": due_on, **more}
    made = running.post(f"/transformations/{transformation}/milestones", sent)
    assert made.status_code == 201, made.text
    return transformation, made.json()


def mails(running: Running) -> list:
    return running.service.mailer.mails


def test_a_second_tick_and_a_second_scheduler_record_nothing_more(house: Running) -> None:
    transformation, _ = planned(house, "2026-03-13")
    at(house, "2026-03-04")
    first, second = house.service.ticker(), house.service.ticker()
    assert tick(house, first).raised == 1
    assert [tick(house, each).raised for each in (first, second, first, second)] == [0, 0, 0, 0]
    assert lines(house, transformation) == [("2026-03-04", "milestone_upcoming", -7, "lead")]


def test_the_service_itself_is_the_actor_and_the_rule_the_cause(house: Running) -> None:
    planned(house, "2026-03-13")
    at(house, "2026-03-04")
    tick(house)
    (fact,) = raised(house)
    assert (fact.envelope.actor, fact.envelope.channel) == (SERVICE_ID, "job")
    assert fact.envelope.causation_id == rule_id("milestone_upcoming")


def test_nothing_is_raised_before_the_morning_nor_on_a_closed_day(house: Running) -> None:
    planned(house, "2026-03-13")
    at(house, "2026-03-04", "05:59")
    assert tick(house).raised == 0
    at(house, "2026-03-07")  # a Saturday
    assert tick(house).raised == 0
    at(house, "2026-03-09", "06:00")
    assert tick(house).raised == 1  # the first tick after it: nothing was lost


@pytest.mark.parametrize("day", ["2027-03-28", "2027-10-31"])
def test_the_nights_that_change_the_hour_raise_nothing_and_the_days_after_do(house: Running, day: str) -> None:
    transformation, _ = planned(house, {"2027-03-28": "2027-03-31", "2027-10-31": "2027-11-03"}[day])
    for hour in ("00:30", "01:30", "02:30", "03:30", "08:00", "23:30"):
        at(house, day, hour)
        assert tick(house).raised == 0
    at(house, {"2027-03-28": "2027-03-30", "2027-10-31": "2027-11-02"}[day])
    assert tick(house).raised == 1
    assert [line[1:3] for line in lines(house, transformation)] == [("milestone_upcoming", -1)]


def test_a_reminder_goes_out_with_the_digest_of_the_morning(house: Running) -> None:
    _, milestone = planned(house, "2026-03-13")
    at(house, "2026-03-04", "06:10")
    assert tick(house).tried == 0
    at(house, "2026-03-04", "07:30")
    assert tick(house).tried == 1
    (mail,) = mails(house)
    assert mail.recipient_address == "lead@example.org"
    (item,) = mail.items
    assert item.sentence == "Le jalon J-1 «\u202fRestitution\u202f» est prévu pour le 13\u202fmars 2026.".replace(
        "13\u202fmars", "13 mars"
    )
    assert item.path == f"/api/v1/milestones/{milestone['id']}"
    at(house, "2026-03-05")
    assert tick(house).tried == 0


def test_what_was_reached_between_raising_and_sending_is_not_sent(house: Running) -> None:
    transformation, milestone = planned(house, "2026-03-13")
    at(house, "2026-03-04", "06:10")
    tick(house)
    assert house.act(f"/milestones/{milestone['id']}", "reach").status_code == 200
    at(house, "2026-03-04", "07:30")
    assert tick(house).tried == 0
    told = house.get(f"/transformations/{transformation}/reminders").json()["items"]
    assert [each["deliveries"][0]["status"] for each in told] == ["dropped"]


def test_what_falls_due_before_the_next_digest_goes_at_once(house: Running) -> None:
    _transformation, _ = planned(house, "2026-03-05")
    house.service.directory.preferences = lambda people, connection=None: {
        p: Preference(digest="weekly") for p in people
    }
    at(house, "2026-03-04", "06:10")
    ticked = tick(house)  # due on Thursday, the next weekly digest is on Monday
    assert (ticked.raised, ticked.tried) == (1, 1)


def test_a_weekly_digest_gathers_a_week_and_after_an_outage_there_is_one(house: Running) -> None:
    transformation, first = planned(house, "2026-03-13")
    phase = first["subject"]["id"]
    for due_on in ("2026-03-16", "2026-03-17"):
        body = {"subject": {"kind": "phase", "id": phase}, "title": f"Pour le {due_on}", "due_on": due_on}
        assert house.post(f"/transformations/{transformation}/milestones", body).status_code == 201
    house.service.directory.preferences = lambda people, connection=None: {
        p: Preference(digest="weekly") for p in people
    }
    for day in ("2026-03-04", "2026-03-05", "2026-03-06"):
        at(house, day)
        assert tick(house).tried == 0
    at(house, "2026-03-10")  # nobody ticked on Monday the 9th
    assert tick(house).tried == 1
    (mail,) = mails(house)
    assert mail.digest
    assert len(mail.items) == 3


def test_quiet_hours_and_other_languages_are_respected(house: Running) -> None:
    planned(house, "2026-03-05")
    address(house, "lead", "lead@example.org", "en")
    quiet = Preference(digest="none", quiet_from="20:00", quiet_to="09:00")
    house.service.directory.preferences = lambda people, connection=None: dict.fromkeys(people, quiet)
    at(house, "2026-03-04", "08:59")
    assert tick(house).tried == 0
    at(house, "2026-03-04", "09:00")
    assert tick(house).tried == 1
    assert mails(house)[0].items[0].sentence == "Milestone J-1 “Restitution” is planned for 5 March 2026."


def test_a_failed_try_is_repeated_with_the_same_id_until_it_succeeds_and_a_refusal_is_final(house: Running) -> None:
    transformation, _ = planned(house, "2026-03-13")
    house.service.mailer.answers = [
        Sent("deferred", "451 later"),
        Sent("deferred", "timeout", 600),
        Sent("sent", "250"),
    ]
    at(house, "2026-03-04", "06:10")
    tick(house)
    at(house, "2026-03-04", "07:30")
    assert tick(house).tried == 1
    assert tick(house).tried == 0
    at(house, "2026-03-04", "07:31")
    assert tick(house).tried == 1
    at(house, "2026-03-04", "07:40")
    assert tick(house).tried == 0  # the server asked for ten minutes
    at(house, "2026-03-04", "07:41")
    assert tick(house).tried == 1
    assert len({mail.message_id for mail in mails(house)}) == 1
    (told,) = house.get(f"/transformations/{transformation}/reminders").json()["items"]
    (delivery,) = told["deliveries"]
    assert delivery["status"] == "sent"
    assert [each["outcome"] for each in delivery["attempts"]] == ["deferred", "deferred", "sent"]


@pytest.mark.parametrize("together", [False, True], ids=["one after the other", "in one page"])
def test_in_the_inbox_what_is_said_last_of_a_series_takes_the_place_of_what_was_said(
    house: Running, monkeypatch: pytest.MonkeyPatch, together: bool
) -> None:
    planned(house, "2026-03-13")
    with monkeypatch.context() as patched:
        if together:
            patched.setattr("service.jobs.tick.take_in", lambda house: 0)
        at(house, "2026-03-04")
        assert tick(house).raised == 1
    at(house, "2026-03-12")
    assert tick(house).raised == 1
    assert [fact.event.offset for fact in raised(house)] == [-7, -1]
    shown = house.get("/me/inbox?which=all").json()["items"]
    assert [line["id"] for line in shown] == [str(raised(house)[-1].originator_id)]


def test_without_a_mail_server_the_inbox_works_and_the_rest_says_why(house: Running) -> None:
    from service.integrations.mail import NoMailer

    house.service.mailer = NoMailer()
    transformation, _ = planned(house, "2026-03-13")
    for hour in ("06:10", "07:30"):
        at(house, "2026-03-04", hour)
        tick(house)
    (line,) = house.get("/me/inbox").json()["items"]
    assert line["rule"] == "milestone_upcoming"
    (told,) = house.get(f"/transformations/{transformation}/reminders").json()["items"]
    assert told["deliveries"][0]["status"] == "refused"
    assert "TRAJECTOIRE_SMTP_HOST" in told["deliveries"][0]["detail"]


def test_who_has_no_address_gets_the_inbox_only_and_the_list_says_why(house: Running) -> None:
    transformation, _ = planned(house, "2026-03-13")
    address(house, "lead", None)
    for hour in ("06:10", "07:30"):
        at(house, "2026-03-04", hour)
        tick(house)
    (told,) = house.get(f"/transformations/{transformation}/reminders").json()["items"]
    assert (told["deliveries"][0]["status"], told["deliveries"][0]["attempts"]) == ("refused", [])


def obstacle(running: Running, transformation: str, **more: object) -> str:
    sent = {"title": "Salle", "statement": "Prise", "nature": "obstacle", "impact": 2, "urgency": 2, **more}
    made = running.post(f"/transformations/{transformation}/obstacles", sent)
    assert made.status_code == 201, made.text
    return f"/obstacles/{made.json()['id']}"


def test_an_unanswered_escalation_rises_by_itself_on_the_working_day_after_and_then_stays(house: Running) -> None:
    transformation = house.transformation()
    path = obstacle(house, transformation)
    ask = {"level": "direction", "ask": "Une salle", "answer_due_on": "2026-03-06"}
    assert house.act(path, "escalate", ask).status_code == 200
    for day in ("2026-03-06", "2026-03-07", "2026-03-08"):  # its day, then a week-end
        at(house, day)
        assert tick(house).acts == 0
    at(house, "2026-03-09")
    assert tick(house).acts == 1
    shown = house.get(path).json()
    assert shown["level"] == "governance"
    trail = house.get(f"/audit/events?transformation={transformation}&type=obstacle.escalated").json()["items"]
    assert (trail[0]["channel"], trail[0]["causation_id"]) == ("job", str(rule_id("escalation_rises")))
    assert "sans réponse" in trail[0]["reason"]
    at(house, "2026-05-04")
    assert tick(house).acts == 0


def test_a_postponed_obstacle_comes_back_on_its_date_even_a_closed_one(house: Running) -> None:
    transformation = house.transformation()
    path = obstacle(house, transformation)
    assert house.act(path, "postpone", {"until": "2026-03-08", "reason": "Attendre"}).status_code == 200
    at(house, "2026-03-07")
    assert tick(house).acts == 0
    at(house, "2026-03-08")
    assert tick(house).acts == 1
    assert tick(house).acts == 0
    assert house.get(path).json()["status"] == "active"


def test_a_closed_transformation_is_left_alone(house: Running) -> None:
    transformation, _ = planned(house, "2026-03-13")
    caught_up(house)
    with house.service.database.connection() as connection:
        connection.execute("UPDATE transformations SET status = 'closed' WHERE id = %s", (transformation,))
    at(house, "2026-03-04")
    assert tick(house).raised == 0


@pytest.mark.parametrize(
    "meanwhile",
    [
        "DELETE FROM projection_set_aside WHERE stream_id = %s",
        # another one took its place between two ticks
        "UPDATE projection_set_aside SET stream_id = gen_random_uuid(), position = 2 WHERE stream_id = %s",
    ],
    ids=["none waits", "another waits"],
)
def test_an_event_that_was_set_aside_is_looked_at_once_it_is_read(house: Running, meanwhile: str) -> None:
    """What a retry changes in the read models lies before the last event, which stays the same."""
    transformation, milestone = planned(house, "2026-03-13")
    at(house, "2026-03-04")
    caught_up(house)
    ticker = house.service.ticker()
    unread = "UPDATE milestones SET status = %s WHERE id = %s"
    with house.service.database.connection() as connection:
        connection.execute(unread, ("cancelled", milestone["id"]))
        connection.execute(
            "INSERT INTO projection_set_aside "
            "(stream_id, transformation_id, version, position, event_id, topic, problem) "
            "VALUES (%(id)s, %(of)s, 1, 1, %(id)s, 'milestone.planned', 'TypeError')",
            {"id": milestone["id"], "of": transformation},
        )
        assert [tick(house, ticker).raised for _ in range(2)] == [0, 0]
        connection.execute(unread, ("planned", milestone["id"]))
        connection.execute(meanwhile, (milestone["id"],))
    assert tick(house, ticker).raised == 1


@pytest.mark.parametrize(("verb", "raised"), [("pause", 0), ("abandon", 0), ("start", 1)])
def test_a_milestone_is_silent_while_its_action_rests(house: Running, verb: str, raised: int) -> None:
    transformation = house.transformation()
    sent = {"title": "Essayer l’outil", "lead": house.people["lead"]}
    action = house.post(f"/transformations/{transformation}/actions", sent).json()["id"]
    assert house.act(f"/actions/{action}", "plan").status_code == 200
    subject = {"kind": "action", "id": action}
    path = f"/transformations/{transformation}/milestones"
    assert house.post(path, {"subject": subject, "title": "Essai", "due_on": "2026-03-13"}).status_code == 201
    done = house.act(f"/actions/{action}", verb, {"reason": "Trop tôt"} if verb != "start" else {})
    assert done.status_code == 200, done.text
    at(house, "2026-03-04")
    assert tick(house).raised == raised


def test_who_ticks_is_chosen_by_a_lock(house: Running) -> None:
    from service.jobs.tick import TICKING

    planned(house, "2026-03-13")
    at(house, "2026-03-04")
    caught_up(house)
    with house.service.database.dedicated() as other:
        other.execute("SELECT pg_advisory_lock(%s, %s)", TICKING)
        assert house.service.ticker().tick() is None
        other.execute("SELECT pg_advisory_unlock(%s, %s)", TICKING)
    assert tick(house).raised == 1
