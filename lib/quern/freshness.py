"""How long evidence is fresh, and when a page that rests on it is stale and says so."""

from __future__ import annotations

import calendar
import datetime
import re
from collections.abc import Mapping
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from quern.pages import Document

CURRENT, STALE, OUTDATED = "current", "stale", "outdated"

_AGE = re.compile(r"(\d+) (day|week|month|year)s?")
_PARTIAL = re.compile(r"(\d{4})(?:-(\d\d)(?:-(\d\d))?)?")


def age(text: str | int) -> tuple[int, int]:
    """An age such as `90` (days), `6 weeks`, `18 months` or `2 years`, as (months, days).

    Raises ValueError if it is none.
    """
    if isinstance(text, int):
        text = f"{text} days"
    match = _AGE.fullmatch(text.strip())
    if match is None:
        raise ValueError(f"{text!r} is no age such as 90 days, 6 weeks, 18 months or 2 years")
    number = int(match[1])
    return {"day": (0, number), "week": (0, 7 * number), "month": (number, 0), "year": (12 * number, 0)}[match[2]]


def is_stale(as_of: str | None, fresh_for: str | int | None, date: str) -> bool:
    """Whether evidence of that day (or month, or year: then of its last day) is older than that on `date`.

    What has no date is not called stale, and nothing is where no age is set.
    """
    match = _PARTIAL.fullmatch(as_of or "")
    if fresh_for is None or match is None:
        return False
    months, days = age(fresh_for)
    try:
        until = _later(_last_day(match), months) + datetime.timedelta(days=days)
    except (ValueError, OverflowError):
        # No day of any calendar, or one past its end: nothing can be older than that.
        return False
    return datetime.date.fromisoformat(date) > until


def notice(as_of: str, fresh_for: str | int, type_: str) -> str:
    """The line that a stale page begins with, in which no day of the run stands: it stays true."""
    from quern.pages.document import NOTICE

    return f"{NOTICE}The newest evidence is of {as_of}; a page of type {type_} is fresh for {lasting(fresh_for)}."


def lasting(fresh_for: str | int | None) -> str:
    """An age as people say it."""
    return f"{fresh_for} days" if isinstance(fresh_for, int) else str(fresh_for).strip()


def dated(document: Document, fresh_for: Mapping[str, str | int], date: str) -> Document:
    """A topic page that says whether it is stale on `date`: in the line below its title, and in its status.

    A status that says more (contested, or a person's own) stays.
    """
    # The schema asks how old is old, and every program reads that; few have pages.
    from quern import pages

    type_, as_of = str(document.front_values.get("type", "")), document.front_values.get("as_of")
    limit = fresh_for.get(type_)
    stale = is_stale(as_of, limit, date)
    says = notice(str(as_of), limit, type_) if stale and limit is not None else None
    lines = _with_notice(document, says)
    status = document.front_values.get("status")
    was, becomes = (CURRENT, STALE) if stale else (STALE, CURRENT)
    front = {"status": becomes} if status == was or (stale and not status) else {}
    lines = pages.with_front(document, front, lines)
    return document if lines == document.lines else pages.parse(pages.join(document, lines))


def _with_notice(document: Document, says: str | None) -> list[str]:
    lines, at = list(document.lines), document.notice
    if at is not None and says is not None:
        lines[at] = says
    elif at is not None:
        # With the line goes the blank one behind it.
        del lines[at : at + 2 if at + 1 < len(lines) and not lines[at + 1].strip() else at + 1]
    elif says is not None:
        lines[document.title_line + 1 : document.title_line + 1] = ["", says]
    return lines


def _last_day(match: re.Match[str]) -> datetime.date:
    year, month = int(match[1]), int(match[2] or 12)
    day = int(match[3]) if match[3] else calendar.monthrange(year, month)[1]
    return datetime.date(year, month, day)


def _later(day: datetime.date, months: int) -> datetime.date:
    """The same day of a later month, or its last one."""
    year, month = divmod(day.year * 12 + day.month - 1 + months, 12)
    return datetime.date(year, month + 1, min(day.day, calendar.monthrange(year, month + 1)[1]))
