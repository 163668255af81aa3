"""Scheduled work: each a plain callable that asks « what is due and not recorded? ». The scheduler only ticks."""
