"""Says what it costs to ask about a source passage by passage, about several at once, or about all in one call.

python bench/whole.py [--vocabulary FILE.gguf] [--words 3000] [--seeds 5] [--speed]

The model is the scripted one of the tests. It is asked once as it is, and then so that some of its claims are worth
nothing: the gate refuses a reply as a whole for one of them, so a longer reply is refused more often, and more is lost
with it. What a model makes worse because it is asked much at once cannot be seen here.
"""

from __future__ import annotations

import argparse
import hashlib
import itertools
import json
import os
import statistics
import sys
import tempfile
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import sources
import tokens

ROOT = Path(__file__).resolve().parents[1]
sys.path[:0] = [str(ROOT / "tests"), str(ROOT / "lib")]

import mill  # noqa: E402
import scripted  # noqa: E402

from quern import schema  # noqa: E402
from quern.engines.llm import asking, drafts, extracting  # noqa: E402
from quern.models.client import Client  # noqa: E402
from quern.passages import records  # noqa: E402
from quern.records import Claim, Passage, Sentence, Source, Unread  # noqa: E402
from quern.vault import Vault  # noqa: E402

WAYS = {"passage by passage": 0, "up to 1,200 characters": 1200, "up to 2,400 characters": 2400, "whole": 10**9}
FAULTS = (0.01, 0.03, 0.1)
"""Shares of claims for which the gate refuses the reply that they stand in."""
MOST = schema.Reading().max_unread
ENOUGH = 1_000_000
DEPTHS = (1500, 10_000)
"""Tokens before a reply: those of one passage, and those of a source and half of what is said of it."""
ADDED = """
## Tables

The tide tables of the coast are printed in Brest, and have been since 1839. They say for each day when the water is
high at Saint-Malo and when it is low, and how far from the mean it will stand. A coefficient of 120 is the largest that
there is, and 20 the smallest; 95 is a spring tide. The tables of a year are made from 143 constituents, found by the
analysis of nineteen years of levels. Wind and pressure are not in them: a storm can raise the water by a metre and a
half, and an anticyclone can lower it by 30 cm. Every harbour of the coast has a correction to them.
"""


class Together(extracting.Extracting):
    """Asks about several passages at once, as many as have `most` characters together; they are numbered through."""

    def __init__(self, source: Source, passages: Sequence[Passage], most: int, **more: Any) -> None:
        super().__init__(source, passages, "en", **more)
        self.places = {sentence.start: passage.id for passage in self.passages for sentence in passage.sentences}
        self.passages = list(_packed(self.passages, most)) if most else self.passages
        longest = max(len(passage.sentences) for passage in self.passages)
        self.shape["properties"]["claims"]["maxItems"] = max(drafts.CLAIMS, longest)

    def records(self) -> Iterator[Claim | Unread]:
        """As ever, and each claim is of the passage that it begins in."""
        for record in super().records():
            if isinstance(record, Claim):
                began = max(start for start in self.places if start <= record.spans[0].start)
                yield replace(record, passage=self.places[began])
            else:
                yield record

    def _refuse(self, found: dict[str, extracting.Read]) -> None:
        """Raise nothing: what is lost is to be counted."""
        self.found = found

    @property
    def lost(self) -> float:
        """The share of the source of which no reply could be used."""
        unread = (part.sentences for one in self.found.values() for part, _ in one.refused)
        return sum(map(_length, unread)) / sum(_length(passage.sentences) for passage in self.passages)


def _packed(passages: Sequence[Passage], most: int) -> Iterator[Passage]:
    """Passages that stand side by side as one, as long as they are short enough."""
    pack: list[Passage] = []
    for passage in [*passages, None]:
        if pack and (passage is None or _size([*pack, passage]) > most):
            yield _united(pack)
            pack = []
        pack += [passage] if passage is not None else []


def _united(pack: Sequence[Passage]) -> Passage:
    sentences = [sentence for passage in pack for sentence in passage.sentences]
    same = [names[0] for names in zip(*(passage.headings for passage in pack), strict=False) if len(set(names)) == 1]
    numbered = [replace(sentence, n=number) for number, sentence in enumerate(sentences, 1)]
    return replace(pack[0], headings=same, sentences=numbered)


def _size(passages: Sequence[Passage]) -> int:
    return sum(_length(passage.sentences) for passage in passages)


def _length(sentences: Iterable[Sentence]) -> int:
    return sum(len(sentence.plain) for sentence in sentences)


def spoiling(share: float, seed: int) -> scripted.Model:
    """A good model, of whose claims so many are worth nothing; asked again, it is others."""

    def answer(question: scripted.Question) -> Any:
        said = scripted.good(question)
        for number, claim in enumerate(said["claims"]):
            chance = hashlib.sha256(f"{seed} {number} {question.asked} {claim['text']}".encode()).digest()
            if int.from_bytes(chance[:4]) < share * 2**32:
                claim["text"] = "..."
        return said

    return answer


@dataclass(frozen=True, slots=True, kw_only=True)
class Took:
    """What one reading took. `longest`: a reply; `largest`: a prompt and its reply; `lost`: share of the source.

    `changed`: what is written when the source is read again with a section more.
    """

    calls: int
    prompts: int
    evaluated: int
    written: int
    longest: int
    largest: int
    claims: int
    missed: int
    lost: float
    changed: int


