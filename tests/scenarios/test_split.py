"""A page that turns out to be two things: claims go to a new page as they stand, and the two are never mixed again."""

from __future__ import annotations

import json
import shutil

import keeping
import mill
import pytest
from keeping import keep, read

from quern import claims, pages

OLD, NEW = "wiki/entities/Mercury.md", "wiki/entities/Mercury (planet).md"
SOURCE, LEDGER = "raw/notes.md", "wiki/sources/two-meanings.md"
TEXT = """\
# Two meanings

Mercury is a metal that is liquid at room temperature. Mercury boils at 357 degrees.

Mercury is mined in Spain and China by 900 people. Mercury orbits the Sun in 88 days.

Mercury has no moons and a very thin atmosphere. Mercury was visited by two probes before 2020.
"""
PLANET = ("orbits the Sun", "no moons", "two probes")


@pytest.fixture(scope="module")
def made(tmp_path_factory):
    """A vault with one page of two things; nobody changes it."""
    vault = mill.empty_vault(tmp_path_factory.mktemp("made") / "vault")
    (vault / SOURCE).write_text(TEXT)
    mill.ingest(vault, SOURCE, "2026-04-02")
    assert (vault / OLD).exists()
    return vault


@pytest.fixture
def wiki(made, tmp_path):
    """A copy of it for one test."""
    return shutil.copytree(made, tmp_path / "wiki")


def chosen(vault, words=PLANET):
    done = mill.run("split", "Mercury", "--show", vault=vault)
    claims = [json.loads(line) for line in done.stdout.splitlines()]
    return [claim["id"] for claim in claims if any(word in claim["text"] for word in words)]


def split(vault, claims=None, **more):
    record = {"kind": "split", "title": "Mercury (planet)", "claims": claims or chosen(vault)} | more
    return keep(vault, "split", "Mercury", stdin=json.dumps(record).encode())


def edit(vault, path, old, new):
    text = read(vault, path)
    assert old in text
    (vault / path).write_text(text.replace(old, new, 1))


def said(vault, path):
    """The plain words of all that a page says."""
    document = pages.parse(read(vault, path))
    return [
        *(bullet.text for bullet in document.bullets),
        *([pages.plain_of(document.lead.text)] if document.lead else []),
    ]


def test_show_gives_the_claims_to_choose_from_and_changes_nothing(wiki):
    before = mill.picture(wiki)
    done = mill.run("split", "Mercury", "--show", vault=wiki)
    claims = [json.loads(line) for line in done.stdout.splitlines()]
    assert [claim["kind"] for claim in claims] == ["claim"] * 6
    assert [claim["id"] for claim in claims] == pages.parse(read(wiki, OLD)).claims
    assert mill.picture(wiki) == before


def test_the_claims_go_as_they_stand_with_their_evidence(wiki):
    had, ids = keeping.evidence(wiki), chosen(wiki)
    records = split(wiki, ids)
    assert {id_ for id_, _ in keeping.rests_on(wiki / NEW)} == set(ids)
    assert {id_ for id_, _ in keeping.rests_on(wiki / OLD)} == {id_ for id_, _ in had} - set(ids)
    assert keeping.evidence(wiki) == had
    assert all(any(word in sentence for sentence in said(wiki, NEW)) for word in PLANET)
    assert not any(word in sentence for sentence in said(wiki, OLD) for word in PLANET)
    assert "claims: 3\n" in read(wiki, NEW)
    assert "claims: 3\n" in read(wiki, OLD)
    told = {record["path"]: (record["op"], record["moved"]) for record in records if record["kind"] == "change"}
    assert told[NEW] == ("create", sorted(ids))
    assert told[OLD] == ("update", sorted(ids))
    assert "## [2026-06-01] split | Mercury -> Mercury (planet)\n" in read(wiki, "log.md")


def test_each_page_says_that_it_is_not_the_other(wiki):
    split(wiki)
    assert 'distinct_from: ["[[Mercury (planet)]]"]\n' in read(wiki, OLD)
    assert 'distinct_from: ["[[Mercury]]"]\n' in read(wiki, NEW)


def test_after_make_outdated_lint_finds_nothing_and_both_have_a_lead(wiki):
    before = keeping.faults(wiki)
    split(wiki)
    keeping.refresh(wiki)
    assert [fault for fault in keeping.faults(wiki) if fault not in before] == []
    assert pages.parse(read(wiki, NEW)).lead is not None


