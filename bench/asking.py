"""Says what one source of 3,000 words asks of a model in all stages: calls, and what is evaluated with and without
snapshots; what the same costs a second time; and what it would cost to have the model copy its quotes.

python bench/asking.py [--model FILE.gguf] [--vocabulary FILE.gguf]

The answers are those of the scripted server of the tests, which plays a good model, in a wiki that was made of two
other sources by the rules. Its prompts are then evaluated by llama.cpp, a new process for each stage. Without a model
one that the tests build does so. Tokens are counted by the words of the vocabulary, or else of that model; those of the
model of the tests are letters.
"""

from __future__ import annotations

import argparse
import json
import os
import subprocess
import sys
import tempfile
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import sources
import tokens

ROOT = Path(__file__).resolve().parents[1]
sys.path.insert(0, str(ROOT / "tests"))
WORDS = 3000
STAGES = ("extract", "link", "summarize")
BEFORE = ("tide-notes.md", "usine-maremotrice-de-la-rance.md")


def asked(vault: Path) -> tuple[dict[str, list[Any]], int]:
    """The questions that each stage asks about the source of a vault, and the claims that are kept of it."""
    import mill
    import scripted

    found = {}
    kept = 0
    with scripted.server(scripted.good) as url:
        scripted.use(vault, url)
        records = mill.run("segment", "raw/long.md", vault=vault).stdout
        for stage in STAGES:
            before = len(url.asked)
            done = mill.run(stage, vault=vault, stdin=records)
            assert done.returncode in (0, 1), done.stderr.decode()
            records, found[stage] = done.stdout, url.asked[before:]
            kept = kept or sum(json.loads(line)["kind"] == "claim" for line in records.splitlines())
        mill.write(vault, records, "2026-04-02")
    return found, kept


def replay(vault: str, file: str, cap: int) -> None:
    """Evaluate the prompts of one stage, which stand on stdin; say of each whether its shared part was evaluated."""
    from quern import schema
    from quern.models import Message, Request
    from quern.models.llama import Llama
    from quern.vault import Vault

    model = Llama(Vault(Path(vault)), "bench", schema.Llama(path=file), cap)
    anew = []
    for line in sys.stdin:
        *shared, last = (Message(message["role"], message["content"]) for message in json.loads(line))
        request = Request(task="extract", shared=tuple(shared), asked=(last,), schema={"type": "null"}, max_tokens=1)
        anew.append(not model.ask(request).reused_tokens)
    print(json.dumps(anew))


def evaluated(vault: str, file: str, questions: Sequence[Any], count: tokens.Count, cap: int = 2000) -> int:
    """The tokens of the prompts of a stage that llama.cpp evaluates."""
    lines = "".join(json.dumps(question.messages) + "\n" for question in questions)
    command = [sys.executable, __file__, "--replay", vault, file, str(cap)]
    environment = dict(os.environ, PYTHONPATH=str(ROOT / "lib"))
    done = subprocess.run(command, input=lines, env=environment, stdout=subprocess.PIPE, text=True, check=True)
    return sum(
        tokens.prompt(count, question.messages if is_anew else question.messages[-1:])
        for question, is_anew in zip(questions, json.loads(done.stdout), strict=True)
    )


def answers(questions: Sequence[Any]) -> list[Any]:
    """What the model said to each question."""
    import scripted

    return [scripted.good(question) for question in questions]


def quoting(questions: Sequence[Any], said: Sequence[Any]) -> list[Any]:
    """The same answers with the words of the sentences that they rest on, instead of their numbers."""
    return [
        {
            "claims": [
                {**claim, "evidence": " … ".join(question.sentences[number] for number in claim["evidence"])}
                for claim in answer["claims"]
            ]
        }
        for question, answer in zip(questions, said, strict=True)
    ]


def written(count: tokens.Count, said: Sequence[Any]) -> int:
    """The tokens of answers, as the grammar lets them be written."""
    return sum(count(json.dumps(answer, ensure_ascii=False, separators=(",", ":"))) for answer in said)


def main() -> None:
    """Print a table, a line for each stage, and what a claim costs."""
    if sys.argv[1:2] == ["--replay"]:
        replay(sys.argv[2], sys.argv[3], int(sys.argv[4]))
        return
    import mill
    from models import tiny

    parser = argparse.ArgumentParser()
    parser.add_argument("--model", default=os.environ.pop("QUERN_MODEL", "") or None)
    parser.add_argument("--vocabulary", default=None)
    given = parser.parse_args()
    with tempfile.TemporaryDirectory() as folder:
        vault = mill.empty_vault(Path(folder, "vault"), [ROOT / "raw" / name for name in BEFORE])
        for name in BEFORE:
            mill.ingest(vault, f"raw/{name}", "2026-04-01")
        text = sources.long(WORDS)
        (vault / "raw" / "long.md").write_text(text, encoding="utf-8")
        (first, kept), (again, _) = asked(vault), asked(vault)
        file = os.path.abspath(given.model) if given.model else str(tiny.write(Path(folder, "tiny.gguf")))
        count, what = tokens.counter(given.vocabulary or file)
        print(f"{len(text.split()):,} words; tokens are {what}")
        heads = ("calls", "again", "prompts", "evaluated", "next source", "no snapshots", "written")
        print(f"{'':10}" + "".join(f"{head:>14}" for head in heads))
        for stage in STAGES:
            questions = first[stage]
            row = [len(questions), len(again[stage]), sum(tokens.prompt(count, one.messages) for one in questions)]
            # What the next source is asked about begins with what this one left on the disk.
            row += [evaluated(str(vault), file, questions, count) for _ in range(2)]
            row += [evaluated(str(vault), file, questions, count, cap=0), written(count, answers(questions))]
            print(f"{stage:10}" + "".join(f"{number:14,}" for number in row))
        said = answers(first["extract"])
        numbers, quotes = written(count, said), written(count, quoting(first["extract"], said))
        print(f"{kept} claims kept; written for each: {numbers / kept:.1f} with the numbers of its sentences, ", end="")
        print(f"{quotes / kept:.1f} with their words")


if __name__ == "__main__":
    main()
