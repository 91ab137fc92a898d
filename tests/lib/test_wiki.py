"""The catalogue: what can be looked up, and that it is true to the files whatever happens to its tables."""

from __future__ import annotations

import hashlib
import multiprocessing
import os
import shutil
import sqlite3
import time
import unicodedata

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from small_wiki import BARRAGE, FILES, ID, LA_RANCE, LEDGER, OTHER, QUOTE, RAW, lay

from quern import pages, wiki
from quern.vault import Vault
from quern.wiki import cards, tables
from quern.wiki.cards import page_row
from quern.wiki.tables import Tables

PAGE, LEDGER_PATH = "wiki/entities/La Rance.md", "wiki/sources/tides-of-brittany.md"
WAITING = "\n## Waiting\n\n- Mercury (entity), also Quicksilver: [[#^77b0e4aa12c9|1]] — one source\n"


@pytest.fixture
def small(vault):
    """A wiki of one source and two pages."""
    lay(vault, FILES | {LEDGER_PATH: LEDGER + WAITING})
    return Vault(vault)


@pytest.fixture
def catalogue(small):
    with wiki.open(small) as found:
        yield found


def paths(rows):
    return [row.path for row in rows]


def test_a_page(catalogue):
    row = catalogue.page(PAGE)
    assert row == wiki.PageRow(
        path=PAGE,
        title="La Rance",
        type="entity",
        aliases=("Rance barrage",),
        lead_first="La Rance opened in 1966.",
        sources=1,
        claims=2,
        as_of=None,
        updated="2026-05-02",
        status="current",
    )
    assert row.file == "La Rance"
    assert catalogue.page("wiki/none.md") is None
    assert catalogue.page("wiki/Entities/la rance.MD").path == PAGE
    assert page_row(PAGE, LA_RANCE) == row


def test_pages_by_name(catalogue):
    assert paths(catalogue.page_by_key("rance barrage")) == [PAGE]
    assert paths(catalogue.page_by_key("barrage")) == ["wiki/concepts/Barrage.md"]
    assert catalogue.page_by_key("unknown") == []
    assert catalogue.page_by_file("la rance.md").path == PAGE
    assert catalogue.page_by_file("entities/La Rance").path == PAGE
    assert catalogue.page_by_file("other/La Rance") is None


def test_own_names_come_before_derived_ones(small):
    lay(small.root, {"wiki/Barrages.md": BARRAGE.replace("title: Barrage", "title: Barrages")})
    with wiki.open(small) as catalogue:
        assert paths(catalogue.page_by_key("barrage")) == ["wiki/concepts/Barrage.md", "wiki/Barrages.md"]
        assert catalogue.weaving("barrage") == "wiki/concepts/Barrage.md"


def test_weaving_goes_to_the_one_page_of_that_name(small):
    with wiki.open(small) as catalogue:
        assert catalogue.weaving("la rance") == PAGE
        assert catalogue.weaving("tides of brittany") is None
    lay(
        small.root, {"wiki/concepts/Barrage.md": BARRAGE.replace("type: concept", "type: concept\naliases: [La Rance]")}
    )
    with wiki.open(small) as catalogue:
        assert catalogue.weaving("la rance") is None


def test_fuzzy(catalogue):
    assert catalogue.fuzzy("Rance Barage", 200)[0] == ("rance barrage", PAGE)
    assert len(catalogue.fuzzy("Rance Barage", 1)) == 1
    assert catalogue.fuzzy("xyzzy", 200) == []
    assert catalogue.fuzzy("", 200) == []


def test_claims(catalogue):
    assert catalogue.claims_of(PAGE) == [ID, OTHER]
    assert catalogue.claims_of(LEDGER_PATH) == [ID, OTHER]
    [claim] = catalogue.claim(ID)
    assert (claim.source, claim.text, claim.quote, claim.role) == ("1f0c2a9b77d0", QUOTE, QUOTE, "event")
    assert [span.place for span in claim.spans] == ["line 3"]
    assert [(name.name, name.type, name.aliases) for name in claim.names] == [("La Rance", "entity", ["Rance barrage"])]
    assert [claim.id for claim in catalogue.claims_for_source("tides-of-brittany")] == [ID, OTHER]
    assert catalogue.claim("000000000000") == []
    assert catalogue.claims_of("wiki/none.md") == []


def test_a_claim_of_two_sources_is_told_twice(small):
    lay(small.root, {"wiki/sources/b.md": LEDGER.replace("id: 1f0c2a9b77d0", "id: aaaaaaaaaaaa")})
    with wiki.open(small) as catalogue:
        assert [claim.source for claim in catalogue.claim(ID)] == ["aaaaaaaaaaaa", "1f0c2a9b77d0"]


