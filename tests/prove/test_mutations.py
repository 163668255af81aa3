"""The list of mutations stays true: every place that it breaks exists once, and every test that must notice exists."""

from pathlib import Path

import pytest

from tests.prove.mutations import MUTATIONS, ROOT, Mutation


@pytest.mark.parametrize("mutation", MUTATIONS, ids=lambda mutation: mutation.promise)
def test_every_promise_can_be_broken_and_has_its_guard(mutation: Mutation) -> None:
    before = (ROOT / mutation.file).read_text(encoding="utf-8")
    assert mutation.whole != before
    file, _, name = mutation.test.partition("::")
    assert f"def {name.partition('[')[0]}(" in Path(ROOT / file).read_text(encoding="utf-8")


def test_each_promise_is_listed_once() -> None:
    assert len({mutation.promise for mutation in MUTATIONS}) == len(MUTATIONS)
