"""One-sentence summaries of abstracts, beside Luhn, LexRank and the first sentence.

    python bench/summaries.py FOLDER [--sample N]

FOLDER holds `scitldr-a.jsonl` (`{title, sentences, targets}`). For each abstract one sentence is chosen; its score is
the best over the reference summaries. The scorer is the same for all: ROUGE-1, -2 and -L F1 with Porter stems.
The baselines are written out below, so that nothing has to be installed or downloaded for them.
"""

from __future__ import annotations

import argparse
import json
import math
import re
import sys
from collections import Counter
from collections.abc import Callable, Iterable, Sequence
from pathlib import Path
from typing import Any

import Stemmer

from quern.engines.rules import centrality, grammar
from quern.languages import stopwords

Abstract = dict[str, Any]
Chooser = Callable[[Abstract], str]

GOALS = {"Luhn": (34.8, 14.1, 27.0), "LexRank": (33.3,)}
"""Figures published with the data set, which ours must reach."""

_porter = Stemmer.Stemmer("porter")


def main() -> int:
    """Print a table; exit 1 if ours is below a baseline."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("folder", type=Path)
    parser.add_argument("--sample", type=int, help="only the first N abstracts")
    arguments = parser.parse_args()
    lines = (arguments.folder / "scitldr-a.jsonl").read_text(encoding="utf-8").split("\n")
    abstracts = [json.loads(line) for line in lines if line][: arguments.sample]
    print(f"{'one sentence of ' + str(len(abstracts)) + ' abstracts':34} ROUGE-1  ROUGE-2  ROUGE-L")
    results = {name: score(abstracts, chooser) for name, chooser in choosers().items()}
    for name, figures in results.items():
        print(f"{name:34}" + "".join(f"{figure:8.1f} " for figure in figures))
    ours = results["quern, title unknown"]
    others = [results["Luhn"], results["LexRank"], *GOALS.values()]
    good = all(mine >= theirs for other in others for mine, theirs in zip(ours, other, strict=False))
    print("at or above Luhn and LexRank" if good else "below Luhn or LexRank")
    return 0 if good else 1


def choosers() -> dict[str, Chooser]:
    """The systems that are compared, the simplest first."""
    return {
        "lead": lambda abstract: str(abstract["sentences"][0]),
        "LexRank": lambda abstract: best(abstract["sentences"], lexrank(abstract["sentences"])),
        "Luhn": lambda abstract: best(abstract["sentences"], luhn(abstract["sentences"])),
        "quern, centrality alone": lambda abstract: best(
            abstract["sentences"], centrality.rank(abstract["sentences"], "en")
        ),
        "quern, title unknown": lambda abstract: _ours(abstract["sentences"], ""),
        "quern": lambda abstract: _ours(abstract["sentences"], abstract["title"]),
        "oracle": oracle,
    }


def score(abstracts: Sequence[Abstract], choose: Chooser) -> tuple[float, float, float]:
    """Mean ROUGE-1, -2 and -L, in percent, of the chosen sentences."""
    totals = [0.0, 0.0, 0.0]
    for abstract in abstracts:
        figures = [rouge(choose(abstract), target) for target in abstract["targets"]]
        for place in range(3):
            totals[place] += max(figure[place] for figure in figures)
    one, two, longest = (100 * total / len(abstracts) for total in totals)
    return one, two, longest


def rouge(candidate: str, reference: str) -> tuple[float, float, float]:
    """ROUGE-1, ROUGE-2 and ROUGE-L F1, as the `rouge-score` package counts them."""
    left, right = _stems(candidate), _stems(reference)
    grams = [_f1(_common(_grams(left, n), _grams(right, n)), len(left) - n + 1, len(right) - n + 1) for n in (1, 2)]
    return grams[0], grams[1], _f1(_longest_common(left, right), len(left), len(right))


def best(sentences: Sequence[str], weights: Sequence[float]) -> str:
    """The sentence of the highest weight; the first of equals."""
    return sentences[max(range(len(sentences)), key=lambda place: (weights[place], -place))]


def lexrank(sentences: Sequence[str], threshold: float = 0.1, damping: float = 0.85) -> list[float]:
    """LexRank (Erkan and Radev 2004): a walk over sentences that are alike by TF-IDF cosine."""
    bags = [Counter(_content(sentence)) for sentence in sentences]
    spread = Counter(word for bag in bags for word in bag)
    weights = {word: math.log(1 + len(bags) / count) for word, count in spread.items()}
    links = [[float(_cosine(one, other, weights) > threshold) for other in bags] for one in bags]
    rows = [[link / (sum(row) or 1.0) for link in row] for row in links]
    ranks = [1 / len(bags)] * len(bags)
    for _ in range(30):
        walked = [sum(ranks[at] * rows[at][to] for at in range(len(bags))) for to in range(len(bags))]
        ranks = [(1 - damping) / len(bags) + damping * rank for rank in walked]
    return ranks


def luhn(sentences: Sequence[str], gap: int = 4) -> list[float]:
    """Luhn (1958): the densest run of frequent words, squared over its length."""
    counts = Counter(word for sentence in sentences for word in _content(sentence))
    frequent = {word for word, count in counts.items() if count > 1}
    return [_densest([stem in frequent for stem in _stems(sentence)], gap) for sentence in sentences]


def oracle(abstract: Abstract) -> str:
    """The sentence that scores best: nothing that quotes can do better."""
    return str(
        max(abstract["sentences"], key=lambda text: max(rouge(text, target)[0] for target in abstract["targets"]))
    )


def _ours(sentences: Sequence[str], title: str) -> str:
    weights = centrality.weigh(sentences, "en", title, grammar.load("en"))
    return sentences[centrality.choose(sentences, weights, 1, "en")[0]]


def _stems(text: str) -> list[str]:
    tokens = re.findall(r"[a-z0-9]+", text.lower())
    return [_porter.stemWord(token) if len(token) > 3 else token for token in tokens]


def _content(text: str) -> list[str]:
    ignored = stopwords("en")
    return [_porter.stemWord(word) for word in re.findall(r"[a-z0-9]+", text.lower()) if word not in ignored]


def _grams(stems: Sequence[str], n: int) -> Counter[tuple[str, ...]]:
    return Counter(tuple(stems[place : place + n]) for place in range(len(stems) - n + 1))


def _common(left: Counter[tuple[str, ...]], right: Counter[tuple[str, ...]]) -> int:
    return (left & right).total()


def _f1(common: int, left: int, right: int) -> float:
    return 2 * common / (left + right) if common else 0.0


def _longest_common(left: Sequence[str], right: Sequence[str]) -> int:
    row = [0] * (len(right) + 1)
    for word in left:
        before = 0
        for place, other in enumerate(right, 1):
            kept = row[place]
            row[place] = before + 1 if word == other else max(row[place], row[place - 1])
            before = kept
    return row[-1]


def _cosine(one: Counter[str], other: Counter[str], weights: dict[str, float]) -> float:
    product = sum(count * other[word] * weights[word] ** 2 for word, count in one.items() if word in other)
    return product / (_norm(one, weights) * _norm(other, weights) or 1.0)


def _norm(bag: Counter[str], weights: dict[str, float]) -> float:
    return math.sqrt(sum((count * weights[word]) ** 2 for word, count in bag.items()))


def _densest(frequent: Iterable[bool], gap: int) -> float:
    highest, run, since = 0.0, list[int](), 0
    for place, is_frequent in enumerate(frequent):
        since += 1
        if not is_frequent:
            continue
        run = [*run, place] if run and since <= gap else [place]
        since = 0
        highest = max(highest, len(run) ** 2 / (run[-1] - run[0] + 1))
    return highest


if __name__ == "__main__":
    sys.exit(main())
