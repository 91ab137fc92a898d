"""Two pages turn out to be one thing: what stands on the one goes to the other, and links to it follow.

Claims go as the bullets that they are, in their order among the others; what both pages say is said once, with the
footnotes of both. What a person wrote goes as it stands, under its own headings where these are free.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field

from quern import freshness, names, pages
from quern.checks.references import heading_key
from quern.pages import Link, links, sections
from quern.pages.edits import Edits, tail
from quern.program import Failure
from quern.records import Change
from quern.updates import grounds, headers, legacy, listings, losses, meeting, topic
from quern.updates.legacy import Legacy
from quern.updates.properties import counted
from quern.updates.sentences import in_lead
from quern.updates.upkeep import Course, Upkeep, anchor, heading, led, orders, quoted_lines
from quern.wiki.cards import ANSWER, SOURCE

_OURS = (sections.FACTS, *sections.SHOWN, sections.RELATED)
_CLAIM = re.compile(r"[0-9a-f]{12}")
_LINKS_ONLY = re.compile(r"- \[\[[^\[\]]*\]\](?: · \[\[[^\[\]]*\]\])*\s*")


def unite(work: Upkeep, one: str, other: str) -> list[Change]:
    """Let the page called `other` go into the page called `one` (each a path, file name, title or alias).

    Returns a change for each page that is written: `update` for `one` and those that link, `delete` for `other`.
    Raises Failure, with nothing written, if they are one page, or a source page, or cannot be changed safely.
    """
    path, gone = work.asked(one), work.asked(other)
    if path == gone:
        raise Failure(f"{one!r} and {other!r} are names of this page already", path)
    kept, left = work.read(path), work.read(gone)
    for place, document in ((path, kept), (gone, left)):
        if document.front_values.get("type") == SOURCE:
            raise Failure("is a source page: sources are not united, since each is evidence of its own", place)
        if document.front_values.get("type") == ANSWER:
            raise Failure("is an answer, and no page on a thing: delete it, or ask again what it answers", place)
    course = Course(work.catalogue, {gone: path}, _headings(gone, kept, left))
    work.repair(course, but=(path,))
    kept = _unlinked(led(path, kept, _inward(course, path, kept, {path, gone})), pages.file_of(path))
    moved = led(gone, left, _inward(course, gone, left, {path, gone}))
    union = _Union(work, kept, moved, path, gone)
    made = union.document()
    has = grounds.evidence_on(moved)
    ids = {id_ for id_, _ in has}
    united = union.united | (ids & {id_ for id_, _ in grounds.evidence_on(kept)})
    told = union.outcome
    duty = losses.Duty(wanted=has, gone=(), barred=(), named={*ids, *told.superseded, *told.moved})
    losses.refuse(path, losses.on_topic(pages.set_front(kept, union.front), made, duty))
    losses.refuse(gone, losses.on_united(moved, made))
    work.write(path, made)
    work.write(gone, None)
    lists = {"superseded": told.superseded, "disputed": told.disputed}
    work.tell(path, "update", made, moved={*(ids - united), *told.moved}, united=united, **lists)
    work.tell(gone, "delete", left, moved=ids - united, united=united)
    title, was = (document.title or pages.file_of(place) for place, document in ((path, kept), (gone, left)))
    return work.decide("unite", f"{was} -> {title}", course, {})


def _headings(gone: str, kept: pages.Document, left: pages.Document) -> dict[tuple[str, str], str]:
    """How links name the headings of the page that goes: its title is the other's, a clashing one is below ours."""
    found = {}
    title = heading(left)
    if title is not None:
        found[gone, heading_key(title)] = anchor(heading(kept) or kept.title)
    for group in legacy.groups(left):
        if legacy.is_taken(group, left, kept):
            name = left.sections[group[0]].title
            found[gone, heading_key(name)] = f"{anchor(legacy.title_of(left, gone))}#{anchor(name)}"
    return found


def _inward(course: Course, path: str, document: pages.Document, both: set[str]) -> links.Course:
    """As the course, but where one of the two pages names the other in our words there is no link any more."""
    outward, quoting = course.of(path), quoted_lines(document)

    def target(link: Link) -> str | None:
        is_between = link.line in quoting and not link.embed and course.finds(link, path) in both
        return "" if is_between and link.target.partition("#")[0].strip() else outward(link)

    return target


