"""Permissions: the table read aloud (DOMAIN section 1). What is expected is written here by hand."""

from typing import get_args

import pytest

from service.acts.mending import DECIDES, GOVERNED
from service.domain.act import Role
from service.domain.event import Basis, Document, OnBehalfOf, new_id
from service.domain.key import Scope
from service.domain.permissions import (
    PERMISSIONS,
    TABLE,
    BasisMissing,
    OnBehalfOfOneself,
    needed,
    permits,
    require,
    require_another,
    require_basis,
    scope_of,
    sees_restricted,
)
from service.domain.refusal import NotAllowed
from tests.domain.given import LEAD, SPONSOR, refusal_of

ROLES = get_args(Role)
READS = {"read", "read_members", "read_audit", "export"}
AUTHORITY_ONLY = {
    "transformation.launch",
    "decision.take_gate_verdict",
    "decision.take_plan_validation",
    "decision.take_replan",
    "decision.contest",
    "review.waive_criterion",
    "review.give_verdict",
    "review.lift_condition",
    "status_report.acknowledge",
    "deliverable.validate",
    "deliverable.return",
    "plan_version.return",
    "direction_project.validate",
    "direction_project.adjust",
    "evaluation.validate",
    "transformation.close",
}
OF_A_BODY = {"review.acknowledge", "review.contest"}
"""For those who sit in it, whatever their role; governance and sponsor are asked for their seat by the rule."""
LEAD_IF_OWN = {f"decision.{act}" for act in ("revise", "supersede", "revoke", "correct", "withdraw")} | OF_A_BODY
PREPARES = ("schedule", "revise", "reschedule", "cancel", "assess_criterion", "freeze_pack")
REVIEWS = {f"review.{act}" for act in (*PREPARES, "hold", "close", "escalate_condition", "correct", "withdraw")}
INSTANCE = {
    "transformation.prepare",
    "person.enrol",
    "administrator.grant",
    "administrator.revoke",
    "service.register",
    "key.issue",
    "key.read",
    "key.rotate",
    "key.revoke",
    "projection.read",
    "projection.retry",
    "projection.skip",
}


OF_ONESELF = {"preference.revise", "calendar.open", "calendar.revoke"}
"""What belongs to each, whatever the role."""


def test_no_act_is_listed_twice():
    named = [f"{concept}.{act}" if concept else act for concept, acts, *_ in TABLE for act in acts.split()]
    assert len(named) == len(set(named)) == len(PERMISSIONS)


def test_an_auditor_reads_all_and_acts_on_nothing():
    assert {act for act in PERMISSIONS if permits(act, "auditor")} == READS
    own = {act for act in PERMISSIONS if permits(act, "auditor", own=True)}
    assert own == READS | OF_ONESELF | {"key.read", "key.rotate", "key.revoke"}


def test_every_role_reads_and_nobody_without_a_role():
    assert all(permits(act, role) for act in READS for role in ROLES)
    assert not any(permits(act, None) for act in PERMISSIONS)
    assert [act for act in READS if permits(act, "administrator")] == ["read_members"]


def test_the_lead_does_all_but_validate():
    refused = {act for act in PERMISSIONS if not permits(act, "lead")}
    assert refused == AUTHORITY_ONLY | LEAD_IF_OWN | INSTANCE | OF_ONESELF
    assert all(permits(act, "lead", own=True) for act in LEAD_IF_OWN)


def test_who_leads_undoes_nothing_that_only_who_governs_does():
    undone = {*GOVERNED.values(), *DECIDES.values(), "review.give_verdict"}
    assert not [act for act in undone if permits(act, "lead")]
    # A closed transformation is only read; a contestation belongs to a decision, whose mending is not the lead's.
    assert AUTHORITY_ONLY - undone == {"transformation.close", "decision.contest"}


def test_a_contributor_acts_on_what_is_their_own():
    anywhere = {act for act in PERMISSIONS if permits(act, "contributor")}
    assert anywhere == READS | {"obstacle.raise", "indicator.propose_value"}
    own = {act for act in PERMISSIONS if permits(act, "contributor", own=True)} - anywhere
    assert {act.partition(".")[0] for act in own} == {
        "action", "milestone", "indicator", "obstacle", "note", "decision", "review", "key", "deliverable",
        "preference", "calendar",
    }  # fmt: skip
    assert {act for act in own if act.startswith("review.")} == OF_A_BODY | {"review.recuse", "review.meet_condition"}
    assert not {"obstacle.verify", "obstacle.assign", "indicator.define", "member.grant"} & own


def test_a_facilitator_writes_notes_and_keeps_the_reviews():
    acts = {act for act in PERMISSIONS if permits(act, "facilitator")} - READS
    assert (
        acts
        == {
            "note.write",
            "decision.answer_contestation",
            "review.recuse",
            "review.answer_contestation",
        }
        | REVIEWS
    )


