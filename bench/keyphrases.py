"""How good the names of a source are as keyphrases: ours, YAKE and TF-IDF of n-grams, side by side, on labelled sets.

    python bench/keyphrases.py DATA/keyphrase/dev [SAMPLE]

A set is a file `NAME.jsonl.gz` of `{id, lang, text, keys}`.
The measure is macro F1 at ten phrases: lower case, Porter stems, exact match.
TF-IDF takes its document frequencies from the set itself, which neither of the others sees.
Needs `yake`.
"""

from __future__ import annotations

import glob
import gzip
import json
import math
import os
import random
import re
import sys
import time
from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from functools import lru_cache
from typing import Any

import Stemmer
import yake

from quern.engines.rules.keyphrases import keyphrases
from quern.languages import stopwords

LIMIT = 10
Extract = Callable[[Sequence[dict[str, Any]]], Iterator[list[str]]]

_WORD = re.compile(r"[^\W_]+(?:[-'’][^\W_]+)*|[.!?;:,()\[\]]")
_stem = lru_cache(maxsize=1 << 18)(Stemmer.Stemmer("porter").stemWord)


def ours(rows: Sequence[dict[str, Any]]) -> Iterator[list[str]]:
    for row in rows:
        yield keyphrases(row["text"], row["lang"], LIMIT)


def by_yake(rows: Sequence[dict[str, Any]]) -> Iterator[list[str]]:
    extractor = yake.KeywordExtractor(lan=rows[0]["lang"], n=3, top=LIMIT)
    for row in rows:
        yield [phrase for phrase, _ in extractor.extract_keywords(row["text"])]


def by_tfidf(rows: Sequence[dict[str, Any]]) -> Iterator[list[str]]:
    """The best plain TF-IDF that we know: stems counted, long phrases preferred, none inside a better one."""
    texts = [list(ngrams(row["text"], stopwords(row["lang"]))) for row in rows]
    spread = Counter(key for grams in texts for key in {stemmed(gram) for gram in grams})
    for grams in texts:
        forms: dict[str, str] = {}
        for gram in grams:
            forms.setdefault(stemmed(gram), gram)
        counts = Counter(map(stemmed, grams))
        weight = {
            key: count * math.log(len(rows) / spread[key]) * (1 + len(key.split())) for key, count in counts.items()
        }
        best: list[str] = []
        for key in sorted(weight, key=lambda key: (-weight[key], key)):
            if len(best) < LIMIT and not any(f" {key} " in f" {better} " for better in best):
                best.append(key)
        yield [forms[key] for key in best]


def ngrams(text: str, stop: frozenset[str]) -> Iterator[str]:
    """Runs of one to three words without a stop word."""
    found = _WORD.findall(text.lower())
    for start in range(len(found)):
        for size in (1, 2, 3):
            gram = found[start : start + size]
            if len(gram) < size or len(gram[-1]) < 2 or gram[-1] in stop:
                break
            yield " ".join(gram)


def f1(found: Sequence[str], gold: Sequence[str]) -> float:
    predicted = list(dict.fromkeys(map(stemmed, found)))[:LIMIT]
    wanted = set(map(stemmed, gold))
    hits = sum(phrase in wanted for phrase in predicted)
    return 2 * hits / (len(predicted) + len(wanted)) if predicted else 0.0


def stemmed(phrase: str) -> str:
    return " ".join(_stem(word) for word in phrase.lower().split())


def main(folder: str, sample: int | None = None) -> None:
    methods: dict[str, Extract] = {"ours": ours, "YAKE": by_yake, "TF-IDF": by_tfidf}
    print(f"{'set':<20}{'lang':<6}{'texts':>6}" + "".join(f"{name:>9}" for name in methods) + f"{'ms/10 kB':>10}")
    for path in sorted(glob.glob(os.path.join(folder, "*.jsonl.gz"))):
        with gzip.open(path, "rt", encoding="utf-8") as stream:
            rows = [json.loads(line) for line in stream]
        if sample is not None and len(rows) > sample:
            rows = random.Random(0).sample(rows, sample)
        scores, spent = [], 0.0
        for name, method in methods.items():
            begun = time.perf_counter()
            scores.append(
                sum(f1(found, row["keys"]) for found, row in zip(method(rows), rows, strict=True)) / len(rows)
            )
            spent = time.perf_counter() - begun if name == "ours" else spent
        size = sum(len(row["text"].encode()) for row in rows)
        lost = "" if scores[0] >= max(scores) else "  loses"
        name = os.path.basename(path).removesuffix(".jsonl.gz")
        cells = "".join(f"{score:9.3f}" for score in scores)
        print(f"{name:<20}{rows[0]['lang']:<6}{len(rows):>6}{cells}{spent / size * 1e7:10.1f}{lost}", flush=True)


if __name__ == "__main__":
    main(sys.argv[1], int(sys.argv[2]) if len(sys.argv) > 2 else None)
