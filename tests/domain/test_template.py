"""The template tells the founding case: nothing that the seed names is left out."""

from service.domain.axis import AXIS
from service.domain.phase import PHASE
from service.domain.template import TemplateUnknown, template_events
from tests.domain.given import given, refusal_of

TEMPLATE = template_events("direction-4-phases")


def test_it_plans_four_phases_in_order_each_complete():
    states = [given(PHASE).when([event]).unrefused() for event in TEMPLATE.phases]
    assert [phase.ordinal for phase in states] == [1, 2, 3, 4]
    for phase in states:
        assert phase.status == "planned"
        assert phase.objective
        assert len(phase.expected_actions) == 3
        assert phase.deliverables
        assert phase.exit_criteria


def test_it_proposes_four_axes_and_confirms_none():
    states = [given(AXIS).when([event]).unrefused() for event in TEMPLATE.axes]
    assert [(axis.position, axis.title, axis.status) for axis in states] == [
        (1, "Objectif opérationnel", "proposed"),
        (2, "Outils", "proposed"),
        (3, "Organisation du travail", "proposed"),
        (4, "Gestion des ressources humaines", "proposed"),
    ]


def test_each_phase_expects_the_deliverables_of_the_seed():
    assert [(expected.phase, expected.kind, expected.title) for expected in TEMPLATE.deliverables] == [
        (1, "document", "Diagnostic partagé"),
        (1, "document", "Feuille de route de l’accompagnement"),
        (2, "document", "Plan d’action priorisé et légitimé"),
        (3, "document", "Projet de direction"),
        (4, "outcome", "Transformation effective"),
    ]
    assert all(expected.criteria for expected in TEMPLATE.deliverables if expected.kind == "outcome")


def test_its_french_is_set_as_french_is():
    for event in (*TEMPLATE.phases, *TEMPLATE.axes):
        text = event.model_dump_json()
        assert "'" not in text
        assert not any(f" {mark}" in text for mark in ";:!?»")


def test_no_template_creates_nothing_and_an_unknown_one_is_refused():
    assert template_events(None) == ((), (), (), ())
    refusal = refusal_of(TemplateUnknown, lambda: template_events("direction-5-phases"))
    assert refusal.pointer == "/template"
    assert "direction-4-phases" in refusal.message()
