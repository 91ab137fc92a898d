"""The life of a wiki: random sources and, between them, people who edit; counts what gets lost.

    python bench/life.py [INGESTS] [--edits 200] [--seed 1] [--keep FOLDER]

Sources come from templates: some facts are new, some are said again, some contradict others, some overtake them. The
edits are of every kind that people make, from a word in a sentence to a page renamed as Obsidian does it. What a
person wrote is looked for byte for byte afterwards, and every claim where its source page says that it went.
"""

from __future__ import annotations

import argparse
import re
import sys
import tempfile
import time
from collections import Counter
from collections.abc import Callable, Iterable
from pathlib import Path
from random import Random

from quern import checks, currency, engines, extraction, jsonl, linking, pages, passages, schema, summaries, wiki
from quern.engines import Engine
from quern.jsonl import Row
from quern.linking import revisions
from quern.records import Finding
from quern.updates import merging, renaming, retraction, transaction, upkeep
from quern.vault import Vault

DAY = "2026-04-02"
STEMS = ("Kelmor", "Dunvik", "Rathford", "Pennock", "Galsund", "Orholm", "Merwick", "Selby", "Torness", "Farmoor")
KINDS = ("Barrage", "Lagoon", "Array", "Works", "Weir", "Basin", "Sluice", "Lock")
TEMPLATES = (
    "{0} is a tidal power station.",
    "{0} opened in {1}.",
    "{0} has {2} turbines.",
    "{0} has a capacity of {2} MW.",
    "Since {1} {0} has {2} turbines.",
    "{0} employs {2} people.",
    "{0} cost {2} million dollars.",
    "{0} lies near {3}.",
    "{0} is older than {3}.",
    "{0} is run by a company of {2} people.",
    "{0} has a lock of {2} metres.",
    "Critics claim that {0} killed {2} seals.",
)
Evidence = tuple[str, str]


