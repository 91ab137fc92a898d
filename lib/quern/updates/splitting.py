"""One page turns out to be two things: a person says which claims go, and a new page is made of them.

Sentences go as they stand. Each of the two pages says that it is not the other (`distinct_from:`), and no program asks
again. Links to the old page stay: which of them mean the new one only a person can tell.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator
from dataclasses import dataclass, field

from quern import freshness, journal, names, pages
from quern.layout import folder_of
from quern.pages import sections
from quern.pages.edits import Edits
from quern.pages.frontmatter import FOUND
from quern.program import Failure
from quern.records import Change, Claim, Split
from quern.updates import grounds, losses, properties, standings
from quern.updates.properties import listed
from quern.updates.sentences import in_lead
from quern.updates.upkeep import Course, Upkeep, orders
from quern.wiki.cards import ANSWER, SOURCE
from quern.wiki.distinct import are_distinct, files

_CLAIM = 12


def choices(work: Upkeep, page: str) -> list[Claim]:
    """The claims of a page, each as one source tells it, in the order of the page: what a person chooses from."""
    path = _topic(work, page)
    return [_told(work, id_, path) for id_ in work.read(path).claims]


def split(work: Upkeep, page: str, wanted: Split) -> list[Change]:
    """Make a page of some claims of the page called `page` (path, file name, title or alias).

    Returns a change for each page that is written: `create` for the new page, `update` for the old and source pages.
    Raises Failure, with nothing written, if the claims are not those of the page, or all of them, or parts of one
    sentence; if a name is taken; or if a page cannot be changed safely.
    """
    path = _topic(work, page)
    document, ids = work.read(path), set(wanted.claims)
    _check(work, path, document, wanted)
    title = journal.one_line(wanted.title)
    type_ = wanted.type or str(document.front_values.get("type", ""))
    there = _place(work, title, type_)
    parting = _Parting(document, ids, path)
    parting.part()
    parting.lines.setdefault(sections.FACTS, []).extend(_bullet(work, id_, path) for id_ in sorted(ids - parting.moved))
    old = _old(work, document, parting, wanted, there)
    new = _new(work, document, parting, _front(work, path, there, title, type_, wanted.aliases))
    _compare(path, document, old, new, ids)
    _redirect(work, path, pages.link_md(pages.file_of(there), title), ids)
    work.write(path, old)
    work.write(there, new)
    work.tell(path, "update", old, moved=ids)
    work.tell(there, "create", new, moved=ids)
    was = document.title or pages.file_of(path)
    return work.decide("split", f"{was} -> {title}", Course(work.catalogue, {}), {})


def _topic(work: Upkeep, page: str) -> str:
    path = work.asked(page)
    if work.read(path).front_values.get("type") == SOURCE:
        raise Failure("is a source page: only topic pages are split", path)
    if work.read(path).front_values.get("type") == ANSWER:
        raise Failure("is an answer: only topic pages are split", path)
    return path


def _check(work: Upkeep, path: str, document: pages.Document, wanted: Split) -> None:
    if wanted.path and work.asked(wanted.path) != path:
        raise Failure(f"the record is about {wanted.path}, and this page was to be split", path)
    if not journal.one_line(wanted.title):
        raise Failure("a page needs a name: the record's title is empty", path)
    if wanted.type and wanted.type not in work.schema.pages.types:
        raise Failure(f"type {wanted.type!r} is none of {', '.join(work.schema.pages.types)}", path)
    has, ids = set(document.claims), set(wanted.claims)
    if ids - has:
        raise Failure(f"no claim of this page: {', '.join(sorted(ids - has))} (split --show lists them)", path)
    if not ids or ids == has:
        raise Failure(f"{'no' if not ids else 'every'} claim would go, so nothing is two", path)
    for name in (wanted.title, *wanted.aliases):
        for other in work.catalogue.named(names.normal(name)):
            if other != path and not are_distinct(work.catalogue, path, other):
                raise Failure(f"{name!r} is a name of {other} already: choose another", path)


def _place(work: Upkeep, title: str, type_: str) -> str:
    """The path of the new page; nothing else in the vault is called so."""
    suffix, number = "", 1
    while work.catalogue.path_taken(file := names.file_name(title, suffix)) is not None:
        number += 1
        suffix = f" ({type_})" if number == 2 else f" ({type_} {number - 1})"
    return f"wiki/{folder_of(type_)}/{file}.md"


def _told(work: Upkeep, id_: str, path: str) -> Claim:
    told = work.catalogue.claim(id_)
    if not told:
        raise Failure(f"claim {id_} is on no source page: see bin/lint", path)
    return told[0]


def _bullet(work: Upkeep, id_: str, path: str) -> str:
    """A sentence for a claim that only a person's text cites, where it stays."""
    return pages.bullet_md(pages.escape(_told(work, id_, path).text), [id_])


