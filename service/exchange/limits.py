"""How much of a stranger's file we agree to open. One place, so that tests can draw the lines closer."""

from dataclasses import dataclass

MEGABYTE = 1_000_000


@dataclass(frozen=True, slots=True)
class Limits:
    """Bounds checked before anything is built in memory; sizes in bytes, texts in characters."""

    file_size: int = 20 * MEGABYTE
    inflated_size: int = 200 * MEGABYTE
    compression_ratio: int = 200
    """Checked only on parts above `ratio_floor`: small parts of honest files compress well too."""
    ratio_floor: int = 5 * MEGABYTE
    parts: int = 2_000
    rows: int = 100_000
    columns: int = 200
    cells: int = 4_000_000
    """Rows times columns over all sheets: what the reader would have to hold."""
    cell_length: int = 32_767
    """What Excel itself allows in one cell."""


DEFAULT_LIMITS = Limits()
