"""What an update may not do to a page: lose evidence or words, or bring back what a person took away.

Whatever rendered a page anew, what came of it is compared here with the page as it was, and knows nothing of how it
was made: a fault there is found before anything is written.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Callable, Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field

from quern import claims, pages
from quern.pages import frontmatter, sections
from quern.pages.frontmatter import ORDER
from quern.program import Failure
from quern.updates.properties import REVIEWED, listed
from quern.updates.rewording import SETTLED, swapped
from quern.updates.sentences import only_marked

Key = tuple[str, str]

# Headings that come and go with what stands under them, and sections that are made anew from the claims of the page.
_HEADINGS = frozenset((*sections.TOPIC, *sections.LEDGER))
_GENERATED = frozenset(sections.SHOWN)
# Keys of front matter that are ours, and yet not made anew.
_KEPT = frozenset({"title", "type", "tags", "created"})
_LINK = re.compile(r"\[\[[^\[\]]*\]\]")


@dataclass(frozen=True, slots=True, kw_only=True)
class Duty:
    """What a run owes to a topic page, as (claim, source slug).

    `wanted` is to stand on it now, `gone` was taken back by its source, `barred` was taken off the page by a person;
    `named` are the claims of which the run says that their sentences go or move, `unlinked` the files to which the
    list of related pages leads no more. `instead`: the claims that stand in the place of others, by the id of these.
    `unreviewed`: the page is not as it was when a person reviewed it.
    """

    wanted: Collection[Key]
    gone: Collection[Key]
    barred: Collection[Key]
    named: Collection[str]
    unlinked: Collection[str] = ()
    instead: Mapping[str, Sequence[str]] = field(default_factory=dict)
    unreviewed: bool = False


def refuse(path: str, problems: Iterable[pages.Problem]) -> None:
    """Raise Failure, naming the line of the page as it stands, at the first problem."""
    for line, message in problems:
        raise Failure(f"{message}; nothing is written", path, line)


def on_topic(before: pages.Document, after: pages.Document, duty: Duty) -> Iterator[pages.Problem]:
    """What is not right about a topic page that was brought up to date; nothing for a page that is as it should be."""
    had, has = _evidence(before), _evidence(after)
    unnamed = {key for key in duty.gone if key[0] not in duty.named}
    # A mark goes with the sentence that it stands behind.
    marked = only_marked(before, {ref.line for ref in before.cited})
    lost = {key for key in had - has if key[0] not in marked} - (set(duty.gone) - unnamed)
    if lost:
        yield pages.Problem(1, f"merge would lose {len(lost)} of its claims: {_ids(lost)}")
    missing = set(duty.wanted) - has - lost
    if missing:
        yield pages.Problem(1, f"merge would leave out {len(missing)} of the new claims: {_ids(missing)}")
    kept = set(duty.gone) & has
    if kept:
        yield pages.Problem(1, f"merge would keep claims that their source has taken back: {_ids(kept)}")
    back = set(duty.barred) & has
    if back:
        yield pages.Problem(1, f"merge would bring back claims that a person has taken off the page: {_ids(back)}")
    lead = before.lead
    # Behind a byte order mark a heading is none yet, and passes for the lead.
    if lead is not None and not _is_generated(before, lead) and not lead.text.startswith("\ufeff"):
        words = pages.plain_of(after.lead.text) if after.lead is not None else ""
        if words != pages.plain_of(lead.text):
            yield pages.Problem(lead.start + 1, "merge would put another lead in the place of one that a person wrote")
    dropped = {REVIEWED} if duty.unreviewed else set[str]()
    if duty.instead and _rules_the_same(before, after, duty.instead):
        dropped.add(SETTLED)
    made = lambda: _made_on_topic(before, duty.named) | _unlinked(before, after, duty)  # noqa: E731
    yield from _words(before, after, made, dropped)


def _rules_the_same(before: pages.Document, after: pages.Document, instead: Mapping[str, Sequence[str]]) -> bool:
    """Whether what a person decided of two claims holds of those in their place."""
    now = frontmatter.settled(after.front_values)
    return all(now & {pair, *swapped(pair, instead)} for pair in frontmatter.settled(before.front_values))


def on_united(gone: pages.Document, left: pages.Document) -> Iterator[pages.Problem]:
    """What of a page that has gone into another is not on that one: evidence, and words that people wrote."""
    lost = _evidence(gone) - _evidence(left)
    if lost:
        yield pages.Problem(1, f"would lose {len(lost)} of its claims: {_ids(lost)}")
    said = "\n".join([*map(_plain, left.lines), *map(str, left.front_values.values())])
    for key, value in gone.front_values.items():
        is_ours = (key in ORDER and key not in ("aliases", "tags")) or key in ("distinct_from", REVIEWED)
        if not is_ours and any(text not in said and pages.escape(text) not in said for text in listed(value)):
            yield pages.Problem(1, f"would lose what a person wrote in the front matter: {key}")
    ours = _made_on_topic(gone, {id_ for id_, _ in _evidence(gone)}) | _only_linking(gone)
    for number in range(gone.front_end, len(gone.lines)):
        line = _plain(gone.lines[number].lstrip("#"))
        if number not in ours and line not in said and line != gone.title:
            yield pages.Problem(number + 1, f"would lose words: {_short(line)}")


def on_ledger(
    before: pages.Document, after: pages.Document, retired: Collection[str], forgotten: Collection[str] = ()
) -> Iterator[pages.Problem]:
    """What is not right about a source page that was brought up to date. `forgotten`: files of pages that go."""
    has = {item.id: item for item in after.items}
    for item in before.items:
        now = has.get(item.id)
        if item.id in retired:
            continue
        if now is None:
            yield pages.Problem(item.line + 1, f"merge would lose claim {item.id}")
        elif now.text != item.text or claims.normalise(now.quote) != claims.normalise(item.quote):
            yield pages.Problem(item.line + 1, f"merge would change claim {item.id}")
        elif not set(item.pages) - set(forgotten) <= set(now.pages):
            yield pages.Problem(item.line + 1, f"merge would forget a page that claim {item.id} went to")
    yield from _words(before, after, lambda: _made_on_ledger(before))


def on_index(before: str, after: str) -> Iterator[pages.Problem]:
    """The lines of an index file that are no entries and no headings, and that are in it no more."""
    left = set(after.split("\n"))
    for number, line in enumerate(before.split("\n"), 1):
        if line.strip() and line not in left and not line.startswith(("- [[", "#")):
            yield pages.Problem(number, f"would lose words: {_short(line.strip())}")


def _evidence(document: pages.Document) -> set[Key]:
    """Footnotes that some sentence of the page cites, by claim and source."""
    cited = {ref.id for ref in document.cited}
    return {(note.id, place.slug) for note in document.footnotes.values() if note.id in cited for place in note.places}


def _ids(keys: Collection[Key]) -> str:
    return ", ".join(sorted({id_ for id_, _ in keys}))


def _words(
    before: pages.Document, after: pages.Document, made: Callable[[], set[int]], dropped: Collection[str] = ()
) -> Iterator[pages.Problem]:
    """The words that a person wrote, or that stand for good, and that are on the page no more.

    `made` gives the lines that the run may write anew; it is asked only if a line is there no more.
    `dropped` are keys of front matter that go.
    """
    for key, value in before.front_values.items():
        if key in dropped:
            continue
        now = after.front_values.get(key)
        if key == "aliases":
            kept = set(listed(value)) <= set(listed(now))
        else:
            kept = now == value or (key in ORDER and key not in _KEPT)
        if not kept:
            yield pages.Problem(1, f"merge would change what a person wrote in the front matter: {key}")
    for id_, note in before.footnotes.items():
        if note.rest and id_ in after.footnotes and after.footnotes[id_].rest != note.rest:
            yield pages.Problem(note.line + 1, f"merge would lose words: {_short(note.rest)}")
    standing, there = Counter(before.lines), Counter(after.lines)
    fewer, new = standing - there, there - standing
    gone = [number for number in range(before.front_end, len(before.lines)) if before.lines[number] in fewer]
    now = "\n".join(_plain(line) for line in new) if gone else ""
    ours = made() if gone else set()
    for number in gone:
        line = before.lines[number]
        if number not in ours and _plain(line) not in now:
            yield pages.Problem(number + 1, f"merge would lose words: {_short(line.strip())}")


def _made_on_topic(document: pages.Document, named: Collection[str]) -> set[int]:
    """The lines of a topic page that a run may write anew."""
    made = _made_anywhere(document)
    for bullet in document.bullets:
        is_ours = not bullet.edited and any(id_ in named for id_ in bullet.claims)
        if is_ours or (bullet.section in _GENERATED and bullet.claims):
            made |= set(range(bullet.line, bullet.end))
    # Rows of tables that cite are series of ours.
    cited = {ref.line for ref in document.refs}
    return made | {number for number in cited if document.lines[number].lstrip().startswith("|")}


def _unlinked(before: pages.Document, after: pages.Document, duty: Duty) -> set[int]:
    """The lines under Related that have lost nothing but links to pages to which the list is to lead no more."""
    there = {link.file for link in after.links}
    section = before.section(sections.RELATED)
    found: set[int] = set()
    for number in range(section.start + 1, section.end) if section is not None and duty.unlinked else ():
        files = {link.file for link in before.links if link.line == number}
        if files & set(duty.unlinked) and files - set(duty.unlinked) <= there:
            found.add(number)
    return found


def _only_linking(document: pages.Document) -> set[int]:
    """The lines under Related that name pages and say nothing."""
    related = [section for section in document.sections if section.title == sections.RELATED]
    lines = [number for section in related for number in range(section.start + 1, section.end)]
    return {number for number in lines if not _LINK.sub("", document.lines[number]).strip("-· \t\r")}


def _made_on_ledger(document: pages.Document) -> set[int]:
    made = _made_anywhere(document)
    for item in document.items:
        # The words of a claim that a person edited stay even if it is taken back; of the others `on_ledger` sees.
        is_ours = claims.claim_id(item.quote, item.text) == item.id
        made |= {item.line} if is_ours else set()
        made |= {item.evidence_line} if item.evidence_line is not None else set()
    return made | {waiting.line for waiting in document.waiting} | {part.line for part in document.unread}


def _made_anywhere(document: pages.Document) -> set[int]:
    made = {section.start for section in document.sections if section.title in _HEADINGS}
    made |= {line for note in document.footnotes.values() if note.places for line in range(note.line, note.end)}
    made |= {document.notice} if document.notice is not None else set()
    lead = document.lead
    return made | (set(range(lead.start, lead.end)) if lead is not None and _is_generated(document, lead) else set())


def _is_generated(document: pages.Document, lead: pages.Lead) -> bool:
    """Whether a lead is as it was generated; on a source page one without a stamp is, too."""
    stamp = document.front_values.get("lead")
    return stamp == pages.lead_hash(lead.text) if stamp else document.front_values.get("type") == "source"


def _plain(line: str) -> str:
    return pages.plain_of(line.lstrip("\ufeff").strip()).removeprefix("- ")


def _short(text: str) -> str:
    return text if len(text) <= 60 else f"{text[:60]}…"
