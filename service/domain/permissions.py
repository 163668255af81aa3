"""Who may do what: one table, by act and role (DOMAIN section 1). A test holds every route against it.

The table says what a role permits; separation of duties (who submits cannot validate) is a rule of each concept.
"""

from typing import Literal, NamedTuple, get_args

from service.domain.act import Role
from service.domain.event import OnBehalfOf
from service.domain.key import Scope
from service.domain.refusal import Invalid, NotAllowed

Holder = Role | Literal["administrator"]
"""A role in a transformation, or the role of the instance."""


class Grant(NamedTuple):
    """Who may do an act: on anything, and on what is their own."""

    roles: frozenset[str]
    own: frozenset[str]


class BasisMissing(Invalid):
    """An act on behalf of somebody needs what grounds it: a review, a decision, or a document with its title."""

    FR = (
        "Un acte au nom d’autrui demande ce qui le fonde\u202f: un point d’étape, une décision, "
        "ou un document avec son titre."
    )


NOBODY: tuple[str, ...] = ()
ADMIN = ("administrator",)
ALL = get_args(Role)
LEAD = ("lead", "integration")
"""What the lead does by role; an integration does the same as far as its key's scopes reach."""
CONTRIBUTOR = ("contributor",)
OWNER = ("contributor", "facilitator", "governance", "sponsor")
"""An obstacle has one owner, whose role may be any; so has a note its author."""
AUTHORITY = ("governance", "sponsor")
SPONSOR = ("sponsor",)
DECIDES = ("lead", *AUTHORITY)

TABLE: tuple[tuple[str, str, tuple[str, ...], tuple[str, ...]], ...] = (
    # concept, acts, who may, who may on what is their own
    ("transformation", "prepare", ADMIN, NOBODY),
    ("transformation", "launch close", SPONSOR, NOBODY),
    ("transformation", "revise set_calendar set_reminders confirm correct withdraw", LEAD, NOBODY),
    ("member", "grant change revoke", ("lead", *ADMIN), NOBODY),
    ("phase", "plan revise reschedule confirm correct withdraw", LEAD, NOBODY),
    ("phase", "configure_gate", ("lead", *SPONSOR), NOBODY),
    ("group", "form revise place count dissolve correct withdraw", LEAD, NOBODY),
    ("body", "constitute revise appoint leave dissolve correct withdraw", LEAD, NOBODY),
    ("axis", "propose revise close look_at correct withdraw", LEAD, NOBODY),
    ("axis", "confirm", DECIDES, NOBODY),
    ("workstream", "open revise prioritise place close reopen confirm correct withdraw", LEAD, NOBODY),
    ("action", "propose revise plan start declare_progress complete", LEAD, CONTRIBUTOR),
    ("action", "pause resume abandon reopen put_back confirm correct withdraw", LEAD, CONTRIBUTOR),
    ("milestone", "plan revise reach reschedule cancel reopen confirm correct withdraw", LEAD, CONTRIBUTOR),
    ("obstacle", "raise", (*LEAD, "contributor"), NOBODY),
    ("obstacle", "revise assess activate escalate speak resolve postpone resume", LEAD, OWNER),
    ("obstacle", "correct withdraw", LEAD, OWNER),
    ("obstacle", "assign reject reopen", LEAD, NOBODY),
    ("obstacle", "answer verify", (*LEAD, *AUTHORITY), NOBODY),
    ("indicator", "define revise retire", LEAD, NOBODY),
    ("indicator", "measure accept_value refuse_value confirm correct withdraw", LEAD, CONTRIBUTOR),
    ("indicator", "propose_value", (*LEAD, "contributor"), NOBODY),
    ("decision", "take communicate apply", DECIDES, NOBODY),
    ("decision", "take_gate_verdict", SPONSOR, NOBODY),
    ("decision", "take_plan_validation take_replan", AUTHORITY, NOBODY),
    ("decision", "revise supersede revoke correct withdraw", AUTHORITY, ("lead",)),
    ("decision", "contest", AUTHORITY, ("contributor", "facilitator")),
    ("decision", "answer_contestation", ("lead", "facilitator"), NOBODY),
    ("deliverable", "draft reopen correct withdraw", LEAD, NOBODY),
    ("deliverable", "revise add_version submit", LEAD, CONTRIBUTOR),
    ("deliverable", "validate return", AUTHORITY, NOBODY),
    ("plan_version", "draft revise submit correct withdraw", LEAD, NOBODY),
    ("plan_version", "return", AUTHORITY, NOBODY),
    ("direction_project", "draft revise submit correct withdraw", LEAD, NOBODY),
    ("direction_project", "validate adjust", AUTHORITY, NOBODY),
    ("evaluation", "draft revise correct withdraw", LEAD, NOBODY),
    ("evaluation", "validate", AUTHORITY, NOBODY),
    ("review", "schedule revise reschedule cancel", (*LEAD, "facilitator"), NOBODY),
    ("review", "assess_criterion freeze_pack hold close", (*LEAD, "facilitator"), NOBODY),
    ("review", "escalate_condition correct withdraw", (*LEAD, "facilitator"), NOBODY),
    ("review", "recuse", ("lead", "facilitator", *AUTHORITY), CONTRIBUTOR),
    ("review", "waive_criterion give_verdict lift_condition", AUTHORITY, NOBODY),
    ("review", "meet_condition", LEAD, OWNER),
    ("review", "acknowledge contest", AUTHORITY, ("contributor", "facilitator", "lead")),
    ("review", "answer_contestation", ("lead", "facilitator"), NOBODY),
    ("status_report", "report correct withdraw", LEAD, NOBODY),
    ("status_report", "acknowledge", AUTHORITY, NOBODY),
    ("note", "write", (*LEAD, "facilitator"), CONTRIBUTOR),
    ("note", "correct withdraw", LEAD, OWNER),
    ("import", "simulate apply", LEAD, NOBODY),
    ("", "read read_audit export", ALL, NOBODY),
    ("", "read_members", (*ALL, *ADMIN), NOBODY),
    ("", "find_people", (*LEAD, *ADMIN), NOBODY),  # whom to make a member, a lead, an owner: by name only
    # the instance: a key may be handled by its owner, whoever that is
    ("person", "enrol", ADMIN, NOBODY),
    ("administrator", "grant revoke", ADMIN, NOBODY),
    ("service", "register", ADMIN, NOBODY),
    ("key", "issue", ADMIN, NOBODY),
    ("projection", "read retry skip", ADMIN, NOBODY),
    ("key", "read rotate revoke", ADMIN, ("anyone",)),
    # what belongs to each: reminders as one wishes them, one's own calendar
    ("preference", "revise", NOBODY, ("anyone",)),
    ("calendar", "open revoke", NOBODY, ("anyone",)),
)

