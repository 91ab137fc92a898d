"""Says what quern and synto (PyPI, MIT) ask of the same model about the same three sources: calls, tokens, seconds.

python bench/synto.py [--vocabulary FILE.gguf] [--synto PROGRAM]

synto wants other versions of what our tests need, so it stands in an environment of its own, which the script names
where it is missing.

The sources come one after the other, and each is read into a wiki of its own by both. The model is the scripted one of
the tests, a server that answers at once: it says the same facts to both, those that the rules find in what it is shown,
to each in the form that it wants. So the seconds are what the tools themselves take. Evaluated is what no prompt before
began with, which is all that costs time where beginnings are kept. A fact stands in a wiki if its words do, or those of
the sentence that it is from, on any page that is published.

synto runs as its own setup leaves it, for a server: two contexts, of 8,192 and 32,768 tokens, and eight concepts at
most a source. Here it publishes what it wrote, which a person would do, and commits nothing.
"""

from __future__ import annotations

import argparse
import json
import os
import re
import shutil
import subprocess
import sys
import tempfile
import time
from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import tokens

ROOT = Path(__file__).resolve().parents[1]
sys.path[:0] = [str(ROOT / "tests"), str(ROOT / "lib")]

import mill  # noqa: E402
import scripted  # noqa: E402

from quern import passages, schema  # noqa: E402
from quern import sources as texts  # noqa: E402
from quern.engines.rules import Rules  # noqa: E402
from quern.records import Claim, Passage, Source  # noqa: E402

SOURCES = ("Tidal power in Europe, a short tour.md", "barrage-or-current.md", "tide-notes.md")
CONCEPTS = 8
"""Of one answer to synto: as many as it keeps of a source."""
CONFIGURED = """\
[providers.default]
name = "custom"
url = "{url}"
timeout = 600

[models.fast]
provider = "default"
model = "scripted"
ctx = 8192

[models.heavy]
provider = "default"
model = "scripted"
ctx = 32768

[pipeline]
auto_commit = false
"""


def facts(text: str) -> list[Claim]:
    """What the rules find in a Markdown text."""
    read = texts.decode(text.encode(), "raw/s.md")
    source = Source(
        id="0" * 12, slug="s", path="raw/s.md", sha256="0" * 64, title="", language="en", words=len(text.split())
    )
    found = passages.segment(source, read, schema.Schema().passages.max_chars)
    parts = [one for one in found if isinstance(one, Passage)]
    return [one for one in Rules(schema.Schema()).claims(source, parts) if isinstance(one, Claim)]


def said(claim: Claim) -> str:
    return re.sub(r"\[([^\]]*)\]", r"\1", claim.text)


def model(question: scripted.Question) -> Any:
    """A good model, for whoever asks."""
    if '"concepts"' in question.system and '"suggested_topics"' in question.system:
        return analysis(question.asked.partition("NOTE CONTENT:\n")[2])
    if '"content"' in question.system and '"tags"' in question.system:
        return article(question.asked)
    return scripted.good(question)


def analysis(note: str) -> dict[str, Any]:
    """What synto asks of a note: what it is about, and nothing of what it says but a summary."""
    found = facts(note)
    told = Counter(name.name for claim in found for name in claim.names)
    types = {name.name: name.type for claim in found for name in claim.names}
    aliases = {name.name: name.aliases for claim in found for name in claim.names}
    concepts = [name for name, _ in told.most_common(CONCEPTS)]
    others = [name for name, _ in told.most_common() if name not in concepts and types[name] == "entity"]
    best = sorted(found, key=lambda claim: -claim.score)[:2]
    return {
        "summary": " ".join(map(said, best)) or "Nothing.",
        "concepts": [{"name": name, "aliases": aliases[name][:5]} for name in concepts],
        "suggested_topics": concepts[:5],
        "named_references": others[:8],
        "quality": "high",
        "language": "en",
    }


def article(asked: str) -> dict[str, Any]:
    """What synto asks of a concept: an article, with all that the sources shown say of it."""
    name = asked.partition('Write the wiki article: "')[2].partition('"\n')[0]
    links = asked.partition("Existing wiki articles to link to: ")[2].partition("\n")[0].split(", ")
    material = asked.partition("SOURCE MATERIAL:\n")[2].partition("\n\nEXISTING ARTICLE")[0]
    about = [claim for claim in facts(material) if name.casefold() in _naming(claim)]
    lines = [f"## {name}", ""]
    lines += [_linked(said(claim), [link for link in links if link != name]) for claim in about]
    return {"title": name, "content": "\n".join(lines), "tags": [re.sub(r"[^a-z0-9]+", "-", name.lower()).strip("-")]}


def _naming(claim: Claim) -> str:
    names = (word for name in claim.names for word in (name.name, *name.aliases))
    return "\n".join([said(claim), *names]).casefold()


def _linked(text: str, links: Sequence[str]) -> str:
    for link in links:
        text = re.sub(rf"(?<![\w\[]){re.escape(link)}(?![\w\]])", f"[[{link}]]", text, count=1)
    return text


@dataclass(frozen=True, slots=True)
class Took:
    """What the sources took: the questions for each, how many a second run asked, and what stands in the wiki."""

    asked: list[list[scripted.Question]]
    again: int
    seconds: float
    pages: int
    wiki: str


