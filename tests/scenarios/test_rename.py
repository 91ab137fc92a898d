"""A page that is called otherwise from now on: every link follows, no word changes, and nothing is forgotten."""

from __future__ import annotations

import re
import shutil

import mill
import pytest
import small_wiki
from keeping import FILES, ID, OTHER_ID, evidence, faults, keep, read

from quern import pages

PATH, NEW = "wiki/entities/La Rance.md", "wiki/entities/Rance power station.md"
OTHER = "wiki/concepts/Barrage.md"
NOTES = """\
---
title: Notes
type: concept
see: "[[La Rance]]"
---

# Notes

By hand: [[La Rance]], [[La Rance|the plant]], [[La Rance#Facts|facts]], [[entities/La Rance]], [[la rance]].
Embedded: ![[La Rance]] and ![[La Rance#Facts]]; with its heading [[La Rance#La Rance]].
[A](<../entities/La Rance.md>), [b](../entities/La%20Rance.md#Facts "title"), [c](La%20Rance), [d](La%20Rance.md).
In a table it is

| where | what |
| --- | --- |
| [[La Rance\\|here]] | x |

Not these: [[La Rance bridge]], `[[La Rance]]`, \\[[La Rance]], $[[La Rance]]$, [La Rance](https://x.example/La%20Rance.md).

```
[[La Rance]]
```

<!-- [[La Rance]] -->
%% [[La Rance]] %%
"""
RENAMED = """\
---
title: Notes
type: concept
see: "[[Rance power station]]"
---

# Notes

By hand: [[Rance power station]], [[Rance power station|the plant]], [[Rance power station#Facts|facts]], \
[[entities/Rance power station]], [[Rance power station]].
Embedded: ![[Rance power station]] and ![[Rance power station#Facts]]; with its heading \
[[Rance power station#Rance power station]].
[A](<../entities/Rance power station.md>), [b](../entities/Rance%20power%20station.md#Facts "title"), \
[c](Rance%20power%20station), [d](Rance%20power%20station.md).
In a table it is

| where | what |
| --- | --- |
| [[Rance power station\\|here]] | x |

Not these: [[La Rance bridge]], `[[La Rance]]`, \\[[La Rance]], $[[La Rance]]$, [La Rance](https://x.example/La%20Rance.md).

```
[[La Rance]]
```

<!-- [[La Rance]] -->
%% [[La Rance]] %%
"""


@pytest.fixture(scope="module")
def made(tmp_path_factory):
    """The small wiki, with its index; nobody changes it."""
    return lay(mill.empty_vault(tmp_path_factory.mktemp("made") / "vault"))


@pytest.fixture
def wiki(made, tmp_path):
    """A copy of it for one test."""
    return shutil.copytree(made, tmp_path / "wiki")


def lay(vault):
    small_wiki.lay(vault, FILES | {"wiki/concepts/Notes.md": NOTES})
    assert mill.run("index", vault=vault).returncode == 0
    return vault


def rename(vault, old, new, date="2026-06-01"):
    return keep(vault, "rename", old, new, date=date)


def test_the_page_moves_and_is_called_so(wiki):
    before = read(wiki, PATH)
    records = rename(wiki, "La Rance", "Rance power station")
    assert not (wiki / PATH).exists()
    after = before.replace("title: La Rance", "title: Rance power station").replace(
        "# La Rance", "# Rance power station"
    )
    after = after.replace("aliases: [Rance barrage]", "aliases: [Rance barrage, La Rance]")
    assert read(wiki, NEW) == after.replace("updated: 2026-05-02", "updated: 2026-06-01")
    change = next(record for record in records if record["kind"] == "change" and record["op"] == "rename")
    assert (change["path"], change["title"]) == (NEW, "Rance power station")
    assert change["moved"] == sorted([ID, OTHER_ID])
    assert "## [2026-06-01] rename | La Rance -> Rance power station\n\n- renamed: [[Rance power station]]" in read(
        wiki, "log.md"
    )
    assert records[-1]["kind"] == "entry"