def test_names_that_wait(catalogue):
    [row] = catalogue.candidates("quicksilver")
    assert row == wiki.CandidateRow("1f0c2a9b77d0", "Mercury", "entity", ("Quicksilver",), (ID,), "one source")
    assert catalogue.candidates("mercury") == [row]
    assert catalogue.waiting({"mercury", "quicksilver", "gold"}) == [row]
    assert catalogue.waiting_on("mercury") == 1


def test_sources(catalogue):
    row = catalogue.source_by_path("raw/tides.md")
    assert (row.id, row.slug, row.engine, row.model) == ("1f0c2a9b77d0", "tides-of-brittany", "rules", None)
    assert row in (catalogue.source_by_id(row.id), *catalogue.sources())
    assert catalogue.source_by_sha(row.sha256) == catalogue.source_by_slug("Tides-of-Brittany") == row
    assert catalogue.source_by_path("raw/none.md") is None


def test_files(catalogue):
    assert catalogue.path_taken("LA RANCE") == PAGE
    assert catalogue.path_taken("tides") == "raw/tides.md"
    assert catalogue.path_taken("index") == "wiki/index.md"
    assert catalogue.path_taken("log") is None
    assert catalogue.path_taken("none") is None
    assert catalogue.backlinks("Barrage") == ["wiki/entities/La Rance.md", "wiki/index.md", LEDGER_PATH]
    assert catalogue.backlinks("wiki/concepts/Barrage.md") == catalogue.backlinks("Barrage")
    assert paths(catalogue.index_rows()) == ["wiki/concepts/Barrage.md", PAGE, LEDGER_PATH]
    assert catalogue.indexes() == ["wiki/index.md"]


def test_the_index_is_a_name_that_is_taken_before_there_is_one(vault):
    with wiki.open(Vault(vault)) as catalogue:
        assert catalogue.path_taken("Index") == "wiki/index.md"
        assert catalogue.path_taken("index-entity") == "wiki/index-entity.md"
        assert catalogue.path_taken("Index fund") is None


def test_a_page_of_the_index_s_name_that_is_none(small):
    lay(small.root, {"wiki/index-funds.md": BARRAGE.replace("title: Barrage", "title: Index-funds")})
    with wiki.open(small) as catalogue:
        assert paths(catalogue.page_by_key("index funds")) == ["wiki/index-funds.md"]


# True to the files


def everything(vault):
    """All that the tables say, without numbers that depend on the order in which files came."""
    with wiki.open(vault) as catalogue:
        rows = [(row, catalogue.sheet(row.path), catalogue.backlinks(row.path)) for row in catalogue.index_rows()]
        keys = catalogue.tables.rows("SELECT key, own, path FROM keys JOIN files ON files.id = page ORDER BY 1, 2, 3")
        grams = catalogue.tables.rows(
            "SELECT gram, keys.key, path FROM grams JOIN keys ON keys.id = grams.key "
            "JOIN files ON files.id = page ORDER BY 1, 2, 3"
        )
        return rows, keys, grams, catalogue.sources(), catalogue.candidates("mercury")


def fresh(vault):
    shutil.rmtree(vault.cache)
    return everything(vault)


def test_changes_are_taken_in(small):
    with wiki.open(small) as catalogue:
        assert catalogue.refresh() is False
        lay(small.root, {PAGE: LA_RANCE.replace("title: La Rance", "title: Rance works"), "wiki/New.md": "# New\n"})
        assert catalogue.refresh() is True
        assert paths(catalogue.page_by_key("rance works")) == [PAGE]
        assert paths(catalogue.page_by_key("new")) == ["wiki/New.md"]
        lay(small.root, {PAGE: None})
        assert catalogue.refresh() is True
        assert catalogue.page(PAGE) is None
        assert catalogue.fuzzy("rance works", 9) == []
        assert catalogue.sheet(PAGE) is None


def test_a_change_that_keeps_size_time_and_inode_is_seen(small):
    # Twice within one tick of the clock: the first look must not be trusted.
    file = small.root / PAGE
    os.utime(file, (time.time() + 60, time.time() + 60))
    with wiki.open(small) as catalogue:
        stat = file.stat()
        with file.open("r+b") as stream:
            stream.write(LA_RANCE.replace("title: La Rance", "title: La Dance").encode())
        os.utime(file, ns=(stat.st_atime_ns, stat.st_mtime_ns))
        catalogue.refresh()
        assert catalogue.page(PAGE).title == "La Dance"


def test_a_touch_is_no_change(small):
    with wiki.open(small) as catalogue:
        os.utime(small.root / PAGE, (1, 1))
        assert catalogue.refresh() is False


