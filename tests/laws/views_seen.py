"""One person who looks back at a life: every view at a moment, and the changes between two, beside what is believed."""

from collections import Counter
from collections.abc import Iterator
from typing import Any

from tests.laws import naive_changes, naive_freshness, naive_indicators
from tests.laws.naive_events import Told
from tests.laws.naive_past import Past, hidden
from tests.laws.views_life import ViewsLife
from tests.laws.views_shown import VIEWS, freshness, trajectory


class Looking:
    """`seen` counts what was believed on the way, so that a test can tell that there was something to see."""

    def __init__(self, life: ViewsLife, told: list[Told], who: str) -> None:
        self.life, self.told, self.who = life, told, who
        self.unseen = hidden(told, None if who == "lead" else life.running.people[who])
        self.path = f"/transformations/{life.acting.id}"
        self.seen: Counter[str] = Counter()
        self.pasts: dict[int, Past] = {}

    def past(self, count: int) -> Past:
        if count not in self.pasts:
            self.pasts[count] = Past(self.told[:count], self.unseen)
        return self.pasts[count]

    def get(self, path: str, **query: Any) -> Any:
        answer = self.life.running.get(path, self.who, params=query, headers={"Accept-Language": "en"})
        assert answer.status_code == 200, answer.text
        return answer.json()

    def at(self, count: int) -> None:
        """Every view after so many events."""
        past, position = self.past(count), self.told[count - 1]["position"]
        for name, read, believe in VIEWS:
            view = self.get(f"{self.path}/{name}", as_of_position=position, **ASKED.get(name, {}))
            believed = believe(past)
            assert view["today"] == past.today
            assert read(view) == believed, (name, position, self.who)
            self.seen.update(words_of(believed))
        days = position % 25
        view = self.get(f"{self.path}/freshness", days=days, as_of_position=position)
        believed = naive_freshness.freshness(past, days)
        assert freshness(view) == believed, (position, self.who)
        self.seen["forgotten" if believed["objects"] else "fresh"] += 1
        last = past.all.get(self.told[count - 1]["stream"])
        if last and last["concept"] == "indicator":
            series = self.get(f"/indicators/{last['id']}/series", as_of_position=position)
            assert trajectory(series) == naive_indicators.trajectory(past, last), (position, self.who)
            self.seen["series"] += bool(series["measures"])

    def between(self, start: int, end: int, *, by_instant: bool = False) -> None:
        """The changes after so many events and up to so many, between positions or between instants."""
        before, after = self.past(start), self.past(end)
        ends: list[Told] = [self.told[count - 1] if count else {"position": 0} for count in (start, end)]
        since, until = (event["at"].isoformat() if by_instant else event["position"] for event in ends)
        asked = {"from": since, "to": until}
        view = self.get(f"{self.path}/changes", **asked)
        assert (view["today"], view["position"]) == (after.today, self.told[end - 1]["position"])
        assert view["counts"] == Counter(item["group"] for item in view["items"])
        shown: dict[str, list[Any]] = {}
        for item in view["items"]:
            shown.setdefault(item["subject"]["id"], []).append(item)
        believed = naive_changes.changes(before, after)
        self.seen["nothing changed"] += not believed
        for id in shown.keys() | believed.keys():
            items, events = believed.get(id, ([], []))
            found = naive_changes.amiss(items, shown.get(id, []))
            assert found == ([], []), (asked, self.who, [(e["topic"], e["position"]) for e in events], found)
            self.seen.update(group for group, *_ in items)
        known = {event["event_id"]: event for event in self.told[start:end]}
        for item in view["items"]:
            told = [known[event_id] for event_id in item["event_ids"]]
            assert {event["stream"] for event in told} == {item["subject"]["id"]}
            assert item["who"] == list(dict.fromkeys(who for event in told for who in event["who"]))
            assert item["position"] == told[0]["position"]


ASKED = {"action-plan": {"include": "actions"}}


def words_of(believed: Any) -> Iterator[str]:
    """What is believed, in words: `rule=done`, the reasons of a weather."""
    if isinstance(believed, str):
        yield believed
    elif isinstance(believed, dict):
        for name, value in believed.items():
            plain = value is None or isinstance(value, bool | str)
            yield from (f"{name}={value}",) if plain else (str(name), *words_of(value))
    elif isinstance(believed, list | tuple):
        for value in believed:
            yield from words_of(value)


def instants(told: list[Told]) -> list[int]:
    """After how many events an instant ends: several share that of one act."""
    return [count for count in range(1, len(told)) if told[count - 1]["at"] != told[count]["at"]]
