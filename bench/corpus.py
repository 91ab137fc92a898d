"""Reads 200 sources into a fresh vault, and says what each costs as the wiki grows.

    python bench/corpus.py [FOLDER] [--sources 200] [--evergreen 40]

The sources are made from templates, one megabyte in all: plants, firms, bays and people that come up again and again
under several names, with figures and terms of their own. As in a folder that grows over the years, each source brings
something new and comes back to what was new lately. So the last sources do to the wiki what the first ones did, and
what they cost more is what a larger wiki costs.

With `--evergreen`, each source also speaks of one of so many things that come up for ever. Their pages, and those of
all who have to do with them, grow: the last sources then have more to do, and the pages that change say how much.
The same seed makes the same bytes.
"""

from __future__ import annotations

import argparse
import os
import random
import resource
import subprocess
import sys
import tempfile
import time
from dataclasses import dataclass
from itertools import pairwise
from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]
LIMIT_SECONDS = 60.0
LIMIT_RATIO = 1.3
# Plants that each source is the first to speak of, and how many of the latest ones it comes back to.
NEW, AGAIN, RECENT = 3, 2, 15
# Plants of one owner.
PLANTS = 3

SYLLABLES = (
    "bar",
    "cal",
    "dun",
    "el",
    "far",
    "gar",
    "hol",
    "in",
    "kel",
    "lor",
    "mor",
    "nes",
    "or",
    "pen",
    "rath",
    "sel",
)
ENDINGS = ("wick", "mouth", "ness", "haven", "sund", "vik", "ford", "holm", "strand", "moor")
FIRST = (
    "Ada",
    "Bertil",
    "Carys",
    "Diego",
    "Elin",
    "Farid",
    "Greta",
    "Hamish",
    "Ines",
    "Jonas",
    "Kaja",
    "Liam",
    "Mei",
    "Nils",
)
LAST = ("Ahlberg", "Bowen", "Castel", "Dvorak", "Eriksen", "Fontaine", "Groot", "Hughes", "Ivarsson", "Jansen", "Kovac")
KINDS = (
    ("tidal power station", "barrage"),
    ("wind farm", "array"),
    ("pumped storage plant", "plant"),
    ("desalination plant", "works"),
    ("tidal lagoon", "lagoon"),
    ("wave energy park", "park"),
)
CONCEPTS = {
    "capacity factor": "the energy that a plant delivers in a year, divided by what it would deliver at full power",
    "strike price": "the fixed price per megawatt-hour that a contract guarantees",
    "slack water": "the short time between two tides when the current stands still",
    "bulb turbine": "a horizontal turbine whose generator sits in a watertight housing in the flow",
    "pumped storage": "a way of keeping energy by lifting water into an upper basin",
    "grid code": "the set of rules that a plant must follow before it may feed the network",
    "marine growth": "the layer of mussels and weed that settles on everything under water",
    "power purchase agreement": "a contract by which a customer buys electricity for years ahead",
}


# Two words make a term, so that there are as many terms as a field has, and no page on which every source has a say.
PARTS = (
    ("bulb", "twin", "straflo", "kaplan", "lift", "mitre", "radial", "sluice", "booster", "ballast", "hinge", "guide"),
    ("turbine", "gate", "valve", "rotor", "bearing", "transformer", "caisson", "culvert", "anchor", "membrane"),
)
MEASURES = (
    ("winter", "spring", "neap", "night", "peak", "gross", "net", "annual", "storm", "design", "shoulder", "island"),
    ("capacity factor", "availability", "load factor", "outage rate", "conversion loss", "recovery ratio", "yield"),
)
DEALS = (
    ("ten-year", "index-linked", "municipal", "floating", "cross-border", "seasonal", "joint", "interim", "tidal"),
    ("purchase agreement", "service contract", "connection agreement", "concession", "lease", "insurance policy"),
)


@dataclass(frozen=True)
class Plant:
    """A thing that many sources speak of, under its full name and its short ones; with terms of its own."""

    full: str
    short: str
    other: str
    kind: str
    bay: str
    owner: str
    people: tuple[str, ...]
    part: str
    measure: str
    deal: str


