"""A reminder on its whole way: raised by a tick, written as its recipient wishes, taken by a real mail server."""

import email
from datetime import timedelta
from email.message import EmailMessage
from email.policy import default
from typing import cast

from service.domain.event import new_id
from service.integrations.mail_message import mailbox
from service.integrations.smtp import SmtpMailer, SmtpServer
from tests.api.registers import launched
from tests.integrations.mail_server import Desk, serving
from tests.running import Running


def test_a_reminder_is_mailed_as_its_recipient_wishes(running: Running) -> None:
    place = launched(running)
    address = f"{new_id().hex}@exemple.example"
    wishes = {"digest": "none", "language": "en", "email": address}
    assert running.post("/me/preferences", wishes, "lead").status_code == 200
    tomorrow = (running.now + timedelta(days=1)).date().isoformat()
    milestone = place.milestone(title="Restitution\r\nBcc: eve@exemple.example", due_on=tomorrow)
    desk = Desk(data="451 4.3.0 later")
    with serving(desk) as port:
        server = SmtpServer("localhost", port, security="none", timeout=5)
        sender = mailbox("Trajectoire", "no-reply@exemple.example")
        running.service.mailer = SmtpMailer(server, sender, "https://t.exemple.example", lambda: running.now)
        ticked = running.service.ticker().tick()
        assert ticked is not None
        assert (ticked.raised, ticked.tried) == (1, 1)
        assert desk.taken == []
        desk.data = "250 2.0.0 Queued as 42"
        running.advance(minutes=2)
        assert running.service.ticker().send() == 1
        running.advance(hours=1)
        assert running.service.ticker().send() == 0
    (envelope,) = desk.taken
    message = cast(EmailMessage, email.message_from_bytes(cast(bytes, envelope.content), policy=default))
    assert envelope.rcpt_tos == [address]
    assert "Bcc" not in message
    assert message["Content-Language"] == "en"
    assert milestone["ref"] in message["Subject"]
    body = message.get_body(("plain",))
    assert body is not None
    assert f"https://t.exemple.example/api/v1/milestones/{milestone['id']}" in body.get_content()
    listed = running.get(f"/transformations/{place.id}/reminders").json()["items"]
    assert [delivery["status"] for item in listed for delivery in item["deliveries"]] == ["sent"]