def by_quern(folder: Path) -> Took:
    with scripted.server(model) as url:
        vault = mill.empty_vault(folder / "quern")
        scripted.use(vault, url)
        asked, seconds = [], 0.0
        for name in SOURCES:
            shutil.copy(ROOT / "raw" / name, vault / "raw")
            seconds += _timed(lambda name=name: mill.ingest(vault, f"raw/{name}", "2026-04-02"))
            asked.append(url.asked[sum(map(len, asked)) :])
        before = len(url.asked)
        if mill.run("plan", f"raw/{SOURCES[-1]}", vault=vault).returncode == 0:  # as make does it
            mill.ingest(vault, f"raw/{SOURCES[-1]}", "2026-04-02")
        return Took(asked, len(url.asked) - before, seconds, *_published(vault / "wiki"))


def by_synto(folder: Path, program: str) -> Took:
    home = folder / "home"
    home.mkdir()
    known = ("PATH", "LANG", "LC_ALL", "TMPDIR")
    environment = {key: os.environ[key] for key in known if key in os.environ} | {"HOME": str(home)}

    def run(*arguments: str) -> None:
        command = [program, *arguments]
        done = subprocess.run(command, env=environment, capture_output=True, text=True, timeout=900, check=False)
        if done.returncode:
            raise SystemExit(f"bench/synto.py: {' '.join(arguments)}: {(done.stderr or done.stdout).strip()[-400:]}")

    with scripted.server(model) as url:
        vault = folder / "synto"
        run("init", "--non-interactive", str(vault))
        (vault / "synto.toml").write_text(CONFIGURED.format(url=url), encoding="utf-8")
        asked, seconds = [], 0.0
        for name in SOURCES:
            shutil.copy(ROOT / "raw" / name, vault / "raw")
            seconds += _timed(lambda: run("run", "--auto-approve", "--vault", str(vault)))
            asked.append(url.asked[sum(map(len, asked)) :])
        before = len(url.asked)
        run("run", "--auto-approve", "--vault", str(vault))
        return Took(asked, len(url.asked) - before, seconds, *_published(vault / "wiki"))


def _timed(act: Any) -> float:
    begun = time.monotonic()
    act()
    return time.monotonic() - begun


def _published(folder: Path) -> tuple[int, str]:
    """How many pages there are besides those of sources, and what stands on all, without the marks of links."""
    found = [path for path in sorted(folder.rglob("*.md")) if not path.parent.name.startswith(".")]
    topics = [path for path in found if path.parent.name != "sources" and path.stem not in ("index", "log")]
    text = "\n".join(path.read_text(encoding="utf-8") for path in found)
    return len(topics), re.sub(r"\[\[(?:[^\]|]*\|)?([^\]]*)\]\]", r"\1", text)


def rows(took: Took, count: tokens.Count) -> Iterator[tuple[int, int, int]]:
    """Calls, tokens of prompts and tokens of replies for each source."""
    for questions in took.asked:
        written = sum(count(json.dumps(model(question), separators=(",", ":"))) for question in questions)
        yield len(questions), sum(tokens.prompt(count, question.messages) for question in questions), written


def shared(took: Took, count: tokens.Count) -> int:
    """Tokens of prompts that no prompt before began with: what has to be evaluated where beginnings are kept."""
    total, known = 0, set()
    for questions in took.asked:
        for question in questions:
            start: tuple[str, ...] = ()
            for message in question.messages:
                start = (*start, message["content"])
                total += 0 if start in known else count(message["content"]) + tokens.ROLE
                known.add(start)
    return total


def main() -> None:
    """Print a table, a line for each source and a sum for each tool."""
    parser = argparse.ArgumentParser()
    parser.add_argument("--vocabulary", default=os.environ.pop("QUERN_MODEL", "") or None)
    parser.add_argument("--synto", default=str(ROOT / "build/synto/bin/synto"))
    given = parser.parse_args()
    if not shutil.which(given.synto):
        where = "python3 -m venv build/synto && build/synto/bin/pip install 'synto==0.8.*'"
        print(f"bench/synto.py: synto is not installed: {where}, or name it with --synto", file=sys.stderr)
        sys.exit(2)
    count, what = tokens.counter(given.vocabulary)
    whole = [fact for name in SOURCES for fact in facts((ROOT / "raw" / name).read_text(encoding="utf-8"))]
    with tempfile.TemporaryDirectory() as folder:
        took = {"quern": by_quern(Path(folder)), "synto": by_synto(Path(folder), given.synto)}
    print(f"three sources of {' + '.join(str(_words(name)) for name in SOURCES)} words; tokens are {what}")
    heads = ("calls", "prompts", "evaluated", "written", "seconds", "again", "pages", "facts")
    print(f"{'':24}" + "".join(f"{head:>10}" for head in heads))
    for tool, one in took.items():
        found = list(rows(one, count))
        for name, row in zip(SOURCES, found, strict=True):
            print(f"{tool} {name[:17]:18}{row[0]:10}{row[1]:10,}{'':10}{row[2]:10,}")
        calls, prompts, written = map(sum, zip(*found, strict=True))
        stand = sum(said(fact) in one.wiki or fact.quote in one.wiki for fact in whole)
        print(
            f"{tool + ', all':24}{calls:10}{prompts:10,}{shared(one, count):10,}{written:10,}{one.seconds:10.1f}"
            f"{one.again:10}{one.pages:10}{stand:6} of {len(whole)}"
        )


def _words(name: str) -> int:
    return len((ROOT / "raw" / name).read_text(encoding="utf-8").split())


if __name__ == "__main__":
    main()