def test_the_source_page_says_where_the_claims_went(wiki):
    split(wiki)
    lines = read(wiki, LEDGER).split("\n")
    assert all(
        line.endswith("→ [[Mercury]], [[Mercury (planet)]]")
        for line in lines
        if "orbits the Sun" in line and "→" in line
    )
    assert all(line.endswith("→ [[Mercury]]") for line in lines if "boils at" in line and "→" in line)


def test_the_same_source_read_again_puts_nothing_back(wiki):
    split(wiki)
    (wiki / SOURCE).write_text(TEXT + "\nMercury freezes at minus 39 degrees.\n")
    mill.ingest(wiki, SOURCE, "2026-06-02")
    assert "freezes at" in " ".join(said(wiki, OLD))
    assert not any(word in sentence for sentence in said(wiki, OLD) for word in PLANET)
    assert keeping.rests_on(wiki / NEW) <= keeping.evidence(wiki)
    assert all(any(word in sentence for sentence in said(wiki, NEW)) for word in PLANET)


def linked(vault, *sentences):
    """Where `link` sends sentences of a new source, each said of a name: the page, its new aliases and its claims."""
    text = "".join(f"{sentence}\n" for _, sentence in sentences)
    head = {"id": "0123456789ab", "slug": "more", "path": "raw/more.md", "sha256": "0" * 64, "title": "More"}
    records = [{"kind": "source", **head, "words": len(text.split())}]
    for name, sentence in sentences:
        claim = {"id": claims.claim_id(sentence, sentence), "source": head["id"], "passage": "p", "text": sentence}
        claim |= {"quote": sentence, "spans": [], "names": [{"name": name, "type": "entity", "weight": 0.5}]}
        records.append({"kind": "claim", **claim})
    done = mill.run("link", vault=vault, stdin=b"".join(json.dumps(record).encode() + b"\n" for record in records))
    assert done.returncode == 0, done.stderr.decode()
    told = {claims.claim_id(sentence, sentence): sentence for _, sentence in sentences}
    rows = [row for row in map(json.loads, done.stdout.splitlines()) if row["kind"] == "page"]
    return {row["path"]: (row["aliases_add"], [told[add["claim"]] for add in row["adds"]]) for row in rows}


SAID = (
    ("Mercury", "Mercury is poisonous to fish."),
    ("Mercury Ltd", "Mercury Ltd was founded in Leeds in 1903."),
)


def test_link_unites_the_two_names_of_one_thing(wiki):
    found = linked(wiki, *SAID)
    assert (list(found), found[OLD][1]) == ([OLD], [sentence for _, sentence in SAID])


def test_link_keeps_the_names_of_two_things_apart(wiki):
    split(wiki, title="Mercury Ltd")
    new = "wiki/entities/Mercury Ltd.md"
    assert linked(wiki, *SAID) == {OLD: ([], [SAID[0][1]]), new: ([], [SAID[1][1]])}
    assert linked(wiki, SAID[1]) == {new: ([], [SAID[1][1]])}
    # The new page may go: its name is still none of the old one's.
    (wiki / new).unlink()
    assert OLD not in linked(wiki, SAID[1])


def test_the_same_holds_if_a_person_wrote_it(wiki):
    (wiki / "wiki/entities/Mercury Ltd.md").write_text(
        "---\ntitle: Mercury Ltd\ntype: entity\ndistinct_from: Mercury\n---\n\n# Mercury Ltd\n"
    )
    assert linked(wiki, *SAID) == {OLD: ([], [SAID[0][1]]), "wiki/entities/Mercury Ltd.md": ([], [SAID[1][1]])}


def test_a_name_of_both_waits_and_nobody_is_asked_again(wiki):
    split(wiki, title="Mercury Ltd", aliases=["Hermes"])
    edit(wiki, OLD, "created: ", "aliases: [Hermes]\ncreated: ")
    done = mill.run("lint", vault=wiki)
    assert "duplicate-name" not in done.stdout.decode()
    waiting = "\n## Waiting\n\n- Hermes (entity) — two things of one name: it could be one or the other\n"
    (wiki / LEDGER).write_text(read(wiki, LEDGER) + waiting)
    assert "ambiguous-name" not in dict(keeping.faults(wiki))
    edit(wiki, OLD, 'distinct_from: ["[[Mercury Ltd]]"]\n', "")
    edit(wiki, "wiki/entities/Mercury Ltd.md", 'distinct_from: ["[[Mercury]]"]\n', "")
    assert {"ambiguous-name", "duplicate-name"} <= dict(keeping.faults(wiki)).keys()


