"""Settings that do not go together are told at the start, in a sentence; the rest of the wiring follows from them."""

from pathlib import Path
from typing import Any

import pytest
from pydantic import ValidationError

from service.bootstrap import mailer_of, utc_now
from service.integrations.mail import Mail, MailItem, NoMailer
from service.integrations.smtp import SmtpMailer
from service.settings import Settings, unfit

MAIL = {"smtp_host": "mail.exemple.example", "smtp_from": "no-reply@exemple.example"}


def settings(tmp_path: Path, **values: Any) -> Settings:
    return Settings(data_dir=tmp_path, **values)


@pytest.mark.parametrize(
    ("values", "said"),
    [
        ({"smtp_host": "mail.exemple.example"}, "TRAJECTOIRE_SMTP_FROM"),
        ({**MAIL, "smtp_user": "u", "smtp_password": "sésame", "smtp_security": "none"}, "ne voyage pas en clair"),
        ({**MAIL, "smtp_user": "u", "smtp_password": "sésame"}, "ASCII"),
        ({**MAIL, "smtp_ca_file": "/nowhere.pem"}, "smtp_ca_file"),
        ({"public_url": "javascript:alert(1)"}, "public_url"),
        ({"public_url": "https://x.example/?a=1"}, "public_url"),
    ],
)
def test_what_cannot_work_is_refused_at_the_start(tmp_path: Path, values: dict[str, Any], said: str) -> None:
    with pytest.raises(ValidationError) as problem:
        settings(tmp_path, **values)
    assert said in str(problem.value)
    assert "sésame" not in str(problem.value)


def test_links_begin_with_the_public_address_else_with_where_we_listen(tmp_path: Path) -> None:
    assert settings(tmp_path).address == "http://127.0.0.1:8000"
    assert settings(tmp_path, public_url="https://x.example/t/").address == "https://x.example/t"


def test_mail_goes_to_the_configured_server_and_else_says_why_not(tmp_path: Path) -> None:
    without = mailer_of(settings(tmp_path), utc_now)
    assert isinstance(without, NoMailer)
    item = MailItem("A — A", "Une phrase.", "Une règle.", "/api/v1/x")
    refused = without.send(Mail("m", "a@b.example", "Anne", "fr", (item,)))
    assert (refused.outcome, "TRAJECTOIRE_SMTP_HOST" in refused.detail) == ("refused", True)
    mailer = mailer_of(settings(tmp_path, **MAIL, smtp_port=2525, smtp_security="tls"), utc_now)
    assert isinstance(mailer, SmtpMailer)
    assert (mailer.server.host, mailer.server.port, mailer.server.security) == ("mail.exemple.example", 2525, "tls")
    assert mailer.sender.address == "no-reply@exemple.example"


def test_a_setting_that_does_not_fit_is_one_french_sentence_without_its_value(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("TRAJECTOIRE_DATA_DIR", str(tmp_path))
    monkeypatch.setenv("TRAJECTOIRE_PORT", "secretport")
    monkeypatch.setenv("TRAJECTOIRE_LOG_LEVEL", "loud")
    monkeypatch.setenv("TRAJECTOIRE_DATABASE_URL", "mysql://somebody:hunter2@host")
    with pytest.raises(ValidationError) as problem:
        Settings()
    said = list(unfit(problem.value))
    assert sorted(sentence.split()[0] for sentence in said) == [
        "TRAJECTOIRE_DATABASE_URL",
        "TRAJECTOIRE_LOG_LEVEL",
        "TRAJECTOIRE_PORT",
    ]
    assert any(sentence.endswith("Port d’écoute (de 0 à 65535).") for sentence in said)
    assert any("debug, info, warning, error" in sentence for sentence in said)
    assert not any(secret in " ".join(said) for secret in ("hunter2", "secretport", "loud"))


def test_settings_that_exclude_each_other_are_one_sentence(tmp_path: Path) -> None:
    with pytest.raises(ValidationError) as problem:
        Settings(data_dir=tmp_path, smtp_host="relais")
    (said,) = unfit(problem.value)
    assert said.startswith("Ces réglages ne vont pas ensemble\u202f: TRAJECTOIRE_SMTP_HOST")
