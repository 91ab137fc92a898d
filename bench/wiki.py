"""Makes a wiki of 10,000 pages, and says what the mill takes to check it and to add one source.

    python bench/wiki.py [FOLDER] [--pages 10000]

Nine pages in ten are topics, one is a source page; each source says 27 things, each of which stands on a page with
its quote, its place and a link. The pages are made by the library that merge uses, so they are what merge would make.
"""

from __future__ import annotations

import argparse
import hashlib
import itertools
import os
import random
import shutil
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Sequence
from pathlib import Path

from quern import claims, journal, pages, schema, wiki
from quern.records import Claim, Name, Source, Span, Summary, SummarySentence
from quern.updates import contents
from quern.updates.ledger import Ledger
from quern.vault import Vault

ROOT = Path(__file__).resolve().parents[1]
DAY = "2026-04-02"
PREFIXES = (
    "Bar",
    "Cal",
    "Dun",
    "El",
    "Far",
    "Gar",
    "Hol",
    "In",
    "Kel",
    "Lor",
    "Mor",
    "Nor",
    "Or",
    "Pen",
    "Rath",
    "Sel",
)
MIDDLES = ("an", "by", "dal", "en", "ger", "hus", "kir", "lin", "mon", "nock", "ol", "per", "ros", "sund", "ter", "ul")
ENDS = ("wick", "mouth", "ness", "haven", "vik", "ford", "holm", "strand", "moor", "sea")
# The first four are enough for 10,000 pages.
KINDS = (
    *("Barrage", "Lagoon", "Array", "Works", "Mill", "Weir", "Lock", "Pier", "Quay", "Bridge", "Dam", "Sluice"),
    *("Plant", "Farm", "Basin", "Canal", "Harbour", "Pumps", "Gates", "Mole", "Dyke", "Intake"),
)
PER_TOPIC = 3