def read(way: int, share: float, seed: int, text: str, count: tokens.Count) -> Took:
    """Read a source in a vault of its own; a good model also reads it with another section at its beginning."""
    model = spoiling(share, seed)
    with tempfile.TemporaryDirectory() as folder, scripted.server(model, context=ENOUGH) as url:
        vault = mill.empty_vault(Path(folder, "vault"))
        scripted.use(vault, url, roles={"extract": {"max_tokens": ENOUGH // 2}})
        found, lost = reading(Vault(vault), text, way)
        calls = [(q.messages, json.dumps(model(q), separators=(",", ":"))) for q in url.asked]
        if not share:
            before, _, after = text.partition("\n## ")
            reading(Vault(vault), f"{before}\n{ADDED}\n## {after}", way)
        changed = [json.dumps(model(q), separators=(",", ":")) for q in url.asked[len(calls) :]]
    sizes = [(tokens.prompt(count, messages), count(reply)) for messages, reply in calls]
    shared = tokens.prompt(count, calls[0][0][:-1])
    unread = [record for record in found if isinstance(record, Unread) and record.sort == "not carried"]
    return Took(
        calls=len(calls),
        prompts=sum(prompt for prompt, _ in sizes),
        evaluated=sum(prompt - shared for prompt, _ in sizes) + shared,
        written=sum(reply for _, reply in sizes),
        longest=max(reply for _, reply in sizes),
        largest=max(prompt + reply for prompt, reply in sizes),
        claims=sum(isinstance(record, Claim) for record in found),
        missed=sum(record.why.count("; ") + 1 for record in unread),
        lost=lost,
        changed=sum(map(count, changed)),
    )


def reading(vault: Vault, text: str, way: int) -> tuple[list[Claim | Unread], float]:
    """What is found in a source, and the share of it that is left unread."""
    (vault.raw / "long.md").write_text(text, encoding="utf-8")
    told = schema.load(vault)
    segmented = list(records(vault, told, "raw/long.md", lambda _: None))
    (source,) = (record for record in segmented if isinstance(record, Source))
    passages = [record for record in segmented if isinstance(record, Passage)]
    client = Client(vault, told, "extract", say=lambda _: None)
    prompt = asking.prompt("extract", told)
    engine = Together(source, passages, way, schema=told, client=client, prompt=prompt, say=lambda _: None)
    found = list(engine.records())
    client.close()
    return found, engine.lost


def speed(file: str, depth: int) -> float:
    """Tokens a second that a model writes behind a prompt of so many tokens."""
    import model as bench

    from quern.models import Message, Request
    from quern.models.llama import Llama

    with tempfile.TemporaryDirectory() as folder:
        model = Llama(Vault(Path(folder)), "bench", schema.Llama(path=file), cap=0)
        text = bench.filled(model, Message("user", ""), depth)
        shape = drafts.closed(text={"type": "string", "minLength": 300, "maxLength": 400})
        asked = (Message("user", text),)
        request = Request(task="extract", shared=(), asked=asked, schema=shape, max_tokens=32, timeout=3600)
        reply = model.ask(request)
        model.close()
    return reply.completion_tokens / reply.decode_seconds


def main() -> None:
    """Print tables: a good model; the same with claims that are refused; the pace behind a long prompt."""
    parser = argparse.ArgumentParser()
    parser.add_argument("--vocabulary", default=os.environ.pop("QUERN_MODEL", "") or None)
    parser.add_argument("--words", type=int, default=3000)
    parser.add_argument("--seeds", type=int, default=5)
    parser.add_argument("--speed", action="store_true", help="Also with random weights in the shape of half a billion.")
    given = parser.parse_args()
    count, what = tokens.counter(given.vocabulary)
    text = sources.long(given.words)
    print(f"one source of {given.words:,} words; tokens are {what}")
    heads = ("calls", "prompts", "evaluated", "written", "longest", "context", "claims", "missed", "changed")
    print(f"{'':24}" + "".join(f"{head:>10}" for head in heads))
    for name, way in WAYS.items():
        good = read(way, 0.0, 0, text, count)
        shown = (good.calls, good.prompts, good.evaluated, good.written, good.longest, good.largest, good.claims)
        print(f"{name:24}" + "".join(f"{number:10,}" for number in (*shown, good.missed, good.changed)))
    heads = ("refused", "calls", "written", "unread", "given up")
    print(f"\n{'':24}" + "".join(f"{head:>10}" for head in heads))
    for share, (name, way) in itertools.product(FAULTS, WAYS.items()):
        taken = [read(way, share, seed, text, count) for seed in range(given.seeds)]
        calls, written, lost = (
            statistics.mean(getattr(one, key) for one in taken) for key in ("calls", "written", "lost")
        )
        given_up = f"{sum(one.lost > MOST for one in taken)} of {given.seeds}"
        print(f"{name:24}{share:10.1%}{calls:10.0f}{written:10,.0f}{lost:10.1%}{given_up:>10}")
    if given.speed:
        import model as bench

        with tempfile.TemporaryDirectory() as folder:
            bench.write(Path(folder, "model.gguf"))
            for depth in DEPTHS:
                print(f"behind {depth:6,} tokens: {speed(f'{folder}/model.gguf', depth):.1f} tokens/s")


if __name__ == "__main__":
    main()
