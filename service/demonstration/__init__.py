"""The demonstration: the founding case told as about fourteen months of history, through the same decisions as any act.

The story is data: people, plan, obstacles, indicators, decisions, weather, notes. `story` plays it in order.
"""

from service.demonstration.story import tell

__all__ = ["tell"]
