"""People edit any page anywhere; the next sources keep their words, byte for byte, and still add what they say."""

from __future__ import annotations

import json
import re
import shutil
from collections.abc import Callable
from itertools import pairwise
from pathlib import Path
from random import Random

import mill
import pytest
from turning import Mill

PLANTS = ("Sihwa Lake", "Swansea Bay", "Severn Weir", "Kislaya Guba", "Annapolis Royal", "Jiangxia Cove", "Penzhin Bay")
FIRST = """\
# On {0}

{0} is a tidal power station. {0} opened in 19{1}. {0} has {1} turbines. {0} employs 28 people.

{0} cost {1} million dollars. {0} is older than {2}.
"""
NEWS = (
    "{} lies near a harbour.",
    "{} has a visitor centre.",
    "{} is run by a public company.",
    "{} has a lock for ships.",
)
Kept = Callable[[Path], None]


def news(number: int) -> str:
    return f"# News {number}\n\n" + "\n\n".join(NEWS[number].format(plant) for plant in PLANTS) + "\n"


def page(vault: Path, title: str) -> Path:
    """The page that says that it is called so, wherever it is by now."""
    return next(path for path in mill.topic_pages(vault) if f"\ntitle: {title}" in path.read_text())


def change(path: Path, old: str, new: str) -> str:
    text = path.read_text(encoding="utf-8")
    assert old in text, f"{old!r} is not on {path.name}:\n{text}"
    path.write_text(text.replace(old, new, 1), encoding="utf-8")
    return new


def line_with(path: Path, words: str) -> str:
    return next(line for line in path.read_text().split("\n") if words in line and not line.startswith("[^"))


def has(title: str, *words: str) -> Kept:
    """These words stand on the page as a person wrote them."""

    def check(vault: Path) -> None:
        text = page(vault, title).read_text()
        assert all(word in text for word in words), text

    return check


def has_not(title: str, *words: str) -> Kept:
    def check(vault: Path) -> None:
        text = page(vault, title).read_text().partition("\n[^")[0]
        assert not any(word in text for word in words), text

    return check


# The edits: each is done to a vault, and says what must hold from then on.


def a_bullet(vault: Path) -> Kept:
    path = page(vault, "Sihwa Lake")
    # Which sentences are the lead and which are bullets is for who reads to say.
    words = mill.bullets(path.read_text())[0].partition("[^")[0].removesuffix(".")
    return has("Sihwa Lake", change(path, f"{words}.", f"{words}; I *counted* them!"))


def a_word_of_the_lead(vault: Path) -> Kept:
    path = page(vault, "Swansea Bay")
    lead = path.read_text().partition("\n# ")[2].split("\n")[2]
    return has("Swansea Bay", change(path, f"\n{lead}\n", f"\n{lead.replace(' Bay ', ' Bay (I think) ', 1)}\n\n"))


def paragraphs(vault: Path) -> Kept:
    path = page(vault, "Sihwa Lake")
    change(path, "\n## Facts\n", "\nMy aunt lives there.  \nShe likes it.\n\n## Facts\n\nWhat *they* say:\n")
    path.write_text(path.read_text() + "\nThe end, with two blanks  \n", encoding="utf-8")
    return has(
        "Sihwa Lake",
        "\nMy aunt lives there.  \nShe likes it.\n\n## Facts\n\nWhat *they* say:\n",
        "\nThe end, with two blanks  \n",
    )


def a_section(vault: Path) -> Kept:
    made = "\n## My visits\n\n* in May\n\t* with N.  \n\n> [!note] bring boots\n\n| a | b |\n|---|---|\n| 1 | 2 |\n\n"
    return has("Sihwa Lake", change(page(vault, "Sihwa Lake"), "\n[^", made + "[^"))


def a_section_renamed(vault: Path) -> Kept:
    path = page(vault, "Severn Weir")
    change(path, "## Facts\n", "## What is known\n")
    section = path.read_text().partition("## What is known\n")[2].split("\n#")[0].split("\n[^")[0]
    return has("Severn Weir", *(line for line in section.split("\n") if line.startswith("- ")), "## What is known\n")


