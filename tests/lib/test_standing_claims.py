"""How a new claim stands to those of a page: what is said of it, which side is newer, and when it is a series."""

from __future__ import annotations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from pace import assert_linear

from quern.relations import Standing, Told, relate

NAME = ["La Rance"]


def claim(id_: str, text: str, published: str | None = None, **more) -> Told:
    return Told(id_, text, published=published, **more)


def test_a_contradiction_names_both_values_and_both_dates():
    old = claim("a", "La Rance opened in 1966 with a capacity of 240 MW.", "1970-01-01")
    new = claim("b", "The capacity of La Rance is 320 MW.", "2024-03-01")
    (verdict,) = Standing([old], NAME).relate(new)
    assert (verdict.relation, verdict.claim, verdict.other) == ("contradicts", "b", "a")
    assert (verdict.attribute, verdict.value, verdict.other_value) == ("capacity", "320 MW", "240 MW")
    assert (verdict.date, verdict.other_date, verdict.newer) == ("2024-03-01", "1966", "b")


def test_an_update_says_so_itself():
    old = claim("a", "La Rance has a capacity of 240 MW.", "1970-01-01")
    new = claim("b", "After refurbishment, La Rance has a capacity of 320 MW.", "2024-03-01")
    verdict = relate(new, old, NAME)
    assert verdict is not None
    assert (verdict.relation, verdict.newer) == ("supersedes", "b")


def test_the_update_may_stand_already_when_the_older_claim_comes():
    old = claim("a", "La Rance has a capacity of 240 MW.", "1970-01-01")
    new = claim("b", "After refurbishment, La Rance has a capacity of 320 MW.", "2024-03-01")
    verdict = relate(old, new, NAME)
    assert verdict is not None
    assert (verdict.relation, verdict.claim, verdict.newer) == ("supersedes", "a", "b")


def test_an_update_of_an_older_source_does_not_supersede():
    old = claim("a", "La Rance now has a capacity of 240 MW.", "1970-01-01")
    new = claim("b", "La Rance has a capacity of 320 MW.", "2024-03-01")
    verdict = relate(new, old, NAME)
    assert verdict is not None
    assert verdict.relation == "contradicts"


SEALS = ("We counted 14 seals at La Rance.", "We counted 22 seals at La Rance.")


@pytest.mark.parametrize(
    ("sources", "days", "expected"),
    [
        (("journal", "journal"), (None, None), []),
        (("journal", "report"), (None, None), ["possible"]),
        (("journal", "report"), ("2024-05-03", None), ["possible"]),
        (("journal", "report"), ("2024-05-03", "2024-05-09"), []),
        (("journal", "report"), ("2024-05-03", "2024-05-03"), ["contradicts"]),
    ],
)
def test_what_was_counted_on_two_occasions_is_no_contradiction(sources, days, expected):
    old, new = (
        claim(id_, text, source=source, as_of=day)
        for id_, text, source, day in zip("ab", SEALS, sources, days, strict=True)
    )
    assert [verdict.relation for verdict in Standing([old], NAME).relate(new)] == expected


def test_one_source_that_says_two_things_of_how_something_is_contradicts_itself():
    old = claim("a", "La Rance has 24 turbines.", source="journal")
    new = claim("b", "La Rance has 26 turbines.", source="journal")
    assert [verdict.relation for verdict in Standing([old], NAME).relate(new)] == ["contradicts"]


def test_what_the_schema_calls_volatile_is_superseded_by_the_later_source():
    old, new = claim("a", "La Rance has 12 mascots.", "2020"), claim("b", "La Rance has 14 mascots.", "2024")
    assert [v.relation for v in Standing([old], NAME).relate(new)] == ["contradicts"]
    assert [v.relation for v in Standing([old], NAME, volatile=["mascots"]).relate(new)] == ["supersedes"]


def test_three_dated_values_are_a_series_and_two_are_no_conflict():
    values = [
        claim(str(year), f"La Rance produced {output} GWh in {year}.")
        for year, output in ((2009, 540), (2014, 515), (2019, 490))
    ]
    page = Standing(values[:1], NAME)
    assert page.relate(values[1]) == []
    page.add(values[1])
    assert [(v.relation, v.other, v.newer) for v in page.relate(values[2])] == [
        ("series", "2009", "2019"),
        ("series", "2014", "2019"),
    ]