def test_every_form_of_link_follows_and_nothing_else_does(wiki):
    rename(wiki, "La Rance", "Rance power station")
    assert read(wiki, "wiki/concepts/Notes.md") == RENAMED
    ledger = read(wiki, "wiki/sources/tides-of-brittany.md")
    assert 'line 3: "La Rance opened in 1966." → [[Rance power station]]\n' in ledger
    assert "→ [[Rance power station]], [[Barrage]]\n" in ledger
    assert "- [[Rance power station]]: La Rance opened in 1966. · 1 source\n" in read(wiki, "wiki/index.md")


def test_no_sentence_of_ours_counts_as_edited(wiki):
    rename(wiki, "La Rance", "Rance power station")
    assert f"- [[Rance power station|La Rance]] lies near the Barrage.[^{OTHER_ID}]\n" in read(wiki, OTHER)
    before = pages.parse(FILES[OTHER])
    assert [bullet.text for bullet in pages.parse(read(wiki, OTHER)).bullets] == [b.text for b in before.bullets]


def test_nothing_is_lost_and_lint_finds_nothing_new(wiki):
    had, found = evidence(wiki), faults(wiki)
    rename(wiki, "La Rance", "Rance power station")
    assert evidence(wiki) == had
    renamed = [(code, said.replace("Rance power station", "La Rance")) for code, said in faults(wiki)]
    assert sorted(renamed) == found


def test_there_and_back_gives_the_old_bytes_but_for_aliases_dates_and_log(wiki):
    # `[[la rance]]`, which a person wrote small, would come back as the file is called.
    small_wiki.lay(wiki, {"wiki/concepts/Notes.md": NOTES.replace("[[la rance]]", "[[La Rance|La Rance]]")})
    mill.run("index", vault=wiki)
    before = mill.picture(wiki)
    rename(wiki, "La Rance", "Rance power station")
    rename(wiki, "Rance power station", "La Rance", date="2026-06-02")
    after = mill.picture(wiki)
    assert "aliases: [Rance barrage, La Rance, Rance power station]" in after[PATH].decode()
    ours = re.compile(rb"(aliases|updated): .*\n")
    assert [path for path in before if ours.sub(b"", before[path]) != ours.sub(b"", after[path])] == ["log.md"]
    assert after.keys() == before.keys()


def test_what_obsidian_has_renamed_already_ends_the_same(wiki, tmp_path):
    other = shutil.copytree(wiki, tmp_path / "other")
    rename(wiki, "La Rance", "Rance power station")
    # Obsidian moves the file and leads the links elsewhere; title, heading and links to the heading stay.
    for path, data in mill.picture(wiki).items():
        if path.startswith("wiki/") and path != NEW:
            text = data.decode().replace(
                "[[Rance power station#Rance power station]]", "[[Rance power station#La Rance]]"
            )
            (other / path).write_text(text)
    (other / PATH).rename(other / NEW)
    rename(other, "La Rance", "Rance power station")
    assert {p: d for p, d in mill.picture(other).items() if p != "log.md"} == {
        p: d for p, d in mill.picture(wiki).items() if p != "log.md"
    }


def test_a_source_page_gets_another_slug_and_its_citations_follow(wiki):
    had = {id_ for id_, _ in evidence(wiki)}
    found = faults(wiki)
    rename(wiki, "tides-of-brittany", "Breton tides, a tour")
    assert (wiki / "wiki/sources/breton-tides-a-tour.md").exists()
    assert evidence(wiki) == {(id_, "breton-tides-a-tour") for id_ in had}
    assert f"[^{ID}]: [[breton-tides-a-tour#^{ID}|Tides of Brittany]], line 3" in read(wiki, PATH)
    assert faults(wiki) == found
    # The source is known by its path, not by the name of its page.
    mill.ingest(wiki, "raw/tides.md", "2026-06-02")
    assert not (wiki / "wiki/sources/tides-of-brittany.md").exists()