@dataclass(slots=True)
class _Parting:
    """What goes of a page: `lines` by the heading that they stood under, `moved` the claims that they say."""

    document: pages.Document
    ids: Collection[str]
    path: str
    lines: dict[str, list[str]] = field(default_factory=dict)
    moved: set[str] = field(default_factory=set)
    lead: str | None = None
    edits: Edits = field(init=False)

    def __post_init__(self) -> None:
        self.edits = Edits(self.document.lines)

    def part(self) -> None:
        self._part_lead()
        for bullet in self.document.bullets:
            if bullet.section not in sections.SHOWN and self._goes(bullet.claims, bullet.line):
                end = self._end(bullet)
                lines = self.document.lines[bullet.line : end]
                self.lines.setdefault(bullet.section or sections.FACTS, []).extend([lines[0].lstrip(), *lines[1:]])
                self.edits.remove(bullet.line, end)
        self._part_made()
        for section in self.document.sections:
            is_ours = section.title in (sections.FACTS, *sections.SHOWN)
            if is_ours and self.edits.blank(section.start + 1, section.end):
                self.edits.remove(section.start, section.end)

    def _goes(self, claims: Collection[str], line: int) -> bool:
        """Whether a sentence goes, which rests on these claims. Raises Failure if only some of them are to."""
        if not set(claims) & set(self.ids):
            return False
        if not set(claims) <= set(self.ids):
            both = ", ".join(claims)
            raise Failure(f"one sentence rests on {both}: choose all of them, or none", self.path, line + 1)
        self.moved |= set(claims)
        return True

    def _end(self, bullet: pages.Bullet) -> int:
        """The line behind a bullet and what a person wrote below it."""
        own = {other.line for other in self.document.bullets if other.claims}
        end = bullet.end
        while end < len(self.document.lines) and self.document.lines[end][:1] in (" ", "\t") and end not in own:
            if not self.document.lines[end].strip():
                break
            end += 1
        return end

    def _part_lead(self) -> None:
        """Of a lead of ours the sentences go that say what goes; a person's stays, with what it cites."""
        lead, stamp = self.document.lead, self.document.front_values.get("lead")
        if lead is None or stamp != pages.lead_hash(lead.text):
            return
        sentences = in_lead(lead.text)
        gone = [sentence for sentence in sentences if self._goes(sentence.ids, lead.start)]
        if not gone:
            return
        left = [(sentence.markdown, sentence.ids) for sentence in sentences if sentence not in gone]
        self.lines.setdefault(sections.FACTS, []).extend(pages.bullet_md(said.markdown, said.ids) for said in gone)
        self.lead = pages.lead_md(left)
        self.edits.remove(lead.start, lead.end)
        self.edits.insert(lead.start, [self.lead] if left else [])

    def _part_made(self) -> None:
        """What is disputed, or a series, among the claims that go alone, goes; the rest stays without them."""
        ids = set(self.ids)
        lines = self.document.lines
        disputes, series = standings.Disputes(self.document), standings.Series(self.document)
        sides = [entry for entry in disputes.standing() if entry.line is not None and entry.claim in ids]
        labels = {entry.label for entry in sides if sum(other.label == entry.label for other in sides) > 1}
        disputed = dict.fromkeys(entry.line for entry in sides if entry.label in labels)
        shown = [lines[line] for line in disputed if line is not None and set(pages.claims_in(lines[line])) <= ids]
        if shown:
            self.lines[sections.CONTRADICTIONS] = shown
        rows = list(self._rows(ids))
        if rows:
            self.lines[sections.OVER_TIME] = rows
        for id_ in sorted(ids):
            disputes.drop(id_)
            series.drop(id_)
        disputes.place(self.edits)
        series.place(self.edits)

    def _rows(self, ids: set[str]) -> Iterator[str]:
        """The tables of the series, with the rows that go."""
        section = self.document.section(sections.OVER_TIME)
        head: list[str] = []
        for line in self.document.lines[section.start + 1 : section.end] if section else ():
            cited = set(pages.claims_in(line))
            if line.startswith("|") and not cited:
                head = [*head, line] if len(head) < 2 else [line]
            elif cited and cited <= ids:
                yield from (["", *head] if len(head) == 2 else head)
                yield line
                head = []