class Life:
    """A vault, what can happen to it, and what must be true of it ever after."""

    def __init__(self, folder: Path, seed: int, things: int = 80) -> None:
        self.vault = Vault(folder)
        for name in ("raw", "wiki"):
            (folder / name).mkdir(parents=True)
        (folder / "schema.yaml").write_text("version: 1\npages:\n  words_per_page: 20\n", encoding="utf-8")
        self.random = Random(seed)
        self.rules = schema.load(self.vault)
        self.engine = engines.load(self.rules)
        every = [f"{stem} {kind}" for stem in STEMS for kind in KINDS]
        self.things = every[:things]
        self.sources: dict[str, list[str]] = {}
        self.number = 0
        self.hand = 0
        self.words: list[str] = []
        self.taken: set[tuple[str, str, str]] = set()
        self.marked: set[tuple[str, str, str]] = set()
        self.deleted: set[str] = set()
        self.missing: set[str] = set()
        self.edits: dict[str, int] = {}
        self.seconds: list[float] = []

    # What sources do

    def fact(self) -> str:
        pick = self.random
        one, other = pick.sample(self.things, 2)
        return pick.choice(TEMPLATES).format(one, pick.randint(1960, 2020), pick.randint(2, 40), other)

    def new_source(self) -> None:
        """A source of some facts on two or three things; one in three is said by an older source, too."""
        self.number += 1
        facts = [self.fact() for _ in range(self.random.randint(3, 9))]
        known = sorted({fact for told in self.sources.values() for fact in told})
        facts += self.random.sample(known, min(len(known), len(facts) // 3))
        self.write(f"raw/source-{self.number}.md", list(dict.fromkeys(facts)))

    def changed_source(self) -> None:
        """A source of before that has lost a fact, and got another."""
        if self.sources:
            path = self.random.choice(sorted(self.sources))
            facts = list(self.sources[path])
            facts[self.random.randrange(len(facts))] = self.fact()
            self.write(path, list(dict.fromkeys(facts)))
            self.forget()

    def again(self) -> None:
        """A source that has been read and has not changed."""
        if self.sources:
            self.ingest(self.random.choice(sorted(self.sources)))

    def write(self, path: str, facts: list[str]) -> None:
        self.sources[path] = facts
        text = f"# Notes {path[11:-3]}\n\n" + "\n\n".join(facts) + "\n"
        (self.vault.root / path).write_text(text, encoding="utf-8")
        self.ingest(path)

    def read_again(self, engine: Engine) -> None:
        """A source that another engine reads again, as a person wants it: what is said stays, and is not doubled."""
        if not self.sources:
            return
        path = self.random.choice(sorted(self.sources))
        slug = next((row.slug for row in self.rows() if row.path == path), "")
        before = self.quotes(slug)
        self.ingest(path, engine, again=True)
        after = self.quotes(slug)
        for place, quotes in before.items():
            now = after[place]
            assert quotes.keys() <= now.keys(), f"{path}: lost on {place}: {sorted(quotes.keys() - now.keys())}"
            doubled = [quote for quote in quotes if now[quote] > quotes[quote]]
            assert not doubled, f"{path}: doubled on {place}: {doubled}"

    def quotes(self, slug: str) -> dict[str, Counter[str]]:
        """How often each quote of a source stands behind a claim, by page."""
        found: dict[str, Counter[str]] = {}
        for path in sorted((self.vault.root / "wiki").rglob("*.md")):
            document = _parsed(path)
            cited = {ref.id for ref in document.cited}
            notes = [note for note in document.footnotes.values() if note.id in cited]
            said = [place.quote for note in notes for place in note.places if place.slug == slug]
            found[path.name] = Counter(said if path.stem != slug else [item.quote for item in document.items])
        return found

    def ingest(self, path: str, engine: Engine | None = None, *, again: bool = False) -> None:
        """What the mill does with a source; no evidence of another source may go from the source pages."""
        begun, before = time.process_time(), self.ledgers()
        made = _rows(passages.records(self.vault, self.rules, str(self.vault.root / path), _quiet))
        told = _rows(extraction.extract(made, engine or self.engine, _quiet))
        with wiki.open(self.vault) as catalogue:
            revise = revisions.reviser(self.vault, catalogue, self.rules)
            planned = _rows(linking.link(told, catalogue, self.rules, revise, again=again))
        self.merge(planned, engine)
        self.seconds.append(time.process_time() - begun)
        after = self.ledgers()
        slug = next(row.slug for row in self.rows() if row.path == path)
        lost = {key for key in before - after if key[1] != slug}
        assert not lost, f"{path}: lost {sorted(lost)}"
        claims = {row.data["id"] for row in planned if row.kind == "claim"}
        assert claims <= {id_ for id_, of in after if of == slug}, f"{path}: a claim has not arrived"
        for row in planned:
            old = set(row.data.get("restates", ())) if row.kind == "claim" else set()
            # What was taken off a page is known in other words, too.
            for kept in (self.taken, self.marked):
                kept |= {(row.data["id"], slug, title) for id_, of, title in kept if id_ in old and of == slug}

    def refresh(self) -> None:
        """What `outdated | summarize | merge` does."""
        with wiki.open(self.vault) as catalogue:
            behind = _rows(currency.outdated(self.vault, catalogue, self.rules))
        self.merge(behind)

    def forget(self) -> None:
        """That a page was there once is known by the claims that went to it: with the last of them it may come anew.

        So what was taken off a page is known as long as the page, or what went to it, is.
        """
        told = self.told()
        self.deleted &= told
        pages_ = (path for path in (self.vault.root / "wiki").rglob("*.md") if _is_topic(path))
        titles = {_parsed(path).title for path in pages_} | told
        self.taken = {key for key in self.taken if key[2] in titles}

    def merge(self, planned: Iterable[Row], engine: Engine | None = None) -> None:
        told = _rows(summaries.add(planned, engine or self.engine, self.rules))
        list(merging.merge(told, self.vault, self.rules, DAY))
        transaction.finish(self.vault)

    def retract(self) -> None:
        """Take a source back."""
        if len(self.sources) < 2:
            return
        path = self.random.choice(sorted(self.sources))
        del self.sources[path]
        slug = next((row.slug for row in self.rows() if row.path == path), None)
        before = self.ledgers()
        list(retraction.retract(self.vault, self.rules, DAY, path))
        transaction.finish(self.vault)
        (self.vault.root / path).unlink()
        lost = {key for key in before - self.ledgers() if key[1] != slug}
        assert not lost, f"retract {path}: lost {sorted(lost)}"
        self.forget()
        self.refresh()

    def rename(self) -> None:
        """Give a page another name, as bin/rename does."""
        path = self.page()
        if path is None:
            return
        self.hand += 1
        was, name = _parsed(path).title, f"{path.stem.split(' Renamed')[0]} Renamed {self.hand}"
        with upkeep.upkeep(self.vault, self.rules, DAY) as work:
            renaming.rename(work, str(path), name)
        transaction.finish(self.vault)
        for kept in (self.taken, self.marked):
            moved = {(id_, slug, name if title == was else title) for id_, slug, title in kept}
            kept.clear()
            kept.update(moved)

    # What people do

    def edit(self, kind: str | None = None) -> bool:
        """An edit of some page, of a kind by name; returns whether there was anything to edit so."""
        kinds: dict[str, Callable[[Path, str], bool]] = {
            "a bullet": self.edit_bullet,
            "a word of a lead": self.edit_lead,
            "a paragraph": self.add_paragraph,
            "a section": self.add_section,
            "a key": self.add_key,
            "a bullet deleted": self.delete_bullet,
            "a page moved": self.move_page,
            "a page renamed": self.rename_page,
            "a page deleted": self.delete_page,
            "a type": self.change_type,
        }
        kind = kind or self.random.choice(sorted(kinds))
        path = self.page()
        if path is None:
            return False
        self.hand += 1
        is_made = kinds[kind](path, f"Hand{self.hand}")
        if is_made:
            self.edits[kind] = self.edits.get(kind, 0) + 1
        return is_made

    def page(self) -> Path | None:
        """Some topic page."""
        paths = sorted(p for p in (self.vault.root / "wiki").rglob("*.md") if _is_topic(p))
        return self.random.choice(paths) if paths else None

    def edit_bullet(self, path: Path, token: str) -> bool:
        return self.put_words(path, _bullets(path), lambda words: words.rstrip(".") + f", says {token}.")

    def edit_lead(self, path: Path, token: str) -> bool:
        document = _parsed(path)
        return document.lead is not None and self.put_words(
            path, [document.lines[document.lead.start]], lambda words: f"{token}: {words}"
        )

    def put_words(self, path: Path, lines: list[str], change: Callable[[str], str]) -> bool:
        """Change the words of a line before its first footnote."""
        if not lines:
            return False
        line = self.random.choice(lines)
        words, note, rest = line.partition("[^")
        mine = change(words)
        # What a person wrote on a line before stands on it still, in other words.
        self.words = [kept for kept in self.words if not _bare(line).startswith(kept)]
        self.words.append(_bare(mine))
        _replace(path, line, mine + note + rest)
        return True

    def add_paragraph(self, path: Path, token: str) -> bool:
        lines = path.read_text(encoding="utf-8").split("\n")
        document = _parsed(path)
        at = self.random.choice([document.title_line + 1, len(lines)])
        mine = f"{token} was here,  and *liked* it: $5 & <b>.  "
        _write(path, "\n".join([*lines[:at], "", mine, "", *lines[at:]]))
        self.words.append(mine)
        return True

    def add_section(self, path: Path, token: str) -> bool:
        _write(path, path.read_text(encoding="utf-8") + f"\n## {token}\n\n* of {token}\n\t* within {token}  \n")
        self.words += [f"## {token}", f"* of {token}", f"\t* within {token}  "]
        return True

    def add_key(self, path: Path, token: str) -> bool:
        mine = f"k{token}: 12:30   # {token}"
        _replace(path, "---\n", f"---\n{mine}\n")
        self.words.append(mine)
        return True

    def delete_bullet(self, path: Path, _token: str) -> bool:
        document = _parsed(path)
        told = [
            b for b in document.bullets if b.section == "Facts" and b.claims and b.end == b.line + 1 and not b.edited
        ]
        if not told:
            return False
        bullet = self.random.choice(told)
        _replace(path, document.lines[bullet.line] + "\n", "")
        # A claim that a mark or another sentence cites is on the page still, and may go with that.
        gone = _evidence(document) - _evidence(_parsed(path))
        self.taken |= {(*key, document.title) for key in gone}
        left = {key for key in _evidence(document) - gone if key[0] in bullet.claims}
        self.marked |= {(*key, document.title) for key in left}
        return True

    def move_page(self, path: Path, token: str) -> bool:
        there = self.vault.root / "wiki" / f"folder {token}"
        there.mkdir()
        path.rename(there / path.name)
        return True

    def rename_page(self, path: Path, token: str) -> bool:
        """As Obsidian does it: the file is renamed, and all links to it."""
        path.rename(path.with_name(f"{token}.md"))
        link = re.compile(rf"\[\[{re.escape(path.stem)}(?=[\]|#])")
        for other in (self.vault.root / "wiki").rglob("*.md"):
            _write(other, link.sub(f"[[{token}", other.read_text(encoding="utf-8")))
        return True

    def delete_page(self, path: Path, _token: str) -> bool:
        text = path.read_text(encoding="utf-8")
        if len(self.deleted) * 10 > len(self.things) or any(_bare(text).count(kept) for kept in self.words):
            return False
        self.deleted.add(path.stem)
        self.missing.add(path.stem)
        path.unlink()
        return True

    def change_type(self, path: Path, _token: str) -> bool:
        text = path.read_text(encoding="utf-8")
        old, new = self.random.sample(["entity", "concept"], 2)
        if f"\ntype: {old}\n" not in text:
            return False
        _replace(path, f"\ntype: {old}\n", f"\ntype: {new}\n")
        return True

    # What must be true

    def rows(self) -> list[wiki.SourceRow]:
        with wiki.open(self.vault) as catalogue:
            return catalogue.sources()

    def ledgers(self) -> set[Evidence]:
        """Every (claim, source slug) on the source pages."""
        folder = self.vault.root / "wiki" / "sources"
        files = sorted(folder.iterdir()) if folder.is_dir() else []
        return {(item.id, path.stem) for path in files for item in _parsed(path).items}

    def told(self) -> set[str]:
        """The files of all pages to which claims went, as the source pages say."""
        paths = sorted((self.vault.root / "wiki" / "sources").iterdir())
        return {file for path in paths for item in _parsed(path).items for file in item.pages}

    def lost_claims(self) -> list[str]:
        """Claims that do not stand where their source page says that they went, and that nobody took away."""
        paths = {path.stem: path for path in (self.vault.root / "wiki").rglob("*.md")}
        has = {stem: _evidence(_parsed(path)) for stem, path in paths.items() if _is_topic(path)}
        titles = {stem: _parsed(paths[stem]).title for stem in has}
        return [
            f"{id_} of {path.stem} is not on {file}"
            for path in sorted(paths.values())
            if not _is_topic(path)
            for item in _parsed(path).items
            for file in item.pages
            for id_ in [item.id]
            if file not in self.deleted
            and (id_, path.stem) not in has.get(file, set())
            and (id_, path.stem, titles.get(file, "")) not in self.taken | self.marked
        ]

    def lost_edits(self) -> list[str]:
        """What people wrote and that is nowhere, and what they took away and that is back."""
        paths = [path for path in (self.vault.root / "wiki").rglob("*.md") if _is_topic(path)]
        lines = {line for path in paths for line in path.read_text(encoding="utf-8").split("\n")}
        there = "\n".join(sorted(_bare(line) for line in lines))
        gone = [words for words in self.words if words not in there]
        back = [
            f"{id_} is back on {path.name}"
            for path in paths
            for id_, slug in _evidence(_parsed(path))
            if (id_, slug, _parsed(path).title) in self.taken
        ]
        return gone + back + [f"{path.name} is back" for path in paths if path.stem in self.deleted]

    def findings(self) -> list[Finding]:
        """What lint finds, but for links to pages that people deleted."""
        with wiki.open(self.vault) as catalogue:
            found = checks.check_vault(self.vault, catalogue, self.rules)
        return [f for f in found if not any(f"'{file}'" in f.message for file in self.missing)]

    def outdated(self) -> list[str]:
        with wiki.open(self.vault) as catalogue:
            return [page.path for page in currency.outdated(self.vault, catalogue, self.rules)]

    def picture(self) -> dict[str, bytes]:
        """Every byte of the wiki and the log."""
        files = [*(self.vault.root / "wiki").rglob("*.md"), self.vault.log]
        return {str(path): path.read_bytes() for path in files if path.exists()}


def _rows(records: Iterable[object]) -> list[Row]:
    return list(jsonl.rows([jsonl.encode(record) for record in records], "<pipe>"))


def _quiet(_: str) -> None:
    pass


def _is_topic(path: Path) -> bool:
    return path.parent.name != "sources" and not path.name.startswith("index")


def _parsed(path: Path) -> pages.Document:
    return pages.parse(path.read_text(encoding="utf-8"))


def _evidence(document: pages.Document) -> set[Evidence]:
    cited = {ref.id for ref in document.cited}
    return {(note.id, place.slug) for note in document.footnotes.values() if note.id in cited for place in note.places}


def _bullets(path: Path) -> list[str]:
    document = _parsed(path)
    return [document.lines[b.line] for b in document.bullets if b.section == "Facts" and b.end == b.line + 1]


def _bare(text: str) -> str:
    """A text as a reader sees its links: these may lead to another file when one is renamed."""
    return re.sub(r"\[\[[^\]|]*\|([^\]]*)\]\]", r"\1", text)


def _write(path: Path, text: str) -> None:
    path.write_text(text, encoding="utf-8")


def _replace(path: Path, old: str, new: str) -> None:
    text = path.read_text(encoding="utf-8")
    assert old in text, f"{old!r} is not on {path}"
    _write(path, text.replace(old, new, 1))


def live(life: Life, ingests: int, edits: int) -> None:
    """So many ingests, and so many edits between them; every tenth ingest is of a source that has changed."""
    due = {round((number + 1) * ingests / (edits + 1)) for number in range(edits)} if edits else set()
    per = max(1, round(edits / max(1, len(due)))) if due else 0
    for number in range(ingests):
        if number % 10 == 9:
            life.changed_source()
        else:
            life.new_source()
        for _ in range(per if number in due else 0):
            # There may be nothing of a kind to edit on a page, but hardly so often.
            any(life.edit() for _ in range(50))


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("ingests", nargs="?", type=int, default=1000)
    parser.add_argument("--edits", type=int, default=200)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--keep", type=Path, help="leave the vault there")
    given = parser.parse_args()
    with tempfile.TemporaryDirectory() as folder:
        life = Life(given.keep or Path(folder, "vault"), given.seed)
        live(life, given.ingests, given.edits)
        spent = list(life.seconds)
        lost, gone = life.lost_claims(), life.lost_edits()
        found = life.findings()
        errors = [f for f in found if f.severity == "error"]
        broken = [f for f in errors if f.code == "broken-link"]
        # The first time, what people did last is taken into account.
        for _ in range(2):
            before = life.picture()
            for path in sorted(life.sources)[:20]:
                life.ingest(path)
            life.refresh()
        changed = sum(before.get(path) != text for path, text in life.picture().items())
        contested, claims = sum(f.code == "contradiction" for f in found), len(life.ledgers())
    print(f"{'ingests':<28}{given.ingests}")
    print(f"{'edits by people':<28}{sum(life.edits.values())}")
    print(f"{'claims on source pages':<28}{claims}")
    print(f"{'lost claims':<28}{len(lost)}")
    print(f"{'lost edits':<28}{len(gone)}")
    print(f"{'broken links':<28}{len(broken)}")
    print(f"{'other errors of lint':<28}{len(errors) - len(broken)}")
    print(f"{'contradictions shown':<28}{contested}")
    print(f"{'files a second read changed':<28}{changed}")
    for which, some in (("first", life.seconds[:100]), ("last", spent[-100:])):
        print(f"{f'CPU a source, {which} 100':<28}{sum(some) / max(1, len(some)):.2f} s")
    for line in [*lost, *gone, *(f"{f.path}:{f.line}: {f.message}" for f in errors)][:20]:
        print(line, file=sys.stderr)
    sys.exit(bool(lost or gone or errors or changed))


if __name__ == "__main__":
    main()
