"""The documents tell the truth: what is made from the code is up to date, what is written by hand names what exists."""

from pathlib import Path

import pytest

from tests.architecture.documents import DOCS, DOCUMENTS

ROOT = Path(__file__).parents[2]


@pytest.mark.parametrize("name", DOCUMENTS)
def test_a_document_made_from_the_code_is_up_to_date(name: str) -> None:
    assert (DOCS / name).read_text() == DOCUMENTS[name](), "run scripts/document"


def test_every_decision_record_has_its_four_parts() -> None:
    records = sorted((DOCS / "decisions").glob("*.md"))
    assert len(records) >= 7
    for record in records:
        text = record.read_text()
        for part in ("## Context", "## Decision", "## Alternatives", "## Consequences"):
            assert part in text, f"{record.name} lacks {part}"


def test_every_path_that_the_readme_names_exists() -> None:
    tree = (ROOT / "README.md").read_text().split("```text", 1)[1].split("```", 1)[0]
    named = [line.split()[0].strip("│├└─ ") for line in tree.splitlines() if line.strip()]
    for name in named:
        assert (ROOT / name).exists(), f"README names {name}"
