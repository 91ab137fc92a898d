"""A source page: the ledger of one source, with every claim in reading order, its evidence and where it went.

Because it says where each claim went, a bullet or a page that a person has taken away is known, and stays away.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Sequence

from quern import claims, names, pages
from quern.pages.edits import Edits, tail
from quern.pages.sections import CLAIMS, LEDGER, LEFT_UNREAD, NOT_CARRIED, WAITING
from quern.records import Candidate, Claim, Source, Span, Summary, Unread

Reader = tuple[str, str | None]
"""Engine and model."""
NOTHING = "Nothing was taken from this source."
INCOMPLETE = "incomplete"
REFUSED = "refused: "
"""What the reason begins with why a part was left of which no reply of a model could be used."""


def place_of(claim: Claim) -> str:
    """Where a claim stands in its source, as people read it."""
    return ", ".join(span.place for span in claim.spans)


class Ledger:
    """One source page while a source is merged: as it was, and what is to be said on it now."""

    def __init__(self, path: str, slug: str, before: str | None) -> None:
        self.path = path
        self.slug = slug
        self.before = before
        self.document = pages.parse(before) if before is not None else None
        front = self.document.front_values if self.document else {}
        self.sha256 = _text(front.get("sha256"))
        self.source_id = _text(front.get("id"))
        self.title = _text(front.get("title")) or slug
        self.added: list[str] = []
        self.restated: list[str] = []
        self.retired: list[str] = []
        self._gone: set[str] = set()
        self._instead: dict[str, list[str]] = {}
        self._is_changed = False
        self._items = {item.id: item for item in self.document.items} if self.document else {}
        self._targets = {id_: dict.fromkeys(item.pages) for id_, item in self._items.items()}
        self._titles: dict[str, str] = {}
        self._claims: dict[str, Claim] = {}
        self._front: dict[str, pages.Value] = {}
        self._summary: Summary | None = None
        self._unread: list[Unread] | None = None
        self._waiting: list[Candidate] | None = None
        self._promoted: set[str] = set()

    # What it says

    def missing(self, now: Iterable[str]) -> list[str]:
        """The claims on the page that the source no longer makes."""
        standing = set(now)
        return [id_ for id_ in self._items if id_ not in standing]

    def replaced(self, instead: Collection[str]) -> list[str]:
        """The claims on the page in whose place others stand now."""
        return [id_ for id_ in self._items if id_ in instead]

    def targets(self, id_: str) -> list[str]:
        """The pages (as links name them) that a claim went to."""
        return list(self._targets.get(id_, ()))

    def sent(self, id_: str, file: str) -> bool:
        """Whether a claim went to a page in an earlier run."""
        item = self._items.get(id_)
        return item is not None and file in item.pages

    def claim(self, id_: str, source: str) -> Claim | None:
        """A claim as its line on the page tells it."""
        item = self._items.get(id_)
        if item is None:
            return None
        return Claim(
            id=id_,
            source=source,
            passage=source,
            text=item.text,
            quote=item.quote,
            spans=[Span(start=0, end=0, place=item.place)],
            role=item.role,
            stance=item.stance,
            by=item.by,
            as_of=item.as_of,
        )

    # What is to be said now

    def send(self, id_: str, file: str, title: str) -> None:
        """Note that a claim goes to a page."""
        self._targets.setdefault(id_, {})[file] = None
        self._titles[file] = title

    def forget(self, id_: str, file: str) -> None:
        """Note that a claim is on a page no longer, and that no person took it off."""
        self._targets.get(id_, {}).pop(file, None)

    def take(
        self, source: Source, standing: Sequence[Claim], summary: Summary | None, date: str, reader: Reader
    ) -> None:
        """The source as it is now: its claims in reading order, its summary, and who read it."""
        self.source_id = source.id
        self._is_changed = self.sha256 not in (None, source.sha256) or source.again
        self.title = self.title if self.document else source.title
        self._claims = {claim.id: claim for claim in standing}
        self.added = [id_ for id_ in self._claims if id_ not in self._items]
        self._summary = summary
        engine, model = self._read_by(standing, reader)
        self._front = {
            "title": source.title,
            "type": "source",
            "source": source.path,
            "id": source.id,
            "sha256": source.sha256,
            "authors": source.authors,
            "published": source.published,
            "url": source.url,
            "language": source.language,
            "engine": engine,
            "model": model,
            "created": date,
            "updated": date,
            "words": source.words,
            "claims": len(self._claims),
        }

    def _read_by(self, standing: Sequence[Claim], reader: Reader) -> Reader:
        """Engine and model of the last reading that brought anything."""
        front = self.document.front_values if self.document else {}
        before = _text(front.get("engine"))
        new = {(claim.engine, claim.model) for claim in standing if claim.id not in self._items}
        if before and not new:
            return before, _text(front.get("model"))
        return min(new or {(claim.engine, claim.model) for claim in standing} or {reader}, key=str)

    def move(self, source: Source, date: str) -> None:
        """The source as it was, at another path: nothing else on the page changes."""
        self._front = {"source": source.path, "updated": date}

    def retire(self, gone: Sequence[str]) -> None:
        """Take back claims that the source no longer makes, or says in other words."""
        self._gone = set(gone)
        for claim in self._claims.values():
            for id_ in self._gone.intersection(claim.restates):
                self._instead.setdefault(id_, []).append(claim.id)
        self.restated = [id_ for id_ in gone if id_ in self._instead]
        self.retired = [id_ for id_ in gone if id_ not in self._instead]

    @property
    def gained(self) -> list[str]:
        """The new claims that say nothing again."""
        by = {new for told in self._instead.values() for new in told}
        return [id_ for id_ in self.added if id_ not in by]

    @property
    def gone(self) -> frozenset[str]:
        """The claims that are on the page no more."""
        return frozenset(self._gone)

    def leave(self, unread: list[Unread]) -> None:
        """Note the parts from which no claim was taken, and what no claim says; a part that was refused is wanting."""
        self._unread = unread
        was = self.document.front_values.get("status") if self.document else None
        if self.refused():
            self._front["status"] = INCOMPLETE
        elif was == INCOMPLETE:
            self._front["status"] = None

    def refused(self) -> list[str]:
        """The places about which no reply of a model could be used."""
        return [part.place for part in self._unread or [] if part.sort == "refused"]

    def wait(self, candidates: list[Candidate]) -> None:
        """The names that wait for a page of their own."""
        self._waiting = candidates

    def promote(self, keys: set[str]) -> None:
        """Names (in normal form) that have a page now and wait no longer."""
        self._promoted |= keys

    # The text

    def text(self) -> str:
        """The page as it will stand."""
        if self.document is None:
            return self._new()
        edits = Edits(self.document.lines)
        self._edit_lead(edits)
        self._edit_items(edits)
        self._edit_sections(edits)
        front = {k: v for k, v in self._front.items() if k not in ("title", "created", "updated")}
        if self._lead_is_new():
            front |= self._lead_front()
        body = edits.result()
        lines = pages.with_front(self.document, front, body)
        if lines != self.document.lines and self._front:
            lines = pages.with_front(self.document, front | {"updated": self._front["updated"]}, body)
        return pages.join(self.document, lines)

    def _new(self) -> str:
        document = pages.new_page(self._front | self._lead_front(), self.title)
        lines = document.lines[: document.title_line + 1]
        blocks = (self._lead_lines(), self._claim_lines(), self._waiting_lines())
        for block in (*blocks, *(self._unread_lines(title) for title in (LEFT_UNREAD, NOT_CARRIED))):
            if block:
                lines += ["", *block]
        return pages.join(document, [*lines, ""])

    def _claim_lines(self) -> list[str]:
        items = [line for id_ in self._claims for line in self._item(id_)]
        return [f"## {CLAIMS}", "", *items] if items else []

    def _waiting_lines(self) -> list[str]:
        lines = [_waiting(candidate) for candidate in self._waiting or [] if not self._is_promoted(candidate.name)]
        return [f"## {WAITING}", "", *lines] if lines else []

    def _unread_lines(self, title: str) -> list[str]:
        lines = self._unread_under(title)
        return [f"## {title}", "", *lines] if lines else []

    def _unread_under(self, title: str) -> list[str]:
        parts = [part for part in self._unread or [] if (part.sort == "not carried") == (title == NOT_CARRIED)]
        return [pages.unread_md(part.place, f"{REFUSED * (part.sort == 'refused')}{part.why}") for part in parts]

    def _lead_lines(self) -> list[str]:
        text = self._lead()
        return [text] if text else []

    def _lead(self) -> str:
        if self._summary is None or not self._summary.sentences:
            return "" if self._claims else NOTHING
        return pages.summary_md((pages.escape(said.text), said.claims) for said in self._summary.sentences)

    def _lead_front(self) -> dict[str, pages.Value]:
        covers = self._summary.covers if self._summary else None
        return {"lead": pages.lead_hash(self._lead()), "lead_of": covers}

    def _lead_is_new(self) -> bool:
        if self.document is None or not self._claims:
            return False
        covers = self._summary.covers if self._summary else None
        if not self._is_changed and covers and covers == self.document.front_values.get("lead_of"):
            return False  # the same claims, in the words of another
        words = self.document.lead.text if self.document.lead else ""
        ours = self.document.front_values.get("lead") in (None, pages.lead_hash(words))
        return ours and words != self._lead()

    def _edit_lead(self, edits: Edits) -> None:
        if not self._lead_is_new() or self.document is None:
            return
        lead = self.document.lead
        if lead is None:
            edits.insert(self.document.title_line + 1, ["", self._lead()])
            return
        edits.remove(lead.start, lead.end)
        edits.insert(lead.start, [self._lead()])

    def _item(self, id_: str) -> list[str]:
        claim = self._claims[id_]
        return [pages.item_md(id_, pages.escape(claim.text)), self._evidence(claim)]

    def _evidence(self, claim: Claim) -> str:
        targets = [(file, self._titles.get(file, file)) for file in self._targets.get(claim.id, ())]
        return pages.evidence_md(claim, place_of(claim), targets)

    def _edit_items(self, edits: Edits) -> None:
        for id_, item in self._items.items():
            if id_ in self._gone:
                self._remove_item(edits, item)
                continue
            claim = self._claims.get(id_) or self.claim(id_, "")
            is_sent = set(self._targets.get(id_, ())) != set(item.pages)
            is_moved = id_ in self._claims and place_of(self._claims[id_]) != item.place
            if item.evidence_line is not None and claim is not None and (is_sent or is_moved):
                edits.replace(item.evidence_line, self._evidence(claim))
        if self.added:
            self._insert_items(edits)

    def _remove_item(self, edits: Edits, item: pages.LedgerItem) -> None:
        if claims.claim_id(item.quote, item.text) == item.id:
            edits.remove(item.line)
        if item.evidence_line is not None:
            edits.remove(item.evidence_line)

    def _insert_items(self, edits: Edits) -> None:
        section = self._section(CLAIMS)
        if section is None:
            new = [line for id_ in self.added for line in self._item(id_)]
            edits.insert(self._section_start(CLAIMS), [f"## {CLAIMS}", "", *new, ""])
            return
        at = min(section.start + 2, section.end)
        for id_ in self._claims:
            if id_ in self._items:
                item = self._items[id_]
                at = 1 + (item.line if item.evidence_line is None else item.evidence_line)
            else:
                edits.insert(at, self._item(id_))

    def _edit_sections(self, edits: Edits) -> None:
        """Names that wait no longer go; new ones and new unread parts are added; what stands stays."""
        document = self.document
        if document is None:
            return
        standing = {names.normal(waiting.name): waiting for waiting in document.waiting}
        for key, waits in standing.items():
            if key in self._promoted:
                edits.remove(waits.line)
            elif not self._gone.isdisjoint(waits.claims):
                self._edit_waiting(edits, key, waits)
        fresh = [
            c for c in self._waiting or [] if names.normal(c.name) not in standing and not self._is_promoted(c.name)
        ]
        self._extend(edits, WAITING, [_waiting(candidate) for candidate in fresh])
        for title in (LEFT_UNREAD, NOT_CARRIED):
            self._edit_unread(edits, document, title)
        for title, listed in ((WAITING, standing), (LEFT_UNREAD, document.unread), (NOT_CARRIED, document.unread)):
            section = self._section(title)
            if listed and section is not None and edits.blank(section.start + 1, section.end):
                edits.remove(section.start, section.end)

    def _edit_unread(self, edits: Edits, document: pages.Document, title: str) -> None:
        """What is unread no more goes: all that a changed source left, what was refused and is read now."""
        if self._unread is None:
            return
        unread = self._unread_under(title)
        for part in document.unread:
            is_over = self._is_changed or part.is_read or part.why.startswith(REFUSED)
            if part.is_read == (title == NOT_CARRIED) and is_over and document.lines[part.line] not in unread:
                edits.remove(part.line)
        self._extend(edits, title, [line for line in unread if line not in document.lines])

    def _edit_waiting(self, edits: Edits, key: str, waits: pages.Waiting) -> None:
        """A name that waits with claims which the source makes no more waits with those that it makes, or no longer."""
        again = next((c for c in self._waiting or [] if names.normal(c.name) == key), None)
        told = (new for id_ in waits.claims for new in self._instead.get(id_, [id_] * (id_ not in self._gone)))
        left = list(dict.fromkeys(told))
        if again is not None:
            edits.replace(waits.line, _waiting(again))
        elif left:
            edits.replace(waits.line, pages.waiting_md(waits.name, waits.type, waits.aliases, left, waits.reason))
        else:
            edits.remove(waits.line)

    def _extend(self, edits: Edits, title: str, new: list[str]) -> None:
        section = self._section(title)
        if not new:
            return
        if section is None:
            at = self._section_start(title)
            if at < len(self._lines()):
                edits.insert(at, [f"## {title}", "", *new, ""])
            else:
                edits.append([f"## {title}", "", *new])
            return
        edits.insert(tail(self._lines(), section.start, section.end), new)

    def _section_start(self, title: str) -> int:
        """Where a section of ours belongs: before the first of ours that comes after it, else at the end."""
        later = LEDGER[LEDGER.index(title) + 1 :]
        starts = [section.start for name in later if (section := self._section(name)) is not None]
        return min(starts, default=len(self._lines()))

    def _section(self, title: str) -> pages.Section | None:
        return self.document.section(title) if self.document else None

    def _lines(self) -> list[str]:
        return self.document.lines if self.document else []

    def _is_promoted(self, name: str) -> bool:
        return names.normal(name) in self._promoted


def _waiting(candidate: Candidate) -> str:
    return pages.waiting_md(candidate.name, candidate.type, candidate.aliases, candidate.claims, candidate.reason)


def _text(value: object) -> str | None:
    return value if isinstance(value, str) and value else None
