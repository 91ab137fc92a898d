"""What becomes of claims when their source changes, on real pages in two versions.

    python bench/staleness.py FOLDER [--show]

FOLDER holds a folder a project with `old/`, `new/` and `labels.json` (`[{file, lines: [{line, fate, new_lines}]}]`):
of each line of the old version whether it is still there word for word (same, moved) or not (gone).
Each page is read in its old version, then under the same path in its new one. A claim is said to be gone if quern
retires it, and to stand at a place if its line on the source page names that place.

A claim should be gone if a line that it quotes is. Labels know lines and quern knows sentences, so both are counted:
by line, a claim is wrongly kept if its line changed anywhere; by sentence, only if its own words changed, which is
looked up in the plain text, line breaks and list or quote marks apart.
The same is asked of every sentence of the old version, whether a claim was made of it or not.
The baseline keeps what difflib matches line by line.
"""

from __future__ import annotations

import argparse
import difflib
import json
import re
import shutil
import sys
import tempfile
from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

from quern import claims, engines, extraction, jsonl, linking, passages, schema, summaries
from quern import wiki as wikis
from quern.jsonl import Row
from quern.linking import revisions
from quern.records import Passage, Source
from quern.updates import merging, transaction
from quern.vault import Vault

ROOT = Path(__file__).resolve().parents[1]
GOALS = {"precision": 0.95, "recall": 0.95, "anchored": 0.98}
_MARKS = re.compile(r"^[ \t]*(?:>[ \t]?|[-*+][ \t]+|\d+[.)][ \t]+)*", re.MULTILINE)

Fates = dict[int, tuple[str, list[int]]]


@dataclass(frozen=True)
class Quote:
    """Words of the old version and the lines (1-based) that they stand on, there and, as one found, in the new one."""

    text: str
    lines: range
    found: range | None


@dataclass(frozen=True)
class Case:
    """A page in two versions, and what became of each labelled line of the old one."""

    name: str
    old: Path
    new: Path
    fates: Fates


