"""A question as an engine gets it: its words, and the claims that it may be answered from."""

from __future__ import annotations

import re
from collections.abc import Sequence
from typing import TYPE_CHECKING, NamedTuple

from quern import languages
from quern.journal import one_line
from quern.program import Failure

if TYPE_CHECKING:
    from quern.answers.knowledge import Known
    from quern.records import Gap, SummarySentence

LONGEST = 2000
"""Characters of a question: who has more to say has a source, and not a question."""
MOST = 40
"""Sentences of an answer: who wants more reads the pages that it cites."""


class Inquiry(NamedTuple):
    """A question (on one line), its language, and how many sentences it may be answered with at most.

    `whole`: the claims are all that is known, in their stable order; else those that were found, the nearest first.
    """

    question: str
    language: str
    limit: int
    claims: Sequence[Known]
    whole: bool


class Answered(NamedTuple):
    """What an engine answers: sentences that each cite claims, what it misses, and who that was."""

    sentences: list[SummarySentence]
    gaps: list[Gap]
    engine: str
    model: str | None = None
    prompt: str | None = None


def asked(text: str) -> str:
    """A question on one line. Raises Failure if there is none, or more than one can ask."""
    question = one_line(text)
    if not re.search(r"\w", question):
        raise Failure("nothing is asked: ask 'a question in words'")
    if len(question) > LONGEST:
        raise Failure(
            f"the question has {len(question)} characters, and at most {LONGEST} can be asked: "
            "put what you know into raw/ and ingest it, and ask what you want to know"
        )
    return question


def language_of(question: str, default: str) -> str:
    """The language of a question: few words tell it, so what a wiki is written in counts where they do not."""
    found = languages.detect(question, "")
    return found or default


def day(text: str) -> str:
    """The day (ISO) from what was known on which one wants an answer; a year or a month means its end, "" now.

    Raises Failure if it is no date.
    """
    import calendar
    import datetime

    if not text.strip():
        return ""
    match = re.fullmatch(r"\s*([0-9]{4})(?:-([0-9]{2})(?:-([0-9]{2}))?)?\s*", text)
    if match is None:
        raise Failure(f"{text!r} is not a date like 2026-04-02")
    try:
        year, month, last = (int(part or 0) for part in match.groups())
        month = month or 12
        last = last or calendar.monthrange(year, month)[1]
        return datetime.date(year, month, last).isoformat()
    except (ValueError, calendar.IllegalMonthError):
        raise Failure(f"{text!r} is not a date like 2026-04-02") from None