def test_a_declared_series_needs_no_third_value():
    old = claim("a", "La Rance has a weight of 40 t.", "2020-01-01")
    new = claim("b", "La Rance has a weight of 41 t.", "2020-02-01")
    assert [v.relation for v in Standing([old], NAME, series=["weight"]).relate(new)] == ["series"]


@pytest.mark.parametrize(
    "more",
    [{"stance": "reported"}, {"stance": "hypothetical"}, {"role": "question"}, {"role": "task"}, {"language": "fr"}],
)
def test_only_what_both_sources_assert_in_one_language_can_conflict(more):
    old, new = claim("a", "La Rance has 240 MW of power."), claim("b", "La Rance has 320 MW of power.", **more)
    assert relate(new, old, NAME) is None
    assert relate(old, new, NAME) is None


@pytest.mark.parametrize("role", ["opinion", "procedure"])
def test_an_opinion_and_a_step_are_at_most_a_possible_conflict(role):
    old = claim("a", "La Rance has 24 turbines.")
    new = claim("b", "La Rance has 26 turbines.", role=role)
    verdict = relate(new, old, NAME)
    assert verdict is not None
    assert (verdict.relation, verdict.certain) == ("possible", False)


def test_thin_ground_is_a_possible_conflict():
    old, new = claim("a", "La Rance has 24 turbines."), claim("b", "La Rance was refitted with 26 turbines.")
    verdict = relate(new, old, NAME)
    assert verdict is not None
    assert (verdict.relation, verdict.certain) == ("possible", False)


def test_what_does_not_name_the_page_may_be_of_something_else():
    old, new = claim("a", "All sections are open."), claim("b", "All sections are closed.")
    verdict = relate(new, old, NAME)
    assert verdict is not None
    assert verdict.relation == "possible"
    named = relate(
        claim("b", "All sections of La Rance are closed."), claim("a", "All sections of La Rance are open."), NAME
    )
    assert named is not None
    assert named.relation == "contradicts"


def test_the_two_ends_of_a_scale_are_two_things():
    old, new = (
        claim("a", "The northern gate of La Rance is open."),
        claim("b", "The southern gate of La Rance is open."),
    )
    assert relate(new, old, NAME) is None


def test_the_kind_of_thing_before_the_name_makes_it_no_other_thing():
    old = claim("a", "The tidal power station La Rance has a capacity of 240 MW.")
    new = claim("b", "The capacity of La Rance is 320 MW.")
    assert [v.relation for v in Standing([old], NAME).relate(new)] == ["contradicts"]


def test_a_value_with_a_date_and_one_without_are_a_possible_conflict():
    old, new = (
        claim("a", "La Rance has a capacity of 240 MW."),
        claim("b", "In 2024, La Rance has a capacity of 320 MW."),
    )
    assert [v.relation for v in Standing([old], NAME).relate(new)] == ["possible"]


def test_addresses_say_nothing():
    old, new = (
        claim("a", "La Rance: https://example.org/item?id=12"),
        claim("b", "La Rance: https://example.org/item?id=34"),
    )
    assert relate(new, old, NAME) is None


def test_the_same_wording_is_the_same_only_with_the_same_stance():
    old, new = claim("a", "La Rance opened in 1966."), claim("b", "In 1966, La Rance opened.")
    assert [v.relation for v in Standing([old], NAME).relate(new)] == ["same"]
    assert relate(claim("b", new.text, stance="reported"), old, NAME) is None


def test_a_claim_is_not_related_to_itself():
    only = claim("a", "La Rance opened in 1966.")
    assert Standing([only, only], NAME).relate(only) == []


def test_a_language_without_lists_is_read_by_figures():
    old = Told("a", "发电站装机容量为240兆瓦", "zh")
    new = Told("b", "发电站装机容量为320兆瓦", "zh")
    verdict = relate(new, old)
    assert verdict is not None
    assert verdict.relation == "contradicts"


WORDS = [
    *("La Rance", "has", "opened", "in", "1966", "2024", "240 MW", "320", "turbines", "not", "now", "since", "open"),
    *("closed", "the", "capacity", "of", "each", ",", "(", ")", "is"),
]
TEXTS = st.lists(st.sampled_from(WORDS), max_size=12).map(" ".join)


@given(TEXTS, TEXTS)
@settings(max_examples=300)
def test_who_is_asked_first_makes_no_difference_to_whether_two_claims_conflict(a, b):
    one, other = relate(claim("a", a), claim("b", b), NAME), relate(claim("b", b), claim("a", a), NAME)
    assert (one.relation if one else None) == (other.relation if other else None)


