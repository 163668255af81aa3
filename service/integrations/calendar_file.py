"""A calendar as programs read it (RFC 5545, RFC 7986): the library escapes, folds and encodes; the words are ours."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta

from icalendar import Calendar, Event, Timezone, TimezoneDaylight, TimezoneStandard, vText

from service.domain.act import PARIS
from service.domain.refusal import Language
from service.domain.words import french_date
from service.integrations.lines import one_line
from service.projections.calendar import CalendarEntry

MEDIA_TYPE = "text/calendar"
PRODUCT = "-//Trajectoire//Calendrier//FR"
REFRESH = timedelta(hours=1)
KINDS = {
    "review": ("Point d’étape", "Stage review"),
    "milestone": ("Jalon", "Milestone"),
    "deliverable": ("Livrable", "Deliverable"),
}
STATUSES = {
    "scheduled": ("programmé", "scheduled"),
    "pack_frozen": ("dossier figé", "pack frozen"),
    "held": ("tenu", "held"),
    "closed": ("tenu et clos", "held and closed"),
    "planned": ("prévu", "planned"),
    "reached": ("atteint", "reached"),
    "drafted": ("en projet", "drafted"),
    "submitted": ("soumis", "submitted"),
    "returned": ("renvoyé", "returned"),
    "validated": ("validé", "validated"),
    "cancelled": ("annulé", "cancelled"),
    "withdrawn": ("retiré", "withdrawn"),
}
SEASONS = (
    (TimezoneDaylight, datetime(1996, 3, 31, 2), 3, 1, 2, "CEST"),
    (TimezoneStandard, datetime(1996, 10, 27, 3), 10, 2, 1, "CET"),
)
"""When each begins, in the local time before it; the month on whose last Sunday it begins; offsets before and after."""


@dataclass(frozen=True)
class Chapter:
    """The entries of one transformation, named by its code and its name."""

    code: str
    name: str
    entries: tuple[CalendarEntry, ...]


def write(name: str, chapters: Iterable[Chapter], language: Language, address: str, *, codes: bool = False) -> bytes:
    """The file. `address` is that of the service, for links; `codes` names the transformation in every title."""
    calendar = Calendar()
    calendar.add("prodid", PRODUCT)
    calendar.add("version", "2.0")
    calendar.add("calscale", "GREGORIAN")
    for known_as in ("name", "x-wr-calname"):
        calendar.add(known_as, vText(one_line(name)))
    calendar.add("x-wr-timezone", PARIS.key)
    calendar.add("refresh-interval", REFRESH, parameters={"VALUE": "DURATION"})
    calendar.add("x-published-ttl", "PT1H")
    calendar.add_component(_paris())
    for chapter in chapters:
        for entry in chapter.entries:
            calendar.add_component(_event(entry, chapter, language, address, codes))
    content: bytes = calendar.to_ical()
    return content


def _event(entry: CalendarEntry, chapter: Chapter, language: Language, address: str, codes: bool) -> Event:
    """A whole day that blocks nobody's time. It is stamped with its last change: the same entry is the same bytes."""
    event = Event()
    event.add("uid", str(entry.id))
    event.add("sequence", entry.sequence)
    stamp = entry.changed_at.replace(microsecond=0)
    event.add("dtstamp", stamp)
    event.add("last-modified", stamp)
    event.add("dtstart", entry.on)
    event.add("dtend", entry.on + timedelta(days=1))
    event.add("summary", summary(entry, language, chapter.code if codes else None))
    event.add("description", "\n".join(_details(entry, chapter, language)))
    event.add("categories", [KINDS[entry.concept][language == "en"], chapter.code])
    event.add("status", "CANCELLED" if entry.standing == "cancelled" else "CONFIRMED")
    event.add("transp", "TRANSPARENT")
    event.add("url", f"{address}/api/v1/{entry.collection}/{entry.id}")
    return event


def summary(entry: CalendarEntry, language: Language, code: str | None = None) -> str:
    """« Jalon J-7 atteint : Restitution », "Milestone J-7 reached: Restitution"; what is awaited says no status."""
    words = [KINDS[entry.concept][language == "en"], entry.ref]
    if entry.standing != "awaited":
        words.append(STATUSES[entry.status][language == "en"])
    where = f"{code} – " if code else ""
    colon = "\u202f:" if language == "fr" else ":"
    return f"{where}{' '.join(words)}{colon} {one_line(entry.title)}"


def _details(entry: CalendarEntry, chapter: Chapter, language: Language) -> list[str]:
    told = _details_in_french(entry) if language == "fr" else _details_in_english(entry)
    return [f"{chapter.code} – {one_line(chapter.name)}", *told]


def _details_in_french(entry: CalendarEntry) -> list[str]:
    lines = [f"Statut\u202f: {STATUSES[entry.status][0]}"]
    if entry.body:
        lines.append(f"Instance\u202f: {one_line(entry.body)}")
    if entry.phase:
        lines.append(f"Phase\u202f: {one_line(entry.phase)}")
    if entry.baseline_on:
        lines.append(f"Date de référence\u202f: {french_date(entry.baseline_on)}")
    if entry.moved:
        lines.append(f"Date déplacée {entry.moved} fois")
    return lines


def _details_in_english(entry: CalendarEntry) -> list[str]:
    lines = [f"Status: {STATUSES[entry.status][1]}"]
    if entry.body:
        lines.append(f"Body: {one_line(entry.body)}")
    if entry.phase:
        lines.append(f"Phase: {one_line(entry.phase)}")
    if entry.baseline_on:
        lines.append(f"Baseline: {entry.baseline_on.isoformat()}")
    if entry.moved:
        lines.append("Moved once" if entry.moved == 1 else f"Moved {entry.moved} times")
    return lines


def _paris() -> Timezone:
    """The rule of summer time since 1996. A calendar holds at least one component (RFC 5545, 3.6): this one."""
    zone = Timezone()
    zone.add("tzid", PARIS.key)
    for season, begins, month, before, after, name in SEASONS:
        part = season()
        part.add("dtstart", begins)
        part.add("rrule", {"freq": "yearly", "bymonth": month, "byday": "-1su"})
        part.add("tzoffsetfrom", timedelta(hours=before))
        part.add("tzoffsetto", timedelta(hours=after))
        part.add("tzname", name)
        zone.add_component(part)
    return zone
