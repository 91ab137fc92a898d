"""Says what one source of 3,000 words asks of a model in all stages: calls, and what is evaluated with and without
snapshots; and what the same costs a second time.

python bench/asking.py [--model FILE.gguf]

The answers are those of the scripted server of the tests, which plays a good model. Its prompts are then evaluated by
llama.cpp, a new process for each stage. Without a model, one that the tests build does so, whose tokens are letters.
"""

from __future__ import annotations

import argparse
import json
import os
import subprocess
import sys
import tempfile
from pathlib import Path
from typing import Any

ROOT = Path(__file__).resolve().parents[1]
sys.path.insert(0, str(ROOT / "tests"))
WORDS = 3000
STAGES = ("extract", "link", "summarize")


def asked(vault: Path) -> dict[str, list[Any]]:
    """The questions that each stage asks about the source of a vault."""
    import mill
    import scripted

    found = {}
    with scripted.server(scripted.good) as url:
        scripted.use(vault, url)
        records = mill.run("segment", "raw/long.md", vault=vault).stdout
        for stage in STAGES:
            before = len(url.asked)
            done = mill.run(stage, vault=vault, stdin=records)
            assert done.returncode in (0, 1), done.stderr.decode()
            records, found[stage] = done.stdout, url.asked[before:]
        mill.write(vault, records, "2026-04-02")
    return found


def replay(vault: str, file: str) -> None:
    """Evaluate the prompts of one stage, which stand on stdin; say how many tokens they have, and how many were."""
    from quern import schema
    from quern.models import Message, Request
    from quern.models.llama import Llama
    from quern.vault import Vault

    model = Llama(Vault(Path(vault)), "bench", schema.Llama(path=file))
    total = evaluated = 0
    for line in sys.stdin:
        *shared, last = (Message(message["role"], message["content"]) for message in json.loads(line))
        request = Request(task="extract", shared=tuple(shared), asked=(last,), schema={"type": "null"}, max_tokens=1)
        reply = model.ask(request)
        total += reply.prompt_tokens
        evaluated += reply.prompt_tokens - reply.reused_tokens
    print(json.dumps([total, evaluated]))


def replayed(vault: str, file: str, questions: list[Any]) -> list[int]:
    lines = "".join(json.dumps(question.messages) + "\n" for question in questions)
    command = [sys.executable, __file__, "--replay", vault, file]
    environment = dict(os.environ, PYTHONPATH=str(ROOT / "lib"))
    done = subprocess.run(command, input=lines, env=environment, stdout=subprocess.PIPE, text=True, check=True)
    return list(json.loads(done.stdout))


def main() -> None:
    """Print a table, a line for each stage."""
    if sys.argv[1:2] == ["--replay"]:
        replay(*sys.argv[2:])
        return
    import mill
    from models import tiny

    parser = argparse.ArgumentParser()
    parser.add_argument("--model", default=os.environ.pop("QUERN_MODEL", "") or None)
    given = parser.parse_args().model
    with tempfile.TemporaryDirectory() as folder:
        vault = mill.empty_vault(Path(folder, "vault"))
        text = " \n".join(path.read_text(encoding="utf-8") for path in sorted((ROOT / "raw").glob("*.md")))
        lines, words = [], 0
        for line in text.split("\n"):
            lines.append("" if line == "---" else line)
            words += len(line.split())
            if words >= WORDS:
                break
        (vault / "raw" / "long.md").write_text("\n".join(lines), encoding="utf-8")
        first, again = asked(vault), asked(vault)
        file = os.path.abspath(given) if given else str(tiny.write(Path(folder, "tiny.gguf")))
        print(f"{words} words; tokens are {'those of the model' if given else 'letters'}")
        print(f"{'stage':10} {'calls':>6} {'again':>6} {'of prompts':>12} {'evaluated':>12} {'by the next source':>20}")
        for stage in STAGES:
            # What the next source is asked about begins with what this one left on the disk.
            (total, now), (_, later) = (replayed(str(vault), file, first[stage]) for _ in range(2))
            print(f"{stage:10} {len(first[stage]):6} {len(again[stage]):6} {total:12,} {now:12,} {later:20,}")


if __name__ == "__main__":
    main()