def a_section_moved(vault: Path) -> Kept:
    """The facts stand above the lead, below a heading and a line of the person's own."""
    path = page(vault, "Jiangxia Cove")
    text = path.read_text()
    facts = re.search(r"## Facts\n\n(?:- .*\n)+\n", text)
    assert facts
    path.write_text(text.replace(facts[0], "").replace("\n# Jiangxia Cove\n", f"\n{facts[0]}# Jiangxia Cove\n"))

    def check(vault: Path) -> None:
        now = page(vault, "Jiangxia Cove").read_text()
        assert now.index("## Facts") < now.index("# Jiangxia Cove\n")
        assert now.count("## Facts") == 1

    return check


def keys(vault: Path) -> Kept:
    odd = "rating: 12:30   # as it was\n# a remark\ncssclasses: [wide, No]\nversion: 1.10\n"
    return has("Sihwa Lake", "---\n" + change(page(vault, "Sihwa Lake"), "---\n", "---\n" + odd)[4:])


def a_bullet_deleted(vault: Path) -> Kept:
    path = page(vault, "Sihwa Lake")
    change(path, line_with(path, "million dollars") + "\n", "")
    return has_not("Sihwa Lake", "million dollars")


def a_page_moved(vault: Path) -> Kept:
    path, there = page(vault, "Kislaya Guba"), vault / "wiki" / "plants" / "north"
    there.mkdir(parents=True)
    path.rename(there / path.name)

    def check(vault: Path) -> None:
        found = [p for p in mill.topic_pages(vault) if "\ntitle: Kislaya Guba\n" in p.read_text()]
        assert [p.relative_to(vault).as_posix() for p in found] == ["wiki/plants/north/Kislaya Guba.md"]

    return check


def a_page_renamed(vault: Path) -> Kept:
    """As Obsidian does it: the title stays, and links in all other pages lead to the new file."""
    path = page(vault, "Annapolis Royal")
    path.rename(path.with_name("The Annapolis plant.md"))
    for other in (vault / "wiki").rglob("*.md"):
        text = other.read_text()
        other.write_text(re.sub(r"\[\[Annapolis Royal(?=[\]|#])", "[[The Annapolis plant", text), encoding="utf-8")

    def check(vault: Path) -> None:
        found = [p.name for p in mill.topic_pages(vault) if "\ntitle: Annapolis Royal\n" in p.read_text()]
        assert found == ["The Annapolis plant.md"]
        assert not any("[[Annapolis Royal" in p.read_text() for p in (vault / "wiki").rglob("*.md"))

    return check


def a_page_deleted(vault: Path) -> Kept:
    page(vault, "Penzhin Bay").unlink()

    def check(vault: Path) -> None:
        assert not any("\ntitle: Penzhin Bay" in path.read_text() for path in mill.topic_pages(vault))

    return check


def a_type(vault: Path) -> Kept:
    return has("Severn Weir", change(page(vault, "Severn Weir"), "\ntype: entity\n", "\ntype: concept\n"))


def a_title(vault: Path) -> Kept:
    change(page(vault, "Swansea Bay"), "\ntitle: Swansea Bay\n", "\ntitle: Swansea Bay (Wales)\n")
    return has("Swansea Bay", "\ntitle: Swansea Bay (Wales)\n")


def a_page_by_hand(vault: Path) -> Kept:
    path = vault / "wiki" / "concepts" / "Tide mill.md"
    path.parent.mkdir(exist_ok=True)
    text = "Tide mills are *old*.\n\nThere is one near [[Sihwa Lake]].\n\n- my own bullet\n"
    path.write_text(text, encoding="utf-8")

    def check(vault: Path) -> None:
        assert (vault / "wiki/concepts/Tide mill.md").read_text() == text

    return check


EDITS = (
    a_bullet, a_word_of_the_lead, paragraphs, a_section, a_section_renamed, a_section_moved, keys, a_bullet_deleted,
    a_page_moved, a_page_renamed, a_page_deleted, a_type, a_title, a_page_by_hand,
)  # fmt: skip


def lay(vault: Path) -> None:
    # Each names the one before it, whose page is there by then, so that it is linked.
    for number, (other, plant) in enumerate(pairwise((PLANTS[-1], *PLANTS))):
        text = FIRST.format(plant, 66 + number, other)
        (vault / "raw" / f"plant-{number}.md").write_text(text, encoding="utf-8")
    for number in range(len(NEWS)):
        (vault / "raw" / f"news-{number}.md").write_text(news(number), encoding="utf-8")