@pytest.mark.parametrize(
    ("old", "new", "said"),
    [
        ("La Rance", "Barrage", "rename: 'Barrage' is the name of wiki/concepts/Barrage.md already"),
        ("La Rance", "Tides", "rename: 'Tides' is the name of raw/tides.md already"),
        ("Barrage", "Rance barrage", "rename: 'Rance barrage' is a name of wiki/entities/La Rance.md already"),
        ("Nothing", "Something", "rename: no page of this path, file name, title or alias: Nothing"),
        ("La Rance", " ", "rename: a page needs a name"),
        ("index", "Contents", "rename: wiki/index.md: is part of the index"),
    ],
)
def test_what_cannot_be_done_is_said_and_nothing_is_written(wiki, old, new, said):
    before = mill.picture(wiki)
    done = mill.run("rename", old, new, vault=wiki)
    assert done.returncode == 2
    assert done.stderr.decode().startswith(said)
    assert done.stderr.count(b"\n") == 1
    assert mill.picture(wiki) == before


def test_a_page_that_links_here_and_is_in_conflict_stops_it(wiki):
    small_wiki.lay(wiki, {OTHER: FILES[OTHER] + "<<<<<<< ours\n"})
    done = mill.run("rename", "La Rance", "Rance power station", vault=wiki)
    assert (done.returncode, done.stderr.decode().split(":")[1].strip()) == (2, OTHER)
    assert (wiki / PATH).exists()


def test_a_name_that_a_file_cannot_have_is_an_alias(wiki):
    rename(wiki, "Barrage", "C#")
    assert 'aliases: ["C#", Barrage]' in read(wiki, "wiki/concepts/C sharp.md")
    assert "# C#\n" in read(wiki, "wiki/concepts/C sharp.md")
    assert "lies near the [[C sharp|Barrage]]." in read(wiki, PATH)


def test_case_alone_changes_the_title_and_leaves_the_file(wiki):
    rename(wiki, "Barrage", "BARRAGE")
    assert "title: BARRAGE" in read(wiki, OTHER)
    assert "# BARRAGE\n" in read(wiki, OTHER)


def test_a_second_time_there_is_nothing_to_do(wiki):
    rename(wiki, "La Rance", "Rance power station")
    before = mill.picture(wiki)
    assert rename(wiki, "La Rance", "Rance power station") == []
    assert mill.picture(wiki) == before


def test_a_run_that_was_stopped_is_finished_by_the_next(wiki, tmp_path):
    twin = shutil.copytree(wiki, tmp_path / "twin")
    rename(wiki, "La Rance", "Rance power station")
    assert mill.run("rename", "La Rance", "Rance power station", vault=twin, date="2026-06-01").returncode == 0
    assert (twin / ".quern/pending.jsonl").exists()
    (twin / NEW).unlink()
    (twin / PATH).write_text(FILES[PATH])
    assert mill.run("logappend", "-", vault=twin, date="2026-06-01").returncode == 0
    assert mill.picture(twin) == mill.picture(wiki)


def test_a_source_that_uses_the_old_name_finds_the_page(wiki):
    rename(wiki, "La Rance", "Rance power station")
    (wiki / "raw/more.md").write_text("# More\n\nLa Rance has 24 turbines.\n")
    mill.ingest(wiki, "raw/more.md", "2026-06-02")
    assert "La Rance has 24 turbines." in read(wiki, NEW)
    assert not (wiki / PATH).exists()


def test_what_people_wrote_in_the_index_follows_too(wiki):
    index = read(wiki, "wiki/index.md").replace("# Index\n", "# Index\n\nBegin with [[La Rance]].\n")
    small_wiki.lay(wiki, {"wiki/index.md": index})
    rename(wiki, "La Rance", "Rance power station")
    assert "Begin with [[Rance power station]].\n" in read(wiki, "wiki/index.md")
    assert "index-without-page" not in dict(faults(wiki))
