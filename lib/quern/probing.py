"""Probing: what becomes of facts that were planted in texts, when a model reads these from raw/ to the pages.

The texts are made up, so no model can know them, and each run plants other facts about other things. Each fact stands
in one sentence; it has arrived if the page of the thing that it is about says it and quotes that sentence.
"""

from __future__ import annotations

import contextlib
import os
import random
import re
import shutil
import statistics
import subprocess
import sys
import tempfile
import time
from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

import yaml

from quern import provenance, wiki
from quern.program import Failure
from quern.records import Outcome, Provenance, Trial
from quern.vault import Vault
from quern.wiki import Catalogue

DATE = "2026-04-02"
"""The day of the runs: an answer must not depend on when it was asked."""
SORTS = ("codename", "number", "rule", "limit", "version", "path")
SAID: dict[Outcome, str] = {
    "right": "arrived",
    "quote": "with another quote",
    "elsewhere": "on another page",
    "source": "on its source page only",
    "lost": "lost",
}
_CHAIN = ("segment", "extract", "link", "summarize", "merge", "index")
_ASKING = ("extract", "summarize")

_BEGINNINGS = ("Kar", "Vel", "Tor", "Ost", "Brim", "Sul", "Hal", "Nor", "Quen", "Ald", "Fen", "Ruk")
_ENDINGS = ("sund", "mora", "vik", "dal", "nes", "wick", "holt", "gard", "lund", "mark")
_THINGS = {
    "relay": "a radio station that repeats what it hears", "pump": "a machine that lifts water over a dike",
    "archive": "a store of soil samples in a former mine", "telescope": "an instrument that measures starlight",
    "kiln": "an oven that burns lime", "ferry": "a boat on a cable across a river",
}  # fmt: skip
_WORDS = (
    "Amber",
    "Basalt",
    "Cobalt",
    "Drumlin",
    "Ember",
    "Fjord",
    "Granite",
    "Harrier",
    "Indigo",
    "Juniper",
    "Kestrel",
)
_HAZARDS = ("thunderstorms", "ground frost", "high water", "night shifts", "cleaning work", "fog")
_FILL = (
    "People who live nearby know the {s} well.", "Visitors reach the {s} by a narrow road from the village.",
    "Most of what is known about the {s} comes from those who worked there.",
    "The {s} was painted in a dull green, and the paint has faded since.",
    "A small museum shows drawings of the {s} and letters of its builders.",
    "In summer, school classes come to see the {s} at work.", "The workers of the {s} met on Fridays in the old inn.",
    "Like the {o}, the {s} was paid for by the province.", "The noise of the {s} can be heard as far as the church.",
    "Nobody remembers who chose the place where the {s} stands.",
    "Some say that the {s} was meant to be larger than it became.",
)  # fmt: skip


@dataclass(frozen=True, slots=True)
class Fact:
    """What was planted. `needs`: patterns that a sentence which says it has, in any words."""

    sort: str
    subject: str
    sentence: str
    needs: tuple[str, ...]

    def is_said(self, text: str) -> bool:
        """Whether a sentence says so."""
        return all(re.search(pattern, text, re.IGNORECASE) for pattern in self.needs)


@dataclass(frozen=True, slots=True)
class Text:
    """A source with planted facts."""

    name: str
    text: str
    facts: tuple[Fact, ...]


def texts(chance: random.Random) -> list[Text]:
    """Two texts about two things that name each other, each with a fact of each sort at some place in it."""
    names = [first + last for first in _BEGINNINGS for last in _ENDINGS]
    things = chance.sample(sorted(_THINGS), 2)
    subjects = [f"{name} {thing}" for name, thing in zip(chance.sample(names, 2), things, strict=True)]
    return [
        _text(chance, subject, thing, other)
        for subject, thing, other in zip(subjects, things, reversed(subjects), strict=True)
    ]


