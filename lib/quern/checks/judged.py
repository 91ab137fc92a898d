"""What a judge found in a wiki, as findings: it is looked for by `judge`, and not by `lint`."""

from __future__ import annotations

import shlex
from collections.abc import Iterator
from typing import TYPE_CHECKING

from quern.checks.view import Problem, View

if TYPE_CHECKING:
    from quern.docket import Question, Ruling

_BESIDE = "see the sources of both (bin/why), and put right the page that is wrong"


def judged_contradiction(view: View, found: Ruling) -> Iterator[tuple[str, Problem]]:
    """Two claims that a judge takes to contradict each other, with words of both that bear it out."""
    if found.verdict.relation == "contradicts":
        yield _of_two(view, found, "against")


def overtaken_claim(view: View, found: Ruling) -> Iterator[tuple[str, Problem]]:
    """Claims that a judge takes to be overtaken by one of a later day, with words of both, and that bear no mark."""
    if found.verdict.relation == "supersedes":
        yield _of_two(view, found, "is overtaken by", keep=found.verdict.newer)


def unexplained_term(_view: View, found: Question) -> Iterator[tuple[str, Problem]]:
    """Terms that three claims or more use and none explains, with words that only who knows them understands."""
    from quern.docket.terms import Unexplained

    case = found.case
    if isinstance(case, Unexplained):
        said = f"{case.claims} claims use {case.term.name!r}, and none says what it is: “{found.words}”"
        fix = "ingest a source that explains it" if case.title else "ingest a source that explains it, or write a page"
        yield case.path, Problem(case.line, said, fix, case.term.name)


def gap(_view: View, found: Question) -> Iterator[tuple[str, Problem]]:
    """Questions that the wiki raises and does not answer, and the kinds of sources that may tell."""
    yield found.case.path, Problem(found.case.line, found.question, f"look for {'; '.join(found.sources)}", found.words)


def _of_two(view: View, found: Ruling, how: str, *, keep: str = "") -> tuple[str, Problem]:
    """Of two claims the one that is to be looked at: the older, where the newer has overtaken it, else the newer."""
    pair, verdict = found.case.pair, found.verdict
    sides = list(zip((pair.new, pair.old), found.case.paths, (verdict.value, verdict.other_value), strict=True))
    sides = sides[::-1] if keep == pair.new.id else sides
    (one, path, value), (other, beside, against) = sides
    of = f"{verdict.attribute}: " if verdict.attribute else ""
    where = f" on {beside}" if beside != path else ""
    said = f"{_words(one.text, one.day())} {how} {_words(other.text, other.day())}{where} ({of}{value} / {against})"
    line = view.line_of_claim(path, one.id)
    return path, Problem(line, said, _BESIDE if where else _settle(view, path, one.id, other.id, keep), other.id)


def _words(text: str, day: str) -> str:
    return f"{text!r} [{day}]" if day else repr(text)


def _settle(view: View, path: str, one: str, other: str, keep: str) -> str:
    page = view.catalogue.page(path)
    command = ["bin/settle", page.title if page is not None else path, one, other]
    if keep:
        return f"if it is so: {shlex.join([*command, '--keep', keep])}"
    return f"both are right: {shlex.join(command)}; or one is: --keep it"