TEXTS = [LA_RANCE, BARRAGE, LEDGER + WAITING, LEDGER, "", "# A\n\n[[La Rance]]\n", "---\ntitle: [\n---\n"]
NAMES = [
    "wiki/A.md",
    "wiki/a.md",
    "wiki/b/A.md",
    "wiki/é.md",
    unicodedata.normalize("NFD", "wiki/é.md"),
    "raw/A.md",
    "log.md",
]


@given(st.lists(st.tuples(st.sampled_from(NAMES), st.sampled_from([None, *TEXTS])), max_size=8))
@settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
def test_whatever_was_done_the_tables_are_as_if_made_anew(tmp_path_factory, steps):
    vault = Vault(tmp_path_factory.mktemp("vault"))
    for path, text in steps:
        if text is None and not (vault.root / path).exists():
            continue
        lay(vault.root, {path: text})
        everything(vault)
    assert everything(vault) == fresh(vault) if vault.cache.exists() else True


def test_two_files_that_a_mac_has_once_are_one_page(small):
    lay(small.root, {"wiki/entities/la rance.md": "# Twin\n", "wiki/Tide é.md": "# N\n"})
    lay(small.root, {unicodedata.normalize("NFD", "wiki/Tide é.md"): "# D\n"})
    with wiki.open(small) as catalogue:
        assert catalogue.twins(PAGE) == ["wiki/entities/la rance.md"]
        assert catalogue.page_by_key("twin") == []
        assert len([row for row in catalogue.index_rows() if row.title in "ND"]) == 1
        lay(small.root, {PAGE: None})
        catalogue.refresh()
        assert paths(catalogue.page_by_key("twin")) == ["wiki/entities/la rance.md"]
        assert catalogue.twins(PAGE) == []


# Whatever happens to the tables


def wreck_bytes(path):
    path.write_bytes(b"not a database at all" * 999)


def wreck_middle(path):
    data = bytearray(path.read_bytes())
    data[4096:] = os.urandom(len(data) - 4096)
    path.write_bytes(data)


def wreck_end(path):
    path.write_bytes(path.read_bytes()[:5000])


def empty(path):
    path.write_bytes(b"")


def make_old(path):
    with sqlite3.connect(path) as connection:
        connection.execute("UPDATE facts SET value = 'old' WHERE name = 'version'")
        connection.execute("CREATE TABLE strange (x)")


def make_foreign(path):
    path.unlink()
    with sqlite3.connect(path) as connection:
        connection.execute("CREATE TABLE facts (name, value)")
        connection.execute("CREATE TABLE pages (x)")


@pytest.mark.parametrize("wreck", [wreck_bytes, wreck_middle, wreck_end, empty, make_old, make_foreign, os.unlink])
def test_tables_that_are_damaged_or_others_are_made_again(small, wreck):
    before = everything(small)
    wreck(small.cache / "catalogue.sqlite")
    assert everything(small) == before
    assert everything(small) == before


def test_tables_that_get_damaged_while_they_are_open_are_made_again(small):
    with wiki.open(small) as catalogue:
        catalogue.tables._connection.execute("PRAGMA mmap_size = 0")
        with sqlite3.connect(small.cache / "catalogue.sqlite") as other:
            other.execute("DROP TABLE keys")
        assert paths(catalogue.page_by_key("barrage")) == ["wiki/concepts/Barrage.md"]


def test_where_no_cache_can_be_made_the_tables_live_in_memory_and_that_is_said_once(small, capsys):
    lay(small.root, {".cache": "a file in the way"})
    for _ in range(2):
        with wiki.open(small) as catalogue:
            assert catalogue.page(PAGE) is not None
    assert small.cache.read_text() == "a file in the way"
    (said,) = capsys.readouterr().err.splitlines()
    assert f": {small.cache / 'catalogue.sqlite'}: cannot be written (File exists): each run reads anew" in said


@pytest.mark.skipif(os.geteuid() == 0, reason="root writes everywhere")
def test_a_read_only_cache_is_read(small):
    before = everything(small)
    (small.cache / "catalogue.sqlite").chmod(0o444)
    small.cache.chmod(0o555)
    try:
        assert everything(small) == before
    finally:
        small.cache.chmod(0o755)


def test_tables_that_cannot_be_written_are_copied_to_memory(small, monkeypatch, capsys):
    everything(small)
    lay(small.root, {"wiki/New.md": "# New\n"})
    original = Tables._writing

    def full(self):
        if self._connection.execute("PRAGMA database_list").fetchone()[2]:
            raise sqlite3.OperationalError("database or disk is full")
        return original(self)

    monkeypatch.setattr(Tables, "_writing", full)
    with wiki.open(small) as catalogue:
        assert paths(catalogue.page_by_key("new")) == ["wiki/New.md"]
        assert catalogue.page(PAGE) is not None
    assert "cannot be written (database or disk is full)" in capsys.readouterr().err


