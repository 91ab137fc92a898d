"""What the rules have read is read again by a model: what it says in other words takes its place, the rest stays."""

from __future__ import annotations

import re
import sys
from pathlib import Path

import mill
import pytest
import scripted
import yaml
from processes import ROOT
from turning import Mill

from quern import engines, pages, schema

sys.path.insert(0, str(ROOT / "bench"))

from life import Life

SOURCE, PAGE = "raw/plants.md", "wiki/entities/Sihwa Lake.md"
TEXT = """\
# Plants

Sihwa Lake is a tidal power station in Korea. Sihwa Lake opened in 2011. Sihwa Lake has a capacity of 240 MW.

Sihwa Lake has 24 turbines. Sihwa Lake employs 28 people. Sihwa Lake supplies about 500 GWh a year.
"""


CAPACITY = "Sihwa Lake has a capacity of 35 MW."


class Again(Life):
    """A wiki whose sources are read again by the models of a server."""

    def reader(self, url: str, name: str) -> engines.Engine:
        """The engine that asks this model from now on."""
        scripted.use(self.vault.root, url, name=name)
        return engines.load(schema.load(self.vault), self.vault)

    def remake(self, engine: engines.Engine) -> None:
        for path in sorted(self.sources):
            before = self.quotes(self.slug(path))
            self.ingest(path, engine, again=True)
            after = self.quotes(self.slug(path))
            assert all(quotes.keys() <= after[place].keys() for place, quotes in before.items()), path

    def slug(self, path: str) -> str:
        return next(row.slug for row in self.rows() if row.path == path)

    def doubled(self) -> list[str]:
        """Sentences of ours that stand twice on a page, and quotes of one source that do more often than they did."""
        found = []
        for path in mill.topic_pages(self.vault.root):
            document = pages.parse(path.read_text(encoding="utf-8"))
            told = [bullet.text for bullet in document.bullets if bullet.section == "Facts" and bullet.claims]
            found += [f"{path.name}: {text}" for text in set(told) if told.count(text) > 1]
        return found

    def texts(self) -> dict[str, bytes]:
        """The pages, without the index."""
        return {path: data for path, data in self.picture().items() if path.endswith(".md") and "/index" not in path}


@pytest.fixture(scope="module")
def fifty(tmp_path_factory):
    """Fifty sources that the rules have read, with forty edits by people between them."""
    life = Again(tmp_path_factory.mktemp("fifty") / "vault", 7, things=24)
    for _ in range(50):
        life.new_source()
        life.edit()
    assert life.lost_claims() == life.lost_edits() == life.doubled() == []
    return life


def test_fifty_sources_are_read_again_and_nothing_doubles_and_no_fact_and_no_edit_is_lost(fifty):
    with scripted.server(scripted.paraphrasing) as url:
        fifty.remake(fifty.reader(url, "first"))
    told = "\n".join(path.read_text() for path in sorted((fifty.vault.root / "wiki/sources").iterdir()))
    assert "began work in" in told
    assert "opened in" not in re.sub(r'"[^"]*"', "", told)
    assert (fifty.doubled(), fifty.lost_claims(), fifty.lost_edits()) == ([], [], [])
    assert [found for found in fifty.findings() if found.severity == "error"] == []
    fifty.refresh()
    # Once more: nothing is said otherwise, and nothing changes.
    before = fifty.texts()
    with scripted.server(scripted.paraphrasing) as url:
        fifty.remake(fifty.reader(url, "first"))
    assert fifty.texts() == before
    # Another model goes on: what it reads is added, and what stands is as it was.
    with scripted.server(scripted.good) as url:
        fifty.engine = fifty.reader(url, "second")
        for path in sorted(fifty.sources)[:10]:
            fifty.ingest(path)
        assert fifty.texts() == before
        fifty.new_source()
    changed = {Path(path) for path, text in fifty.texts().items() if before.get(path) != text}
    ledger = fifty.vault.root / "wiki" / "sources" / "notes-51.md"
    went = {file for item in pages.parse(ledger.read_text(encoding="utf-8")).items for file in item.pages}
    assert {path.stem for path in changed if path.parent != ledger.parent} - {"log"} <= went


