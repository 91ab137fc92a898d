"""What it takes to relate and merge the new claims of one source, in processor seconds.

    python bench/relating.py [--pages 300,3000,10000] [--claims 2000]

First on wikis of several sizes, of whose pages the source is about ten: what `link` takes must not depend on the size.
Then on a page of 2,000 claims, which have few words in common or all: `merge`, and `link` for what it relates.
"""

from __future__ import annotations

import argparse
import json
import os
import random
import resource
import subprocess
import sys
import tempfile
from pathlib import Path

import wiki as large

from quern.relations import Standing, Told
from quern.vault import Vault

ROOT = Path(__file__).resolve().parents[1]
NEW = 20  # claims of the source
PER_SOURCE = 100
LIMIT = 1.0
WORDS = ["".join(random.Random(n).choices("abcdefghijklmnop", k=7)) for n in range(3000)]


def unlike(n: int) -> str:
    """A claim that has few words in common with another."""
    chance = random.Random(n)
    one, two, three, four = chance.sample(WORDS, 4)
    return f"Mill Kardon has {chance.randint(2, 900)} {one} of {two} beside the {three} {four}."


def alike(n: int) -> str:
    """A claim that has all its words in common with the others; some contradict it."""
    return f"Mill Kardon grinds {n} tons of grain for sector {n % 97}."


def spent(vault: Path, command: str) -> float:
    """The processor seconds of a shell command in a vault."""
    kept = {key: value for key, value in os.environ.items() if not key.startswith(("MAKE", "MFLAGS"))}
    settings = kept | {"QUERN_VAULT": str(vault), "QUERN_AGENT": "bench", "QUERN_DATE": large.DAY}
    before = resource.getrusage(resource.RUSAGE_CHILDREN)
    done = subprocess.run(
        ["bash", "-c", f"set -euo pipefail; PATH={ROOT}/bin:$PATH; {command}"],
        cwd=vault, env=settings, capture_output=True, text=True, check=False,
    )  # fmt: skip
    if done.returncode:
        sys.exit(f"{command}\n{done.stderr[-2000:]}")
    after = resource.getrusage(resource.RUSAGE_CHILDREN)
    return after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime


def of_wiki(folder: Path, pages: int) -> float:
    """What `link` takes for a source about ten pages of a wiki of so many, whose catalogue is up to date."""
    world = large.World(pages)
    vault = large.write_wiki(folder / f"wiki-{pages}", world).root
    (vault / "raw" / "late.md").write_text(large.new_source(world, 1), encoding="utf-8")
    spent(vault, "segment raw/late.md | extract - > late.jsonl")
    return min(spent(vault, "link late.jsonl > linked.jsonl") for _ in range(3))


def of_page(folder: Path, name: str, count: int) -> tuple[float, float, float]:
    """What relating in this process, `link` and `merge` take for a source with 20 new claims on a page of so many."""
    sentence = {"unlike": unlike, "alike": alike}[name]
    vault = folder / name
    spent(folder, f"init {name}")
    for at in range(0, count, PER_SOURCE):
        write(vault, f"report-{at}", "2025-01-01", [sentence(n) for n in range(at, at + PER_SOURCE)])
    spent(vault, "for file in raw/*.md; do segment $file; done | extract - | link - | merge - | index - > /dev/null")
    new = [sentence(10**6 + n) for n in range(NEW)]
    write(vault, "late", "2025-02-01", new)
    spent(vault, "segment raw/late.md | extract - > late.jsonl")
    link = min(spent(vault, "link late.jsonl > linked.jsonl") for _ in range(3))
    spent(vault, "summarize linked.jsonl > told.jsonl")
    (page,) = (path for path in Vault(vault).wiki.rglob("Mill Kardon.md"))
    if (stands := page.read_text(encoding="utf-8").count("\n- ")) < count:
        sys.exit(f"the page has {stands} bullets where {count} were to be")
    return relating([sentence(n) for n in range(count)], new), link, spent(vault, "merge told.jsonl > merged.jsonl")


def write(vault: Path, name: str, published: str, sentences: list[str]) -> None:
    head = f"---\ntitle: {name}\npublished: {published}\n---\n\n"
    (vault / "raw" / f"{name}.md").write_text(head + "\n\n".join(sentences) + "\n", encoding="utf-8")


def relating(standing: list[str], new: list[str]) -> float:
    """What it takes to relate new claims to those of a page, nothing of it read before."""
    code = "import sys, json, relating; print(relating.related(*json.load(sys.stdin)))"
    done = subprocess.run(
        [sys.executable, "-c", code], cwd=Path(__file__).parent, input=json.dumps([standing, new]),
        capture_output=True, text=True, check=True,
    )  # fmt: skip
    return float(done.stdout)


def related(standing: list[str], new: list[str]) -> float:
    """The same, in this process."""
    before = sum(os.times()[:2])
    page = Standing((Told(f"old {n}", text) for n, text in enumerate(standing)), ["Mill Kardon"])
    for n, text in enumerate(new):
        told = Told(f"new {n}", text)
        page.relate(told)
        page.add(told)
    return sum(os.times()[:2]) - before


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__.split("\n", maxsplit=1)[0] if __doc__ else "")
    parser.add_argument("--pages", default="300,3000,10000")
    parser.add_argument("--claims", type=int, default=2000)
    options = parser.parse_args()
    failed = 0
    with tempfile.TemporaryDirectory() as scratch:
        for pages in map(int, options.pages.split(",")):
            print(f"wiki of {pages:6} pages: link {of_wiki(Path(scratch), pages):.2f}", flush=True)
        for name in ("unlike", "alike"):
            relate, link, merge = of_page(Path(scratch), name, options.claims)
            print(
                f"page of {options.claims} claims, {name:6}: relating {relate:.2f}, link {link:.2f}, merge {merge:.2f}"
            )
            failed += relate + merge > LIMIT
    if failed:
        print(f"relating and merge together take more than {LIMIT} s")
    return failed


if __name__ == "__main__":
    sys.exit(main())