def _text(chance: random.Random, subject: str, thing: str, other: str) -> Text:
    facts = [_fact(chance, sort, subject) for sort in SORTS]
    said = [line.format(s=subject, o=other) for line in _FILL] + [fact.sentence for fact in facts]
    chance.shuffle(said)
    said.insert(0, f"The {subject} is {_THINGS[thing]}.")
    blocks = [" ".join(said[at : at + 3]) for at in range(0, len(said), 3)]
    head = f"---\ntitle: Notes on the {subject}\npublished: 2026-01-15\n---\n\n# Notes on the {subject}\n"
    name = subject.casefold().replace(" ", "-") + ".md"
    return Text(name, "\n".join([head, *(f"{block}\n" for block in blocks)]), tuple(facts))


def _fact(chance: random.Random, sort: str, subject: str) -> Fact:
    number = chance.randrange(1201, 9800)
    word = chance.choice(_WORDS)
    version = f"{chance.randrange(2, 9)}.{chance.randrange(1, 30)}.{chance.randrange(1, 20)}"
    path = f"/etc/{subject.partition(' ')[0].casefold()}/{word.casefold()}-{number}.toml"
    hazard = chance.choice(_HAZARDS)
    sentence, needs = {
        "codename": (f"The {subject} had the code name {word} {number} while it was planned.", (word, str(number))),
        "number": (f"The {subject} has {number} bolts.", (f"{number}", "bolt")),
        "rule": (f"The {subject} must not be started during {hazard}.", (r"\b(never|not|no|only)\b", hazard)),
        "limit": (f"The {subject} takes at most {number} kg.", (f"{number}", r"at most|more than|up to|maximum|limit")),
        "version": (f"Remote control of the {subject} came with version {version}.", (re.escape(version),)),
        "path": (f"The {subject} reads its settings from {path} when it starts.", (re.escape(path),)),
    }[sort]
    return Fact(sort, subject, sentence, needs)


def trials(vault: Vault, home: Path, runs: int, seed: int, say: Callable[[str], None]) -> Iterator[Trial]:
    """What became of each fact, run by run, in a vault beside this one that goes when all is done.

    Each run is `home`'s programs from segment to index, with the schema of this vault and no reply of an earlier run.
    """
    folder = Path(tempfile.mkdtemp(prefix="quern-probe-"))
    try:
        _lay_out(vault, folder)
        for run in range(1, runs + 1):
            planted = texts(random.Random(seed * 1000 + run))  # noqa: S311 - chance that can be had again
            seconds, why = _mill(folder, home, planted)
            say(f"run {run} of {runs}: {seconds:.1f} s" + (f": {why}" if why else ""))
            for fact, outcome in _outcomes(Vault(folder), planted):
                yield Trial(
                    run=run, sort=fact.sort, subject=fact.subject, fact=fact.sentence, outcome=outcome,
                    seconds=round(seconds, 3),
                )  # fmt: skip
    finally:
        shutil.rmtree(folder, ignore_errors=True)


def table(found: Sequence[Trial]) -> Iterator[str]:
    """How many of each sort arrived, what became of the others, and how long the runs took, each of them."""
    for sort in dict.fromkeys(trial.sort for trial in found):
        own = [trial for trial in found if trial.sort == sort]
        counts = Counter(trial.outcome for trial in own)
        share = round(100 * counts["right"] / len(own))
        rest = ", ".join(f"{counts[end]} {said}" for end, said in SAID.items() if end != "right" and counts[end])
        yield f"{sort:10} {counts['right']:4} of {len(own)} arrived ({share:3} %)" + (f"; {rest}" if rest else "")
    times = sorted({trial.run: trial.seconds for trial in found}.values())
    if times:
        middle = statistics.median(times)
        runs = "1 run" if len(times) == 1 else f"{len(times)} runs"
        yield f"{runs}, median {middle:.1f} s: {' '.join(f'{seconds:.1f}' for seconds in times)}"