@pytest.mark.own_reader  # the rules read first, whose lead is the sentence itself
def test_what_says_the_same_as_a_sentence_of_the_lead_stays_when_that_is_worded_otherwise(vault):
    """One of two sources is read again: its claim stands beside that of the other, and the lead quotes neither."""
    here = Mill(vault)
    for name in ("one", "two"):
        here.write(f"raw/{name}.md", f"# Plants {name}\n\nSihwa Lake is a tidal power station. {CAPACITY}\n")
        here.ingest(f"raw/{name}.md")
    assert f"{CAPACITY}[^" in here.read(PAGE).partition("# Sihwa Lake\n\n")[2].partition("\n")[0]

    def rewording(question):
        if "sentences" not in question.keys or CAPACITY not in question.sentences.values():
            return scripted.paraphrasing(question)
        number = next(number for number, text in question.sentences.items() if text == CAPACITY)
        return {"sentences": [{"text": scripted.reworded(CAPACITY), "claims": [number]}]}

    with scripted.server(rewording) as url:
        scripted.use(vault, url)
        here.ingest("raw/one.md", again=True)
    said = [re.search(rf"- {re.escape(words)} \^(\w+)", here.read(f"wiki/sources/plants-{name}.md"))[1]
            for name, words in (("one", scripted.reworded(CAPACITY)), ("two", CAPACITY))]  # fmt: skip
    assert set(said) <= mill.claims(here.read(PAGE).partition("\n[^")[0])


@pytest.fixture
def read(clone, make):
    """A clone in which the rules have read a source, and a person has edited a bullet and taken one away."""
    (clone / SOURCE).write_text(TEXT, encoding="utf-8")
    told = yaml.safe_load((clone / "schema.yaml").read_text(encoding="utf-8"))
    told["pages"]["words_per_page"] = 20
    (clone / "schema.yaml").write_text(yaml.safe_dump(told), encoding="utf-8")
    done = make("ingest", SRC=SOURCE)
    assert done.status == 0, done.err
    page = clone / PAGE
    lines = page.read_text(encoding="utf-8").split("\n")
    kept = [line.replace("28 people", "28 good people") for line in lines if "500 GWh a year.[" not in line]
    page.write_text("\n".join(kept), encoding="utf-8")
    return clone


def test_make_remake_shows_what_is_gained_and_restated_before_it_writes(read, make):
    page = (read / PAGE).read_text(encoding="utf-8")
    assert "Sihwa Lake opened in 2011." in page
    with scripted.server(scripted.paraphrasing) as url:
        scripted.use(read, url)
        assert "in the wiki already" in make("ingest", SRC=SOURCE).err
        assert (read / PAGE).read_text(encoding="utf-8") == page
        done = make("remake", SRC=SOURCE, YES="1", env={"NO_COLOR": "1"})
        assert done.status == 0, done.err
        asked = len(url.asked)
        now = (read / PAGE).read_text(encoding="utf-8")
        again = make("remake", SRC=SOURCE, YES="1", env={"NO_COLOR": "1"})
        assert again.status == 0, again.err
        assert len(url.asked) == asked
    assert "  ~ Sihwa Lake opened in 2011.\n    Sihwa Lake began work in 2011.\n" in done.err
    assert re.search(r"^0 gained, 3 in other words, 3 as they were$", done.err, re.MULTILINE)
    body = now.partition("\n[^")[0]
    assert "Sihwa Lake began work in 2011.[^" in body
    assert "opened in" not in body
    assert "28 good people.[^" in body
    assert "500 GWh" not in body
    assert "remake | Plants" in (read / "log.md").read_text(encoding="utf-8")
    assert (read / PAGE).read_text(encoding="utf-8") == now
    assert "nothing is said otherwise" in again.err


def test_a_terminal_is_asked_unless_one_says_yes(read, make):
    page = (read / PAGE).read_text(encoding="utf-8")
    with scripted.server(scripted.paraphrasing) as url:
        scripted.use(read, url)
        done = make("remake", SRC=SOURCE)
    assert done.status == 2
    assert "there is no terminal to ask at" in done.err
    assert (read / PAGE).read_text(encoding="utf-8") == page
