"""Sentences that two claims share, when the one whose words they are is gone: they say it in the words of another."""

from __future__ import annotations

import re
from collections.abc import Collection, Iterable

from quern import claims, pages
from quern.pages import links
from quern.pages.edits import Edits
from quern.updates.sentences import LEAD_SENTENCE, MARKER, marks_of
from quern.wiki import Catalogue


class Restating:
    """What to say where claims are gone. `source`: the id of the source that takes them back, which is not quoted."""

    def __init__(self, catalogue: Catalogue, source: str, gone: Collection[str]) -> None:
        self._catalogue, self._source, self._gone = catalogue, source, gone

    def restated(self, document: pages.Document, file: str) -> tuple[pages.Document, list[str]]:
        """The page, and the claims whose words stand there now in place of others; `file` is its own name."""
        linked = {file, *(link.file for link in document.links)}
        said: list[str] = []
        edits = Edits(document.lines)
        # What the lead says is not said again below it.
        above = {pages.plain_of(found[1]) for found in LEAD_SENTENCE.finditer(_our_lead(document))}
        for bullet in document.bullets:
            if bullet.edited or bullet.end != bullet.line + 1:
                continue
            chosen = self._chosen(document, bullet.text, bullet.claims)
            line = document.lines[bullet.line]
            marker = MARKER.match(line)
            if chosen is None or marker is None:
                continue
            said.append(chosen[0])
            if chosen[1] in above:
                edits.remove(bullet.line)
            else:
                words = self._woven(chosen[1], linked)
                edits.replace(bullet.line, marker[0] + pages.cited(words, bullet.claims) + marks_of(line))
        made = self._with_lead(document, edits, linked, said)
        return made, sorted(said)

    def _with_lead(self, document: pages.Document, edits: Edits, linked: set[str], said: list[str]) -> pages.Document:
        lead, text = document.lead, _our_lead(document)
        new = LEAD_SENTENCE.sub(lambda found: self._sentence(document, found, linked, said), text)
        if lead is not None and new != text:
            edits.remove(lead.start, lead.end)
            edits.insert(lead.start, new.split("\n"))
            lines = pages.with_front(document, {"lead": pages.lead_hash(new)}, edits.result())
            return pages.parse(pages.join(document, lines))
        lines = edits.result()
        return document if lines == document.lines else pages.parse(pages.join(document, lines))

    def _sentence(self, document: pages.Document, found: re.Match[str], linked: set[str], said: list[str]) -> str:
        chosen = self._chosen(document, pages.plain_of(found[1]), pages.claims_in(found[2]))
        if chosen is None:
            return found[0]
        said.append(chosen[0])
        return self._woven(chosen[1], linked) + found[2] + found[3]

    def _chosen(self, document: pages.Document, text: str, ids: Iterable[str]) -> tuple[str, str] | None:
        """The claim that is to be said, and its words; None if those that stand are of a claim that stays, or of none.

        A sentence that is no claim's own was put together from several: that is for the next lead to mend.
        """
        ids = list(ids)
        whose = {id_ for id_ in ids if any(claims.claim_id(q, text) == id_ for q in _quotes(document, id_))}
        left = [id_ for id_ in ids if id_ not in self._gone]
        if not left or not whose or not whose <= set(self._gone):
            return None
        for told in self._catalogue.told(left):
            if told.source != self._source:
                return told.item.id, told.item.text
        return None

    def _woven(self, text: str, linked: set[str]) -> str:
        markdown = links.weave(pages.escape(text), self._named, linked)
        linked |= {link.file for link in pages.links_in(markdown)}
        return markdown

    def _named(self, key: str) -> tuple[str, str] | None:
        found = self._catalogue.weaving(key)
        return None if found is None else (pages.file_of(found), found)


def _our_lead(document: pages.Document) -> str:
    """The lead of a page as it was generated; "" if there is none, or it is a person's."""
    text = document.lead.text if document.lead is not None else ""
    return text if document.front_values.get("lead") == pages.lead_hash(text) else ""


def _quotes(document: pages.Document, id_: str) -> list[str]:
    note = document.footnotes.get(id_)
    return [place.quote for place in note.places] if note else []
