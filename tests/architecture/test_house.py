"""The rules of the house: size, names, events that somebody hears, tables that the migrations made."""

import ast
import re
from pathlib import Path

import psycopg
import pytest

from service.domain.all_concepts import ALL_CONCEPTS
from service.domain.event import type_registry
from service.domain.refusal import Refusal
from service.projections.all_tables import TABLES

ROOT = Path(__file__).parents[2]
MODULES = sorted((ROOT / "service").rglob("*.py"))
LONGEST = 400
FORBIDDEN_NAMES = {"utils", "helpers", "common", "manager", "models"}


@pytest.mark.parametrize("module", MODULES, ids=lambda path: str(path.relative_to(ROOT)))
def test_a_module_is_short_and_says_what_it_is_for(module: Path) -> None:
    text = module.read_text()
    assert len(text.splitlines()) <= LONGEST
    assert module.stem not in FORBIDDEN_NAMES
    assert ast.get_docstring(ast.parse(text)), f"{module.name} opens without saying what it is for"


def test_every_concept_has_a_table_that_hears_its_events() -> None:
    assert {table.concept.name for table in TABLES} == {concept.name for concept in ALL_CONCEPTS}


def test_every_event_belongs_to_one_concept_and_has_a_meaning() -> None:
    of_concepts = {kind.TOPIC for c in ALL_CONCEPTS for kind in (*c.events, c.corrected, c.withdrawn)}
    assert of_concepts == set(type_registry)
    for topic, kind in type_registry.items():
        assert re.fullmatch(r"[a-z_]+\.[a-z_]+", topic)
        assert not re.search(r"\.(updated|changed_status|status_changed)$", topic)
        assert kind.__doc__, f"{topic} does not say what happened"


def all_refusals(kind: type[Refusal] = Refusal) -> list[type[Refusal]]:
    return [kind, *(below for child in kind.__subclasses__() for below in all_refusals(child))]


def test_every_refusal_speaks_both_languages_of_the_same_facts() -> None:
    for refusal in all_refusals():
        assert refusal.__doc__, refusal
        french = set(re.findall(r"{(\w+)}", refusal.FR))
        english = set(re.findall(r"{(\w+)}", refusal.__doc__))
        assert french == english, f"{refusal.__name__}: {french ^ english}"


def test_french_messages_have_french_typography() -> None:
    for refusal in all_refusals():
        text = refusal.FR
        outside = re.sub("«\u202f[^»]*\u202f»", "", text)  # what is quoted may be code
        assert not re.search(r"[^\u202f][;:!?»](\s|$)", outside), text
        assert "«\u202f" in text or "«" not in text, text
        assert "'" not in text, text


def test_the_migrations_made_what_the_projections_declare(database: str) -> None:
    with psycopg.connect(database) as connection:
        for table in TABLES:
            rows = connection.execute(
                "SELECT column_name, CASE data_type WHEN 'ARRAY' THEN 'text[]' WHEN 'timestamp with time zone' "
                "THEN 'timestamptz' ELSE data_type END FROM information_schema.columns WHERE table_name = %s",
                (table.name,),
            ).fetchall()
            assert dict(rows) == table.all_columns, f"{table.name}: write a migration"
            indexes = {
                r[0] for r in connection.execute("SELECT indexname FROM pg_indexes WHERE tablename = %s", (table.name,))
            }
            wanted = set(re.findall(r"CREATE (?:UNIQUE )?INDEX (\w+)", table.create_statement()))
            assert wanted <= indexes, f"{table.name}: {wanted - indexes}"