SENTENCES = (
    "{full} is a {kind} on the coast of {bay}.",
    "{full} opened in {year} with a capacity of {mw} MW.",
    "In {year} {owner} reported that {short} had generated {gwh} GWh.",
    "{owner}, which owns {full}, expects to spend {cost} million pounds on repairs before {later}.",
    "The {other} was closed for {weeks} weeks in {year} because a {part} had been damaged by ice.",
    "According to {person}, {short} loses about {percent} % of its output to mussels and weed.",
    "{person} joined {owner} in {year} and led the renewal of the {other}.",
    "{owner} sold {percent} % of {short} to its employees for {cost} million pounds in {year}.",
    "A broken {part} flooded the halls of {full} in {year} and stopped {units} of its machines.",
    "If the lines around {bay} are not strengthened, {short} will have to cut its output by {percent} % in summer.",
    "The {measure} of {short} was {percent} % in {year}, which is {units} points more than the year before.",
    "{full} must not run for {weeks} weeks in spring, since herring spawn in {bay} at that time.",
    "The price for what {short} delivers was set at {price} pounds per MWh in {year}.",
    "{person} said in {year} that {owner} would not build a second plant in {bay}.",
    "Engineers replaced {units} {part}s at the {other} between {year} and {later}.",
    "In {bay} the water rises by up to {metres} metres, more than in any other bay within {km} km.",
    "{owner} decided in {year} to move its workshop from {bay} to the yard beside {full}.",
    "The road to the {other} is {km} km long and is closed when waves exceed {metres} metres.",
    "Fishing within {km} km of {short} has been forbidden since {year}.",
    "{owner} signed a {deal} for {gwh} GWh a year from {short} in {year}.",
)


def plants(chance: random.Random, number: int) -> list[Plant]:
    """The things that sources speak of; owners have several, and share the people who speak for them."""
    places: list[str] = []
    while len(places) < number:
        name = (chance.choice(SYLLABLES) + chance.choice(SYLLABLES) + chance.choice(ENDINGS)).capitalize()
        if name not in places:
            places.append(name)
    trades = ("Energy", "Power", "Marine", "Renewables")
    made = []
    for n, place in enumerate(places):
        kind, word = chance.choice(KINDS)
        first = n - n % PLANTS
        owner = f"{places[first]} {trades[first % 4]}"
        own = random.Random(owner)
        people = tuple(f"{own.choice(FIRST)} {own.choice(LAST)}{own.choice(SYLLABLES)}" for _ in range(3))
        full = f"{place} {kind.title()}"
        terms = (" ".join(map(chance.choice, pair)) for pair in (PARTS, MEASURES, DEALS))
        bay = f"{chance.choice(places[max(0, n - RECENT) : n + RECENT])} Bay"
        made.append(Plant(full, place, f"{place} {word}", kind, bay, owner, people, *terms))
    return made


def sentence(chance: random.Random, plant: Plant) -> str:
    """One sentence about a plant, with figures of its own."""
    year = chance.randint(1966, 2024)
    return chance.choice(SENTENCES).format(
        full=plant.full, short=plant.short, other=plant.other, kind=plant.kind, bay=plant.bay, owner=plant.owner,
        person=chance.choice(plant.people), year=year, later=year + chance.randint(1, 6), mw=chance.randint(2, 900),
        gwh=chance.randint(5, 2000), cost=chance.randint(2, 700), weeks=chance.randint(2, 40), km=chance.randint(2, 60),
        percent=chance.randint(3, 48), units=chance.randint(2, 24), price=chance.randint(40, 180),
        metres=chance.randint(3, 14), part=plant.part, measure=plant.measure, deal=plant.deal,
    )  # fmt: skip


def source(chance: random.Random, number: int, pool: list[Plant], evergreen: int, size: int = 5200) -> str:
    """One source: an article about a few of the plants, with front matter as the Web Clipper writes it.

    The first plants, `evergreen` in number, are those that any source may speak of.
    """
    first = evergreen + (number - 1) * NEW
    recent = range(max(evergreen, first - RECENT), first)
    chosen = [pool[n] for n in (*range(first, first + NEW), *chance.sample(recent, min(AGAIN, len(recent))))]
    if evergreen:
        chosen[-1] = chance.choice(pool[:evergreen])
    title = f"Report {number}: {chosen[0].short} and {chosen[1].short}"
    author, day = f"{chance.choice(FIRST)} {chance.choice(LAST)}", f"20{number % 15 + 10}-{number % 12 + 1:02}-14"
    parts = [f'---\ntitle: "{title}"\nauthor: "{author}"\npublished: {day}\ntags:\n  - clippings\n---\n\n# {title}\n']
    concept, meaning = chance.choice(list(CONCEPTS.items()))
    parts.append(f"\n{concept.capitalize()} is {meaning}.\n")
    while sum(map(len, parts)) < size:
        plant = chance.choice(chosen)
        lines = dict.fromkeys(sentence(chance, plant) for _ in range(chance.randint(3, 6)))
        if chance.random() < 0.3:
            parts.append(f"\n## {plant.full}\n")
        parts.append("\n" + " ".join(lines) + "\n")
    return "".join(parts)


