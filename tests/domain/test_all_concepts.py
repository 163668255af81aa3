"""What holds for every concept: names, words, personal text, and French that is set as French is."""

import re
import string
from typing import get_args

import pytest
from pydantic import BaseModel

from service.domain.all_concepts import ALL_CONCEPTS
from service.domain.concept import concept_of, concepts
from service.domain.event import Event, type_registry
from service.domain.refusal import Refusal
from service.domain.text import personal_fields

OURS = {topic: kind for topic, kind in type_registry.items() if kind.__module__.startswith("service.")}


def refusals(kind: type[Refusal] = Refusal) -> list[type[Refusal]]:
    return [kind, *(below for child in kind.__subclasses__() for below in refusals(child))]


REFUSALS = [kind for kind in refusals() if kind.__module__.startswith("service.")]


def test_all_concepts_are_all_that_were_declared():
    assert {concept.name for concept in ALL_CONCEPTS} == {
        name for name, concept in concepts.items() if concept.state.__module__.startswith("service.")
    }


@pytest.mark.parametrize("what", ["name", "collection", "letter"])
def test_no_two_concepts_share_a_name_a_collection_or_a_letter(what):
    values = [value for concept in ALL_CONCEPTS if (value := getattr(concept, what)) is not None]
    assert len(values) == len(set(values))


def test_every_event_belongs_to_exactly_one_concept():
    for topic in OURS:
        assert concept_of(topic) is not None, topic
    listed = [event for concept in ALL_CONCEPTS for event in concept.events]
    assert len(listed) == len(set(listed))


@pytest.mark.parametrize("topic", sorted(OURS))
def test_no_event_requires_a_field_that_may_be_nothing(topic):
    # Nothing is stored as nothing at all: such an event could be recorded and never be read again.
    fields = OURS[topic].model_fields.items()
    assert [name for name, field in fields if field.is_required() and type(None) in get_args(field.annotation)] == []


@pytest.mark.parametrize("topic", sorted(OURS))
def test_every_event_says_what_it_means_in_a_sentence(topic):
    doc = OURS[topic].__doc__ or ""
    assert doc.strip().endswith((".", ")")), topic
    assert doc != Event.__doc__


@pytest.mark.parametrize("concept", ALL_CONCEPTS, ids=lambda concept: concept.name)
def test_every_state_can_be_withdrawn(concept):
    assert "withdrawn" in get_args(concept.state.model_fields["status"].annotation)


def test_personal_text_never_hides_inside_a_value_where_the_mapper_does_not_look():
    def values_in(annotation):
        if isinstance(annotation, type) and issubclass(annotation, BaseModel):
            yield annotation
            for field in annotation.model_fields.values():
                yield from values_in(field.annotation)
        for part in get_args(annotation):
            yield from values_in(part)

    for topic, kind in OURS.items():
        for name, field in kind.model_fields.items():
            for value in values_in(field.annotation):
                assert not personal_fields(value) or name in personal_fields(kind), f"{topic}: {name}"


@pytest.mark.parametrize("kind", REFUSALS, ids=lambda kind: kind.__name__)
def test_every_refusal_tells_the_same_facts_in_both_languages(kind):
    def places(template):
        return {name for _, name, _, _ in string.Formatter().parse(template) if name}

    assert "FR" in kind.__dict__, "no French message"
    english = " ".join((kind.__doc__ or "").split())
    if kind is not Refusal:
        assert places(english) == places(kind.FR)
    assert "'" not in kind.FR, "the apostrophe is ’"
    assert not re.search("[^\u202f][;:!?»]|«[^\u202f]", kind.FR), "U+202F before ; : ! ? and inside « »"


def test_every_refusal_has_its_own_code():
    codes = [kind.code for kind in REFUSALS]
    assert len(codes) == len(set(codes))
