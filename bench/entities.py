"""How well names are resolved: ours and simple baselines, side by side, on labelled sets.

    python bench/entities.py DATA/entities/dev

One rule does all sets: `names.cluster` (groups) and `names.likeness` (the nearest of a list).
Baselines join all names in a chain of matches above their threshold, as a naive `fuzzy` option does.
"""

from __future__ import annotations

import json
import os
import sys
from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from itertools import combinations

from rapidfuzz import fuzz, utils

from quern import names

Rule = Callable[[Sequence[str]], list[int]]
Figures = tuple[float, float, float]

BASELINES: dict[str, tuple[Callable[..., float], float]] = {
    "WRatio >= 88": (fuzz.WRatio, 88),
    "token_sort >= 88": (fuzz.token_sort_ratio, 88),
    "token_set >= 92": (fuzz.token_set_ratio, 92),
    "ratio >= 88": (fuzz.ratio, 88),
}


def rows(path: str) -> Iterator[dict[str, str]]:
    with open(path, encoding="utf-8") as stream:
        for line in stream:
            yield json.loads(line)


def ours(items: Sequence[str]) -> list[int]:
    """A label for each name; equal names have equal labels."""
    distinct = sorted(set(items))
    label = {distinct[at]: group[0] for group in names.cluster(distinct) for at in group}
    return [label[item] for item in items]


def chained(score: Callable[..., float], threshold: float) -> Rule:
    def rule(items: Sequence[str]) -> list[int]:
        distinct = sorted(set(items))
        folded = [utils.default_process(item) for item in distinct]
        parent = list(range(len(distinct)))

        def top(at: int) -> int:
            while parent[at] != at:
                parent[at] = parent[parent[at]]
                at = parent[at]
            return at

        for a, b in combinations(range(len(distinct)), 2):
            if score(folded[a], folded[b], score_cutoff=threshold) >= threshold:
                parent[top(a)] = top(b)
        label = {item: top(at) for at, item in enumerate(distinct)}
        return [label[item] for item in items]

    return rule


def pairwise(found: Sequence[object], gold: Sequence[object]) -> Figures:
    def pairs(labels: Sequence[object]) -> int:
        return sum(n * (n - 1) // 2 for n in Counter(labels).values())

    return prf(pairs(list(zip(found, gold, strict=True))), pairs(found), pairs(gold))


def bcubed(found: Sequence[object], gold: Sequence[object]) -> Figures:
    both = Counter(zip(found, gold, strict=True))
    left, right = Counter(found), Counter(gold)
    precision = sum(n * n / left[f] for (f, _), n in both.items()) / len(found)
    recall = sum(n * n / right[g] for (_, g), n in both.items()) / len(found)
    return precision, recall, 2 * precision * recall / (precision + recall)


def prf(hits: int, found: int, gold: int) -> Figures:
    precision, recall = hits / (found or 1), hits / (gold or 1)
    return precision, recall, 2 * precision * recall / (precision + recall or 1)


def grouped(documents: Sequence[tuple[list[str], list[str]]], title: str) -> None:
    """Print P/R/F1 of every rule over documents of (names, gold labels); a name never joins one of another document."""
    rules: dict[str, Rule] = {"ours": ours} | {name: chained(*how) for name, how in BASELINES.items()}
    print(f"\n{title}: {sum(len(items) for items, _ in documents)} names\n")
    print(f"  {'rule':<18}{'P':>7}{'R':>7}{'F1':>7}   B-cubed{'P':>5}{'R':>7}{'F1':>7}")
    for name, rule in rules.items():
        found = [(at, label) for at, (items, _) in enumerate(documents) for label in rule(items)]
        gold = [(at, label) for at, (_, labels) in enumerate(documents) for label in labels]
        pair, cube = pairwise(found, gold), bcubed(found, gold)
        print(f"  {name:<18}" + "".join(f"{x:7.3f}" for x in pair) + "        " + "".join(f"{x:7.3f}" for x in cube))


def litbank(path: str, *, distinct: bool) -> list[tuple[list[str], list[str]]]:
    """Proper names of persons, a document each: every mention, or each spelling of a person once."""
    documents = []
    for row in rows(path):
        mentions: list[dict[str, str]] = row["mentions"]  # type: ignore[assignment]
        pairs = [
            (m["text"], m["entity"]) for m in mentions if m["type"] == "PER" and m["kind"] == "PROP" and m["entity"]
        ]
        pairs = list(dict.fromkeys(pairs)) if distinct else pairs
        documents.append(([text for text, _ in pairs], [entity for _, entity in pairs]))
    return documents


def misheard(path: str) -> None:
    """Print how often the nearest of all canonical terms is the right one."""
    data = list(rows(path))
    terms = sorted({row["canonical"] for row in data})
    scores: dict[str, Callable[[str, str], float]] = {
        "ours (likeness)": names.likeness,
        "ratio": fuzz.ratio,
        "ratio, folded": lambda a, b: fuzz.ratio(a, b, processor=utils.default_process),
        "WRatio": fuzz.WRatio,
        "token_sort": fuzz.token_sort_ratio,
        "token_set": fuzz.token_set_ratio,
    }
    heard = [row for row in data if row["variant"] != row["canonical"]]
    print(f"\neth-asr, misheard terms: {len(data)} ({len(heard)} not right already), {len(terms)} to choose from\n")
    print(f"  {'score':<18}{'accuracy@1':>11}{'misheard':>10}")
    for name, score in scores.items():
        nearest = {row["variant"]: max(terms, key=lambda term: score(row["variant"], term)) for row in data}
        every, wrong = (
            sum(nearest[r["variant"]] == r["canonical"] for r in part) / len(part) for part in (data, heard)
        )
        print(f"  {name:<18}{every:11.3f}{wrong:10.3f}")


def gap(paths: Sequence[str]) -> None:
    """GAP says which of two names a pronoun means, not which names are one: A and B are always two."""
    pairs = []
    for path in paths:
        with open(path, encoding="utf-8") as stream:
            head = next(stream).rstrip("\n").split("\t")
            pairs += [dict(zip(head, line.rstrip("\n").split("\t"), strict=False)) for line in stream]
    pairs = [row for row in pairs if row["A-coref"] != row["B-coref"]]
    print(f"\nGAP, two names of which exactly one is meant: {len(pairs)} pairs, share wrongly joined\n")
    rules: dict[str, Rule] = {"ours": ours} | {name: chained(*how) for name, how in BASELINES.items()}
    for name, rule in rules.items():
        joined = sum(len(set(rule([row["A"], row["B"]]))) == 1 for row in pairs)
        print(f"  {name:<18}{joined / len(pairs):7.3f}")


def main(folder: str) -> None:
    for file, title in (
        ("patstat-names", "patstat, companies"),
        ("chicago-sites", "chicago, sites"),
        ("febrl1-persons", "febrl, persons by name alone"),
    ):
        data = list(rows(os.path.join(folder, f"{file}.jsonl")))
        grouped([([row["name"] for row in data], [row["entity"] for row in data])], title)
    book = os.path.join(folder, "litbank.jsonl")
    grouped(litbank(book, distinct=True), "litbank, persons of novels, each spelling once")
    grouped(litbank(book, distinct=False), "litbank, persons of novels, every mention")
    misheard(os.path.join(folder, "eth-asr-aliases.jsonl"))
    gap([os.path.join(folder, f"gap-{part}.tsv") for part in ("development", "validation")])


if __name__ == "__main__":
    if len(sys.argv) != 2:
        sys.exit("usage: python bench/entities.py DATA/entities/dev")
    main(sys.argv[1])