@pytest.fixture(scope="module")
def standing(tmp_path_factory):
    """A wiki of seven plants and of one piece of news on each."""
    vault = mill.empty_vault(tmp_path_factory.mktemp("standing") / "vault")
    lay(vault)
    here = Mill(vault)
    for number in range(len(PLANTS)):
        here.ingest(f"raw/plant-{number}.md")
    here.ingest("raw/news-0.md")
    assert len(mill.topic_pages(vault)) == len(PLANTS)
    return vault


def assert_has_news(vault: Path, number: int) -> None:
    """Every plant whose page is there has what a source says of it."""
    told = "".join(path.read_text() for path in mill.topic_pages(vault))
    deleted = "\ntitle: Penzhin Bay" not in told
    for plant in PLANTS[: -1 if deleted else None]:
        words = NEWS[number].format(plant)
        assert words in told, words


def edited_bullet(vault: Path) -> str:
    return line_with(page(vault, "Sihwa Lake"), "I *counted* them!")


def errors(vault: Path) -> list[str]:
    found = [json.loads(line) for line in mill.run("lint", vault=vault).stdout.splitlines()]
    return [f"{f['path']}:{f['line']}: {f['message']}" for f in found if f["severity"] == "error"]


# ── As a stranger would ──


@pytest.fixture(scope="module")
def edited(standing, tmp_path_factory):
    """Every edit at once, and then two sources and one that was there before, each through the real mill."""
    vault = shutil.copytree(standing, tmp_path_factory.mktemp("edited") / "vault")
    kept = {edit: edit(vault) for edit in EDITS}
    for number in (1, 2):
        mill.ingest(vault, f"raw/news-{number}.md", f"2026-05-0{number}")
    mill.ingest(vault, "raw/plant-0.md", "2026-05-03")
    return vault, kept


@pytest.mark.parametrize("edit", EDITS, ids=lambda edit: edit.__name__)
def test_an_edit_survives(edit, edited):
    vault, kept = edited
    assert_kept = kept[edit]
    assert_kept(vault)


def test_the_new_facts_arrive_all_the_same(edited):
    assert_has_news(edited[0], 1)
    assert_has_news(edited[0], 2)


def test_nothing_is_wrong_but_what_the_person_left(edited):
    assert errors(edited[0]) == []


def test_the_log_says_which_edits_were_kept(edited):
    entry = next(e for e in (edited[0] / "log.md").read_text().split("\n## ") if "ingest | News 2" in e)
    number = (edited[0] / "wiki/entities/Sihwa Lake.md").read_text().split("\n").index(edited_bullet(edited[0])) + 1
    assert f"- kept: 2 edits by people: [[Sihwa Lake]] (line {number}), [[Swansea Bay]] (lead) (" in entry, entry


def test_a_deleted_page_is_listed_with_the_claims_that_it_would_have(edited):
    found = [json.loads(line) for line in mill.run("lint", "--all", vault=edited[0]).stdout.splitlines()]
    assert [f["code"] for f in found if "Penzhin Bay" in f["message"]] == ["withheld-page"]


def test_no_bullet_counts_as_edited_because_a_page_that_it_links_was_renamed(standing, tmp_path):
    vault = shutil.copytree(standing, tmp_path / "vault")
    a_page_renamed(vault)
    here = Mill(vault)
    changes = [record for record in here.ingest("raw/news-1.md") if record.kind == "change"]
    assert any("[[The Annapolis plant|Annapolis Royal]]" in path.read_text() for path in mill.topic_pages(vault))
    assert [change.kept_edits for change in changes if change.kept_edits] == []


# ── In any order, with sources between them ──


@pytest.mark.parametrize("seed", range(6))
def test_edits_survive_in_any_order_with_sources_between_them(seed, standing, tmp_path):
    vault = shutil.copytree(standing, tmp_path / "vault")
    here, kept, number = Mill(vault), [], 1
    edits = Random(seed).sample(EDITS, len(EDITS))
    for at, edit in enumerate(edits):
        kept.append(edit(vault))
        if at % 4 == 3 and number < len(NEWS):
            here.ingest(f"raw/news-{number}.md", f"2026-05-{at + 1:02}")
            assert_has_news(vault, number)
            number += 1
    for source in (*(f"raw/plant-{n}.md" for n in range(len(PLANTS))), "raw/news-0.md", "raw/news-1.md"):
        here.ingest(source, "2026-06-01")
    for check in kept:
        check(vault)
    # Whoever deletes a page is told which links lead to it.
    assert [error for error in errors(vault) if "no page or file 'Penzhin Bay'" not in error] == []
    assert here.outdated() == []


