"""Member: the role of one person (or service) in one transformation. What a role permits is in `permissions`."""

from datetime import date
from typing import Literal

from service.domain.act import Role
from service.domain.concept import Concept, NothingToChange, State, created
from service.domain.event import Event, Fact
from service.domain.refusal import Conflict

# Events


class MemberGranted(Event):
    """A person has a role from now on; after a revocation the same stream goes on with a new grant."""

    TOPIC = "member.granted"
    person_id: str
    role: Role


class MemberChanged(Event):
    """The person has another role from now on."""

    TOPIC = "member.changed"
    role: Role


class MemberRevoked(Event):
    """The person has no role any more."""

    TOPIC = "member.revoked"


# State


class Member(State):
    """A membership as it stands: granted or revoked."""

    status: Literal["granted", "revoked", "withdrawn"] = "granted"
    person_id: str
    role: Role
    granted_on: date


class MemberAlreadyGranted(Conflict):
    """This person is a member already, as {role}: change the role instead."""

    FR = "Cette personne est déjà membre, comme {role}\u202f: changez plutôt son rôle."


class MembershipRevoked(Conflict):
    """This membership was revoked: grant it again first."""

    FR = "Cette personne n’est plus membre\u202f: rendez-lui d’abord un rôle."


class LastLead(Conflict):
    """This is the last lead of the transformation: name another one first."""

    FR = "C’est le dernier pilote de la transformation\u202f: désignez-en d’abord un autre."


class MemberIsSomebodyElse(Conflict):
    """This membership is the one of another person."""

    FR = "Cette qualité de membre est celle d’une autre personne."


def evolve(member: Member | None, fact: Fact) -> Member:
    """The membership after one more fact."""
    event = fact.event
    if isinstance(event, MemberGranted):
        if member is None:
            return Member(**created(fact), person_id=event.person_id, role=event.role, granted_on=fact.occurred_on)
        return member.model_copy(update={"status": "granted", "role": event.role, "granted_on": fact.occurred_on})
    assert member is not None  # a stream begins with its creation; `fold` has checked it
    match event:
        case MemberChanged():
            return member.model_copy(update={"role": event.role})
        case MemberRevoked():
            return member.model_copy(update={"status": "revoked"})
        case _:
            return member


def check(member: Member | None, fact: Fact) -> None:
    """The rules of a membership's life."""
    if member is None:
        return
    match fact.event:
        case MemberGranted() if fact.event.person_id != member.person_id:
            raise MemberIsSomebodyElse()
        case MemberGranted() if member.status == "granted":
            raise MemberAlreadyGranted(role=member.role)
        case MemberChanged() | MemberRevoked() if member.status != "granted":
            raise MembershipRevoked()


# Decisions


def grant(member: Member | None, *, person_id: str, role: Role) -> list[Event]:
    """Give a role; `member` is the membership that this person had before, if any."""
    return [MemberGranted(person_id=person_id, role=role)]


def change(member: Member, role: Role, *, other_leads: int) -> list[Event]:
    """Give another role. Raises `NothingToChange` for the same one, `LastLead`; `other_leads` is how many there are."""
    if member.status == "granted" and member.role == role:
        raise NothingToChange(pointer="/role")
    _keep_a_lead(member, other_leads)
    return [MemberChanged(role=role)]


def revoke(member: Member, *, other_leads: int) -> list[Event]:
    """End the membership. Raises `LastLead`."""
    _keep_a_lead(member, other_leads)
    return [MemberRevoked()]


def _keep_a_lead(member: Member, other_leads: int) -> None:
    if member.status == "granted" and member.role == "lead" and other_leads < 1:
        raise LastLead()


MEMBER: Concept[Member] = Concept(
    name="member",
    collection="members",
    state=Member,
    events=(MemberGranted, MemberChanged, MemberRevoked),
    evolve=evolve,
    check=check,
    owners=lambda member: (member.person_id,),
)
