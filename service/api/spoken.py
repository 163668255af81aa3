"""The sentence of a refusal as people say it: the names of people, the references of objects, the words of events.

The facts of the problem document keep the ids, for machines.
"""

import re
from collections.abc import Mapping
from contextlib import suppress
from typing import Any
from uuid import UUID

import psycopg

from service.domain.concept import concept_of
from service.domain.refusal import Language
from service.projections.event_words import event_words

PRINCIPAL = re.compile(r"\b[ps]_[0-9a-f]{32}\b")
OBJECT = re.compile(r"\b[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}\b")
TOPIC = re.compile(r"\b[a-z_]+\.[a-z_]+\b")


def spoken(service: Any, sentence: str, language: Language) -> str:
    """The sentence with names in place of ids, as far as the directory and the trail know them."""
    said = TOPIC.sub(lambda found: _event(found[0], language), sentence)
    with suppress(psycopg.Error):  # the sentence is right without names too
        if people := {*PRINCIPAL.findall(said)}:
            said = _replaced(PRINCIPAL, said, service.directory.names(sorted(people)))
        if objects := {*OBJECT.findall(said)}:
            said = _replaced(OBJECT, said, _references(service, objects))
    return said


def _event(topic: str, language: Language) -> str:
    words = event_words(topic, language) if concept_of(topic) else topic
    return f"«\u202f{words}\u202f»" if words != topic and language == "fr" else words


def _replaced(ids: re.Pattern[str], sentence: str, names: Mapping[str, str]) -> str:
    return ids.sub(lambda found: names.get(found[0], found[0]), sentence)


def _references(service: Any, ids: set[str]) -> dict[str, str]:
    """The spoken references; what has none (a body, a phase) is never restricted, and is named by its title."""
    rows = service.database.all(
        "SELECT DISTINCT ON (subject_id) subject_id, COALESCE(subject_ref, subject_title) AS named FROM audit_events "
        "WHERE subject_id = ANY (%s) AND COALESCE(subject_ref, subject_title) IS NOT NULL "
        "ORDER BY subject_id, position DESC",
        ([UUID(id) for id in ids],),
    )
    return {str(row["subject_id"]): row["named"] for row in rows}