# ── Names ──

ALIAS = """\
# Barrages

Severn Weir has a road on it. The weir of Severn Weir (SVW) is long.
"""


def test_an_alias_that_a_person_removed_stays_away_and_is_not_offered_again(standing, tmp_path):
    vault = shutil.copytree(standing, tmp_path / "vault")
    here = Mill(vault)
    here.write("raw/alias.md", ALIAS)
    here.ingest("raw/alias.md")
    text = page(vault, "Severn Weir").read_text()
    assert "\naliases: [SVW]\n" in text
    change(page(vault, "Severn Weir"), "\naliases: [SVW]\n", "\naliases: []\n")
    here.write("raw/again.md", ALIAS.replace("Barrages", "More").replace("has a road", "has a bridge"))
    mill.ingest(vault, "raw/again.md", "2026-05-01")
    mill.ingest(vault, "raw/alias.md", "2026-05-02")
    text = page(vault, "Severn Weir").read_text()
    assert "Severn Weir has a bridge on it." in text
    assert "\naliases: []\n" in text
    planned = mill.thought(vault, "raw/again.md", "2026-05-03").splitlines()
    pages = [record for record in map(json.loads, planned) if record["kind"] == "page"]
    assert pages
    assert [record["aliases_add"] for record in pages if record["aliases_add"]] == []


# ── Disagreement, and what cannot be read ──


def test_a_source_that_disagrees_with_an_edited_bullet_disputes_it(standing, tmp_path):
    vault = shutil.copytree(standing, tmp_path / "vault")
    path = page(vault, "Sihwa Lake")
    line = line_with(path, "has 66 turbines")
    change(path, line, line.replace("66", "24"))
    (vault / "raw" / "new.md").write_text(
        "# New\n\nSince 2020 Sihwa Lake has 30 turbines. Sihwa Lake has a lock for ships.\n", encoding="utf-8"
    )
    mill.ingest(vault, "raw/new.md", "2026-05-01")
    text = path.read_text()
    assert line.replace("66", "24") in text.split("\n")
    section = text.partition("\n## Contradictions\n\n")[2].split("\n\n")[0]
    assert re.findall(r"\b\d\d\b(?= turbines|\[)", section) == ["24", "30"]
    assert "\nstatus: contested\n" in text


def test_a_source_that_says_what_an_edited_bullet_now_says_is_one_more_footnote_for_it(standing, tmp_path):
    vault = shutil.copytree(standing, tmp_path / "vault")
    path = page(vault, "Sihwa Lake")
    line = line_with(path, "has 66 turbines")
    change(path, line, line.replace("66", "24"))
    (vault / "raw" / "new.md").write_text(
        "# New\n\nSihwa Lake has 24 turbines. Sihwa Lake has a lock for ships.\n", encoding="utf-8"
    )
    mill.ingest(vault, "raw/new.md", "2026-05-01")
    assert "Contradictions" not in path.read_text()
    assert re.search(r"\n- Sihwa Lake has 24 turbines\.(?:\[\^\w{12}\]){2}\n", path.read_text())


def test_a_page_with_marks_of_a_merge_conflict_is_refused_and_nothing_is_written(standing, tmp_path):
    vault = shutil.copytree(standing, tmp_path / "vault")
    path = page(vault, "Sihwa Lake")
    change(path, "## Facts\n\n", "## Facts\n\n<<<<<<< HEAD\n- mine\n=======\n- theirs\n>>>>>>> branch\n")
    before = mill.picture(vault)
    records = mill.thought(vault, "raw/news-1.md", "2026-05-01")
    done = mill.write(vault, records, "2026-05-01")
    assert done.returncode == 2
    assert b"Sihwa Lake.md:" in done.stderr
    assert b"merge conflict" in done.stderr
    assert mill.differences(before, mill.picture(vault)) == []
    assert any("merge conflict" in line and "Sihwa Lake.md" in line for line in errors(vault))