def shares(found: Iterable[Trial]) -> dict[str, float]:
    """The share of the facts of each sort that arrived."""
    right, all_ = Counter[str](), Counter[str]()
    for trial in found:
        all_[trial.sort] += 1
        right[trial.sort] += trial.outcome == "right"
    return {sort: right[sort] / count for sort, count in all_.items()}


def _lay_out(vault: Vault, folder: Path) -> None:
    """A vault with the schema of this one; paths in it are relative to this one and would lead nowhere."""
    data = yaml.safe_load(vault.schema.read_text(encoding="utf-8")) or {}
    for served in (data.get("models") or {}).values():
        if served.get("llama"):
            served["llama"]["path"] = os.path.join(vault.root.resolve(), os.path.expanduser(served["llama"]["path"]))
    data.pop("git", None)
    (folder / "schema.yaml").write_text(yaml.safe_dump(data, allow_unicode=True), encoding="utf-8")


def _mill(folder: Path, home: Path, planted: Sequence[Text]) -> tuple[float, str]:
    """Grind these texts into an empty wiki. Gives the seconds that it took, and why it ended early, if it did."""
    for name in ("raw", "wiki", ".quern"):
        shutil.rmtree(folder / name, ignore_errors=True)
    for name in ("raw", "wiki"):
        (folder / name).mkdir()
    for text in planted:
        (folder / "raw" / text.name).write_text(text.text, encoding="utf-8")
    settings = os.environ | {"QUERN_VAULT": str(folder), "QUERN_DATE": DATE, "QUERN_FOCUS": ""}
    begun = time.monotonic()
    data = b""
    for program in _CHAIN:
        files = [str(folder / "raw" / text.name) for text in planted] if program == "segment" else ["-"]
        data, why = _run(home, program, files, data, settings)
        if why:
            return time.monotonic() - begun, why
    return time.monotonic() - begun, ""


def _run(home: Path, program: str, files: Sequence[str], data: bytes, settings: dict[str, str]) -> tuple[bytes, str]:
    command = [sys.executable, str(home / "bin" / program), *(["--fresh"] if program in _ASKING else [])]
    made = b""
    for file in files:
        done = subprocess.run([*command, file], input=data, capture_output=True, env=settings, check=False)
        if done.returncode not in (0, 1):
            lines = done.stderr.decode(errors="replace").strip().splitlines()
            return b"", lines[-1] if lines else f"{program}: status {done.returncode}"
        made += done.stdout
    return made, ""


def _outcomes(vault: Vault, planted: Sequence[Text]) -> Iterator[tuple[Fact, Outcome]]:
    with wiki.open(vault) as catalogue:
        pages = {path: list(provenance.of(vault, catalogue, path)) for path in _pages(vault)}
        for fact in (fact for text in planted for fact in text.facts):
            yield fact, _outcome(fact, pages, _page_of(catalogue, vault, fact.subject))


def _outcome(fact: Fact, pages: dict[str, list[Provenance]], own: str) -> Outcome:
    said = {path: [one for one in found if fact.is_said(one.text)] for path, found in pages.items()}
    if any(_quotes(one, fact) for one in said.get(own, ())):
        return "right"
    if said.get(own):
        return "quote"
    if any(found for path, found in said.items() if not path.startswith("wiki/sources/")):
        return "elsewhere"
    return "source" if any(said.values()) else "lost"


def _quotes(one: Provenance, fact: Fact) -> bool:
    return one.stands and fact.sentence in " ".join(one.quote.split())


def _page_of(catalogue: Catalogue, vault: Vault, subject: str) -> str:
    """The path of the page about a thing, by its whole name or by what is its own of it; "" if it has none."""
    for name in (subject, subject.partition(" ")[0]):
        with contextlib.suppress(Failure):
            return next((one.path for one in provenance.of(vault, catalogue, name)), "")
    return ""


def _pages(vault: Vault) -> list[str]:
    found = (path.relative_to(vault.root).as_posix() for path in vault.wiki.rglob("*.md"))
    return sorted(path for path in found if not path.startswith("wiki/index"))
