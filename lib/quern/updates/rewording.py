"""What a page says in the words of earlier claims, in those of the claims that restate them, at the same place.

A sentence of ours takes the words of a new claim; one that a person wrote keeps its own. All that cited the old claim,
a lead, a mark, a table, a ruling, cites the new one.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Collection, Iterable, Mapping, Sequence
from itertools import product
from typing import TYPE_CHECKING

from quern import claims, pages
from quern.pages import frontmatter
from quern.pages.edits import Edits
from quern.pages.sections import SHOWN
from quern.updates.sentences import LEAD_SENTENCE, MARKER, marks_of

if TYPE_CHECKING:
    from quern.records import Claim
    from quern.updates.grounds import Evidence
    from quern.updates.topic import Weave

_WORD = re.compile(r"\w+")
SETTLED = "settled"


class Instead:
    """The claims of a source that stand in the place of earlier ones. `by`: their ids, by that of the earlier one."""

    def __init__(self, told: Mapping[str, Claim]) -> None:
        self.by: dict[str, list[str]] = {}
        for claim in told.values():
            for id_ in claim.restates:
                if id_ not in told:
                    self.by.setdefault(id_, []).append(claim.id)

    def claims(self) -> list[str]:
        """Those that stand in the place of any."""
        return sorted({new for by in self.by.values() for new in by})

    def of(self, gone: Collection[str], sent: Collection[str], barred: Collection[str]) -> dict[str, list[str]]:
        """On one page, those in the place of claims that go: the ones that are sent there anyway, or else all.

        `barred` may not stand there: with nothing else in its place, a claim just goes.
        """
        left = {id_: [new for new in self.by.get(id_, ()) if new not in barred] for id_ in sorted(gone)}
        chosen = {id_: [new for new in by if new in sent] or by for id_, by in left.items()}
        return {id_: by for id_, by in chosen.items() if by}


class Rewording:
    """A page on which claims are restated. `by`: the new ones in the place of an old one; none of them stands there."""

    def __init__(self, document: pages.Document, by: Mapping[str, Sequence[Evidence]], weave: Weave) -> None:
        self._document, self._by, self._weave = document, by, weave
        self._edits = Edits(document.lines)
        self._used: dict[str, Evidence] = {}
        self._added: set[str] = set()
        bullets = (bullet for bullet in document.bullets if bullet.section not in SHOWN)
        self._bullets = {line: bullet for bullet in bullets for line in range(bullet.line, bullet.end)}
        self._is_shown = {
            line
            for section in document.sections
            if section.title in SHOWN
            for line in range(section.start, section.end)
        }

    def reworded(self) -> pages.Document:
        """The page as it says the same in the words of the new claims; as it was, if it cites none of the old ones."""
        document = self._document
        lines = sorted({ref.line for ref in document.refs if ref.id in self._by})
        lead = document.lead
        stamp = None
        if lead is not None and document.front_values.get("lead") == pages.lead_hash(lead.text):
            text = LEAD_SENTENCE.sub(self._sentence, lead.text)
            if text != lead.text:
                stamp = pages.lead_hash(text)
                self._edits.remove(lead.start, lead.end)
                self._edits.insert(lead.start, text.split("\n"))
            lines = [line for line in lines if not lead.start <= line < lead.end]
        for line in lines:
            self._edits.replace(line, self._line(line))
        self._place_notes()
        made = self._edits.result()
        front = self._ruled() | ({"lead": stamp} if stamp else {})
        if made == document.lines and not front:
            return document
        return pages.parse(pages.join(document, pages.with_front(document, front, made)))

    def _line(self, number: int) -> str:
        line, bullet = self._document.lines[number], self._bullets.get(number)
        if bullet is not None and not bullet.edited and bullet.end == bullet.line + 1:
            marker = MARKER.match(line)
            found = self._said(bullet.text, bullet.claims)
            if found is not None and marker is not None:
                ids = [
                    found.claim.id if id_ == self._whose(bullet.text, bullet.claims) else id_ for id_ in bullet.claims
                ]
                words = marker[0] + pages.cited(self._woven(found, number), ids)
                line = words + marks_of(line)
        by_people = number not in self._is_shown and (bullet is None or bullet.edited)
        return self._cited(line, lambda new, at: new if by_people else [self._nearest(new, at)])

    def _sentence(self, found: re.Match[str]) -> str:
        """A sentence of a lead of ours."""
        ids = pages.claims_in(found[2])
        new = self._said(pages.plain_of(found[1]), ids)
        cited = found[2]
        if new is None:
            return self._cited(found[0], lambda by, _: by)
        whose = self._whose(pages.plain_of(found[1]), ids)
        cited = self._cited(cited.replace(f"[^{whose}]", f"[^{new.claim.id}]"), lambda by, _: by)
        return self._woven(new, self._document.lead.start if self._document.lead else -1) + cited + found[3]

    def _whose(self, text: str, ids: Iterable[str]) -> str | None:
        """The claim whose words these are; None if they are those of none, or of one that stays."""
        notes = self._document.footnotes
        whose = [
            id_
            for id_ in ids
            if id_ in notes and any(claims.claim_id(place.quote, text) == id_ for place in notes[id_].places)
        ]
        return whose[0] if whose and all(id_ in self._by for id_ in whose) else None

    def _said(self, text: str, ids: Iterable[str]) -> Evidence | None:
        """The new claim that is to be said where these words stand."""
        whose = self._whose(text, ids)
        if whose is None:
            return None
        found = self._nearest(self._by[whose], text)
        self._used[found.claim.id] = found
        return found

    def _nearest(self, by: Sequence[Evidence], text: str) -> Evidence:
        """Of the claims that restate one, that which has most of these words."""
        words = set(_WORD.findall(pages.plain_of(text).casefold()))
        return max(by, key=lambda e: (len(words & set(_WORD.findall(e.claim.text.casefold()))), -by.index(e)))

    def _cited(self, text: str, chosen: Callable[[Sequence[Evidence], str], Sequence[Evidence]]) -> str:
        """A text that cites new claims where it cited old ones, none twice in a row."""
        for id_ in [id_ for id_ in self._by if f"[^{id_}]" in text]:
            new = chosen(self._by[id_], text)
            self._used |= {evidence.claim.id: evidence for evidence in new}
            text = text.replace(f"[^{id_}]", "".join(f"[^{evidence.claim.id}]" for evidence in new))
            for evidence in new:
                mark = re.escape(f"[^{evidence.claim.id}]")
                text = re.sub(rf"({mark})((?:\[\^[0-9a-f]{{12}}\])*?){mark}", r"\1\2", text)
        return text

    def _woven(self, evidence: Evidence, line: int) -> str:
        """The words of a claim as Markdown, with links to the pages that nothing else on the page links."""
        linked = {link.file for link in self._document.links if link.line != line} | self._added
        markdown = self._weave(pages.escape(evidence.claim.text), linked)
        self._added |= {link.file for link in pages.links_in(markdown)}
        return markdown

    def _place_notes(self) -> None:
        """The new footnotes, where the old ones stood; what a person wrote behind one of these stays."""
        there = set(self._document.footnotes)
        for id_, by in self._by.items():
            note = self._document.footnotes.get(id_)
            if note is None:
                continue
            new = [evidence for evidence in by if evidence.claim.id in self._used.keys() - there]
            there |= {evidence.claim.id for evidence in new}
            rests = [note.rest, *("" for _ in new[1:])]
            written = [pages.footnote_md(e.claim.id, [e.place], rest) for e, rest in zip(new, rests, strict=False)]
            if not new and note.rest:
                continue
            self._edits.remove(note.line, note.end)
            self._edits.insert(note.line, written)

    def _ruled(self) -> dict[str, pages.Value]:
        """What a person has decided of an old claim holds for those in its place."""
        before = frontmatter.settled(self._document.front_values)
        after = {pair for old in before for pair in swapped(old, self._ids())}
        return {SETTLED: sorted(" ".join(sorted(pair)) for pair in after)} if after != before else {}

    def _ids(self) -> dict[str, list[str]]:
        return {id_: [evidence.claim.id for evidence in by] for id_, by in self._by.items()}


def swapped(pair: Collection[str], by: Mapping[str, Sequence[str]]) -> set[frozenset[str]]:
    """The pairs that stand for a pair of claims when some are restated."""
    return {frozenset(ids) for ids in product(*(by.get(id_, [id_]) for id_ in sorted(pair)))}