@pytest.mark.parametrize("role", ["governance", "sponsor"])
def test_governance_and_sponsor_decide_validate_and_acknowledge(role):
    acts = {act for act in PERMISSIONS if permits(act, role)} - READS
    sponsor_only: set[str] = set()
    if role == "sponsor":
        sponsor_only = {
            "transformation.launch",
            "transformation.close",
            "decision.take_gate_verdict",
            "phase.configure_gate",
        }
    assert acts == sponsor_only | {
        "axis.confirm",
        "obstacle.answer",
        "obstacle.verify",
        "decision.take",
        "decision.communicate",
        "decision.apply",
        "decision.take_plan_validation",
        "decision.take_replan",
        "decision.supersede",
        "decision.revoke",
        "decision.revise",
        "decision.correct",
        "decision.withdraw",
        "decision.contest",
        "review.recuse",
        "review.waive_criterion",
        "review.give_verdict",
        "review.lift_condition",
        "review.acknowledge",
        "review.contest",
        "status_report.acknowledge",
        "deliverable.validate",
        "deliverable.return",
        "plan_version.return",
        "direction_project.validate",
        "direction_project.adjust",
        "evaluation.validate",
    }


def test_an_administrator_runs_the_instance_and_names_members():
    acts = {act for act in PERMISSIONS if permits(act, "administrator")}
    assert acts == INSTANCE | {"member.grant", "member.change", "member.revoke", "read_members", "find_people"}


def test_anyone_may_turn_or_revoke_their_own_key():
    for role in (*ROLES, None):
        require("key.rotate", role, own=True)
    refusal_of(NotAllowed, lambda: require("key.rotate", None))
    assert needed("key.rotate") == ["administrator"]


def test_a_refusal_says_who_may():
    refusal = refusal_of(NotAllowed, lambda: require("action.start", "contributor"))
    assert refusal.facts == {
        "act": "action.start",
        "role": "contributor",
        "needed": ["integration", "lead", "contributor"],
    }
    require("action.start", "contributor", own=True)


def test_an_act_nobody_listed_is_a_defect_not_a_permission():
    with pytest.raises(KeyError):
        require("action.delete", "lead")


# On behalf


def test_a_lead_or_a_facilitator_records_what_the_authority_decided():
    for role in ("lead", "facilitator"):
        require("decision.take_plan_validation", role, on_behalf=True)
        require("decision.take_gate_verdict", role, on_behalf=True, authority_role="sponsor")


def test_but_only_what_that_authority_may_decide():
    for role in ("lead", "facilitator"):
        refusal_of(NotAllowed, lambda role=role: require("decision.take_gate_verdict", role, on_behalf=True))
    refusal_of(NotAllowed, lambda: require("action.abandon", "facilitator", on_behalf=True))
    require("action.abandon", "lead", on_behalf=True)
    require("milestone.reach", "facilitator", on_behalf=True, authority_role="contributor", own=True)


@pytest.mark.parametrize("role", ["contributor", "governance", "sponsor", "auditor", "integration", None])
def test_nobody_else_acts_on_behalf(role):
    refusal = refusal_of(NotAllowed, lambda: require("decision.take", role, on_behalf=True))
    assert refusal.facts["needed"] == ["facilitator", "lead"]


@pytest.mark.parametrize(
    ("basis", "grounded"),
    [
        (Basis(kind="document", document=Document(title="Relevé de décisions")), True),
        (Basis(kind="document"), False),
        (Basis(kind="document", id=new_id()), False),
        (Basis(kind="decision", id=new_id()), True),
        (Basis(kind="review"), False),
        (Basis(kind="review", document=Document(title="X")), False),
    ],
)
def test_an_act_on_behalf_is_grounded(basis, grounded):
    behalf = OnBehalfOf(kind="person", id=SPONSOR, basis=basis)
    if grounded:
        require_basis(behalf)
    else:
        refusal_of(BasisMissing, lambda: require_basis(behalf))


def test_an_act_on_behalf_is_for_somebody_else():
    behalf = OnBehalfOf(kind="person", id=SPONSOR, basis=Basis(kind="decision", id=new_id()))
    refusal_of(OnBehalfOfOneself, lambda: require_another(behalf, SPONSOR))
    require_another(behalf, LEAD)


# Visibility and scopes


def test_restricted_objects_show_to_those_who_answer_for_the_transformation():
    assert {role for role in ROLES if sees_restricted(role)} == {"lead", "sponsor", "governance", "auditor"}
    assert not sees_restricted("administrator")
    assert not sees_restricted(None)


def test_each_act_needs_one_scope():
    assert {scope_of(act) for act in PERMISSIONS} == set(get_args(Scope))
    assert {act for act in PERMISSIONS if scope_of(act) == "admin"} == INSTANCE
    assert {act for act in PERMISSIONS if scope_of(act) == "import"} == {"import.simulate", "import.apply"}
    assert {act for act in PERMISSIONS if scope_of(act) == "audit"} == {"read_audit"}
    assert {act for act in PERMISSIONS if scope_of(act) == "read"} == {"read", "read_members", "find_people", "export"}
