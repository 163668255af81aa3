"""Preparing the description takes longer than many a test: it is left alone unless it is asked for."""

from pathlib import Path

import pytest


def pytest_ignore_collect(collection_path: Path, config: pytest.Config) -> bool | None:
    """Without `-m conform` nothing of this folder is even imported."""
    if collection_path.name.startswith("test_") and "not conform" in (config.option.markexpr or ""):
        return True
    return None
