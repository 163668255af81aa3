"""A scheduler in a process of its own, for the proofs: it ticks without the lock, and notes on paper what it mails."""

import sys
import time
from datetime import datetime
from pathlib import Path

from service.bootstrap import Service
from service.domain.preference import Preference
from service.domain.refusal import Refusal
from service.integrations.mail import Mail, Sent
from service.jobs import raising
from service.jobs.sending import take_in
from service.settings import Settings

AT_ONCE = Preference(digest="none")
SMALL = 20
"""Reminders of one append: so that a kill falls between two of them."""


class Paper:
    """A mail server: what it accepted stands on paper, one line per object that a mail speaks of."""

    def __init__(self, paper: Path) -> None:
        self.paper = paper

    def send(self, mail: Mail) -> Sent:
        time.sleep(0.01)
        with self.paper.open("a") as out:
            out.write("".join(f"{mail.message_id} {mail.recipient_address} {item.path}\n" for item in mail.items))
        return Sent("sent", "250 ok")


def service_of(dsn: str, folder: Path, now: datetime, paper: Path) -> Service:
    service = Service(Settings(data_dir=folder, environment="test", pool_size=4), dsn, clock=lambda: now)
    service.mailer = Paper(paper)
    service.directory.preferences = lambda people, connection=None: dict.fromkeys(people, AT_ONCE)  # type: ignore[method-assign]
    return service


def main(dsn: str, folder: str, now: str, paper: str) -> None:
    """Tick for ever, as if there were no lock at all."""
    raising.CHUNK = SMALL
    service = service_of(dsn, Path(folder), datetime.fromisoformat(now), Path(paper))
    service.database.open()
    print("ready", flush=True)
    while not Path(paper).with_name("go").exists():
        time.sleep(0.002)
    while True:
        ticker = service.ticker()
        try:
            ticker._look(None)
            take_in(ticker.house)
            ticker.send()
        except Refusal as refusal:
            print(refusal.code, file=sys.stderr)


if __name__ == "__main__":
    main(*sys.argv[1:])
