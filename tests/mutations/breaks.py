"""The table of breaks: what is broken on purpose, which promise that breaks, and who catches it, and where.

A break is a piece of a function's source and what stands there instead. Who catches it is a guard of `scene`.
The promises: 1 no claim without evidence, 2 no fact is lost, 3 no human edit is lost, 4 no contradiction passes in
silence, 5 same input, same bytes, 6 nothing half-done looks done.
"""

from __future__ import annotations

from typing import NamedTuple


class Break(NamedTuple):
    """One row. `where` and `says` are what the guard's complaint names: a page, and what is wrong on it."""

    promise: int
    what: str
    caught_by: str
    where: str
    says: str
    function: str  # module:function or module:Class.method, in quern
    old: str
    new: str


LA_RANCE, BRITTANY, A, B = "La Rance.md", "Brittany.md", "tides-a.md", "tides-b.md"
PUT, LEDGER = "updates.topic:Projection.", "updates.ledger:Ledger."

BREAKS = [
    Break(1, "a new claim has no footnote",
          "merge", BRITTANY, "would leave out 1 of the new claims",
          PUT + "_place_notes", "edits.insert(last, new)", "pass"),
    Break(1, "a claim cites another line of its source",
          "lint", A, "quote-not-found",
          "updates.ledger:place_of", 'return ", ".join', 'return "line 1" or ", ".join'),
    Break(1, "a footnote quotes other words than its source has",
          "lint", BRITTANY, "quote-not-found",
          "pages.evidence:footnote_md", "{_quoted(quote)}", "{_quoted(quote.replace('La Rance', 'The Rance'))}"),
    Break(1, "a claim is not written on the page of its source",
          "lint", LA_RANCE, "missing-source",
          LEDGER + "_claim_lines", "for id_ in self._claims for", "for id_ in list(self._claims)[:-1] for"),
    Break(1, "a claim stays though its source has taken it back",
          "merge", LA_RANCE, "would keep claims that their source has taken back",
          PUT + "retire", "if place.slug != slug", "if slug"),
    Break(1, "a quote is not looked for in the raw source",
          "liar", A, 'line 4: "It opened in 1967." passes for true',
          "claims:in_raw", "return all(", "return True or all("),
    Break(1, "a source page whose raw file is gone is passed over",
          "liar", A, "raw/z.md passes for true",
          "checks.evidence:missing_source", "view.raw_sha(source) is None", "False"),

    Break(2, "a bullet that gains a footnote goes",
          "merge", LA_RANCE, "would lose 1 of its claims",
          PUT + "lines", "if text is None:", "if text is None or text:"),
    Break(2, "a new claim gets no bullet",
          "merge", LA_RANCE, "would leave out 5 of the new claims",
          PUT + "add", "self._new.append(", "_ = ("),
    Break(2, "what a new lead replaces does not go down to the facts",
          "merge", LA_RANCE, "would lose 1 of its claims",
          PUT + "set_lead", "if shown.isdisjoint(sentence.ids) and", "if False and"),
    Break(2, "the place of a claim in a second source is forgotten",
          "merge", LA_RANCE, "would leave out 1 of the new claims",
          PUT + "_add_place", "places.append(place)", "pass"),
    Break(2, "the place of a claim in a second source replaces the first",
          "merge", LA_RANCE, "would lose 1 of its claims",
          PUT + "_add_place", "places.append(place)", "places[:] = [place]"),
    Break(2, "one source takes back what another says, too",
          "merge", LA_RANCE, "would lose 1 of its claims",
          PUT + "retire", "if place.slug != slug", "if not slug"),
    Break(2, "what is taken back is not named",
          "merge", LA_RANCE, "would lose 2 of its claims",
          PUT + "retire", "self.outcome.retired.append(id_)", "pass"),
    Break(2, "a section goes while bullets stand in it",
          "merge", LA_RANCE, "would lose",
          PUT + "_place_bullets", "if self._lines and edits.blank(section.start + 1, section.end):", "if self._lines:"),
    Break(2, "the words of a standing bullet are made anew",
          "merge", LA_RANCE, "would lose words: - [La Rance] opened",
          PUT + "_unite", 'self._line(line) or ""', '(self._line(line) or "").replace("[La Rance]", "It")'),
    Break(2, "a line of a source page is put in place of another",
          "merge", A, "would lose claim",
          LEDGER + "_edit_items", "edits.replace(item.evidence_line,", "edits.replace(item.line,"),

    Break(3, "an edited bullet is written again",
          "merge", LA_RANCE, "would lose words: - La Rance employs 30",
          PUT + "lines", "edits = Edits(self.document.lines)",
          "edits = Edits([line.replace('30 people, I counted them', '28 people') for line in self.document.lines])"),
    Break(3, "a lead is written over a person's",
          "merge", BRITTANY, "would put another lead in the place of one that a person wrote",
          PUT + "lead_is_ours", "return not words if not stamp else", "return True or"),
    Break(3, "a new lead takes the paragraph below with it",
          "merge", LA_RANCE, "would lose words: My aunt lives there.",
          PUT + "_place_lead", "edits.remove(lead.start, lead.end)", "edits.remove(lead.start, lead.end + 2)"),
    Break(3, "a bullet that a person deleted comes back",
          "merge", LA_RANCE, "would bring back claims that a person has taken off the page",
          "updates.changes:_Planner.put", "if self.where.is_withheld(add, page, path, had):", "if False:"),
    Break(3, "where a claim went is forgotten, so that what a person deletes there would come back",
          "merge", A, "would forget a page that claim",
          LEDGER + "__init__", "dict.fromkeys(item.pages)", "{}"),
    Break(3, "a key of front matter that is not ours is dropped",
          "merge", LA_RANCE, "would change what a person wrote in the front matter: rating",
          "pages.frontmatter:write", "new = list(lines)",
          "new = [line for line in lines if line.split(':')[0] in ORDER]"),
    Break(3, "words that a person put behind a footnote are dropped",
          "merge", LA_RANCE, "would lose words: (so they say)",
          "pages.evidence:footnote_md", "(written, rest)", "(written,)"),
    Break(3, "what a person wrote in the index is dropped",
          "merge", "index.md", "would lose words: Begin with the tides.",
          "updates.contents:_foreign", "return preamble, foreign", "return [], {}"),
    Break(3, "words of a source are live on the page",
          "lint", BRITTANY, "broken-link: no page or file 'Paris'",
          "pages.markup:escape", "text = _one_line(text)", "return _one_line(text)"),
    Break(3, "a link is woven into code",
          "state", LA_RANCE, "`[[EDF|EDF]]",
          "pages.links:_open_spans", "_BARRIER.finditer(text_md)", "()"),

    Break(4, "two claims that differ in a number are one",
          "state", LA_RANCE, "La Rance has a capacity of 240 MW.[^1e67e8c30462][^75060b637e90]",
          "relations.wording:_value", "return f", "return 'n' or f"),
    Break(4, "a number that its evidence does not have passes",
          "liar", "a claim", "320 MW passes for what a source says of 240 MW",
          "claims:_strange_numbers", "if number.value not in there and", "if False and"),

    Break(5, "a page whose claims do not change is written",
          "again", LA_RANCE, "updated: 2026-05-01",
          "updates.changes:_Planner.document", "if lines == document.lines and", "if False and"),
    Break(5, "a source page on which nothing changes gets another date",
          "again", A, "updated: 2026-05-01",
          LEDGER + "text", "if lines != self.document.lines and", "if"),
    Break(5, "the lines of a log entry could be those of another",
          "state", "log.md", "- source: raw/a.md",
          "journal:entry", "{b} ({mark})", "{b}"),

    Break(6, "merge writes without the lock",
          "second", LA_RANCE, "",
          "updates.merging:_merge", "with locked(vault)", "with contextlib.nullcontext()"),
    Break(6, "merge begins anew without finishing what is open",
          "state", "log.md", "Tides B",
          "updates.merging:_merge", "transaction.finish_last(vault, catalogue)", "False"),
    Break(6, "pages are put in place before the run is decided",
          "power", "log.md", "stopped before call",
          "updates.merging:_merge", "transaction.decide(", "transaction.apply(vault, pending), transaction.decide("),
    Break(6, "the decision is not synced before it is renamed",
          "power", "", "the next run fails",
          "vault:write_atomically", "os.fsync(stream.fileno())", "pass"),
    Break(6, "pages are not synced before they are renamed",
          "power", "", "stopped before call",
          "updates.transaction:_put", "os.fsync(stream.fileno())", "pass"),
    Break(6, "the log entry is not synced before the run ends",
          "power", "log.md", "stopped before call",
          "updates.transaction:append", "os.fsync(handle)", "pass"),
    Break(6, "a log entry is appended by the run and by the next one",
          "power", "log.md", "stopped before call",
          "updates.transaction:close", "entry not in logged:\n        append(vault, entry, torn_at=pending.log_size)",
          "entry:\n        append(vault, entry)"),
]  # fmt: skip
