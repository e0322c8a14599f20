"""Obligations as a calendar (RFC 5545) to which a telephone subscribes. Public facts only."""

from collections.abc import Sequence
from datetime import datetime, timedelta

from icalendar import Alarm, Calendar, Event

from services.registry.obligations.schemas import ObligationRead
from services.registry.obligations.states import ObligationStatus

_SHOWN = (ObligationStatus.OPEN, ObligationStatus.OVERDUE)
_WARNED = timedelta(days=-30)


def calendar(
    name: str, items: Sequence[ObligationRead], *, id: str, url: str, at: datetime
) -> bytes:
    """What is still owed and has a day, each as an event of that whole day."""
    made = Calendar()
    made.add("prodid", "-//Mboolo//registry//FR")
    made.add("version", "2.0")
    made.add("method", "PUBLISH")
    made.add("x-wr-calname", name)
    made.add("x-published-ttl", "PT12H")
    for one in items:
        if one.due_on is not None and one.status in _SHOWN and one.is_public:
            made.add_component(_event(name, one, id=id, url=url, at=at))
    return bytes(made.to_ical())


def _event(name: str, one: ObligationRead, *, id: str, url: str, at: datetime) -> Event:
    event = Event()
    # the same thing keeps its name, so that a calendar moves it and shows it once
    day = one.due_on.isoformat() if one.due_on else ""
    subject = one.subject if one.kind.value != "MANDATES_END" else f"{one.subject}-{day}"
    event.add("uid", f"{one.kind.value}-{subject}-{id}@mboolo".lower())
    event.add("dtstamp", at)
    event.add("dtstart", one.due_on)
    event.add("summary", f"{name} : {one.title}")
    event.add("description", "\n".join(part for part in (one.remedy, one.law_ref) if part))
    event.add("url", url)
    event.add("transp", "TRANSPARENT")
    alarm = Alarm()
    alarm.add("action", "DISPLAY")
    alarm.add("description", one.title)
    alarm.add("trigger", _WARNED)
    event.add_component(alarm)
    return event
