"""What waits around what is submitted: to hand over, to validate, to take up again; and the end of a transformation."""

from collections.abc import Iterator
from datetime import date

from service.domain.deliverable import DELIVERABLE
from service.domain.direction_project import DIRECTION_PROJECT
from service.domain.evaluation import EVALUATION, PARTS
from service.domain.plan_version import PLAN_VERSION
from service.domain.review import REVIEW
from service.domain.review_rules import finally_reviewed
from service.domain.submission import Submission
from service.domain.transformation import TRANSFORMATION
from service.projections.agenda import Desk, Waiting

HAND_OVER_BEFORE = 10
"""A deliverable stands on its owner's agenda from so many working days before its date."""


def deliverables(desk: Desk) -> Iterator[Waiting]:
    """To hand over or take up again, for its owner; to validate, for the authorities that did not submit it."""
    for deliverable in desk.states(DELIVERABLE):
        ref, due = DELIVERABLE.reference(deliverable), deliverable.due_on
        owner = [deliverable.owner] if deliverable.owner else desk.role("lead")
        match deliverable.status:
            case "drafted" if due is not None and desk.soon(due, HAND_OVER_BEFORE):
                fr, en = f"Soumettre le livrable {ref}.", f"Submit deliverable {ref}."
                yield desk.waiting("deliverable_to_submit", DELIVERABLE, deliverable, fr, en, owner, due)
            case "returned":
                fr, en = f"Reprendre le livrable {ref}, renvoyé.", f"Take up deliverable {ref}, which was returned."
                yield desk.waiting("deliverable_to_take_up", DELIVERABLE, deliverable, fr, en, owner, due)
            case "submitted":
                fr, en = f"Valider ou renvoyer le livrable {ref}.", f"Validate or return deliverable {ref}."
                people = _judges(desk, deliverable.submissions)
                yield desk.waiting("deliverable_to_validate", DELIVERABLE, deliverable, fr, en, people)


def plan_versions(desk: Desk) -> Iterator[Waiting]:
    """To decide on, for the authorities that did not submit it; to take up once returned."""
    for version in desk.states(PLAN_VERSION):
        number = version.number
        if version.status == "submitted":
            fr = f"Valider ou renvoyer la version {number} du plan d’action."
            en = f"Validate or return version {number} of the action plan."
            people = _judges(desk, version.submissions)
            yield desk.waiting("plan_to_validate", PLAN_VERSION, version, fr, en, people)
        elif version.status == "returned":
            fr = f"Reprendre la version {number} du plan d’action, renvoyée."
            en = f"Take up version {number} of the action plan, which was returned."
            yield desk.waiting("plan_to_take_up", PLAN_VERSION, version, fr, en, desk.role("lead"))


def direction_projects(desk: Desk) -> Iterator[Waiting]:
    """To validate or to ask adjustments of; to adjust."""
    for project in desk.states(DIRECTION_PROJECT):
        number = project.number
        if project.status == "submitted":
            fr = f"Valider la version {number} du projet de direction, ou dire ce qu’il faut y ajuster."
            en = f"Validate version {number} of the direction project, or say what to adjust."
            people = _judges(desk, project.submissions)
            yield desk.waiting("project_to_validate", DIRECTION_PROJECT, project, fr, en, people)
        elif project.status == "adjusted":
            fr = f"Ajuster le projet de direction\u202f: la version {number} est revenue."
            en = f"Adjust the direction project: version {number} came back."
            yield desk.waiting("project_to_adjust", DIRECTION_PROJECT, project, fr, en, desk.role("lead"))


def ending(desk: Desk) -> Iterator[Waiting]:
    """Of a transformation that closes: its final review to hold and its evaluation to write; then the closing."""
    leads = desk.role("lead")
    for whole in desk.states(TRANSFORMATION):
        if whole.status != "closing":
            continue
        drafts = desk.states(EVALUATION)
        reviewed = finally_reviewed(whole, desk.states(REVIEW))
        if not reviewed:
            fr, en = "Tenir la dernière revue.", "Hold the final review."
            yield desk.waiting("final_review_to_hold", TRANSFORMATION, whole, fr, en, leads)
        if not drafts:
            fr, en = "Rédiger l’évaluation des impacts.", "Write the impact evaluation."
            yield desk.waiting("evaluation_to_write", TRANSFORMATION, whole, fr, en, leads)
        if reviewed and any(each.status == "validated" for each in drafts):
            fr, en = f"Clore la transformation {whole.code}.", f"Close the transformation {whole.code}."
            yield desk.waiting("transformation_to_close", TRANSFORMATION, whole, fr, en, desk.role("sponsor"))


def evaluations(desk: Desk) -> Iterator[Waiting]:
    """A complete draft, to validate by who did not write it; a follow-up whose day has come."""
    for evaluation in desk.states(EVALUATION):
        title = evaluation.title
        if evaluation.status == "drafted" and all(getattr(evaluation, part) for part in PARTS):
            fr, en = f"Valider l’évaluation «\u202f{title}\u202f».", f"Validate the evaluation “{title}”."
            people = [p for p in desk.role("governance", "sponsor") if p not in evaluation.authors]
            yield desk.waiting("evaluation_to_validate", EVALUATION, evaluation, fr, en, people)
        again: date | None = evaluation.follow_up_on
        if evaluation.status == "validated" and again is not None and desk.soon(again, HAND_OVER_BEFORE):
            fr = f"Regarder à nouveau les impacts\u202f: «\u202f{title}\u202f»."
            en = f"Look at the impacts again: “{title}”."
            yield desk.waiting(
                "impacts_to_follow_up", EVALUATION, evaluation, fr, en, [evaluation.carried_on_by], again
            )


def _judges(desk: Desk, submissions: tuple[Submission, ...]) -> list[str]:
    """Governance and the sponsor, but for the one that submitted: who submits does not validate."""
    return [person for person in desk.role("governance", "sponsor") if person != submissions[-1].by]
