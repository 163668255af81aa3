"""A transformation in which many reminders fall due on one day."""

from datetime import date
from uuid import UUID

from service.domain.act import Act
from service.domain.milestone import MILESTONE, MilestoneSubject, plan
from service.store.unit import Target, Unit
from tests.jobs.house import caught_up
from tests.running import Running

DUE = date(2026, 3, 13)
"""Seven working days after Wednesday 4 March 2026."""


def many(running: Running, people: int, each: int) -> str:
    """So many contributors with a mail address, each leading an action with so many milestones due on one day."""
    transformation = running.transformation()
    for number in range(people):
        name = f"Agent {number}"
        running.person(name)
        body = {"person_id": running.people[name], "role": "contributor"}
        assert running.post(f"/transformations/{transformation}/members", body).status_code == 201
        action = running.post(
            f"/transformations/{transformation}/actions", {"title": f"Action {number}", "lead": running.people[name]}
        )
        assert action.status_code == 201, action.text
        milestones(running, UUID(transformation), UUID(action.json()["id"]), each)
        with running.service.database.connection() as connection:
            connection.execute(
                "UPDATE people SET email = %s WHERE id = %s", (f"agent{number}@example.org", running.people[name])
            )
    caught_up(running)
    return transformation


def milestones(running: Running, transformation: UUID, action: UUID, count: int, due_on: date = DUE) -> None:
    """So many milestones of one action, in one append."""

    def work(unit: Unit) -> Target:
        subject = MilestoneSubject(kind="action", id=action)
        state = None
        for ref in unit.references(MILESTONE, transformation, count):
            event = plan(ref=ref, subject=subject, title=f"Jalon {ref}", due_on=due_on, baselined=False)
            state = unit.create(MILESTONE, event)
        assert state is not None
        return Target(MILESTONE, state)

    act = Act(actor=running.people["lead"], now=running.now, role="lead", transformation_id=transformation)
    running.service.recorder.execute(act, work)