def _unlinked(document: pages.Document, file: str) -> pages.Document:
    """The page without itself among the related ones."""
    edits = Edits(document.lines)
    section = document.section(sections.RELATED)
    for number in range(section.start + 1, section.end) if section else ():
        line = document.lines[number]
        shown = [
            line[link.start : link.end] for link in pages.links_in(line) if names.fold(link.file) != names.fold(file)
        ]
        if _LINKS_ONLY.fullmatch(line) and len(shown) < len(pages.links_in(line)):
            if shown:
                edits.replace(number, f"- {' · '.join(shown)}")
            else:
                edits.remove(number)
    if section and section.end > section.start + 1 and edits.blank(section.start + 1, section.end):
        edits.remove(section.start, section.end)
    return pages.parse(pages.join(document, edits.result()))


# What stands on the page that goes


@dataclass(slots=True)
class _Block:
    """Lines that belong together in a list; `is_ours`: they are one sentence of ours and nothing else."""

    lines: list[str]
    ids: list[str]
    is_ours: bool


@dataclass(slots=True)
class _Union:
    """The page that stays, while that of the other is put on it."""

    work: Upkeep
    kept: pages.Document
    left: pages.Document
    path: str
    gone: str
    front: dict[str, pages.Value] = field(default_factory=dict)
    new: list[tuple[grounds.Order, list[str]]] = field(default_factory=list)
    legacy: Legacy = field(default_factory=Legacy)
    united: set[str] = field(default_factory=set)
    outcome: topic.Outcome = field(default_factory=topic.Outcome)

    def document(self) -> pages.Document:
        """The page of both."""
        met = meeting.meet(self.work.catalogue, self.work.schema, self.kept, self.left, self.path, self.gone)
        self._join_front()
        self.left = self._with_own_notes()
        edits = Edits(self.kept.lines)
        order = orders(self.work.catalogue, {*self.kept.claims, *self.left.claims})
        said = self._said()
        for block in self._sentences():
            if _say_once(edits, block, said, met.same):
                self.united |= met.same.keys() & set(block.ids)
            else:
                self.new.append((next((order[id_] for id_ in block.ids if id_ in order), grounds.UNKNOWN), block.lines))
        self._facts(edits, order)
        for title in sections.SHOWN:
            self._made(edits, title)
        self._related(edits)
        self.legacy.gather(self.left, self.kept, is_lead_ours=self._lead_is_ours())
        self._place_legacy(edits)
        self._notes(edits)
        lines = pages.with_front(self.kept, self.front, edits.result())
        made = pages.parse(pages.join(self.kept, lines))
        if met.relations:
            made, self.outcome = met.shown(made, order)
        made = pages.set_front(made, counted(grounds.evidence_on(made), order, self.work.date))
        return freshness.dated(made, self.work.schema.pages.fresh_for, self.work.date)

    def _said(self) -> dict[str, int]:
        """The claims that some sentence of the page says, with its line; marks and lists of ours only cite."""
        bullets = {line: bullet for bullet in self.kept.bullets for line in range(bullet.line, bullet.end)}
        said: dict[str, int] = {}
        for ref in self.kept.refs:
            bullet = bullets.get(ref.line)
            if bullet is None or (bullet.section not in sections.SHOWN and ref.id in bullet.claims):
                said.setdefault(ref.id, ref.line)
        return said

    # Footnotes

    def _with_own_notes(self) -> pages.Document:
        """The other page, on which footnotes of people that both have are called otherwise."""
        left, lines = self.left, list(self.left.lines)
        for id_, note in left.footnotes.items():
            standing = self.kept.footnotes.get(id_)
            if standing is None or _CLAIM.fullmatch(id_) or _body(left, note) == _body(self.kept, standing):
                continue
            number = 2
            while f"{id_}-{number}" in (self.kept.footnotes | left.footnotes):
                number += 1
            for line in {note.line, *(ref.line for ref in left.refs if ref.id == id_)}:
                lines[line] = lines[line].replace(f"[^{id_}]", f"[^{id_}-{number}]")
        return left if lines == left.lines else pages.parse(pages.join(left, lines))

    def _notes(self, edits: Edits) -> None:
        """The places of both; a footnote that only the other page has comes as it stands."""
        new: list[str] = []
        for id_, note in self.left.footnotes.items():
            standing = self.kept.footnotes.get(id_)
            if standing is None:
                new += self.left.lines[note.line : note.end]
                continue
            slugs = {place.slug for place in standing.places}
            places = [*standing.places, *(place for place in note.places if place.slug not in slugs)]
            rest = " ".join(dict.fromkeys(filter(None, (standing.rest, note.rest))))
            if (places, rest) != (standing.places, standing.rest):
                edits.remove(standing.line, standing.end)
                edits.insert(standing.line, pages.footnote_md(id_, places, rest).split("\n"))
        last = max((note.end for note in self.kept.footnotes.values()), default=None)
        if last is not None:
            edits.insert(last, new)
        elif new:
            edits.append(new)

    # Sentences

    def _sentences(self) -> Iterator[_Block]:
        """The sentences of a lead of ours, then the list of facts."""
        left, lead = self.left, self.left.lead
        home = {id_ for bullet in left.bullets for id_ in bullet.claims}
        if lead is not None and self._lead_is_ours():
            for sentence in in_lead(lead.text):
                if home.isdisjoint(sentence.ids):
                    yield _Block([pages.bullet_md(sentence.markdown, sentence.ids)], sentence.ids, is_ours=True)
        for section in left.sections:
            if section.title == sections.FACTS:
                yield from self._blocks(section)

    def _lead_is_ours(self) -> bool:
        lead, stamp = self.left.lead, self.left.front_values.get("lead")
        return lead is not None and bool(stamp) and stamp == pages.lead_hash(lead.text)

    def _blocks(self, section: pages.Section) -> Iterator[_Block]:
        """The list items of a section, each with what is indented below it; other text is a person's."""
        bullets = {bullet.line: bullet for bullet in self.left.bullets}
        noted = self.left.noted
        number = section.start + 1
        while number < section.end:
            start, number = number, number + 1
            if start in noted or not self.left.lines[start].strip():
                continue
            bullet = bullets.get(start)
            number = bullet.end if bullet else number
            while (
                number < section.end
                and number not in noted
                and self._goes_on(number, section.end, is_text=bullet is None)
            ):
                number += 1
            lines = self.left.lines[start:number]
            if bullet is None:
                self.legacy.add(lines)
                continue
            is_ours = bool(bullet.claims) and not bullet.edited and number == start + 1
            yield _Block(lines, bullet.claims, is_ours=is_ours)

    def _goes_on(self, number: int, end: int, *, is_text: bool) -> bool:
        line = self.left.lines[number]
        if line.strip():
            return line[0] in " \t" or (is_text and not line.startswith(("- ", "* ", "+ ")))
        after = next((text for text in self.left.lines[number:end] if text.strip()), "")
        return after[:1] in (" ", "\t") and bool(after)

    def _facts(self, edits: Edits, order: dict[str, grounds.Order]) -> None:
        section = self.kept.section(sections.FACTS)
        standing = [
            (order[bullet.claims[0]], bullet.line)
            for bullet in self.kept.bullets
            if bullet.section == sections.FACTS and bullet.claims and bullet.claims[0] in order
        ]
        at_end: list[str] = []
        for key, lines in sorted(self.new, key=lambda new: new[0]):
            after = min((line for known, line in standing if known > key), default=None)
            if after is None:
                at_end += lines
            else:
                edits.insert(after, lines)
        if section is not None:
            edits.insert(tail(self.kept.lines, section.start, section.end), at_end)
        else:
            self._put_section(edits, sections.FACTS, at_end)

    def _put_section(self, edits: Edits, title: str, body: Sequence[str]) -> None:
        """A section of ours, where it belongs among them."""
        if body:
            self._put(edits, [f"## {title}", "", *body], _OURS[_OURS.index(title) + 1 :])

    def _put(self, edits: Edits, lines: Sequence[str], later: Sequence[str]) -> None:
        """Lines before the first section of those that come later on a page, else before the footnotes at its end."""
        starts = [section.start for section in self.kept.sections if section.title in later]
        notes = self.kept.footnotes.values()
        if notes and max(note.end for note in notes) >= edits.end:
            starts.append(min(note.line for note in notes))
        if starts:
            edits.insert(min(starts), [*lines, ""])
        else:
            edits.append(lines)

    # What is made from claims

    def _made(self, edits: Edits, title: str) -> None:
        """What is disputed, and the values over time, as the other page shows them."""
        own, other = self.kept.section(title), self.left.section(title)
        if other is None:
            return
        body = legacy.trimmed(self._lines_of(other))
        if own is None:
            self._put_section(edits, title, body)
            return
        end = tail(self.kept.lines, own.start, own.end)
        edits.remove(own.start + 1, end)
        edits.insert(end, ["", *listings.joined(self.kept.lines[own.start + 1 : end], body)])

    def _lines_of(self, section: pages.Section) -> list[str]:
        """The lines of a section of the page that goes, without footnotes among them."""
        noted = self.left.noted
        return [self.left.lines[number] for number in range(section.start + 1, section.end) if number not in noted]

    def _related(self, edits: Edits) -> None:
        section, own = self.left.section(sections.RELATED), self.kept.section(sections.RELATED)
        if section is None:
            return
        linked = {names.fold(link.file) for link in self.kept.links} | {names.fold(pages.file_of(self.path))}
        shown: dict[str, str] = {}
        for line in self._lines_of(section):
            if _LINKS_ONLY.fullmatch(line):
                shown |= {names.fold(link.file): line[link.start : link.end] for link in pages.links_in(line)}
            elif line.strip():
                self.legacy.text.append(line)
        text = " · ".join(link for name, link in shown.items() if name not in linked)
        at = [n for n in range(own.start + 1, own.end) if _LINKS_ONLY.fullmatch(self.kept.lines[n])] if own else []
        if text and at:
            edits.replace(at[-1], f"{self.kept.lines[at[-1]].rstrip()} · {text}")
        elif text and own:
            edits.insert(tail(self.kept.lines, own.start, own.end), [f"- {text}"])
        elif text:
            self._put_section(edits, sections.RELATED, [f"- {text}"])

    # What people wrote

    def _place_legacy(self, edits: Edits) -> None:
        text = legacy.trimmed(self.legacy.text)
        if text:
            title = legacy.title_of(self.left, self.gone)
            own = self.kept.section(title)
            if own is not None:
                edits.insert(tail(self.kept.lines, own.start, own.end), ["", *text])
            else:
                self.legacy.add_below([f"## {title}", "", *text])
        if self.legacy.below:
            self._put(edits, self.legacy.below, (sections.RELATED,))

    def _join_front(self) -> None:
        """The front matter of both; what of the other page's has no place in it becomes text."""
        self.front, new, text = headers.joined((self.kept, self.path), (self.left, self.gone))
        self.legacy.text += text
        if new:
            end, lines = self.kept.front_end, self.kept.lines
            lines = [*lines[: end - 1], *new, *lines[end - 1 :]] if end else ["---", *new, "---", "", *lines]
            self.kept = pages.parse(pages.join(self.kept, lines))


def _say_once(edits: Edits, block: _Block, said: dict[str, int], same: Mapping[str, str]) -> bool:
    """Let a sentence that the page has already, or that says the `same`, rest on all that ours rested on; False if it
    is another's, or new.
    """
    known = [id_ for id_ in (*block.ids, *(same[id_] for id_ in block.ids if id_ in same)) if id_ in said]
    if not block.is_ours or not known:
        return False
    line = said[known[0]]
    text = edits[line] or ""
    for id_ in block.ids:
        if id_ not in said:
            text = pages.append_reference(text, f"[^{known[0]}]", f"[^{id_}]")
            said[id_] = line
    for mark in pages.marks_in(block.lines[0]):
        text = text if mark in text else pages.append_mark(text, mark)
    edits.replace(line, text)
    return True


def _body(document: pages.Document, note: pages.Footnote) -> list[str]:
    return document.lines[note.line : note.end]