class World:
    """The topics and sources of a wiki; which source says what of which topic follows from their numbers."""

    def __init__(self, total: int) -> None:
        self.sources = max(PER_TOPIC, total // 10)
        names = (f"{a}{b}{c} {kind}" for kind in KINDS for a, b, c in itertools.product(PREFIXES, MIDDLES, ENDS))
        self.topics = list(itertools.islice(names, total - self.sources))
        self.chance = random.Random(5)
        self.claims: list[list[tuple[int, Claim]]] = [[] for _ in range(self.sources)]
        self.said: list[list[tuple[int, Claim]]] = [[] for _ in self.topics]
        self.texts: list[str] = []
        sentences: list[list[tuple[int, int]]] = [[] for _ in range(self.sources)]
        for topic in range(len(self.topics)):
            for part in range(PER_TOPIC):
                sentences[(topic * 7 + part * 331) % self.sources].append((topic, part))
        for source, told in enumerate(sentences):
            self._tell(source, told)

    def sentence(self, topic: int, part: int) -> str:
        """What is said of a topic; the first and the third sentence name its neighbour."""
        name, other = self.topics[topic], self.topics[(topic + 1) % len(self.topics)]
        year, figure = self.chance.randint(1966, 2024), self.chance.randint(2, 2000)
        return (
            f"{name} is a power plant on the coast, built after the model of {other}.",
            f"{name} opened in {year} with a capacity of {figure} MW.",
            f"In {year} {name} generated {figure} GWh, more than {other} had in its best year.",
        )[part]

    def _tell(self, source: int, told: list[tuple[int, int]]) -> None:
        lines = ["---", f"title: {title(source)}", "author: The bench", f"published: {DAY}", "---", ""]
        for topic, part in told:
            text = self.sentence(topic, part)
            lines += [text, ""]
            place = f"line {len(lines) - 1}"
            role = ("definition", "event", "figure")[part]
            claim = Claim(
                id=claims.claim_id(text, text),
                source=source_id(source),
                passage=f"{source_id(source)}-1",
                text=text,
                quote=text,
                spans=[Span(start=0, end=0, place=place)],
                names=[Name(name=self.topics[topic], type="entity", weight=0.5)],
                role=role,
            )
            self.claims[source].append((topic, claim))
            self.said[topic].append((source, claim))
        self.texts.append("\n".join(lines))


def title(source: int) -> str:
    """The title of a source."""
    return f"Coast report {source}"


def slug(source: int) -> str:
    """The slug of a source."""
    return f"coast-report-{source}"


def raw_path(source: int) -> str:
    """The raw file of a source; its name is not that of the source page, or links could mean either."""
    return f"raw/coast-{source}.md"


def source_id(source: int) -> str:
    """The id of a source."""
    return hashlib.sha256(str(source).encode()).hexdigest()[:12]


def topic_page(world: World, topic: int) -> str:
    """A topic page: its first claim is the lead, the others are facts."""
    name = world.topics[topic]
    other = world.topics[(topic + 1) % len(world.topics)]
    said = sorted(world.said[topic], key=lambda pair: pair[1].role != "definition")
    first, *rest = [claim for _, claim in said]
    lead = first.text.replace(other, f"[[{other}]]") + f"[^{first.id}]"
    places = {claim.id: pages.Place(slug(s), title(s), claim.spans[0].place, claim.quote) for s, claim in said}
    front = {
        "title": name,
        "type": "entity",
        "created": DAY,
        "updated": DAY,
        "sources": len({source for source, _ in said}),
        "claims": len(said),
        "status": "current",
        "lead": pages.lead_hash(lead),
        "lead_of": pages.covers_hash(claim.id for _, claim in said),
    }
    lines = [*pages.new_page(front, name).lines]
    while lines and not lines[-1]:
        lines.pop()
    lines += ["", lead, "", "## Facts", "", *(pages.bullet_md(claim.text, [claim.id]) for claim in rest)]
    lines += ["", *(pages.footnote_md(id_, [place]) for id_, place in places.items()), ""]
    return "\n".join(lines)


def source_page(world: World, source: int, raw: bytes) -> str:
    """The ledger of a source."""
    record = Source(
        id=source_id(source), slug=slug(source), path=raw_path(source), sha256=hashlib.sha256(raw).hexdigest(),
        title=title(source), authors=["The bench"], published=DAY, language="en", words=len(raw.split()),
    )  # fmt: skip
    told = world.claims[source]
    first = told[0][1]
    sentence = SummarySentence(text=first.text, claims=[first.id])
    covers = pages.covers_hash([first.id])
    summary = Summary(of=record.id, role="source", source=record.id, sentences=[sentence], covers=covers)
    page = Ledger(f"wiki/sources/{record.slug}.md", record.slug, None)
    page.take(record, [claim for _, claim in told], summary, DAY, ("rules", None))
    for topic, claim in told:
        page.send(claim.id, world.topics[topic], world.topics[topic])
    return page.text()


def write_wiki(folder: Path, world: World) -> Vault:
    """Lay the wiki out: raw sources, source pages, topics, index and log."""
    vault = Vault(folder)
    vault.ledgers.mkdir(parents=True)
    (vault.wiki / "entities").mkdir()
    vault.raw.mkdir()
    shutil.copy(ROOT / "schema.yaml", folder)
    log = []
    for source, text in enumerate(world.texts):
        raw = text.encode()
        (folder / raw_path(source)).write_bytes(raw)
        (vault.ledgers / f"{slug(source)}.md").write_text(source_page(world, source, raw), encoding="utf-8")
        told = ", ".join(f"[[{world.topics[topic]}]]" for topic in sorted({topic for topic, _ in world.claims[source]}))
        log.append(
            f"## [{DAY}] ingest | {title(source)}\n\n- source: {raw_path(source)} → [[{slug(source)}]]"
            f" ({source_id(source)})\n- updated: {told} ({source_id(source)})\n"
        )
    for topic, name in enumerate(world.topics):
        (vault.wiki / "entities" / f"{name}.md").write_text(topic_page(world, topic), encoding="utf-8")
    vault.log.write_text("\n".join(log), encoding="utf-8")
    assert len(list(journal.parse(vault.log.read_text(encoding="utf-8")))) == len(world.texts)
    with wiki.open(vault) as catalogue:
        contents.update(vault, catalogue, schema.load(vault))
    return vault


def new_source(world: World, number: int) -> str:
    """A source about ten standing topics and one that is new."""
    chance = random.Random(number)
    topics = chance.sample(world.topics, 10)
    lines = [f"---\ntitle: Late report {number}\npublished: 2026-04-03\n---\n"]
    for n, name in enumerate(topics):
        lines.append(f"{name} was closed for {n + 2} weeks in {2000 + n}, because its cable had been damaged.\n")
        lines.append(f"In {2010 + n} {name} generated {chance.randint(3000, 9000)} GWh.\n")
    lines.append(f"The Novel{number} Weir is a tidal power plant beside {topics[0]}.\n")
    lines.append(f"The Novel{number} Weir opened in 2025 with a capacity of {number + 40} MW.\n")
    return "\n".join(lines)


class Stopwatch:
    """Runs commands in a vault, and keeps the table of what they took."""

    def __init__(self, vault: Vault) -> None:
        self.vault = vault
        self.rows: list[tuple[str, float, float | None]] = []
        kept = {key: value for key, value in os.environ.items() if not key.startswith(("MAKE", "MFLAGS", "PYTHONUNB"))}
        kept.pop("PYTHONDONTWRITEBYTECODE", None)
        self.settings = kept | {"QUERN_VAULT": str(vault.root), "QUERN_AGENT": "bench", "QUERN_DATE": "2026-04-03"}

    def run(self, command: str, *, allowed: Sequence[int] = (0,)) -> float:
        """The seconds that a shell command takes."""
        start = time.perf_counter()
        done = subprocess.run(
            ["bash", "-c", f"set -euo pipefail; {command}"],
            cwd=ROOT, env=self.settings, capture_output=True, text=True, check=False,
        )  # fmt: skip
        seconds = time.perf_counter() - start
        if done.returncode not in allowed:
            sys.exit(f"{command}\n{done.stdout[-2000:]}{done.stderr[-2000:]}")
        return seconds

    def note(self, what: str, seconds: float, limit: float | None = None) -> None:
        """Add a line to the table."""
        self.rows.append((what, seconds, limit))

    def print(self) -> None:
        """The table."""
        print(f"{'what':52} {'seconds':>8} {'at most':>8}")
        for what, seconds, limit in self.rows:
            print(f"{what:52} {seconds:8.2f} {'' if limit is None else limit:>8}")


def measure(world: World, vault: Vault) -> Stopwatch:
    """All figures of the issue on this wiki."""
    watch = Stopwatch(vault)
    work = vault.root / "work"
    work.mkdir()
    shutil.rmtree(vault.cache, ignore_errors=True)
    lint = f"bin/lint > {work}/findings.jsonl"
    watch.note("lint, no catalogue yet", watch.run(lint, allowed=(0, 1)), 5.0)
    watch.note(
        "lint, nothing changed (median of 5)", statistics.median(watch.run(lint, allowed=(0, 1)) for _ in range(5)), 1.5
    )
    for number in range(1, 4):
        path = vault.raw / f"late-{number}.md"
        path.write_text(new_source(world, number), encoding="utf-8")
        watch.run(f"bin/segment '{path}' | bin/extract - > {work}/{number}.jsonl")
        seconds = watch.run(f"bin/link {work}/{number}.jsonl | bin/merge - | bin/index - > {work}/{number}.done")
        watch.note(f"link | merge | index, new source {number}", seconds, 1.5)
        watch.run(f"bin/lint {work}/{number}.done | bin/logappend -", allowed=(0, 1))
    path = vault.raw / "late-4.md"
    path.write_text(new_source(world, 4), encoding="utf-8")
    ingest = f"make ingest SRC='{path}'"
    watch.note("make ingest, new source", watch.run(ingest), 3.0)
    before = state(vault)
    watch.note("make ingest again (median of 5)", statistics.median(watch.run(ingest) for _ in range(5)), 0.5)
    assert state(vault) == before, "the second ingest changed something"
    return watch


def state(vault: Vault) -> str:
    """A hash of every byte of the wiki and the log."""
    digest = hashlib.sha256(vault.log.read_bytes())
    for path in sorted(vault.wiki.rglob("*.md")):
        digest.update(path.read_bytes())
    return digest.hexdigest()


def main() -> None:
    """Print what a large wiki costs."""
    parser = argparse.ArgumentParser(description=__doc__.split("\n", maxsplit=1)[0] if __doc__ else "")
    parser.add_argument("folder", nargs="?", type=Path)
    parser.add_argument("--pages", type=int, default=10_000)
    options = parser.parse_args()
    world = World(options.pages)
    with tempfile.TemporaryDirectory() as scratch:
        vault = write_wiki((options.folder or Path(scratch)) / "wiki", world)
        number = len(list(vault.wiki.rglob("*.md")))
        size = sum(path.stat().st_size for path in vault.wiki.rglob("*.md")) / 1e6
        print(f"{number} pages, {size:.1f} MB, {len(world.texts)} sources, {os.cpu_count()} processors")
        watch = measure(world, vault)
        findings = (vault.root / "work" / "findings.jsonl").read_bytes().count(b"\n")
    watch.print()
    print(f"findings of lint in the wiki as generated: {findings}")


if __name__ == "__main__":
    main()
