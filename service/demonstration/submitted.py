"""What is put before the governance: the deliverables of the phases, and the versions of the plan."""

from typing import Any

from service.acts.plan_versions import draft_plan_version, submit_plan_version
from service.demonstration.entry import Entry, On, Who, do
from service.demonstration.stage import Deed, Scene
from service.domain import deliverable, plan_version
from service.domain.plan_version import PLAN_VERSION
from service.store.unit import Target


def begins_plan(key: str, **fields: Any) -> Deed:
    """Another version of the plan is begun."""

    def deed(scene: Scene) -> Target:
        with scene.connection() as connection:
            begun = draft_plan_version(scene.unit, connection, scene.transformation.id, **scene.said(fields))
        return scene.enters(key, PLAN_VERSION, begun)

    return deed


def submits_plan(key: str) -> Deed:
    """The plan is submitted as it stands."""

    def deed(scene: Scene) -> Target:
        with scene.connection() as connection:
            position = scene.stage.service.log.head()
            events = submit_plan_version(scene.unit, connection, scene.get(key), position=position)
        return scene.record(key, events)

    return deed


def adds_version(key: str, title: str, file: str) -> Deed:
    """A version of a document is there."""
    uri = f"https://documents.demonstration.example/livrables/{file}.pdf"
    return do(key, deliverable.add_version, title=title, uri=uri, sha256=file.encode().hex().ljust(64, "0")[:64])


DELIVERABLES = (
    Entry(-420, "mathilde", do("livrable-1", deliverable.revise, owner=Who("olivier"), due_on=On(-335))),
    Entry(-420, "mathilde", do("livrable-2", deliverable.revise, owner=Who("mathilde"), due_on=On(-330))),
    Entry(-420, "mathilde", do("livrable-3", deliverable.revise, owner=Who("mathilde"), due_on=On(-250))),
    Entry(-420, "mathilde", do("livrable-4", deliverable.revise, owner=Who("mathilde"), due_on=On(-145))),
    Entry(-420, "mathilde", do("livrable-5", deliverable.revise, owner=Who("mathilde"), due_on=On(110))),
    # the diagnosis is returned once
    Entry(-345, "mathilde", adds_version("livrable-1", "Diagnostic partagé, première version", "diagnostic-1")),
    Entry(-344, "mathilde", do("livrable-1", deliverable.submit)),
    Entry(
        -341,
        "bertrand",
        do(
            "livrable-1",
            deliverable.send_back,
            "On y entend les agents, pas encore les partenaires internes : leur parole doit y être aussi.",
        ),
    ),
    Entry(-335, "mathilde", adds_version("livrable-1", "Diagnostic partagé, avec les partenaires", "diagnostic-2")),
    Entry(-334, "mathilde", do("livrable-1", deliverable.submit)),
    Entry(
        -331,
        "bertrand",
        do("livrable-1", deliverable.validate, comment="Un diagnostic dans lequel chacun se reconnaît."),
    ),
    Entry(-332, "mathilde", adds_version("livrable-2", "Feuille de route de l'accompagnement", "feuille-de-route-1")),
    Entry(-331, "mathilde", do("livrable-2", deliverable.submit)),
    Entry(-326, "genevieve", do("livrable-2", deliverable.validate)),
    Entry(-250, "mathilde", adds_version("livrable-3", "Plan d'action priorisé", "plan-1")),
    Entry(-248, "mathilde", do("livrable-3", deliverable.submit)),
    Entry(-244, "genevieve", do("livrable-3", deliverable.validate)),
    Entry(-113, "mathilde", adds_version("livrable-4", "Projet de direction, texte présenté", "projet-de-direction-3")),
    Entry(-112, "mathilde", do("livrable-4", deliverable.submit)),
    Entry(-111, "genevieve", do("livrable-4", deliverable.validate, comment="Court, clair, et à nous.")),
)

PLAN = (
    Entry(
        -251,
        "mathilde",
        begins_plan(
            "plan-1",
            title="Plan d'action, version 1",
            summary="Onze chantiers classés par le comité de direction ; chaque action a son pilote et sa date.",
        ),
    ),
    Entry(-246, "mathilde", submits_plan("plan-1")),
    Entry(
        -103,
        "mathilde",
        begins_plan(
            "plan-2",
            title="Plan d'action, version 2",
            summary="Les dates après la suspension de la troisième phase, et ce que le projet de direction ajoute.",
        ),
    ),
    Entry(
        -102,
        "mathilde",
        do("plan-2", plan_version.revise, title="Plan d'action, version 2 : après la suspension"),
    ),
    Entry(-96, "mathilde", submits_plan("plan-2")),
)


def entries() -> tuple[Entry, ...]:
    return (*DELIVERABLES, *PLAN)