@given(st.text(max_size=120), st.text(max_size=120))
@settings(max_examples=200)
def test_any_two_texts_can_be_compared(a, b):
    verdict = relate(claim("a", a), claim("b", b), ["La Rance"])
    assert verdict is None or verdict.claim == "a"


def test_a_page_of_two_thousand_claims_takes_ten_times_what_two_hundred_take():
    parts = ["turbine", "gate", "lock", "crane", "boiler", "pump", "tower", "bridge", "office", "ship", "line", "valve"]

    def relate_five(text: str) -> None:
        each = (f"The {parts[n % 12]} of sector {n} has a {parts[n % 7]} width of {n} mm." for n in range(len(text)))
        page = Standing([claim(str(n), said) for n, said in enumerate(each)], NAME)
        for n in range(5):
            page.relate(claim(f"new {n}", f"The {parts[n]} of sector {n} has a {parts[n]} width of {n + 1} mm."))

    relate_five("x" * 12)  # the words of the language are loaded once
    assert_linear(relate_five, "x", 2000)


def test_a_claim_that_also_says_the_other_value_does_not_contradict_it():
    old = claim("a", "La Rance had a capacity of 240 MW, and La Rance has a capacity of 320 MW.")
    new = claim("b", "La Rance has a capacity of 320 MW.")
    assert relate(new, old, NAME) is None
    assert relate(old, new, NAME) is None


def test_what_a_new_claim_costs_does_not_grow_with_the_page(monkeypatch):
    asked = []
    monkeypatch.setattr("quern.relations.standing.relate", lambda *told, **_more: asked.append(told[1].id))
    page = Standing((claim(str(n), f"The mill of sector {n} grinds {n} tons.") for n in range(1000)), NAME)
    page.relate(claim("new", "The mill of sector 700 grinds 950 tons."))
    assert len(asked) <= 100
    assert {"700", "950"} <= set(asked)


def test_the_same_words_are_found_among_a_thousand_that_are_alike():
    page = Standing((claim(str(n), f"The mill of sector {n} grinds {n} tons.") for n in range(1000)), NAME)
    verdicts = page.relate(claim("new", "The mills of sector 700 grind 700 tons."))
    assert [(verdict.other, verdict.relation) for verdict in verdicts] == [("700", "same")]


def test_who_leads_is_found_whichever_way_it_is_said():
    page = Standing([claim("a", "La Rance is led by Ines Duarte.")], NAME)
    assert [verdict.relation for verdict in page.relate(claim("b", "Tomas Reuter leads La Rance."))] == ["contradicts"]
    assert page.relate(claim("c", "Ines Duarte leads La Rance.")) == []
    assert page.relate(claim("d", "Tomas Reuter leads tours of La Rance.")) == []


NOTHING = [
    ("The exit: looking back at 2019.", "The exit: looking back at 2020."),
    ("An exit page presents the main article.", "The original exit page is replaced by a clean view of the article."),
    ("Exit ideas: Part 1", "Exit ideas: Part 2"),
    ("Handbook of the Exit: Volume One", "Handbook of the Exit: Volume Two"),
    ("Phone 13 Pro for Exit", "Phone 14 Pro for Exit"),
    ("Why not an exit", "Why an exit"),
    ("Exit - a dialect written in Zig.", "Exit written in Nix."),
    ("Raw string literal, escape characters not processed.", "A string literal."),
    ("Quality: poor · Price: $5 · Uses: 10", "Quality: good · Price: $10 · Uses: 50"),
    (
        "Plasma cash has large exits, but it doesn't have mass exits.",
        "Fungible plasma has small exits, but it has mass exits.",
    ),
]


@pytest.mark.parametrize(("old", "new"), NOTHING)
def test_what_is_said_of_two_things_in_one_form_is_no_contradiction(old, new):
    assert Standing([claim("a", old)], ["Exit"]).relate(claim("b", new)) == []
    assert Standing([claim("a", old)], []).relate(claim("b", new)) == []


def test_a_row_of_a_table_contradicts_another_of_the_same_thing():
    old, new = claim("a", "Plan: free · Storage: 5 GB · Users: 3"), claim("b", "Plan: free · Storage: 8 GB · Users: 3")
    assert [verdict.relation for verdict in Standing([old], ["Plan"]).relate(new)] == ["contradicts"]
