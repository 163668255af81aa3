"""What a mail says, in French and in English: one reminder, or a digest by transformation."""

from dataclasses import replace

import pytest

from service.integrations.lines import one_line
from service.integrations.mail import Mail, MailItem
from service.integrations.mail_text import write

ADDRESS = "https://trajectoire.exemple.example"


def item(code: str, sentence: str) -> MailItem:
    return MailItem(f"{code} — Direction {code}", sentence, "Règle.", f"/api/v1/milestones/{len(sentence)}")


ONE = Mail("m", "a@b.example", "Anne", "fr", (item("DIR-A", "Le jalon J-7 est prévu."),))
MANY = replace(
    ONE, items=(item("DIR-B", "Urgent."), item("DIR-A", "Le jalon J-7 est prévu."), item("DIR-B", "Moins urgent."))
)


def test_one_reminder_is_its_own_subject() -> None:
    written = write(ONE, ADDRESS)
    assert written.subject == "[DIR-A] Le jalon J-7 est prévu"
    assert written.text == (
        "Bonjour Anne,\n\n"
        "DIR-A — Direction DIR-A\n-----------------------\n\n"
        "Le jalon J-7 est prévu.\nRègle.\nhttps://trajectoire.exemple.example/api/v1/milestones/23\n\n"
        "-- \nMessage automatique de Trajectoire\u202f: inutile d’y répondre.\n"
        "Choisir comment recevoir ces rappels\u202f: https://trajectoire.exemple.example/api/v1/me/preferences\n"
    )


def test_a_digest_counts_and_groups_by_transformation_the_most_pressing_first() -> None:
    written = write(MANY, ADDRESS)
    assert written.subject == "Trajectoire\u202f: 3 rappels"
    assert "Vous avez 3 rappels." in written.text
    order = ["DIR-B — Direction DIR-B", "• Urgent.", "• Moins urgent.", "DIR-A — Direction DIR-A", "• Le jalon"]
    places = [written.text.index(each) for each in order]
    assert places == sorted(places)
    assert written.text.count("DIR-B — Direction DIR-B") == written.html.count("DIR-B — Direction DIR-B") == 1


def test_the_mail_speaks_english_to_who_reads_english() -> None:
    written = write(replace(MANY, language="en"), ADDRESS)
    assert written.subject == "Trajectoire: 3 reminders"
    assert "Hello Anne,\n\nYou have 3 reminders.\n" in written.text
    assert '<html lang="en">' in written.html
    assert "\u202f" not in written.text


def test_who_has_no_name_is_greeted_all_the_same() -> None:
    assert write(replace(ONE, recipient_name=" \n"), ADDRESS).text.startswith("Bonjour,\n")


def test_what_people_wrote_is_text_and_never_markup() -> None:
    evil = "<script>alert(1)</script> \"{{ 7 * 7 }}\" & <a href='x'>"
    written = write(replace(ONE, recipient_name=evil, items=(item(f"X{evil}", evil),)), ADDRESS)
    assert evil in written.text
    assert "<script" not in written.html
    assert "href='x'" not in written.html
    assert "&lt;script&gt;" in written.html
    assert "{{ 7 * 7 }}" in written.html


def test_a_long_sentence_makes_a_short_subject_and_stays_whole_in_the_text() -> None:
    sentence = "Le jalon J-7 «\u202f" + "restitution " * 40 + "\u202f» est prévu."
    written = write(replace(ONE, items=(item("DIR-A", sentence),)), ADDRESS)
    assert len(written.subject) <= 140
    assert written.subject.endswith("restitution…")
    assert sentence in written.text


@pytest.mark.parametrize(
    ("text", "line"),
    [
        ("a\r\n b\tc\x00d", "a b c d"),
        ("un\u202f: «\u202fdeux\u202f»\u00a0!", "un\u202f: «\u202fdeux\u202f»\u00a0!"),
        ("gauche \u202edroite\u202c", "gauche droite"),
        ("\u2028\x85 ", ""),
    ],
)
def test_a_line_is_one_line_and_keeps_the_spaces_of_french(text: str, line: str) -> None:
    assert one_line(text) == line
