"""Says how well questions are answered, and whether a wiki answers them better than the raw sources do.

python bench/answers.py [DATA] [--sources 5 20 80] [--model FILE.gguf] [--vocabulary FILE.gguf]

DATA: a folder with notes/*.md and queries.toml, as synto's compare corpus has them: questions with the words that an
answer must have, or that must be refused. They are asked of the rules, of the model that the tests play (which quotes
what has most of the question's words: that the machinery holds is all that it shows, and nothing of sense), and of
`--model`, if one is named.

Does the wiki compound? Forty questions on the first five sources of the corpus (see corpus.py), ten of which have no
answer in it, after each so many sources: from the wiki, and from raw/ (chunks of some 180 words, the best 8 by BM25, as
Robertson and Walker 1994 have it). Who answers is the same for both: the rules, or `--model`, from claims or from the
sentences of the chunks. Right is an answer with a value that some source read by then gives for just that, and cited
one whose own evidence has it. Read is what it is answered from, in tokens (of `--vocabulary`, else in letters / 4);
seconds are the processor's, without reading the sources.
"""

from __future__ import annotations

import argparse
import math
import os
import random
import re
import sys
import tempfile
import time
import tomllib
from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

import corpus
import tokens

ROOT = Path(__file__).resolve().parents[1]
sys.path[:0] = [str(ROOT / "tests"), str(ROOT / "lib")]

import scripted  # noqa: E402
from turning import Mill  # noqa: E402

from quern import engines, languages, schema  # noqa: E402
from quern import sentences as cutting  # noqa: E402
from quern.answers import consultation, inquiries  # noqa: E402
from quern.answers.inquiries import Inquiry  # noqa: E402
from quern.answers.knowledge import Known  # noqa: E402
from quern.engines import Engine  # noqa: E402
from quern.program import Failure  # noqa: E402
from quern.records import Claim, Span  # noqa: E402

DATE = "2026-04-02"
ASKED, UNKNOWN = 30, 10
CHUNK, BEST = 180, 8
K1, B = 1.2, 0.75

# Of a sentence of the corpus: what asks for it, and which of its figures is the answer.
ASKS = (
    (r"(?P<thing>.+) opened in (?P<value>\d{4}) with a capacity of \d+ MW\.", "When did {thing} open?"),
    (r"(?P<thing>.+) opened in \d{4} with a capacity of (?P<value>\d+ MW)\.", "What is the capacity of {thing}?"),
    (r"The price for what (?P<thing>.+) delivers was set at (?P<value>\d+ pounds) per MWh in \d{4}\.",
     "How much was set as the price for what {thing} delivers?"),
    (r"Fishing within \d+ km of (?P<thing>.+) has been forbidden since (?P<value>\d{4})\.",
     "Since when has fishing near {thing} been forbidden?"),
    (r"In (?P<thing>.+ Bay) the water rises by up to (?P<value>\d+ metres),.*",
     "How many metres does the water rise in {thing}?"),
    (r"The road to the (?P<thing>.+) is (?P<value>\d+ km) long and.*", "How long is the road to the {thing}?"),
    (r"(?P<thing>.+) is a (?P<value>[a-z ]+) on the coast of .+\.", "What is {thing}?"),
)  # fmt: skip


@dataclass(frozen=True)
class Asked:
    """A question. `pattern`: of the sentences that tell it, with a group `value`; `called`: the names of its thing."""

    question: str
    pattern: str
    called: frozenset[str]

    def values(self, texts: Sequence[str]) -> set[str]:
        """What these texts give for it."""
        found = (re.fullmatch(self.pattern, sentence) for text in texts for sentence in told(text))
        return {match["value"] for match in found if match is not None and match["thing"] in self.called}


@dataclass
class Told:
    """What became of some questions."""

    right: int = 0
    cited: int = 0
    refused: int = 0
    wrong: int = 0
    tokens: int = 0
    seconds: float = 0.0

    def row(self, count: int) -> str:
        per = max(1, count)
        return (
            f"{self.right:5} {self.cited:5} {self.refused:7} {self.wrong:5} {self.tokens // per:7} "
            f"{1000 * self.seconds / per:8.1f}"
        )


def told(text: str) -> list[str]:
    """The sentences of a source of the corpus."""
    body = re.sub(r"\A---\n.*?\n---\n", "", text, flags=re.DOTALL)
    lines = (line for line in body.splitlines() if line and not line.startswith("#"))
    return [line[start:end].strip() for line in lines for start, end in cutting.split(line, "en")]