PERMISSIONS: dict[str, Grant] = {
    f"{concept}.{act}" if concept else act: Grant(frozenset(roles), frozenset(own))
    for concept, acts, roles, own in TABLE
    for act in acts.split()
}

RECORDS_FOR_OTHERS = ("facilitator", "lead")
INSTANCE = ("person.", "administrator.", "service.", "key.", "projection.", "transformation.prepare")


def permits(act: str, role: Holder | None, *, own: bool = False) -> bool:
    """Whether the role permits the act, on an object that is one's own or not. `KeyError` for an act unknown here."""
    grant = PERMISSIONS[act]
    return role in grant.roles or (own and (role in grant.own or "anyone" in grant.own))


def require(
    act: str,
    role: Holder | None,
    *,
    own: bool = False,
    on_behalf: bool = False,
    authority_role: Role = "governance",
) -> None:
    """Raises `NotAllowed` unless the role permits the act.

    On behalf of somebody it takes a lead or a facilitator, and either their own role or the authority's must permit the
    act: `authority_role` is the member's role; a body is governance. `own` is told of the one it is done for.
    """
    if on_behalf:
        if role not in RECORDS_FOR_OTHERS:
            raise NotAllowed(act=act, role=role, needed=list(RECORDS_FOR_OTHERS))
        if permits(act, role) or permits(act, authority_role, own=own):
            return
    elif permits(act, role, own=own):
        return
    raise NotAllowed(act=act, role=role, needed=needed(act))


def needed(act: str) -> list[str]:
    """The roles that permit the act, those for which it must be their own last."""
    grant = PERMISSIONS[act]
    return [*sorted(grant.roles), *sorted(grant.own - grant.roles - {"anyone"})]


class OnBehalfOfOneself(Invalid):
    """An act on behalf is for somebody else: leave on_behalf_of out."""

    FR = "Un acte au nom d’autrui est fait pour une autre personne que soi\u202f: laissez on_behalf_of de côté."


def require_basis(on_behalf_of: OnBehalfOf) -> None:
    """An act on behalf is grounded. Raises `BasisMissing`."""
    basis = on_behalf_of.basis
    if basis.document is None if basis.kind == "document" else basis.id is None:
        raise BasisMissing(pointer="/on_behalf_of/basis")


def require_another(on_behalf_of: OnBehalfOf, actor: str) -> None:
    """An act on behalf is for somebody else. Raises `OnBehalfOfOneself`."""
    if on_behalf_of.kind == "person" and on_behalf_of.id == actor:
        raise OnBehalfOfOneself(pointer="/on_behalf_of/id")


def sees_restricted(role: Holder | None) -> bool:
    """Whether the role shows restricted objects; their owner sees them in any role."""
    return role in ("lead", "sponsor", "governance", "auditor")


def scope_of(act: str) -> Scope:
    """The scope that a key needs for the act."""
    if act in ("read", "read_members", "find_people", "export"):
        return "read"
    if act == "read_audit":
        return "audit"
    if act.startswith("import."):
        return "import"
    if act.startswith(INSTANCE):
        return "admin"
    return "write"