def main() -> int:
    """Print a table; exit 1 if a goal is missed."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("folder", type=Path)
    parser.add_argument("--show", action="store_true", help="print each quote that was judged wrongly")
    arguments = parser.parse_args()
    ours, every, lines = Score("claims"), Score("all sentences"), Score("difflib, claims")
    for case in cases(arguments.folder):
        old, new = (path.read_text(encoding="utf-8") for path in (case.old, case.new))
        found, found_everywhere = milled(case)
        ours.count(case, found, new, show=arguments.show)
        every.count(case, found_everywhere, new, show=arguments.show)
        lines.count(case, matched(found, old, new), new, show=False)
    print(f"{'':18} {'quotes':>7} {'gone':>6}  {'by line: P':>10} {'R':>6}  {'by sentence: P':>14} {'R':>6}  anchored")
    for score in (ours, every, lines):
        print(score.row())
    return 0 if ours.is_good() else 1


def cases(folder: Path) -> Iterator[Case]:
    for labels in sorted(folder.glob("*/labels.json")):
        for page in json.loads(labels.read_text(encoding="utf-8")):
            fates = {line["line"]: (line["fate"], line["new_lines"]) for line in page["lines"]}
            both = (labels.parent / version / page["file"] for version in ("old", "new"))
            yield Case(f"{labels.parent.name}/{page['file']}", *both, fates)


def milled(case: Case) -> tuple[list[Quote], list[Quote]]:
    """What quern makes of a page that changes: each claim of the old version, and each sentence of it."""
    with tempfile.TemporaryDirectory() as folder:
        vault = Vault(Path(folder))
        for name in ("raw", "wiki"):
            (vault.root / name).mkdir()
        shutil.copy(ROOT / "schema.yaml", vault.root)
        raw = vault.raw / "page.md"
        before = mill(vault, case.old, raw, "2026-04-02")
        spoken = sentences(vault, raw)
        after = mill(vault, case.new, raw, "2026-04-09")
        source, *_ = passages.records(vault, schema.load(vault), str(raw), _quiet)
        assert isinstance(source, Source)
        anchors = revisions.Anchors(vault, source, schema.load(vault))
        everything = [Quote(text, lines, _anchored(anchors, text, lines)) for text, lines in spoken]
    there = {id_: _lines(place) for id_, (place, _) in after.items()}
    quotes = [Quote(quote, _lines(place) or range(0), there.get(id_)) for id_, (place, quote) in before.items()]
    return quotes, everything


def mill(vault: Vault, version: Path, raw: Path, date: str) -> dict[str, tuple[str, str]]:
    """Read a version of the page into the wiki; the place and the quote of each claim on its source page then."""
    shutil.copy(version, raw)
    rules = schema.load(vault)
    engine = engines.load(rules)
    rows = _rows(extraction.extract(_rows(passages.records(vault, rules, str(raw), _quiet)), engine, _quiet))
    with wikis.open(vault) as catalogue:
        rows = _rows(linking.link(rows, catalogue, rules, revisions.reviser(vault, catalogue, rules)))
    rows = _rows(summaries.add(rows, engine, rules))
    list(merging.merge(rows, vault, rules, date))
    transaction.finish(vault)
    with wikis.open(vault) as catalogue:
        source = catalogue.source_by_path("raw/page.md")
        told = catalogue.claims_for_source(source.slug) if source else []
    return {claim.id: (claim.spans[0].place, claim.quote) for claim in told}


def sentences(vault: Vault, raw: Path) -> list[tuple[str, range]]:
    """Each sentence of a page, as it stands there, and its lines."""
    made = passages.records(vault, schema.load(vault), str(raw), _quiet)
    spoken = [sentence for passage in made if isinstance(passage, Passage) for sentence in passage.sentences]
    return [(sentence.text, lines) for sentence in spoken if (lines := _lines(sentence.place)) is not None]


def matched(quotes: Iterable[Quote], old: str, new: str) -> list[Quote]:
    """The baseline: a quote stands if difflib matches each of its lines."""
    matcher = difflib.SequenceMatcher(None, old.split("\n"), new.split("\n"), autojunk=False)
    there = {block.a + n + 1: block.b + n + 1 for block in matcher.get_matching_blocks() for n in range(block.size)}
    return [Quote(quote.text, quote.lines, _mapped(quote.lines, there)) for quote in quotes]


def _mapped(lines: range, there: dict[int, int]) -> range | None:
    found = [there.get(line) for line in lines]
    return None if None in found else range(min(filter(None, found)), max(filter(None, found)) + 1)


class Score:
    """How often what was said of quotes is so."""

    def __init__(self, name: str) -> None:
        self.name = name
        self.counts: Counter[str] = Counter()

    def count(self, case: Case, quotes: Sequence[Quote], new: str, *, show: bool) -> None:
        text = _flat(new)
        for quote in quotes:
            fates = [case.fates[line] for line in quote.lines if line in case.fates]
            if not fates:
                continue
            self.counts["quotes"] += 1
            line_gone = any(fate == "gone" for fate, _ in fates)
            gone = line_gone and not all(_flat(run) in text for run in quote.text.split(claims.ELLIPSIS))
            said = quote.found is None
            self.counts["gone"] += gone
            self.counts["said gone"] += said
            self.counts["line gone"] += line_gone
            self.counts["by line"] += said and line_gone
            self.counts["by sentence"] += said and gone
            wrong = said != gone
            if not line_gone and not said:
                self.counts["standing"] += 1
                right = all(not set(lines).isdisjoint(quote.found or ()) for _, lines in fates)
                self.counts["anchored"] += right
                wrong = not right
            if wrong and show:
                fate = "gone" if gone else "stands"
                print(f"{self.name}: {case.name}:{quote.lines[0]}: {fate}: {quote.text[:80]!r} → {quote.found}")

    def figures(self) -> dict[str, float]:
        of = self.counts
        return {
            "precision by line": _share(of["by line"], of["said gone"]),
            "recall by line": _share(of["by line"], of["line gone"]),
            "precision": _share(of["by sentence"], of["said gone"]),
            "recall": _share(of["by sentence"], of["gone"]),
            "anchored": _share(of["anchored"], of["standing"]),
        }

    def is_good(self) -> bool:
        return all(self.figures()[name] >= goal for name, goal in GOALS.items())

    def row(self) -> str:
        by_line, recall_by_line, precision, recall, anchored = (f"{figure:.3f}" for figure in self.figures().values())
        counts = f"{self.counts['quotes']:7} {self.counts['gone']:6}"
        return f"{self.name:18} {counts}  {by_line:>10} {recall_by_line:>6}  {precision:>14} {recall:>6}  {anchored:>8}"


def _share(part: int, whole: int) -> float:
    return part / whole if whole else 1.0


def _flat(text: str) -> str:
    return claims.normalise(_MARKS.sub("", text))


def _lines(place: str | None) -> range | None:
    """The lines that a place spans."""
    numbers = [int(number) for number in re.findall(r"\d+", place or "")]
    return range(min(numbers), max(numbers) + 1) if numbers else None


def _anchored(anchors: revisions.Anchors, text: str, lines: range) -> range | None:
    found = anchors.find(text, f"lines {lines[0]}-{lines[-1]}")
    return None if found is None else _lines(", ".join(sentence.place for sentence, _ in found))


def _rows(records: Iterable[object]) -> list[Row]:
    """Records as the next program reads them."""
    return list(jsonl.rows([jsonl.encode(record) for record in records], "<pipe>"))


def _quiet(_: str) -> None:
    """Nobody reads what segment and extract have to say here."""


if __name__ == "__main__":
    sys.exit(main())