def questions(texts: Sequence[str], pool: Sequence[corpus.Plant], seed: int = 4) -> list[Asked]:
    """So many questions that these texts answer, and so many on things that no text names.

    Every other one calls its thing by its full name, whatever the text calls it there.
    """
    found: dict[str, Asked] = {}
    by_name = {name: plant for plant in pool for name in (plant.full, plant.short, plant.other)}
    for text in texts:
        for sentence in told(text):
            for pattern, question in ASKS:
                match = re.fullmatch(pattern, sentence)
                if match is not None:
                    plant = by_name.get(match["thing"])
                    called = frozenset((plant.full, plant.short, plant.other) if plant else (match["thing"],))
                    name = plant.full if plant and len(found) % 2 else match["thing"]
                    asked = Asked(question.format(thing=name), pattern, called)
                    found.setdefault(asked.question, asked)
    chance = random.Random(seed)
    known = chance.sample(sorted(found.values(), key=lambda asked: asked.question), ASKED)
    places = [f"{syllable.capitalize()}unheard" for syllable in corpus.SYLLABLES]
    unknown = []
    for n, place in enumerate(places[:UNKNOWN]):
        pattern, question = ASKS[n % len(ASKS)]
        unknown.append(Asked(question.format(thing=place), pattern, frozenset((place,))))
    return [*known, *unknown]


# Answering from raw/


class Chunks:
    """The raw sources in pieces, found by BM25."""

    def __init__(self, texts: Sequence[str]) -> None:
        self.chunks = [chunk for text in texts for chunk in _chunks(text)]
        self._bags = [Counter(_words(" ".join(chunk))) for chunk in self.chunks]
        self._mean = sum(bag.total() for bag in self._bags) / max(1, len(self._bags))
        self._known = Counter(word for bag in self._bags for word in bag)

    def best(self, question: str) -> list[list[str]]:
        """The sentences of the best pieces."""
        wanted = set(_words(question))
        scored = sorted(range(len(self.chunks)), key=lambda n: (-self._score(wanted, self._bags[n]), n))
        return [self.chunks[n] for n in scored[:BEST] if self._score(wanted, self._bags[n]) > 0]

    def _score(self, wanted: set[str], bag: Counter[str]) -> float:
        total, count = 0.0, len(self._bags)
        for word in wanted & bag.keys():
            weight = math.log(1 + (count - self._known[word] + 0.5) / (self._known[word] + 0.5))
            total += weight * bag[word] * (K1 + 1) / (bag[word] + K1 * (1 - B + B * bag.total() / self._mean))
        return total


def _chunks(text: str) -> Iterator[list[str]]:
    piece: list[str] = []
    for sentence in told(text):
        if sum(len(one.split()) for one in (*piece, sentence)) > CHUNK and piece:
            yield piece
            piece = []
        piece.append(sentence)
    if piece:
        yield piece


def _words(text: str) -> list[str]:
    return [word.casefold() for word in languages.words(text) if word.casefold() not in languages.stopwords("en")]


def _known(number: int, sentence: str) -> Known:
    claim = Claim(
        id=f"{number:012x}",
        source="",
        passage="",
        text=sentence,
        quote=sentence,
        spans=[Span(start=0, end=0, place="")],
    )
    return Known(claim=claim, title="", ledger="", slug="", place="", language="en", day="")


def from_raw(engine: Engine, chunks: Chunks, question: str) -> tuple[list[tuple[str, list[str]]], list[str]]:
    """An answer from pieces of sources: its sentences with what they cite, and what was read for it."""
    found = dict.fromkeys(sentence for chunk in chunks.best(question) for sentence in chunk)
    known = [_known(number, sentence) for number, sentence in enumerate(found)]
    if not known:
        return [], []
    answered = engine.answer(Inquiry(question, "en", 6, known, whole=False))
    texts = {one.id: one.claim.text for one in known}
    return [(said.text, [texts[id_] for id_ in said.claims]) for said in answered.sentences], list(found)


def from_wiki(here: Mill, engine: Engine, question: str) -> tuple[list[tuple[str, list[str]]], list[str]]:
    """The same from the wiki."""
    read: list[str] = []
    answer = engine.answer

    def noted(inquiry: Inquiry) -> inquiries.Answered:
        read.extend(known.claim.text for known in inquiry.claims)
        return answer(inquiry)

    engine.answer = noted  # type: ignore[method-assign]
    try:
        found = consultation.consult(here.vault, schema.load(here.vault), engine, question, date=DATE)
    finally:
        del engine.answer  # type: ignore[method-assign]
    quotes = {one.claim: one.quote for one in found.claims}
    return [(said.text, [quotes[id_] for id_ in said.claims]) for said in found.sentences], read


# What is measured


