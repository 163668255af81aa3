"""What a proof found: printed, and added to the file that TRAJECTOIRE_PROOF_REPORT names."""

import os
from pathlib import Path


def report(proof: str, **figures: object) -> None:
    """One line per proof."""
    line = f"{proof}: " + ", ".join(f"{value} {name.replace('_', ' ')}" for name, value in figures.items())
    print(line)
    if file := os.environ.get("TRAJECTOIRE_PROOF_REPORT"):
        with Path(file).open("a", encoding="utf-8") as out:
            out.write(f"- {line}\n")
