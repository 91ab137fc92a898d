"""A topic page as a projection of claims: what an ingest adds to it, and nothing that it takes away unnamed.

A bullet that has been written is never rendered again: it may gain a footnote, or go up into the lead as it stands.
Everything else on the page is a person's and stays, byte for byte.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Collection, Iterable, Mapping
from dataclasses import dataclass, field

from quern import pages
from quern.pages.document import ANSWER
from quern.pages.edits import Edits, tail
from quern.pages.sections import CONTRADICTIONS, FACTS, OVER_TIME, RELATED, SHOWN
from quern.records import Relation, Summary, SummarySentence
from quern.updates import standings
from quern.updates.grounds import UNKNOWN, Evidence, Order
from quern.updates.sentences import Sentence, in_lead, only_marked

Weave = Callable[[str, set[str]], str]
Known = Callable[[str], Order | None]

_CLAIM = re.compile(r"[0-9a-f]{12}")


@dataclass(slots=True)
class Outcome:
    """What became of each claim that was touched."""

    added: list[str] = field(default_factory=list)
    united: list[str] = field(default_factory=list)
    superseded: list[str] = field(default_factory=list)
    disputed: list[str] = field(default_factory=list)
    restated: list[str] = field(default_factory=list)
    retired: list[str] = field(default_factory=list)
    moved: list[str] = field(default_factory=list)

    @property
    def disagrees(self) -> bool:
        """Whether something new contradicts or overtakes what the page says."""
        return bool(self.disputed or self.superseded)


class Projection:
    """One page while claims are put on it: what stands on it, and what it will say."""

    def __init__(self, document: pages.Document, weave: Weave, known: Known) -> None:
        self.document = document
        self.outcome = Outcome()
        self.lead_taken = False
        self.lead_written = False
        self._is_answer = document.front_values.get("type") == ANSWER
        self._weave = weave
        self._known = known
        self._cited = {ref.id for ref in document.cited}
        self._notes = {id_: list(note.places) for id_, note in document.footnotes.items()}
        told = [bullet for bullet in document.bullets if bullet.section not in SHOWN]
        self._bullets = {bullet.line: bullet for bullet in told}
        self._home = {id_: bullet.line for bullet in reversed(told) for id_ in bullet.claims}
        self._edited = {id_ for bullet in told if bullet.edited for id_ in bullet.claims}
        self._lines: dict[int, str | None] = {}
        self._marks: dict[str, list[str]] = {}
        self._overtaken = set(document.overtaken)
        self._disputes = standings.Disputes(document)
        self._series = standings.Series(document)
        for part in (self._disputes, self._series):
            for id_ in sorted(part.claims() - self._cited):
                part.drop(id_)
        self._stood = frozenset(self._cited)
        self._new: list[tuple[Order, Sentence]] = []
        lead = document.lead.text if document.lead else ""
        self._lead = in_lead(lead)
        self._lead_text = lead
        self._linked = {link.file for link in document.links}

    def evidence(self) -> set[tuple[str, str]]:
        """Every (claim, source slug) that the page will rest on."""
        return {(id_, place.slug) for id_ in self._cited for place in self._notes.get(id_, ())}

    def claims(self) -> set[str]:
        """The ids of the claims that the page will cite."""
        return {id_ for id_ in self._cited if _CLAIM.fullmatch(id_)}

    def noted(self) -> set[tuple[str, str]]:
        """Every (claim, source slug) of a footnote, cited or not: a person may have taken its sentence away."""
        return {(id_, place.slug) for id_, places in self._notes.items() for place in places}

    # What a source brings

    def add(self, evidence: Evidence, same: dict[str, str]) -> None:
        """Put a claim on the page: one more place for it, a footnote at its twin, or a bullet of its own."""
        id_, place = evidence.key[0], evidence.place
        if id_ in self._cited:
            self._add_place(id_, place)
            return
        self._notes[id_] = [place]
        self._cited.add(id_)
        twin = same.get(id_)
        if twin is not None and self._unite(twin, id_):
            self.outcome.united.append(id_)
            return
        self._new.append((evidence.order, Sentence(self.woven(evidence.claim.text), [id_])))
        self.outcome.added.append(id_)

    def woven(self, text: str) -> str:
        """A sentence as Markdown, with links to the pages that it names and that this page does not link yet."""
        markdown = self._weave(pages.escape(text), self._linked)
        self._linked |= {link.file for link in pages.links_in(markdown)}
        return markdown

    def refresh(self, evidence: Evidence) -> None:
        """Set right where a claim stands, in a footnote whose sentence a person took away."""
        id_, place = evidence.claim.id, evidence.place
        if id_ in self._notes:
            self._notes[id_] = [place if other.slug == place.slug else other for other in self._notes[id_]]

    def _add_place(self, id_: str, place: pages.Place) -> None:
        places = self._notes.setdefault(id_, [])
        if place.slug in [standing.slug for standing in places]:
            self._notes[id_] = [place if standing.slug == place.slug else standing for standing in places]
        else:
            places.append(place)
            self.outcome.united.append(id_)

    def _unite(self, twin: str, id_: str) -> bool:
        """Let the sentence that cites `twin` cite `id_` too."""
        for sentence in [*self._lead, *(sentence for _, sentence in self._new)]:
            if twin in sentence.ids:
                sentence.ids.append(id_)
                if sentence in self._lead:
                    self._lead_text = pages.append_reference(self._lead_text, f"[^{twin}]", f"[^{id_}]")
                return True
        line = self._home.get(twin)
        if line is None or self._line(line) is None:
            return False
        self._home[id_] = line
        self._lines[line] = pages.append_reference(self._line(line) or "", f"[^{twin}]", f"[^{id_}]")
        return True

    def _line(self, number: int) -> str | None:
        return self._lines.get(number, self.document.lines[number])

    # How claims stand to each other

    def relate(self, relations: Iterable[Relation], texts: Mapping[str, str], fresh: Collection[str] = ()) -> None:
        """Show how claims of the page stand to each other. `texts`: the words of those that may be shown.

        Of two that stood there before, and are not `fresh`, what is to be said was said, or a person took it away.
        """
        ruled, stood = self._disputes.settled, self._stood.difference(fresh)
        for relation in relations:
            sides = {relation.claim, relation.other}
            if not self._cited.issuperset(sides) or stood.issuperset(sides) or frozenset(sides) in ruled:
                continue
            if relation.relation == "supersedes" and relation.other not in self._overtaken:
                self._overtake(relation)
            elif relation.relation == "contradicts" and self._disputes.add(relation, texts):
                self.outcome.disputed += sorted(sides)
            elif relation.relation == "series":
                self._series.add(relation, self._cited - stood)

    def _overtake(self, relation: Relation) -> None:
        """Mark the sentence of a claim that another has overtaken; out of a lead of ours it goes down to the facts."""
        mark = standings.mark(relation)
        line = self._home.get(relation.other)
        if line is not None and self._line(line) is not None:
            last = self._bullets[line].end - 1
            self._lines[last] = pages.append_mark(self._line(last) or "", mark)
        elif not self._is_answer and any(relation.other in sentence.ids for sentence in self._lead):
            if not self.lead_is_ours():
                return
            fallen = [sentence for sentence in self._lead if relation.other in sentence.ids]
            self._lead = [sentence for sentence in self._lead if relation.other not in sentence.ids]
            for sentence in fallen:
                self._new.append((self._order_of(sentence), sentence))
                self.outcome.moved.extend(sentence.ids)
            self._write_lead()
        self._marks.setdefault(relation.other, []).append(mark)
        self._overtaken.add(relation.other)
        self.outcome.superseded.append(relation.other)

    def _order_of(self, sentence: Sentence) -> Order:
        return self._known(sentence.ids[0]) or UNKNOWN

    def settle(self, pair: Iterable[str], keep: str | None = None) -> None:
        """A person has decided of two claims: both stand, or the one to keep overtakes the other."""
        one, other = sorted(pair)
        if keep is not None:
            loser = other if keep == one else one
            label, value = self._disputes.value(keep)
            self._overtake(Relation(claim=keep, other=loser, relation="supersedes", attribute=label, value=value))
        self._disputes.settled.add(frozenset({one, other}))

    def settled(self) -> list[str]:
        """The pairs of claims of which a person has decided, as front matter has them."""
        return sorted(" ".join(sorted(pair)) for pair in self._disputes.settled)

    @property
    def is_contested(self) -> bool:
        """Whether contradictions will stand on the page."""
        return bool(self._disputes.standing())

    # What a source takes back

    def retire(self, key: tuple[str, str]) -> None:
        """Take back one source's evidence for a claim; with none left the sentence goes, unless a person wrote it."""
        id_, slug = key
        left = [place for place in self._notes.get(id_, []) if place.slug != slug]
        self._notes[id_] = left
        self.outcome.retired.append(id_)
        if left:
            return
        self._cited.discard(id_)
        self._disputes.drop(id_)
        self._series.drop(id_)
        self._retire_from_lead(id_)
        for line, bullet in self._bullets.items():
            text = pages.without_marks(self._line(line) or "", id_) if f"[^{id_}]" in bullet.text_md else ""
            if id_ in bullet.claims:
                text = text.replace(f"[^{id_}]", "")
                self._lines[line] = text if bullet.edited or pages.claims_in(text) else None
                if self._lines[line] is None:
                    self._cited -= only_marked(self.document, range(bullet.line, bullet.end))
            elif text:
                self._lines[line] = text

    def _retire_from_lead(self, id_: str) -> None:
        """Of a lead of ours the sentence goes that rests on nothing else; a person's keeps its words."""
        if not any(id_ in sentence.ids for sentence in self._lead):
            return
        self._lead_text = self._lead_text.replace(f"[^{id_}]", "")
        for sentence in self._lead:
            sentence.ids = [other for other in sentence.ids if other != id_]
        if self.lead_is_ours():
            self._lead = [sentence for sentence in self._lead if sentence.ids]
            self._write_lead()

    # The lead

    def set_lead(self, summary: Summary) -> None:
        """Let the page open with a summary, if its lead is ours to write and the claims are all here.

        What the lead quotes goes up from the bullets as it stands; what it quoted before goes down to them.
        """
        said = [
            sentence
            for sentence in summary.sentences
            if sentence.claims
            and self._cited.issuperset(sentence.claims)
            and (self._overtaken.isdisjoint(sentence.claims) or self._tells_of_both(sentence))
            and self._edited.isdisjoint(sentence.claims)
        ]
        if not self.lead_is_ours():
            return
        if not said:
            # Nothing better was found to say: what stands is what these claims give.
            self.lead_taken = not summary.sentences
            return
        old = self._lead
        self._lead = []
        for wanted in (Sentence(sentence.text, list(sentence.claims)) for sentence in said):
            if not any(sentence.stands_for(wanted.markdown, wanted.ids, self._notes) for sentence in self._lead):
                self._lead.append(self._raise(wanted, old))
        shown = {id_ for sentence in self._lead for id_ in sentence.ids}
        for sentence in old:
            left = [id_ for id_ in sentence.ids if id_ not in shown and id_ not in self._home]
            told = next((one for one in self._lead if not set(one.ids).isdisjoint(sentence.ids)), None)
            if left and told is not None and sentence.is_quoted(self._notes):
                # What says one thing is said by whatever says it now.
                told.ids += left
            elif left:
                self._new.append((self._order_of(sentence), sentence))
                self.outcome.moved.extend(sentence.ids)
        self._write_lead()
        self.lead_taken = True

    def _write_lead(self) -> None:
        self._lead_text = pages.lead_md((sentence.markdown, sentence.ids) for sentence in self._lead)
        self.lead_written = True

    def _tells_of_both(self, sentence: SummarySentence) -> bool:
        """Whether a sentence is that of an answer, which may tell of what was so once, and in words of its own."""
        return self._is_answer and not Sentence(pages.escape(sentence.text), sentence.claims).is_quoted(self._notes)

    def lead_is_ours(self) -> bool:
        """Whether the lead is as it was generated, or there is none yet."""
        stamp = self.document.front_values.get("lead")
        words = self.document.lead.text if self.document.lead else ""
        return not words if not stamp else stamp == pages.lead_hash(words)

    def _raise(self, wanted: Sentence, old: list[Sentence]) -> Sentence:
        """A sentence for the lead: as it stands in the old lead or in a bullet, else as new."""
        for sentence in old:
            if sentence.stands_for(wanted.markdown, wanted.ids, self._notes):
                return sentence
        for number, (_, sentence) in enumerate(self._new):
            if sentence.stands_for(wanted.markdown, wanted.ids, self._notes):
                del self._new[number]
                return sentence
        for line in sorted({self._home[id_] for id_ in wanted.ids if id_ in self._home}):
            markdown, ids = pages.split_bullet(self._line(line) or "")
            if markdown is None or self._bullets[line].edited or self._bullets[line].end != line + 1:
                continue
            sentence = Sentence(markdown, ids)
            if sentence.stands_for(wanted.markdown, wanted.ids, self._notes):
                self._lines[line] = None
                self.outcome.moved.extend(ids)
                return sentence
        return Sentence(self.woven(wanted.markdown), wanted.ids)

    # The text

    def edits(self, made: pages.Document | None = None) -> list[str]:
        """What people have changed on the page, and what stays as they left it; `made`: the page as it will be."""
        bullets = made.bullets if made else self._bullets.values()
        told = (bullet for bullet in bullets if bullet.section not in SHOWN and bullet.claims)
        kept = [f"line {bullet.line + 1}" for bullet in told if bullet.edited]
        return kept if self.lead_is_ours() else ["lead", *kept]

    def lead_hash(self) -> str | None:
        """What tells that the lead is ours, as it will stand; None for none."""
        return pages.lead_hash(self._lead_text) if self._lead_text else None

    def lines(self, related: Iterable[tuple[str, str]]) -> list[str]:
        """The page's lines after all that was asked of it; front matter is set by the caller."""
        edits = Edits(self.document.lines)
        for line, text in self._lines.items():
            if text is None:
                edits.remove(line)
            else:
                edits.replace(line, text)
        self._place_lead(edits)
        self._place_bullets(edits)
        for title, part in ((CONTRADICTIONS, self._disputes), (OVER_TIME, self._series)):
            self._new_section(edits, title, part.place(edits))
        self._place_related(edits, related)
        self._place_notes(edits)
        return edits.result()

    def _place_lead(self, edits: Edits) -> None:
        text, lead = self._lead_text, self.document.lead
        if lead is not None and text == lead.text:
            return
        if lead is not None:
            edits.remove(lead.start, lead.end)
            edits.insert(lead.start, text.split("\n") if text else [])
        elif text:
            above = self.document.title_line if self.document.notice is None else self.document.notice
            edits.insert(above + 1, ["", text])

    def _place_bullets(self, edits: Edits) -> None:
        section = self.document.section(FACTS)
        standing = [
            (known, bullet.line)
            for bullet in (self._bullets.values() if self._new else ())
            if bullet.section == FACTS and bullet.claims and (known := self._known(bullet.claims[0])) is not None
        ]
        at_tail = []
        for key, sentence in sorted(self._new, key=lambda new: (new[0], new[1].ids)):
            text = pages.bullet_md(sentence.markdown, sentence.ids)
            for mark in (mark for id_ in sentence.ids for mark in self._marks.get(id_, ())):
                text = pages.append_mark(text, mark)
            after = min((line for known, line in standing if known > key), default=None)
            if after is None:
                at_tail.append(text)
            else:
                edits.insert(after, [text])
        if section is None:
            self._new_section(edits, FACTS, at_tail)
            return
        edits.insert(tail(self.document.lines, section.start, section.end), at_tail)
        if self._lines and edits.blank(section.start + 1, section.end):
            edits.remove(section.start, section.end)

    def _place_related(self, edits: Edits, related: Iterable[tuple[str, str]]) -> None:
        text = " · ".join(pages.link_md(file, title) for file, title in related if file not in self._linked)
        section = self.document.section(RELATED)
        if section is None:
            self._new_section(edits, RELATED, [f"- {text}"] if text else [])
        elif text:
            links = [n for n in range(section.start + 1, section.end) if self.document.lines[n].startswith("- [[")]
            if links:
                edits.replace(links[-1], f"{self.document.lines[links[-1]]} · {text}")
            else:
                edits.insert(tail(self.document.lines, section.start, section.end), [f"- {text}"])

    def _place_notes(self, edits: Edits) -> None:
        turn = {id_: number for number, id_ in enumerate([*self.outcome.added, *self.outcome.united])}
        new = []
        for id_ in sorted(self._notes, key=lambda id_: (turn.get(id_, len(turn)), id_)):
            note, places = self.document.footnotes.get(id_), self._notes[id_]
            if note is None:
                new.append(pages.footnote_md(id_, places))
            elif note.places != places:
                edits.remove(note.line, note.end)
                # What a person wrote behind the evidence stays when that goes.
                edits.insert(note.line, [pages.footnote_md(id_, places, note.rest)] if places or note.rest else [])
        last = max((note.end for note in self.document.footnotes.values()), default=None)
        if last is not None:
            edits.insert(last, new)
        elif new:
            edits.append(new)

    def _new_section(self, edits: Edits, title: str, body: list[str]) -> None:
        """A section of ours: before the ones that come after it on a page, else before the footnotes at the end."""
        if not body:
            return
        after = self.document.section(RELATED) if title != RELATED else None
        at = after.start if after is not None else self._footnotes_start(edits)
        if at is not None:
            edits.insert(at, [f"## {title}", "", *body, ""])
        else:
            edits.append([f"## {title}", "", *body])

    def _footnotes_start(self, edits: Edits) -> int | None:
        notes = self.document.footnotes.values()
        if not notes or max(note.end for note in notes) < edits.end:
            return None
        return min(note.line for note in notes)