def _look(root, answers):
    with wiki.open(Vault(root)) as catalogue:
        answers.put(len(list(catalogue.index_rows())))


def test_many_processes_at_once(small):
    lay(small.root, {f"wiki/p{number}.md": BARRAGE.replace("Barrage", f"P{number}") for number in range(300)})
    context = multiprocessing.get_context("fork")
    answers = context.Queue()
    processes = [context.Process(target=_look, args=(small.root, answers)) for _ in range(8)]
    for process in processes:
        process.start()
    assert [answers.get(timeout=60) for _ in processes] == [303] * 8
    for process in processes:
        process.join()


def test_names_that_are_not_text_are_passed_over(small):
    with open(os.fsencode(small.root) + b"/raw/\xff.md", "wb") as stream:
        stream.write(RAW.encode())
    with wiki.open(small) as catalogue:
        assert catalogue.page(PAGE) is not None


def test_what_another_process_took_in_is_seen(small):
    with wiki.open(small) as ours:
        assert ours.claims_of(PAGE) == [ID, OTHER]
        text = (small.root / PAGE).read_text(encoding="utf-8")
        (small.root / PAGE).write_text(text.replace(f"[^{OTHER}]", ""), encoding="utf-8")
        with wiki.open(small) as theirs:
            assert theirs.claims_of(PAGE) == [ID]
        ours.refresh()
        assert ours.claims_of(PAGE) == [ID]


def test_a_page_put_back_after_another_process_has_seen_another_in_its_place_is_seen(small):
    page, aside = small.root / PAGE, small.root / ".aside"
    os.utime(page, (1, 1))
    with wiki.open(small) as ours:
        page.rename(aside)
        lay(small.root, {PAGE: LA_RANCE.replace("title: La Rance", "title: Rance works")})
        with wiki.open(small) as theirs:
            assert theirs.page(PAGE).title == "Rance works"
        aside.rename(page)
        ours.refresh()
        assert ours.page(PAGE).title == "La Rance"


def test_a_page_that_was_gone_and_comes_back_as_it_was_is_there_again(small):
    page, aside = small.root / PAGE, small.root / ".aside"
    os.utime(page, (1, 1))
    with wiki.open(small) as catalogue:
        page.rename(aside)
        catalogue.refresh()
        assert catalogue.page(PAGE) is None
        aside.rename(page)
        catalogue.refresh()
        assert catalogue.page(PAGE) is not None


def test_what_a_reading_that_failed_had_taken_in_is_read_again(small, monkeypatch):
    lay(small.root, {"wiki/New.md": "# New\n", "wiki/Newer.md": "# Newer\n"})
    for name in ("New", "Newer"):
        os.utime(small.root / f"wiki/{name}.md", (1, 1))
    read = tables._bytes

    def faulty(vault, path):
        if path == "wiki/Newer.md":
            raise OSError(5, "Input/output error", path)
        return read(vault, path)

    with wiki.open(small, fresh=False) as catalogue:
        monkeypatch.setattr(tables, "_bytes", faulty)
        with pytest.raises(OSError, match="Input/output"):
            catalogue.refresh()
        monkeypatch.undo()
        catalogue.refresh()
        assert paths(catalogue.page_by_key("new")) == ["wiki/New.md"]


def test_a_page_that_was_expected_and_came_otherwise_is_read(small):
    expected = "# Expected\n"
    with wiki.open(small) as catalogue:
        sha = hashlib.sha256(expected.encode()).hexdigest()
        catalogue.tables.expect({"wiki/New.md": (sha, pages.parse(expected))})
        lay(small.root, {"wiki/New.md": "# By a person\n"})
        catalogue.refresh()
        assert catalogue.page("wiki/New.md").title == "By a person"


def test_many_pages_are_read_by_several_processes_as_by_one(small, monkeypatch):
    paths = [PAGE, LEDGER_PATH, "wiki/index.md"]
    one = {path: cards.make(path, (small.root / path).read_bytes()) for path in paths}
    assert cards.make_many(str(small.root), paths) == {}
    monkeypatch.setattr(cards, "_MANY", 3)
    monkeypatch.setattr(cards.sys, "platform", "linux")
    monkeypatch.setattr(cards.os, "cpu_count", lambda: 2)
    many = cards.make_many(str(small.root), [*paths, "wiki/gone.md"])
    assert {path: card for path, (_, card) in many.items()} == one