def _old(work: Upkeep, was: pages.Document, parting: _Parting, wanted: Split, there: str) -> pages.Document:
    """The old page without what goes."""
    without = pages.parse(pages.join(was, parting.edits.result()))
    cited, had = {ref.id for ref in without.refs}, {ref.id for ref in was.refs}
    edits = Edits(without.lines)
    for note in without.footnotes.values():
        if note.id in had - cited:
            edits.remove(note.line, note.end)
    front = was.front_values
    gone = {names.normal(name) for name in (*wanted.aliases, wanted.title)}
    aliases = listed(front.get("aliases"))
    kept = [name for name in aliases if names.normal(name) not in gone]
    changed: dict[str, pages.Value] = {"aliases": kept}
    if kept != aliases:
        # What is the other's name is not offered to this page again.
        found = listed(front.get(FOUND))
        changed[FOUND] = [*found, *(name for name in aliases if name not in kept and name not in found)]
    changed["distinct_from"] = [f"[[{file}]]" for file in [*files(front), pages.file_of(there)]]
    # A person's paragraph that comes first now is under the old stamp theirs.
    if parting.lead:
        changed["lead"] = pages.lead_hash(parting.lead)
    elif parting.lead is not None and without.lead is None:
        changed |= {"lead": None, "lead_of": None}
    is_contested = without.section(sections.CONTRADICTIONS) is not None
    if front.get("status") == "contested" and not is_contested:
        changed["status"] = "current"
    made = pages.parse(pages.join(was, pages.with_front(without, changed, edits.result())))
    return _counted(work, made)


def _front(  # noqa: PLR0913, PLR0917 - what a page begins with
    work: Upkeep, path: str, there: str, title: str, type_: str, aliases: Iterable[str]
) -> dict[str, pages.Value]:
    file = pages.file_of(there)
    called = [*([title] if names.fold(file) != names.fold(title) else []), *aliases]
    return {
        "title": title,
        "type": type_,
        "aliases": list(dict.fromkeys(called)),
        "created": work.date,
        "updated": work.date,
        "sources": 0,
        "claims": 0,
        "status": "current",
        "distinct_from": [f"[[{pages.file_of(path)}]]"],
    }


def _new(work: Upkeep, was: pages.Document, parting: _Parting, front: dict[str, pages.Value]) -> pages.Document:
    """The new page: what goes, under the headings that it stood under, and its footnotes."""
    if sections.CONTRADICTIONS in parting.lines:
        front["status"] = "contested"
    order = (sections.FACTS, *sections.SHOWN)
    titles = [title for title in order if title in parting.lines]
    titles[1:1] = [title for title in parting.lines if title not in order]
    body: list[str] = []
    for title in titles:
        lines = parting.lines[title]
        body += ["", f"## {title}", "", *(lines[1:] if lines[:1] == [""] else lines)]
    cited = {ref.id for ref in pages.parse("\n".join(body)).refs}
    notes = [note for note in was.footnotes.values() if note.id in cited]
    body += ["", *(line for note in notes for line in was.lines[note.line : note.end]), ""]
    head = pages.new_page(front, str(front["title"]))
    return _counted(work, pages.parse(pages.join(head, [*head.lines[: head.title_line + 1], *body])))


def _counted(work: Upkeep, document: pages.Document) -> pages.Document:
    order = orders(work.catalogue, document.claims)
    made = pages.set_front(document, properties.counted(grounds.evidence_on(document), order, work.date))
    return freshness.dated(made, work.schema.pages.fresh_for, work.date)


def _compare(path: str, was: pages.Document, old: pages.Document, new: pages.Document, ids: Collection[str]) -> None:
    """Raises Failure if a claim, or words of a person, would be on neither page, or a claim where it should not be."""
    both = pages.parse("\n".join([pages.render(old), *new.lines[new.front_end :]]))
    losses.refuse(path, losses.on_united(was, both))
    if set(ids) != set(new.claims) & set(ids) or not set(was.claims) - set(ids) <= set(old.claims):
        raise Failure("a claim would not be on the page that it is for; nothing is written", path)


def _redirect(work: Upkeep, path: str, target: str, ids: Collection[str]) -> None:
    """Let the source pages say that the claims went to the new page (`target`) too.

    That they went to the old one stays: claims that went to a page and are on it no more do not come back to it.
    """
    old = names.fold(pages.file_of(path))
    for ledger in sorted({told.page for told in work.catalogue.told(ids)}):
        document = work.read(ledger)
        edits = Edits(document.lines)
        for item in document.items:
            if item.id in ids and item.evidence_line is not None:
                line = document.lines[item.evidence_line]
                last = [link for link in pages.links_in(line) if names.fold(link.file) == old][-1:]
                for link in last if old in map(names.fold, item.pages) else ():
                    edits.replace(item.evidence_line, f"{line[: link.end]}, {target}{line[link.end :]}")
        made = pages.parse(pages.join(document, edits.result()))
        losses.refuse(ledger, losses.on_ledger(document, made, ()))
        work.write(ledger, made)
