"""Whose act a recorded fact is, for the separation of duties; and who may see an object."""

from typing import Literal

from service.domain.event import Fact

Visibility = Literal["members", "restricted"]
"""`restricted`: lead, sponsor, governance, auditor and the owner only (DOMAIN section 1)."""


def authority(fact: Fact) -> str:
    """The one it was recorded for, else the actor: `Act.authority`, read back from the log."""
    on_behalf_of = fact.envelope.on_behalf_of
    return on_behalf_of.id if on_behalf_of else fact.envelope.actor