def test_names_go_along_and_are_not_offered_again(wiki):
    edit(wiki, OLD, "type: ", "aliases: [Mercurius, Quicksilver]\ntype: ")
    split(wiki, aliases=["Mercurius"])
    assert "aliases: [Quicksilver]\n" in read(wiki, OLD)
    assert "aliases: [Mercurius]\n" in read(wiki, NEW)


def test_a_sentence_that_a_person_edited_goes_as_they_left_it(wiki):
    edit(wiki, OLD, "a very thin atmosphere.", "hardly any air (says [[Notes|me]]).")
    ids = [*chosen(wiki)]
    split(wiki, ids)
    assert "\n- Mercury has no moons and hardly any air (says [[Notes|me]]).[^" in read(wiki, NEW)


def test_what_a_person_wrote_stays_and_keeps_its_evidence(wiki):
    id_ = chosen(wiki, ("orbits the Sun",))[0]
    text = read(wiki, OLD)
    line = next(line for line in text.split("\n") if f"[^{id_}]" in line and line.startswith("- "))
    (wiki / OLD).write_text(
        text.replace(line + "\n", "").replace("## Facts\n", f"A year is short there.[^{id_}]\n\n## Facts\n")
    )
    split(wiki, [id_])
    assert f"A year is short there.[^{id_}]\n" in read(wiki, OLD)
    assert f"- Mercury orbits the Sun in 88 days.[^{id_}]\n" in read(wiki, NEW)
    assert keeping.rests_on(wiki / NEW) <= keeping.rests_on(wiki / OLD)


def test_what_cannot_be_done_is_said_and_nothing_is_written(wiki):
    every, one = pages.parse(read(wiki, OLD)).claims, chosen(wiki)[:1]
    before = mill.picture(wiki)
    for more, words in (
        ({"claims": ["0123456789ab"]}, "no claim of this page: 0123456789ab"),
        ({"claims": every}, "every claim would go"),
        ({"title": " "}, "a page needs a name"),
        ({"type": "colour"}, "type 'colour' is none of"),
        ({"path": "two-meanings"}, "the record is about two-meanings"),
    ):
        record = {"kind": "split", "title": "Mercury (planet)", "claims": one} | more
        done = mill.run("split", "Mercury", vault=wiki, stdin=json.dumps(record).encode())
        assert (done.returncode, done.stderr.count(b"\n")) == (2, 1)
        assert words in done.stderr.decode()
    for stdin in (b"", b'{"kind":"claim"}\n', b'{"kind":"split","title":"X","claims":[]}\n' * 2):
        done = mill.run("split", "Mercury", vault=wiki, stdin=stdin)
        assert (done.returncode, done.stdout) == (2, b"")
    assert mill.picture(wiki) == before


def test_one_sentence_of_two_claims_is_not_torn(wiki):
    first, second = chosen(wiki, ("boils", "mined"))
    text = read(wiki, OLD)
    line = next(line for line in text.split("\n") if line.startswith("- ") and f"[^{second}]" in line)
    (wiki / OLD).write_text(text.replace(line, f"{line}[^{first}]"))
    record = {"kind": "split", "title": "Quicksilver", "claims": [second]}
    done = mill.run("split", "Mercury", vault=wiki, stdin=json.dumps(record).encode())
    number = read(wiki, OLD).split("\n").index(f"{line}[^{first}]") + 1
    assert done.stderr.decode().startswith(f"split: {OLD}:{number}: one sentence rests on")


def test_the_record_may_be_in_a_file(wiki, tmp_path):
    file = tmp_path / "record.jsonl"
    file.write_text(json.dumps({"kind": "split", "title": "Mercury (planet)", "claims": chosen(wiki)}))
    keep(wiki, "split", OLD, str(file))
    assert (wiki / NEW).exists()


def test_split_and_unite_give_the_claims_back(wiki):
    had = keeping.rests_on(wiki / OLD)
    split(wiki)
    keep(wiki, "unite", "Mercury", "Mercury (planet)")
    assert keeping.rests_on(wiki / OLD) == had
    assert "distinct_from" not in read(wiki, OLD)
    assert not (wiki / NEW).exists()
