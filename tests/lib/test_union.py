"""The page of both sides: every claim, every edit, and counts that are counted."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from quern import pages
from quern.claims import claim_id
from quern.updates import union
from quern.updates.versions import evidence, woven

PATH = "wiki/entities/Rance.md"


class Page:
    """A page as quern writes it, to be changed as a side changes it."""

    def __init__(self, lead=(), facts=(), notes=None, **front):
        self.lead, self.facts = list(lead), list(facts)
        self.notes = {name: list(slugs) for name, slugs in (notes or {}).items()}
        self.front = {"updated": "2026-04-01"} | front
        self.swaps = []

    def but(self, *swaps, **changes):
        """A copy with other parts, in whose text a person then replaced words by others."""
        parts = {"lead": self.lead, "facts": self.facts, "notes": self.notes} | self.front | changes
        made = Page(parts.pop("lead"), parts.pop("facts"), parts.pop("notes"), **parts)
        made.swaps = [*self.swaps, *swaps]
        return made

    def __str__(self):
        lead = pages.lead_md((sentence(name), [id_(name)]) for name in self.lead)
        slugs = {slug for found in self.notes.values() for slug in found}
        front = {"title": "Rance", "type": "entity", "created": "2026-04-01", **self.front}
        front |= {"sources": len(slugs), "claims": len(self.notes), "lead": pages.lead_hash(lead) if lead else None}
        document = pages.new_page(front, "Rance")
        lines = document.lines[: document.title_line + 1]
        lines += ["", lead] if lead else []
        lines += (
            ["", "## Facts", "", *(pages.bullet_md(sentence(n), [id_(n)]) for n in self.facts)] if self.facts else []
        )
        lines += ["", *(note(name, *found) for name, found in self.notes.items())] if self.notes else []
        text = pages.join(document, [*lines, ""])
        for old, new in self.swaps:
            assert old in text, old
            text = text.replace(old, new, 1)
        return text


def sentence(name):
    return f"The Rance has {name}."


def id_(name):
    return claim_id(sentence(name), sentence(name))


def note(name, *slugs):
    found = [pages.Place(slug, slug.title(), "line 1", sentence(name)) for slug in slugs]
    return pages.footnote_md(id_(name), found)


def merged(base, ours, theirs, path=PATH):
    text, is_clean = union.merge(path, str(base), str(ours), str(theirs))
    assert is_clean, text
    return text


def proofs(text):
    return evidence(pages.parse(str(text)))


SALT = id_("salt")
BASE = Page(["water", "fish"], ["mud", "salt"], {"water": ["a"], "fish": ["a"], "mud": ["a"], "salt": ["a"]})


@pytest.mark.parametrize(("ours", "theirs"), [("contested", "incomplete"), ("incomplete", "contested")])
def test_of_two_states_the_graver_one_stands(ours, theirs):
    base = BASE.but(status="current")
    assert "status: contested\n" in merged(base, base.but(status=ours), base.but(status=theirs))


def test_a_union_that_would_lose_a_claim_is_left_to_git_and_to_a_person(monkeypatch):
    whole = union.Union.text
    monkeypatch.setattr(union.Union, "text", lambda self: (whole(self)[0].replace(f"[^{SALT}]", ""), True))
    ours = BASE.but(facts=["mud", "salt", "sand"], notes=BASE.notes | {"sand": ["b"]})
    text, is_clean = union.merge(PATH, str(BASE), str(ours), str(BASE.but(lead=["water"])))
    assert not is_clean
    assert f"[^{SALT}]" in text


def test_bullets_and_footnotes_of_both():
    ours = BASE.but(facts=["mud", "salt", "sand"], notes=BASE.notes | {"sand": ["b"]})
    theirs = BASE.but(facts=["mud", "salt", "silt"], notes=BASE.notes | {"silt": ["c"]})
    both = BASE.but(facts=["mud", "salt", "sand", "silt"], notes=BASE.notes | {"sand": ["b"], "silt": ["c"]})
    assert merged(BASE, ours, theirs) == str(both)


def test_a_page_that_both_made():
    ours = Page(["water"], ["mud"], {"water": ["a"], "mud": ["a"]}, updated="2026-04-02", aliases=["Ranse"])
    theirs = Page(["fish"], ["mud", "salt"], {"fish": ["b"], "mud": ["b"], "salt": ["b"]}, aliases=["Renc"])
    both = Page(
        ["water"],
        ["mud", "salt", "fish"],
        {"water": ["a"], "mud": ["a", "b"], "fish": ["b"], "salt": ["b"]},
        updated="2026-04-02",
        aliases=["Ranse", "Renc"],
    )
    text = merged("", ours, theirs)
    assert sorted(text.splitlines()) == sorted(str(both).splitlines())
    assert proofs(text) == proofs(both)


def test_a_source_more_for_one_claim_on_each_side():
    ours = BASE.but(notes=BASE.notes | {"mud": ["a", "b"]})
    theirs = BASE.but(notes=BASE.notes | {"mud": ["a", "c"]})
    assert merged(BASE, ours, theirs) == str(BASE.but(notes=BASE.notes | {"mud": ["a", "b", "c"]}))


def test_what_one_side_takes_back_is_gone_and_what_the_other_adds_is_there():
    left = {name: slugs for name, slugs in BASE.notes.items() if name != "mud"}
    ours = BASE.but(facts=["salt"], notes=left)
    theirs = BASE.but(facts=["mud", "salt", "sand"], notes=BASE.notes | {"sand": ["b"]})
    assert merged(BASE, ours, theirs) == str(BASE.but(facts=["salt", "sand"], notes=left | {"sand": ["b"]}))


def test_a_claim_that_loses_one_source_here_and_finds_another_there_stays():
    left = {name: slugs for name, slugs in BASE.notes.items() if name != "mud"}
    theirs = BASE.but(notes=BASE.notes | {"mud": ["a", "b"]})
    text = merged(BASE, BASE.but(facts=["salt"], notes=left), theirs)
    assert proofs(text) == (proofs(BASE) | {(id_("mud"), "b")}) - {(id_("mud"), "a")}


def test_a_generated_lead_loses_what_is_taken_back_and_what_it_hid_comes_down():
    # Ours opens with mud instead of fish, theirs takes fish back and adds sand.
    ours = BASE.but(lead=["water", "mud"], facts=["salt", "fish"])
    left = {name: slugs for name, slugs in BASE.notes.items() if name != "fish"}
    theirs = BASE.but(lead=["water", "sand"], notes=left | {"sand": ["b"]})
    text = merged(BASE, ours, theirs)
    assert proofs(text) == proofs(theirs)
    document = pages.parse(text)
    assert [id_("water"), id_("mud")] == pages.claims_in(document.lead.text)
    assert [bullet.text for bullet in document.bullets] == [sentence("salt"), sentence("sand")]
    assert document.front_values["lead"] == pages.lead_hash(document.lead.text)


def test_a_generated_lead_says_nothing_that_the_other_side_took_back():
    ours = BASE.but(lead=["fish", "mud"], facts=["water", "salt"])
    left = {name: slugs for name, slugs in BASE.notes.items() if name != "mud"}
    text = merged(BASE, ours, BASE.but(facts=["salt"], notes=left))
    document = pages.parse(text)
    assert pages.claims_in(document.lead.text) == [id_("fish")]
    assert document.front_values["lead"] == pages.lead_hash(document.lead.text)
    assert id_("mud") not in text


def test_a_page_whose_claims_are_all_taken_back():
    base = Page(["water"], [], {"water": ["a"]})
    ours = Page([], ["water"], {"water": ["a"]})
    text = merged(base, ours, Page([], [], {}))
    assert text.partition("---\n\n")[2].strip() == "# Rance"
    assert "claims: 0\n" in text


STALE = "> [!stale] The newest evidence is of {}; a page of type entity is fresh for 2 years."


@pytest.mark.parametrize("is_ours", [True, False])
@pytest.mark.parametrize("lead", [["water", "fish"], []])
def test_the_newest_evidence_tells_whether_a_page_is_stale(is_ours, lead):
    def stale(page, day):
        return page.but(("# Rance\n", f"# Rance\n\n{STALE.format(day)}\n"), status="stale", as_of=day)

    base = BASE.but(lead=lead, facts=["mud", "salt"] + ["water", "fish"] * (not lead))
    older = stale(base.but(notes=base.notes | {"mud": ["a", "b"]}), "2020-01-01")
    fresh = base.but(notes=base.notes | {"mud": ["a", "c"]}, status="current", as_of="2026-01-01")
    both = base.but(notes=base.notes | {"mud": [*"abc"] if is_ours else [*"acb"]}, status="current", as_of="2026-01-01")
    for start in (base.but(status="current"), stale(base, "2019-01-01"), base.but(status="current", as_of="2019")):
        assert merged(start, *((older, fresh) if is_ours else (fresh, older))) == str(both)
    newer = stale(base.but(notes=base.notes | {"mud": ["a", "c"]}), "2021-01-01")
    text = merged(stale(base, "2019-01-01"), *((older, newer) if is_ours else (newer, older)))
    assert text.count("[!stale]") == 1
    assert f"# Rance\n\n{STALE.format('2021-01-01')}\n\n" in text
    assert "status: stale\n" in text


def test_an_alias_that_one_side_took_away():
    base = BASE.but(aliases=["Ranse", "Renc"])
    assert "aliases: [Ranse, Dam, Sea]\n" in merged(
        base, BASE.but(aliases=["Ranse", "Dam"]), BASE.but(aliases=["Ranse", "Renc", "Sea"])
    )


def test_bullets_that_each_side_took_up_into_its_lead_are_all_there():
    ours = BASE.but(lead=["water", "mud"], facts=["fish", "salt"])
    theirs = BASE.but(lead=["water", "salt"], facts=["fish", "mud"])
    text = merged(BASE, ours, theirs)
    assert proofs(text) == proofs(BASE)
    document = pages.parse(text)
    assert pages.claims_in(document.lead.text) == [id_("water"), id_("mud")]
    assert {bullet.text for bullet in document.bullets} == {sentence("fish"), sentence("salt")}


def test_a_persons_lead_stays():
    ours = BASE.but(lead=["water", "mud"], facts=["fish", "salt"])
    theirs = BASE.but((f"{sentence('water')}[^", "Water it has, I saw it.[^"))
    for one, other in ((ours, theirs), (theirs, ours)):
        text = merged(BASE, one, other)
        assert "\nWater it has, I saw it.[^" in text
        assert proofs(text) == proofs(BASE)


def test_two_leads_by_people_are_a_conflict_of_the_lead_alone():
    ours = BASE.but(
        ("has water.", "has clear water."), facts=["mud", "salt", "sand"], notes=BASE.notes | {"sand": ["b"]}
    )
    theirs = BASE.but(
        ("has water.", "has cold water."), facts=["mud", "salt", "silt"], notes=BASE.notes | {"silt": ["c"]}
    )
    text, is_clean = union.merge(PATH, str(BASE), str(ours), str(theirs))
    assert not is_clean
    lines = text.splitlines()
    start, end = lines.index("<<<<<<< ours"), lines.index(">>>>>>> theirs")
    assert end - start == 4
    assert "clear" in lines[start + 1]
    assert "cold" in lines[start + 3]
    settled = "\n".join([*lines[:start], lines[start + 1], *lines[end + 1 :]])
    assert proofs(settled) == proofs(ours) | proofs(theirs)
    assert pages.parse(settled).front_values["claims"] == "6"


def test_an_edited_bullet_keeps_its_words_and_gains_the_footnote():
    mud, sand = id_("mud"), id_("sand")
    ours = BASE.but(("has mud.", "has deep mud."))
    theirs = BASE.but((f"[^{mud}]", f"[^{mud}][^{sand}] *(depth: 3 m[^{sand}])*"), notes=BASE.notes | {"sand": ["b"]})
    for one, other in ((ours, theirs), (theirs, ours)):
        text = merged(BASE, one, other)
        assert f"- The Rance has deep mud.[^{mud}][^{sand}] *(depth: 3 m[^{sand}])*\n" in text


def test_a_bullet_that_both_edited_is_a_conflict_of_the_bullet_alone():
    ours, theirs = BASE.but(("has mud.", "has deep mud.")), BASE.but(("has mud.", "has soft mud."))
    text, is_clean = union.merge(PATH, str(BASE), str(ours), str(theirs))
    assert not is_clean
    assert text.count("<<<<<<<") == 1
    assert sentence("salt") in text.replace("<<<<<<<", "").split(">>>>>>> theirs")[1]


def test_an_edited_bullet_stays_without_its_footnote_when_its_evidence_goes():
    left = {name: slugs for name, slugs in BASE.notes.items() if name != "mud"}
    text = merged(BASE, BASE.but(facts=["salt"], notes=left), BASE.but(("has mud.", "has deep mud.")))
    assert "\n- The Rance has deep mud.\n" in text
    assert id_("mud") not in text


def test_a_deleted_bullet_stays_away():
    # A person deletes the bullet and leaves its footnote lie.
    ours = BASE.but((f"- {sentence('mud')}[^{id_('mud')}]\n", ""))
    theirs = BASE.but(facts=["mud", "salt", "sand"], notes=BASE.notes | {"sand": ["b"]})
    text = merged(BASE, ours, theirs)
    assert f"- {sentence('mud')}" not in text
    assert note("mud", "a") in text
    assert proofs(text) == proofs(ours) | proofs(theirs) - {(id_("mud"), "a")}


@pytest.mark.parametrize("is_ours", [True, False])
def test_peoples_text_moves_and_renames_stay(is_ours):
    person = BASE.but(
        ("## Facts\n", "## What we know\n\nAsk Grace.\n"),
        ("type: entity\n", "type: entity\nmood: wet\n"),
        (f"- {sentence('salt')}[^{SALT}]\n", f"\n## Chemistry\n\n- {sentence('salt')}[^{SALT}]\n\nMore\n"),
    )  # fmt: skip
    agent = BASE.but(facts=["mud", "salt", "sand"], notes=BASE.notes | {"sand": ["b"], "salt": ["a", "b"]})
    text = merged(BASE, *((person, agent) if is_ours else (agent, person)))
    assert proofs(text) == proofs(person) | proofs(agent)
    assert "## What we know\n\nAsk Grace.\n\n- The Rance has mud." in text
    assert f"## Chemistry\n\n- {sentence('salt')}[^{id_('salt')}]\n\nMore\n" in text
    assert "mood: wet\n" in text
    assert f"## Facts\n\n- {sentence('sand')}" in text


def test_a_bullet_under_a_heading_of_a_person_gains_the_footnote():
    mud, sand = id_("mud"), id_("sand")
    person = BASE.but(("## Facts\n", "## What we know\n"))
    agent = BASE.but((f"[^{mud}]", f"[^{mud}][^{sand}]"), notes=BASE.notes | {"sand": ["b"]})
    for one, other in ((person, agent), (agent, person)):
        text = merged(BASE, one, other)
        assert f"## What we know\n\n- {sentence('mud')}[^{mud}][^{sand}]\n" in text
        assert "## Facts" not in text


def test_new_sections_of_ours_on_both_sides():
    related = ("[^", "## Related\n\n- [[Sea]] · [[Mud]]\n\n[^")
    base = Page([], [], {})
    ours = Page([], ["mud"], {"mud": ["a"]}, tags=["one"])
    theirs = Page([], ["salt"], {"salt": ["b"]}, tags=["two"])
    ours = str(ours).replace("\n\n[^", "\n\n## Related\n\n- [[Sea]]\n\n[^", 1)
    theirs = str(theirs).replace("\n\n[^", "\n\n## Related\n\n- [[Sea]] · [[Mud]]\n\n[^", 1)
    text = merged(base, ours, theirs)
    assert f"## Facts\n\n- {sentence('mud')}" in text
    assert related[1].partition("\n\n[^")[0] in text
    assert "tags: [one, two]\n" in text
    assert text.count("\n## ") == 2
    assert merged(base, theirs, ours).count("\n## ") == 2


def test_line_ends_and_the_last_line_stay():
    ours = str(BASE.but(facts=["mud", "salt", "sand"], notes=BASE.notes | {"sand": ["b"]}))
    theirs = str(BASE.but(facts=["mud", "salt", "silt"], notes=BASE.notes | {"silt": ["c"]}))
    lf = merged(BASE, ours, theirs)
    assert merged(str(BASE).replace("\n", "\r\n"), *(t.replace("\n", "\r\n") for t in (ours, theirs))) == lf.replace(
        "\n", "\r\n"
    )


@pytest.mark.parametrize("spoiled", ["<<<<<<< ours\n", "---\ntitle: [\n---\n"])
def test_what_cannot_be_read_for_sure_is_left_to_git(spoiled):
    ours = spoiled + str(BASE)
    theirs = str(BASE.but(facts=["mud", "salt", "silt"], notes=BASE.notes | {"silt": ["c"]}))
    text, is_clean = union.merge(PATH, str(BASE), ours, theirs)
    assert not is_clean
    assert spoiled in text


def ledger(*items, waiting=(), **front):
    values = {
        "title": "Tides",
        "type": "source",
        "id": "a" * 12,
        "updated": "2026-04-01",
        "claims": len(items),
        **front,
    }
    head = pages.render(pages.new_page(values, "Tides"))
    lines = [line for name, targets in items for line in item(name, *targets)]
    text = f"{head}\nA summary.\n\n## Claims\n\n" + "\n".join(lines) + "\n"
    if waiting:
        text += "\n## Waiting\n\n" + "".join(f"- {name} (entity): [[#^{'a' * 12}|1]] — little\n" for name in waiting)
    return text


def item(name, *targets):
    went = f" → {', '.join(f'[[{target}]]' for target in targets)}" if targets else ""
    return f"- {sentence(name)} ^{id_(name)}", f'\t- fact · line 1: "{sentence(name)}"{went}'


LEDGER = "wiki/sources/tides.md"


def test_a_source_page_names_the_pages_of_both_sides():
    base = ledger(("mud", ["A"]), ("salt", []), waiting=["Sea", "Dam"])
    ours = ledger(("mud", ["A", "B"]), ("salt", []), waiting=["Dam"], updated="2026-04-02")
    theirs = ledger(("mud", ["A", "C"]), ("salt", ["D"]), waiting=["Sea"], updated="2026-04-03")
    both = ledger(("mud", ["A", "B", "C"]), ("salt", ["D"]), updated="2026-04-03")
    assert merged(base, ours, theirs, LEDGER) == both


def test_names_that_wait_on_one_side_when_the_last_one_goes_on_the_other():
    base, ours = ledger(("mud", []), waiting=["Sea"]), ledger(("mud", ["Sea"]))
    theirs = ledger(("mud", []), waiting=["Sea", "Dam"])
    assert merged(base, ours, theirs, LEDGER) == ledger(("mud", ["Sea"]), waiting=["Dam"])
    assert merged(base, theirs, ours, LEDGER) == ledger(("mud", ["Sea"]), waiting=["Dam"])


def test_a_source_that_both_sides_read():
    ours = ledger(("mud", ["A"]), ("salt", []), created="2026-04-01", engine="rules")
    theirs = ledger(("mud", ["B"]), ("salt", []), created="2026-04-02", updated="2026-04-02", engine="llm")
    both = ledger(("mud", ["A", "B"]), ("salt", []), created="2026-04-01", updated="2026-04-02", engine="llm")
    assert merged("", ours, theirs, LEDGER) == both


def test_claims_that_a_changed_source_makes_no_more():
    base = ledger(("mud", []), ("salt", []), ("sand", []))
    ours = ledger(("mud", []), ("sand", []), ("silt", []))
    theirs = ledger(("mud", ["A"]), ("salt", ["B"]), ("sand", ["C"]))
    assert merged(base, ours, theirs, LEDGER) == ledger(("mud", ["A"]), ("sand", ["C"]), ("silt", []))


INDEX = "# Index\n\nMy words.\n\n## Entities\n\n- [[Dam]]: Old. · 1 source · as of 2001\n- [[Sea]] · 2 sources\n"


def test_the_index():
    ours = INDEX.replace("Old. · 1 source · as of 2001", "New. · 2 sources · as of 2002").replace("My", "Our")
    theirs = INDEX.replace("1 source · as of 2001", "3 sources · as of 2003").replace(
        "- [[Sea]]", "- [[Mud]]\n- [[Sea]]"
    )
    theirs += "\n## Concepts\n\n- [[tide|Tide]]\n"
    assert merged(INDEX, ours, theirs, "wiki/index.md") == (
        "# Index\n\nOur words.\n\n## Entities\n\n- [[Dam]]: New. · 4 sources · as of 2003\n- [[Mud]]\n"
        "- [[Sea]] · 2 sources\n\n## Concepts\n\n- [[tide|Tide]]\n"
    )


NAMES = [f"thing {letter}" for letter in "abcdefghijkl"]


@st.composite
def side(draw, base, source):
    """What runs over one or two sources and a person may make of a page."""
    new = draw(st.lists(st.sampled_from(NAMES), unique=True, max_size=4))
    notes = {name: list(slugs) for name, slugs in base.notes.items()}
    for name in new:
        notes.setdefault(name, []).append(source)
    for name in draw(st.lists(st.sampled_from(sorted(base.notes)), unique=True, max_size=2)):
        # Another source took its words back.
        notes[name] = notes[name][1:]
    notes = {name: slugs for name, slugs in notes.items() if slugs}
    lead = draw(st.lists(st.sampled_from(sorted(notes)), unique=True, max_size=2)) if notes else []
    there = [name for name in notes if name not in lead]
    made = base.but(lead=lead, facts=there, notes=notes, updated=draw(st.sampled_from(["2026-04-02", "2026-04-03"])))
    if there and draw(st.booleans()):
        name = draw(st.sampled_from(there))
        made.swaps.append((f"- {sentence(name)}", f"- {source} says: {sentence(name)}"))
    if draw(st.booleans()):
        made.swaps.append(
            ("# Rance\n", f"# Rance\n\n> A note by {source}.\n")
            if not lead
            else ("---\n\n#", f"key-{source}: x\n---\n\n#")
        )
    return made


@given(st.data())
def test_nothing_is_lost_whatever_both_did(data):
    standing = data.draw(st.lists(st.sampled_from(NAMES), unique=True, min_size=1, max_size=6))
    base = Page(standing[:1], standing[1:], {name: ["a", "z"][: 1 + (name < "thing e")] for name in standing})
    ours, theirs = data.draw(side(base, "ours")), data.draw(side(base, "theirs"))
    text, is_clean = union.merge(PATH, str(base), str(ours), str(theirs))
    old, mine, other = proofs(base), proofs(ours), proofs(theirs)
    kept = {pair for pair in mine | other if pair not in old or (pair in mine and pair in other)}
    for swap in (*ours.swaps, *theirs.swaps):
        for line in swap[1].split("\n"):
            words = line.removeprefix("- ")
            assert words in text, (line, text)
    if not is_clean:
        assert "<<<<<<<" in text
        assert all(f"[^{name}]" in text for name, _ in kept)
        return
    assert proofs(text) == kept
    document = pages.parse(text)
    assert document.problems == []
    assert int(document.front_values["claims"]) == len({name for name, _ in kept})
    assert int(document.front_values["sources"]) == len({slug for _, slug in kept})
    shown = [ref.id for ref in document.refs]
    assert set(shown) <= document.footnotes.keys()
    # A lead on one side and an edited bullet on the other both stay; nothing else is said twice.
    assert len(shown) == len(set(shown)) or any("says: " in new for made in (ours, theirs) for _, new in made.swaps)


@given(st.data())
def test_a_side_that_did_nothing_leaves_the_other_as_it_is(data):
    base = Page(NAMES[:2], NAMES[2:5], {name: ["a"] for name in NAMES[:5]})
    other = str(data.draw(side(base, "theirs")))
    assert merged(base, base, other) == other
    assert merged(base, other, base) == other
    assert merged(base, other, other) == other


@given(st.lists(st.integers(0, 9), unique=True), st.lists(st.integers(0, 9), unique=True))
def test_two_lists_are_woven_into_one(ours, theirs):
    found = woven(ours, theirs)
    assert sorted(found) == sorted(set(ours) | set(theirs))
    assert [item for item in found if item in ours] == ours
