"""How well the rules tell a contradiction: precision and recall on pairs of sentences that people labelled.

python bench/contradictions.py DIR/contradiction/dev, with breaking-nli.jsonl, climate-fever.jsonl,
healthver-devtest.jsonl and scifact-claims.jsonl; beside ours: "the numbers differ", and the share of contradictions.
"-": nothing was stated, so there is no precision.
Without an argument only our own pairs (tests/lib/*-pairs.yaml) are measured. Fails below a limit.
"""

from __future__ import annotations

import json
import sys
from collections import defaultdict
from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace
from datetime import date
from pathlib import Path

import yaml

from quern.quantities import numbers
from quern.relations import Standing, Told
from quern.sentences import split

FACTS = ("contradicts", "supersedes")
OWN = Path(__file__).parent.parent / "tests" / "lib"


@dataclass(frozen=True)
class Pair:
    old: Told
    new: Told
    called: tuple[str, ...]
    conflict: bool


Judge = Callable[[Pair], bool]


def ours(pair: Pair) -> bool:
    """Whether the rules state a conflict with any sentence of the new text; a claim is a sentence."""
    text = pair.new.text
    claims = [replace(pair.new, text=text[start:end]) for start, end in split(text, pair.new.language)]
    page = Standing([pair.old], pair.called)
    return any(verdict.relation in FACTS for claim in claims for verdict in page.relate(claim))


def numbers_differ(pair: Pair) -> bool:
    found = [{x.value for x in numbers(told.text, told.language, words=True)} for told in (pair.old, pair.new)]
    return all(found) and found[0] != found[1]


def own_pairs(path: Path) -> Iterator[Pair]:
    for row in yaml.safe_load(path.read_text(encoding="utf-8")):
        published, as_of = (row.get(key, (None, None)) for key in ("published", "as_of"))
        sources = ("one", "one" if row.get("one_source") else "other")
        old, new = (
            Told(side, row[side], row.get("language", "en"), as_of=text(of), published=text(day), source=source)
            for side, of, day, source in zip(("old", "new"), as_of, published, sources, strict=True)
        )
        yield Pair(old, new, (row["called"],), row["is"] in FACTS)


def text(day: date | None) -> str | None:
    return str(day) if day else None


def labelled(path: Path) -> Iterator[tuple[str, Pair]]:
    with path.open(encoding="utf-8") as lines:
        for row in map(json.loads, lines):
            claim = row.get("a") or row["claim"]
            for evidence, conflict in evidences(row):
                pair = Pair(Told("a", claim), Told("b", evidence), (), conflict)
                yield row.get("category", path.stem), pair


def evidences(row: dict) -> Iterator[tuple[str, bool]]:
    """The sentences that a claim is set against, and whether they contradict it; of an abstract, its rationale."""
    conflict = row["label"] == "contradict"
    if "b" in row:
        yield row["b"], conflict
        return
    chosen = sorted({n for rationale in row["rationales"] for n in rationale}) or range(len(row["abstract"]))
    yield " ".join(row["abstract"][n] for n in chosen), conflict


def score(pairs: list[Pair], judge: Judge) -> tuple[float, float, int]:
    """Precision (1 where nothing is said), recall, and how many pairs were called a conflict."""
    said = [pair for pair in pairs if judge(pair)]
    right = sum(pair.conflict for pair in said)
    wanted = sum(pair.conflict for pair in pairs)
    return right / len(said) if said else 1.0, right / wanted if wanted else 1.0, len(said)


def column(precision: float, recall: float, said: int) -> str:
    return f"{precision:.2f} {recall:.2f} {said:5}" if said else "  -  .00     0"


def line(name: str, pairs: list[Pair]) -> tuple[float, float, int]:
    base = sum(pair.conflict for pair in pairs) / len(pairs)
    figures = score(pairs, ours)
    columns = [column(*figures), column(*score(pairs, numbers_differ))]
    print(f"{name:22} {len(pairs):5}  {base:.2f}   {columns[0]}   {columns[1]}")
    return figures


def main(folder: Path | None) -> int:
    print(f"{'set':22} pairs  base   ours: P, R, said    numbers differ")
    failed = []
    for path in sorted(OWN.glob("*-pairs.yaml")):
        precision, recall, _ = line(path.stem, list(own_pairs(path)))
        if precision < 0.9 or recall < 0.7:
            failed.append(path.stem)
    for path in sorted(folder.glob("*.jsonl")) if folder else ():
        sets = defaultdict(list)
        for name, pair in labelled(path):
            sets[name].append(pair)
        for name, pairs in sorted(sets.items()):
            precision, recall, said = line(name, pairs)
            base = sum(pair.conflict for pair in pairs) / len(pairs)
            limits = {"cardinals": precision >= 0.95 and recall >= 0.85, "synonyms": said == 0}
            if not limits.get(name, path.stem == "breaking-nli" or precision >= 2 * base):
                failed.append(name)
    for name in failed:
        print(f"below its limit: {name}")
    return 1 if failed else 0


if __name__ == "__main__":
    sys.exit(main(Path(sys.argv[1]) if len(sys.argv) > 1 else None))