def write_vault(vault: Path, number: int, seed: int = 2, evergreen: int = 0) -> int:
    """Lay out a vault with so many sources; returns their bytes."""
    chance = random.Random(seed)
    pool = plants(chance, evergreen + number * NEW)
    for folder in ("raw", "wiki"):
        (vault / folder).mkdir(parents=True)
    (vault / "schema.yaml").write_bytes((ROOT / "schema.yaml").read_bytes())
    total = 0
    for n in range(1, number + 1):
        total += (vault / "raw" / f"report-{n:03}.md").write_text(source(chance, n, pool, evergreen), encoding="utf-8")
    return total


def measure(vault: Path) -> tuple[float, list[float]]:
    """Run `make ingest-all`; the seconds it took, and how late each source's log entry was there."""
    settings = {key: value for key, value in os.environ.items() if not key.startswith(("MAKE", "MFLAGS"))}
    settings |= {"QUERN_AGENT": "bench", "QUERN_DATE": "2026-04-02"}
    start, times, seen = time.monotonic(), [], 0
    command = ["make", "-C", str(ROOT), "ingest-all", f"VAULT={vault}"]
    with subprocess.Popen(command, env=settings, stdout=subprocess.PIPE, text=True) as process:
        while process.poll() is None:
            time.sleep(0.01)
            entries = (vault / "log.md").read_bytes().count(b"\n## [") + 1 if (vault / "log.md").exists() else 0
            times += [time.monotonic() - start] * (entries - seen)
            seen = max(seen, entries)
        output = process.stdout.read() if process.stdout else ""
    if process.returncode:
        sys.exit(f"make ingest-all failed:\n{output}")
    return time.monotonic() - start, times


def touched(log: str) -> list[int]:
    """How many pages each source has made or changed, its own among them."""
    entries = log.split("\n## ")
    return [sum(line.count("[[") for line in entry.split("\n") if line.startswith("- ")) for entry in entries]


def main() -> None:
    """Print what reading the corpus costs."""
    parser = argparse.ArgumentParser(description=__doc__.split("\n", maxsplit=1)[0] if __doc__ else "")
    parser.add_argument("folder", nargs="?", type=Path)
    parser.add_argument("--sources", type=int, default=200)
    parser.add_argument("--evergreen", type=int, default=0)
    options = parser.parse_args()
    with tempfile.TemporaryDirectory() as scratch:
        vault = (options.folder or Path(scratch)) / "corpus"
        size = write_vault(vault, options.sources, evergreen=options.evergreen)
        seconds, times = measure(vault)
        pages = len(list((vault / "wiki").rglob("*.md")))
        changed = touched((vault / "log.md").read_text(encoding="utf-8"))
    quarter = max(2, options.sources // 4)
    # The last entry waits for the index and for lint, which looks at all pages that changed: that is told by itself.
    each = [later - sooner for sooner, later in pairwise(times[:-1])]
    first, last = (sum(part) / len(part) for part in (each[: quarter - 1], each[1 - quarter :]))
    print(f"{options.sources} sources, {size / 1e6:.2f} MB, {pages} pages, {os.cpu_count()} processors")
    print(f"{'what':44} {'measured':>10} {'at most':>8}")
    print(f"{'make ingest-all, seconds':44} {seconds:10.1f} {LIMIT_SECONDS:8.0f}")
    spent = resource.getrusage(resource.RUSAGE_CHILDREN)
    print(f"{'processor seconds':44} {spent.ru_utime + spent.ru_stime:10.1f}")
    print(f"{'a source from link to log, first quarter, s':44} {first:10.3f}")
    print(f"{'a source from link to log, last quarter, s':44} {last:10.3f}")
    print(f"{'index, lint and log of all, after the last, s':44} {times[-1] - times[-2]:10.1f}")
    print(f"{'ratio, last to first':44} {last / first:10.2f} {LIMIT_RATIO:8.1f}")
    for name, part in (("first", changed[:quarter]), ("last", changed[-quarter:])):
        print(f"{f'pages that a source changes, {name} quarter':44} {sum(part) / len(part):10.1f}")


if __name__ == "__main__":
    main()