def compound(sizes: Sequence[int], engine_of: Callable[[Mill], Engine], count: tokens.Count) -> None:
    """Print what forty questions cost, and how many are answered, from both, as the sources become more."""
    with tempfile.TemporaryDirectory() as folder:
        here = Mill(Path(folder) / "corpus")
        corpus.write_vault(here.folder, max(sizes))
        here.write("schema.yaml", here.read("schema.yaml") + "\nengine: rules\n")
        paths = sorted((here.folder / "raw").glob("*.md"))
        texts = [path.read_text(encoding="utf-8") for path in paths]
        pool = corpus.plants(random.Random(2), max(sizes) * corpus.NEW)
        asked = questions(texts[: min(sizes)], pool)
        print(f"{'sources':>8} {'from':6} {'right':>5} {'cited':>5} {'refused':>7} {'wrong':>5} {'read':>7} {'ms':>8}")
        done = 0
        for size in sizes:
            for path in paths[done:size]:
                here.ingest(f"raw/{path.name}")
            done, engine = size, engine_of(here)
            chunks = Chunks(texts[:size])
            ways: dict[str, Callable[[str], tuple[list[tuple[str, list[str]]], list[str]]]] = {
                "raw": lambda question, chunks=chunks, engine=engine: from_raw(engine, chunks, question),
                "wiki": lambda question, engine=engine: from_wiki(here, engine, question),
            }
            for name, way in ways.items():
                result = _asked(asked, texts[:size], way, count)
                print(f"{size:8} {name:6} {result.row(len(asked))}", flush=True)
            engine.close()
        print(f"of {len(asked)} questions, {UNKNOWN} of which have no answer and are to be refused")


def _asked(
    asked: Sequence[Asked],
    texts: Sequence[str],
    way: Callable[[str], tuple[list[tuple[str, list[str]]], list[str]]],
    count: tokens.Count,
) -> Told:
    result = Told()
    for one in asked:
        values = one.values(texts)
        begun = time.process_time()
        try:
            said, read = way(one.question)
        except Failure as failure:
            said, read = [], []
            print(f"  {one.question}: {failure}", file=sys.stderr)
        result.seconds += time.process_time() - begun
        result.tokens += sum(map(count, read))
        right = any(_has(text, value) for text, _ in said for value in values)
        result.right += right if values else not said
        result.cited += any(_has(quote, value) for _, quotes in said for quote in quotes for value in values)
        result.refused += not said
        result.wrong += bool(said) and not right
    return result


def _has(text: str, value: str) -> bool:
    return re.search(rf"(?<!\w){re.escape(value)}(?!\w)", text, re.IGNORECASE) is not None


def labelled(data: Path, name: str, engine_of: Callable[[Mill], Engine]) -> None:
    """Print whether each labelled question is answered with what is expected, or refused."""
    asked = tomllib.loads((data / "queries.toml").read_text(encoding="utf-8"))["query"]
    with tempfile.TemporaryDirectory() as folder:
        here = Mill(Path(folder) / "notes")
        here.write("schema.yaml", (ROOT / "schema.yaml").read_text(encoding="utf-8") + "\nengine: rules\n")
        for path in sorted((data / "notes").glob("*.md")):
            here.write(f"raw/{path.name}", path.read_text(encoding="utf-8"))
            here.ingest(f"raw/{path.name}")
        engine, right = engine_of(here), 0
        for one in asked:
            begun = time.process_time()
            answer = consultation.consult(here.vault, schema.load(here.vault), engine, one["question"], date=DATE)
            text = " ".join(said.text for said in answer.sentences).casefold()
            wanted = [word for word in one["expected_contains"] if word.casefold() not in text]
            is_right = not answer.sentences if one["expected_refusal"] else bool(answer.sentences) and not wanted
            right += is_right
            verdict = "right" if is_right else f"lacks {', '.join(wanted)}" if answer.sentences else "refused"
            print(f"{name:9} {1000 * (time.process_time() - begun):6.0f} ms  {verdict:24} {one['question']}")
        engine.close()
    print(f"{name}: {right} of {len(asked)}")


def _rules(here: Mill) -> Engine:
    return engines.load(schema.load(here.vault), here.vault)


def _model(file: str) -> Callable[[Mill], Engine]:
    def load(here: Mill) -> Engine:
        os.environ["QUERN_MODEL"] = file
        try:
            return engines.load(schema.load(here.vault), here.vault, say=lambda _: None)
        finally:
            del os.environ["QUERN_MODEL"]

    return load


def main() -> None:
    """Measure, and print."""
    parser = argparse.ArgumentParser(description=__doc__.split("\n", maxsplit=1)[0] if __doc__ else "")
    parser.add_argument("data", nargs="?", type=Path)
    parser.add_argument("--sources", nargs="+", type=int, default=[5, 20, 80])
    parser.add_argument("--model")
    parser.add_argument("--vocabulary")
    options = parser.parse_args()
    os.environ.pop("QUERN_MODEL", None)
    if options.data is not None:
        labelled(options.data, "rules", _rules)
        with scripted.server(scripted.good) as url:

            def played(here: Mill) -> Engine:
                scripted.use(here.folder, url)
                return engines.load(schema.load(here.vault), here.vault, say=lambda _: None)

            labelled(options.data, "scripted", played)
        if options.model:
            labelled(options.data, "model", _model(options.model))
    counted, what = (
        tokens.counter(options.vocabulary) if options.vocabulary else (lambda text: len(text) // 4, "letters / 4")
    )
    engine = _model(options.model) if options.model else _rules
    print(f"answered by {options.model or 'the rules'}; tokens: {what}")
    compound(sorted(options.sources), engine, counted)


if __name__ == "__main__":
    main()
