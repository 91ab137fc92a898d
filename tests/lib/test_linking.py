"""Which name is which page, which is worth a page, and which waits."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import asdict, dataclass, field, replace
from typing import Any

import pytest

from quern import names
from quern.jsonl import Row
from quern.layout import folder_of
from quern.linking import TWO_THINGS, link
from quern.linking.worthiness import is_common
from quern.program import Failure
from quern.records import Add, Candidate, Claim, Name, Page, Relation, Source, Span
from quern.schema import Pages, Schema


@dataclass
class Listed:
    path: str
    title: str
    type: str
    aliases: Sequence[str] = ()


@dataclass
class Waits:
    source: str
    name: str
    type: str
    aliases: Sequence[str]
    claims: Sequence[str]
    reason: str


@dataclass
class Catalogue:
    """A wiki in memory that answers what linking asks, and takes in what linking says (as merge would)."""

    pages: dict[str, Listed] = field(default_factory=dict)
    on_page: dict[str, list[str]] = field(default_factory=dict)
    told: dict[tuple[str, str], Claim] = field(default_factory=dict)
    waiting: list[Waits] = field(default_factory=list)
    raw: list[str] = field(default_factory=list)
    compared: int = 0

    def _called(self, row: Listed) -> list[str]:
        return [row.title, *row.aliases, row.path.rpartition("/")[2].removesuffix(".md")]

    def page_by_key(self, key: str) -> list[Listed]:
        return [row for row in self.pages.values() if any(key in names.keys(name) for name in self._called(row))]

    def page(self, path: str) -> Listed | None:
        return self.pages.get(path)

    def fuzzy(self, _name: str, limit: int) -> list[tuple[str, str]]:
        found = [(names.normal(other), row.path) for row in self.pages.values() for other in self._called(row)][:limit]
        self.compared += len(found)
        return found

    def path_taken(self, name: str) -> str | None:
        taken = [*self.pages, *self.raw]
        stems = {names.fold(path.rpartition("/")[2].removesuffix(".md")): path for path in taken}
        return stems.get(names.fold(name))

    def claims_of(self, path: str) -> list[str]:
        return self.on_page.get(path, [])

    def claim(self, id_: str) -> list[Claim]:
        return [claim for (claim_id, _), claim in sorted(self.told.items()) if claim_id == id_]

    def candidates(self, key: str) -> list[Waits]:
        return [row for row in self.waiting if any(key in names.keys(name) for name in (row.name, *row.aliases))]

    def origin(self, _source: str) -> tuple[str, str | None]:
        return "en", None

    def overtaken(self, _path: str) -> list[str]:
        return []

    def settled(self, _path: str) -> list[frozenset[str]]:
        return []

    def edited(self, _path: str) -> dict[str, str]:
        return {}

    def refused(self, _path: str) -> list[str]:
        return []

    def take(self, out: Sequence[Any]) -> None:
        for record in out:
            if isinstance(record, Page):
                row = self.pages.setdefault(record.path, Listed(record.path, record.title, record.type))
                row.aliases = [*row.aliases, *record.aliases_add]
                standing = self.on_page.setdefault(record.path, [])
                standing += [add.claim for add in record.adds if add.claim not in standing]
                brought = {add.claim for add in record.adds}
                self.waiting = [row for row in self.waiting if not brought.issuperset(row.claims)]
            elif isinstance(record, Candidate):
                self.waiting = [row for row in self.waiting if (row.source, row.name) != (record.source, record.name)]
                self.waiting.append(
                    Waits(record.source, record.name, record.type, record.aliases, record.claims, record.reason)
                )
            elif isinstance(record, Row) and record.kind == "claim":
                claim = record.to(Claim)
                self.told[claim.id, claim.source] = claim


def source(id_: str, words: int = 1200, focus: str = "") -> Row:
    made = Source(
        id=id_, slug=id_, path=f"raw/{id_}.md", sha256=id_ * 4, title=id_, language="en", words=words, focus=focus
    )
    return Row("t", 1, {"kind": "source", **asdict(made)})


def claim(id_: str, of: str, text: str, *about: Name, role: str = "fact", **more: Any) -> Row:
    made = Claim(
        id=id_, source=of, passage="", text=text, quote=text, spans=[Span(start=0, end=1, place="line 1")],
        names=list(about), role=role, **more,
    )  # type: ignore[arg-type]  # fmt: skip
    return Row("t", 1, {"kind": "claim", **asdict(made)})


def entity(name: str, weight: float = 0.5, aliases: Sequence[str] = (), **more: Any) -> Name:
    return Name(name=name, type="entity", weight=weight, aliases=list(aliases), **more)


def concept(name: str, weight: float = 0.5, aliases: Sequence[str] = (), **more: Any) -> Name:
    return Name(name=name, type="concept", weight=weight, aliases=list(aliases), **more)


# Most cases are of one claim a name, to be readable; what is said of how many claims make a page has cases of its own.
ONE_CLAIM = Schema(pages=Pages(min_claims=1))


def run(catalogue: Catalogue, *rows: Row, schema: Schema | None = None) -> list[Any]:
    return list(link(iter(rows), catalogue, schema or ONE_CLAIM))


def pages(out: Sequence[Any]) -> dict[str, Page]:
    return {record.path: record for record in out if isinstance(record, Page)}


def candidates(out: Sequence[Any]) -> dict[str, Candidate]:
    return {record.name: record for record in out if isinstance(record, Candidate)}


def test_records_pass_as_they_came_and_pages_follow_their_source():
    other = Row("t", 2, {"kind": "unread", "source": "a", "place": "line 9", "why": "table", "extra": 1})
    rows = [source("a"), claim("c1", "a", "La Rance opened.", entity("La Rance")), other, source("b")]
    out = run(Catalogue(), *rows)
    assert [record for record in out if isinstance(record, Row)] == rows
    assert out.index(rows[3]) == len(out) - 1
    assert isinstance(out[3], Page)


def test_a_claim_is_passed_on_before_the_next_is_read():
    seen: list[Row] = []

    def slowly() -> Iterator[Row]:
        for row in (source("a"), claim("c1", "a", "x", entity("X"))):
            seen.append(row)
            yield row

    stream = link(slowly(), Catalogue(), Schema())
    next(stream)
    assert len(seen) == 1


def test_a_name_with_weight_gets_a_page_and_a_light_one_waits():
    out = run(
        Catalogue(),
        source("a"),
        claim("c1", "a", "La Rance is a tidal power station.", entity("La Rance", 0.9), role="definition"),
        claim("c2", "a", "A sluice is a gate.", concept("sluice", 0.2), role="definition"),
        claim("c3", "a", "Silt gathers.", concept("silt", 0.2)),
    )
    assert list(pages(out)) == ["wiki/concepts/Sluice.md", "wiki/entities/La Rance.md"]
    page = pages(out)["wiki/entities/La Rance.md"]
    assert (page.title, page.type, page.is_new, page.adds) == (
        "La Rance",
        "entity",
        True,
        [Add(claim="c1", source="a")],
    )
    assert [claim.id for claim in page.shown] == ["c1"]
    assert candidates(out)["silt"].claims == ["c3"]
    assert candidates(out)["silt"].reason


def test_a_name_that_a_claim_only_mentions_gets_nothing():
    out = run(Catalogue(), source("a"), claim("c1", "a", "It is in Brittany.", entity("Brittany", about=False)))
    assert not pages(out)
    assert not candidates(out)


def test_a_second_source_promotes_a_candidate_and_brings_its_claims():
    wiki = Catalogue()
    wiki.take(run(wiki, source("a"), claim("c1", "a", "Silt gathers.", concept("silt", 0.1))))
    out = run(wiki, source("b"), claim("c2", "b", "Silt settles in basins.", concept("silt", 0.1)))
    page = pages(out)["wiki/concepts/Silt.md"]
    assert page.adds == [Add(claim="c2", source="b"), Add(claim="c1", source="a")]
    assert {claim.id for claim in page.shown} == {"c1", "c2"}


def test_sources_of_one_stream_know_of_each_other():
    out = run(
        Catalogue(),
        source("a"),
        claim("c1", "a", "Silt gathers.", concept("silt", 0.1)),
        claim("c2", "a", "La Rance opened.", entity("La Rance")),
        source("b"),
        claim("c3", "b", "Silt settles.", concept("silt", 0.1)),
        claim("c4", "b", "La Rance has locks.", entity("La Rance", 0.1)),
    )
    made = [record for record in out if isinstance(record, Page)]
    assert [(page.path, page.source, page.is_new) for page in made] == [
        ("wiki/entities/La Rance.md", "a", True),
        ("wiki/concepts/Silt.md", "b", True),
        ("wiki/entities/La Rance.md", "b", False),
    ]
    assert {claim.id for claim in made[2].shown} == {"c2", "c4"}


def test_a_stream_of_sources_comes_out_as_one_source_after_the_other():
    sources = [
        [
            source("a", words=240),
            claim("c1", "a", "La Rance is a tidal power station.", entity("La Rance", 0.8), role="definition"),
            claim("c2", "a", "Silt gathers.", concept("silt", 0.1)),
            claim("c3", "a", "EDF runs it.", entity("EDF", 0.7, ["Électricité de France"])),
            claim("c4", "a", "A sluice is a gate.", concept("sluice", 0.2), role="definition"),
        ],
        [
            source("b"),
            claim("c5", "b", "Silt is mud.", concept("silt", 0.1), role="definition"),
            claim("c6", "b", "The La Rance station opened in 1966.", entity("La Rance", 0.1, ["Rance barrage"])),
            claim("c7", "b", "Électricité de France owns it.", entity("Électricité de France", 0.1)),
        ],
        [
            source("d"),
            claim("c8", "d", "In 1966 the La Rance station opened.", entity("Rance barrage", 0.1)),
            claim("c9", "d", "Sluices rust.", concept("sluices", 0.2)),
            claim("c10", "d", "Silt gathers quickly.", concept("silt", 0.1)),
        ],
    ]
    wiki = Catalogue()
    one_by_one = []
    for rows in sources:
        out = run(wiki, *rows)
        wiki.take(out)
        one_by_one += said(out)
    at_once = said(run(Catalogue(), *(row for rows in sources for row in rows)))
    assert sorted(at_once, key=repr) == sorted(one_by_one, key=repr)
    assert any(record[0].relations for record in one_by_one if isinstance(record, tuple))


def said(out: Sequence[Any]) -> list[Any]:
    """What was said, but for the names in shown claims, which this catalogue does not tell as a source page does."""
    pages_ = [record for record in out if isinstance(record, Page)]
    shown = [[(claim.id, claim.source) for claim in page.shown] for page in pages_]
    bare = [replace(page, shown=[]) for page in pages_]
    return [*zip(bare, shown, strict=True), *(record for record in out if isinstance(record, Candidate))]


def test_linking_again_gives_the_same_pages_and_none_new():
    wiki = Catalogue()
    rows = [source("a", words=240)]
    things = [f"Thing{letter}" for letter in "abcdef"]
    rows += [claim(f"c{at}", "a", f"{name} is", entity(name, 0.9 - at / 10)) for at, name in enumerate(things)]
    rows.append(claim("s", "a", "Silt gathers.", concept("silt", 0.1)))
    first = run(wiki, *rows)
    assert len(pages(first)) == 2
    wiki.take(first)
    second = run(wiki, *rows)
    assert {path: page.adds for path, page in pages(second).items()} == {
        path: page.adds for path, page in pages(first).items()
    }
    assert not any(page.is_new or page.aliases_add for page in pages(second).values())
    assert candidates(second) == candidates(first)


@pytest.mark.parametrize(
    ("standing", "name"),
    [
        ("Tidal barrage", "tidal barrages"),
        ("Kubernetes", "Kubernets"),
        ("Siemens", "Siemens AG"),
        ("La Rance", "LA RANCE"),
    ],
)
def test_other_spellings_find_the_page(standing, name):
    path = f"wiki/entities/{standing}.md"
    wiki = Catalogue(pages={path: Listed(path, standing, "entity")})
    out = run(wiki, source("a"), claim("c1", "a", "x", entity(name, 0.1)))
    assert list(pages(out)) == [path]


def test_three_languages_stay_three_pages():
    wiki = Catalogue()
    rows = [source("a")]
    rows += [claim(name, "a", f"{name} is old.", entity(name, 0.9)) for name in ("C", "C++", "C#")]
    out = run(wiki, *rows)
    assert list(pages(out)) == ["wiki/entities/C sharp.md", "wiki/entities/C++.md", "wiki/entities/C.md"]
    assert pages(out)["wiki/entities/C sharp.md"].title == "C#"
    assert pages(out)["wiki/entities/C sharp.md"].aliases_add == ["C#"]
    wiki.take(out)
    again = run(wiki, source("b"), claim("d", "b", "C# has tasks.", entity("C#", 0.1)))
    assert list(pages(again)) == ["wiki/entities/C sharp.md"]


def test_an_acronym_is_one_with_its_expansion_only_through_an_alias():
    wiki = Catalogue()
    rows = source("a"), claim("c1", "a", "The program counter counts.", concept("Program Counter", 0.9, ["PC"]))
    wiki.take(run(wiki, *rows))
    assert wiki.pages["wiki/concepts/Program Counter.md"].aliases == ["PC"]
    out = run(wiki, source("b"), claim("c2", "b", "The PC is set.", concept("PC", 0.1)))
    assert list(pages(out)) == ["wiki/concepts/Program Counter.md"]
    bare = run(
        Catalogue(),
        source("a"),
        claim("c1", "a", "A PC is cheap.", concept("PC", 0.9)),
        claim("c2", "a", "A program counter counts.", concept("Program Counter", 0.9)),
    )
    assert len(pages(bare)) == 2


def test_an_acronym_does_not_bring_a_name_to_a_page_of_another_thing():
    path = "wiki/concepts/PC.md"
    wiki = Catalogue(pages={path: Listed(path, "PC", "concept")}, on_page={path: ["p"]})
    made = claim("p", "z", "A PC is a computer for one person.", concept("PC")).to(Claim)
    wiki.told["p", "z"] = made
    rows = source("a"), claim("c1", "a", "The program counter counts.", concept("Program Counter", 0.9, ["PC"]))
    assert list(pages(run(wiki, *rows))) == ["wiki/concepts/Program Counter.md"]


def test_a_short_form_of_a_person_joins_the_full_name_but_is_no_alias():
    out = run(
        Catalogue(),
        source("a"),
        claim("c1", "a", "Charles Darwin sailed.", entity("Charles Darwin", 0.9)),
        claim("c2", "a", "Darwin wrote.", entity("Darwin", 0.9)),
    )
    page = pages(out)["wiki/entities/Charles Darwin.md"]
    assert [add.claim for add in page.adds] == ["c1", "c2"]
    assert page.aliases_add == []


def test_two_definitions_that_share_nothing_are_for_a_person_to_settle():
    wiki = Catalogue()
    wiki.take(
        run(
            wiki,
            source("a"),
            claim(
                "c1", "a", "Mercury is the smallest planet of the Solar System.", entity("Mercury"), role="definition"
            ),
            claim("c2", "a", "Mercury orbits the Sun.", entity("Mercury")),
        )
    )
    out = run(
        wiki,
        source("b"),
        claim("c3", "b", "Mercury is a chemical element with the symbol Hg.", entity("Mercury"), role="definition"),
    )
    assert not pages(out)
    assert candidates(out)["Mercury"].reason.startswith(TWO_THINGS)
    assert "wiki/entities/Mercury.md" in candidates(out)["Mercury"].reason
    # And so again: nobody has settled it.
    wiki.take(out)
    third = run(wiki, source("d"), claim("c4", "d", "Mercury orbits.", entity("Mercury", 0.1)))
    assert [add.claim for add in pages(third)["wiki/entities/Mercury.md"].adds] == ["c4"]


def test_two_candidates_that_share_nothing_stay_two():
    wiki = Catalogue()
    planet = claim("c1", "a", "Mercury is the smallest planet.", concept("Mercury", 0.05), role="definition")
    element = claim("c2", "b", "Mercury is a chemical element.", concept("Mercury", 0.05), role="definition")
    wiki.take(run(wiki, source("a"), planet))
    out = run(wiki, source("b"), element)
    assert not pages(out)
    assert candidates(out)["Mercury"].reason.startswith(TWO_THINGS)


def test_a_name_that_two_pages_have_is_for_a_person_to_settle():
    paths = ["wiki/entities/Mercury (planet).md", "wiki/entities/Mercury (god).md"]
    wiki = Catalogue(pages={path: Listed(path, path[14:-3], "entity", ["Mercury"]) for path in paths})
    out = run(wiki, source("a"), claim("c1", "a", "Mercury is near.", entity("Mercury")))
    assert not pages(out)
    assert all(path in candidates(out)["Mercury"].reason for path in paths)


def test_a_file_name_that_is_taken_anywhere_gets_the_type_added():
    wiki = Catalogue(raw=["raw/tides.md", "raw/Rance.md"])
    out = run(
        wiki,
        source("a"),
        claim("c1", "a", "The Rance flows.", entity("RANCE")),
        claim("c2", "a", "Tides rise.", concept("Tides")),
    )
    assert list(pages(out)) == ["wiki/concepts/Tides (concept).md", "wiki/entities/RANCE (entity).md"]


def test_two_names_with_one_file_name_get_two_files():
    out = run(
        Catalogue(),
        source("a"),
        claim("c1", "a", "x", entity("A?!x", 0.9)),
        claim("c2", "a", "y", entity("A!x?", 0.8)),
        claim("c3", "a", "y", entity("A!x", 0.8)),
    )
    assert len({names.fold(path) for path in pages(out)}) == len(pages(out))


def test_new_pages_are_as_few_as_the_source_is_short_and_the_weightiest():
    rows = [source("a", words=250)]
    rows += [claim(f"c{at}", "a", f"{name} is", entity(name, weight)) for at, (name, weight) in enumerate(
        [("Alpha", 0.5), ("Beta", 0.9), ("Gamma", 0.7)]
    )]  # fmt: skip
    out = run(Catalogue(), *rows)
    assert [page.title for page in pages(out).values()] == ["Beta", "Gamma"]
    assert "length" in candidates(out)["Alpha"].reason


def test_of_new_pages_those_come_first_that_the_source_is_read_for():
    names_ = [entity("Alpha Mill", 0.5), entity("Beta", 0.9), entity("Gamma", 0.7)]
    rows = [claim(f"c{at}", "a", f"{name.name} opened.", name) for at, name in enumerate(names_)]
    out = run(Catalogue(), source("a", words=150, focus="what became of the alpha mills"), *rows)
    assert [page.title for page in pages(out).values()] == ["Alpha Mill"]


def test_one_sentence_makes_a_page_of_what_the_source_is_read_for():
    rows = [
        claim("c1", "a", "Nordmühle lies by the river.", entity("Nordmühle", 0.3)),
        claim("c2", "a", "Beta lies by the lake.", entity("Beta", 0.3)),
        claim("c3", "a", "The lake feeds Südmühle.", entity("Südmühle", 0.3)),
    ]
    out = run(Catalogue(), source("a", focus="Nordmühle, Südmühle"), *rows, schema=Schema())
    assert list(pages(out)) == ["wiki/entities/Nordmühle.md"]
    assert list(pages(run(Catalogue(), source("a"), *rows, schema=Schema()))) == []


def test_a_name_of_two_sources_takes_no_room_from_those_of_one():
    catalogue = Catalogue()
    names_ = [entity("La Rance", 0.2), entity("MeyGen", 0.2), entity("SeaGen", 0.2)]
    rows = [claim(f"c{at}", "a", f"{name.name} opened.", name) for at, name in enumerate(names_)]
    catalogue.take(run(catalogue, source("a"), *rows))
    rows = [claim(f"d{at}", "b", f"{name.name} closed.", name) for at, name in enumerate([*names_, entity("Morlais")])]
    assert len(pages(run(catalogue, source("b", words=100), *rows))) == 4


def test_wordings_of_one_statement_are_said_to_be_the_same():
    wiki = Catalogue()
    wiki.take(run(wiki, source("a"), claim("c1", "a", "La Rance opened in 1966.", entity("La Rance"))))
    out = run(
        wiki,
        source("b"),
        claim("c2", "b", "In 1966, La Rance opened.", entity("La Rance")),
        claim("c3", "b", "La Rance opened in 1966 after six years.", entity("La Rance")),
        claim("c4", "b", "La Rance opened in 1966.", entity("La Rance"), stance="reported"),
    )
    assert pages(out)["wiki/entities/La Rance.md"].relations == [Relation(claim="c2", other="c1", relation="same")]


def test_shown_claims_are_few_with_what_it_is_first():
    rows = [source("a")]
    rows += [claim(f"c{at}", "a", f"La Rance has {at} locks.", entity("La Rance"), score=at / 20) for at in range(20)]
    rows.append(claim("d", "a", "La Rance is a power station.", entity("La Rance"), role="definition"))
    out = run(Catalogue(), *rows)
    shown = pages(out)["wiki/entities/La Rance.md"].shown
    assert len(shown) == Schema().pages.shown
    assert [claim.id for claim in shown[:2]] == ["d", "c19"]


def test_no_more_near_names_are_compared_than_the_schema_says():
    wiki = Catalogue()
    for at in range(500):
        path = f"wiki/entities/Station {at}.md"
        wiki.pages[path] = Listed(path, f"Station {at}", "entity")
    run(wiki, source("a"), claim("c1", "a", "x", entity("Station Nord", 0.9)))
    assert 0 < wiki.compared <= 2 * Schema().names.candidates


def test_the_order_of_claims_does_not_change_which_pages_there_are():
    rows = [
        claim("c1", "a", "Silt gathers.", concept("silt", 0.1)),
        claim("c2", "a", "La Rance opened.", entity("La Rance")),
        claim("c3", "a", "Barrages are dams.", concept("barrages"), role="definition"),
        claim("c4", "a", "A barrage closes.", concept("barrage", 0.6)),
    ]
    there = run(Catalogue(), source("a"), *rows)
    back = run(Catalogue(), source("a"), *reversed(rows))
    assert pages(there).keys() == pages(back).keys() == {"wiki/concepts/Barrage.md", "wiki/entities/La Rance.md"}
    assert candidates(there).keys() == candidates(back).keys()


def test_a_claim_without_its_source_is_refused():
    with pytest.raises(Failure, match="does not follow its source"):
        run(Catalogue(), source("a"), claim("c1", "b", "x", entity("X")))


def test_a_type_that_the_schema_does_not_know_is_refused():
    with pytest.raises(Failure, match="entity, concept"):
        run(Catalogue(), source("a"), claim("c1", "a", "x", Name(name="X", type="person")))


def test_folders():
    assert folder_of("entity") == "entities"
    assert folder_of("concept") == "concepts"


@pytest.mark.parametrize(
    ("told", "is_page"),
    [
        (["La Rance opened in 1966.", "La Rance needs repairs."], True),
        (["La Rance opened in 1966."], False),  # one sentence that is no definition
        (["Silt gathers behind La Rance.", "Gulls feed at La Rance."], False),  # nothing that opens with its name
        (["In 1966, the La Rance barrage opened.", "Gulls feed at La Rance."], True),
    ],
)
def test_a_page_has_something_to_open_with_and_something_to_add(told: list[str], is_page: bool):
    rows = [claim(f"c{at}", "a", text, entity("La Rance", 0.3)) for at, text in enumerate(told)]
    out = run(Catalogue(), source("a"), *rows, schema=Schema())
    assert bool(pages(out)) is is_page
    assert is_page or candidates(out)["La Rance"].reason == "little said of it"


BY_THE_WAY = ["Silt gathers behind La Rance.", "Gulls feed at La Rance.", "Fish pass La Rance."]


@pytest.mark.parametrize(
    ("name", "told", "is_page"),
    [
        (entity("La Rance", 0.3), 2, False),
        (entity("La Rance", 0.3), 3, True),
        (entity("La Rance", 0.2), 3, False),
        (entity("La Rance", 0.4), 2, True),
        (concept("La Rance", 0.4), 2, False),
        (concept("La Rance", 0.6), 2, False),
        (concept("La Rance", 0.5), 3, True),
    ],
)
def test_nothing_needs_to_open_with_a_name_of_which_much_is_said(name: Name, told: int, is_page: bool):
    rows = [claim(f"c{at}", "a", text, name) for at, text in enumerate(BY_THE_WAY[:told])]
    assert bool(pages(run(Catalogue(), source("a"), *rows, schema=Schema()))) is is_page


WIDE = "La Rance feeds the grid of the whole of Brittany."


@pytest.mark.parametrize(
    ("name", "text", "more", "is_page"),
    [
        (entity("La Rance", 0.3), WIDE, {}, True),
        (entity("La Rance", 0.2), WIDE, {}, False),  # it weighs too little
        (entity("La Rance", 0.3), "La Rance feeds the grid.", {}, False),  # too short to say anything
        (entity("La Rance", 0.3), WIDE, {"role": "opinion"}, False),
        (entity("La Rance", 0.3), WIDE, {"stance": "reported"}, False),
        (entity("Zoltan Mill", 0.3), "Zoltan Mill: the mill grinds whatever it is given by the miller.", {}, False),
        (entity("Morlais", 0.3), WIDE.replace("La Rance", "Morlais"), {}, False),  # a single word takes more,
        (entity("Morlais", 0.3), WIDE.replace("La Rance", "Morlais"), {"role": "figure"}, True),  # such as a figure,
        (entity("MeyGen", 0.3), WIDE.replace("La Rance", "MeyGen"), {}, True),  # unless it can be nothing but a name
        (entity("EDF", 0.3), WIDE.replace("La Rance", "EDF"), {}, True),
        (entity("Yehuda Lindell", 0.3, ["Lindell"]), WIDE.replace("La Rance", "Lindell"), {}, False),  # a person
    ],
)
def test_one_sentence_is_enough_where_it_says_something_hard_of_a_weighty_name(
    name: Name, text: str, more: dict[str, Any], is_page: bool
):
    assert bool(pages(run(Catalogue(), source("a"), claim("c1", "a", text, name, **more), schema=Schema()))) is is_page


@pytest.mark.parametrize(
    ("told", "is_page"),
    [
        (["Receptors bind.", "Receptors decay."], False),
        (["Receptors bind.", "Receptors decay.", "Cells carry receptors."], True),
        (["Receptors bind.", "Cells carry receptors.", "Cells make receptors."], False),
    ],
)
def test_a_common_noun_is_worth_a_page_only_where_a_source_comes_back_to_it(told: list[str], is_page: bool):
    rows = [claim(f"c{at}", "a", text, concept("Receptor")) for at, text in enumerate(told)]
    assert bool(pages(run(Catalogue(), source("a"), *rows, schema=Schema()))) is is_page


@pytest.mark.parametrize(
    ("name", "language", "is_one"),
    [
        ("Receptor", "en", True),
        ("Tuft cell", "en", False),
        ("HTLC", "en", False),
        ("Verantwortung", "de", True),
        ("Gezeitenkraftwerk", "de", False),
        ("受容体", "ja", False),
    ],
)
def test_what_is_one_common_noun(name: str, language: str, is_one: bool):
    assert is_common(name, "concept", language) is is_one
    assert not is_common(name, "entity", language)


def test_what_a_claim_defines_is_the_first_that_it_is_about():
    told = claim(
        "c1", "a", "Taste receptors are of a family called GPCR.", entity("GPCR", 0.2), concept("Taste receptor", 0.2),
        role="definition",
    )  # fmt: skip
    assert list(pages(run(Catalogue(), source("a"), told, schema=Schema()))) == [
        "wiki/concepts/Taste receptor.md",  # the sentence begins with it and says what it is, too
        "wiki/entities/GPCR.md",
    ]


def test_models_of_one_make_are_not_short_for_each_other():
    rows = [
        claim("c1", "a", "The iPhone 16 Pro has three lenses.", entity("iPhone 16 Pro")),
        claim("c2", "a", "The iPhone 13 Pro has two lenses.", entity("iPhone 13 Pro")),
    ]
    assert len(pages(run(Catalogue(), source("a"), *rows))) == 2


def test_a_last_word_of_several_names_is_short_for_none():
    rows = [
        claim("c1", "a", "Virginia Democrats won.", entity("Virginia Democrats")),
        claim("c2", "a", "Kentucky Democrats lost.", entity("Kentucky Democrats")),
        claim("c3", "a", "Democrats met.", entity("Democrats")),
    ]
    assert "wiki/entities/Democrats.md" in pages(run(Catalogue(), source("a"), *rows))


def test_one_sentence_is_enough_where_it_says_what_a_thing_is():
    told = claim("c1", "a", "La Rance is a power station.", entity("La Rance"), role="definition")
    assert pages(run(Catalogue(), source("a"), told, schema=Schema()))


def test_who_only_speaks_or_has_something_to_do_has_no_page():
    rows = [
        claim("c1", "a", "Oskar will ask the harbour board.", entity("Oskar"), role="task"),
        claim("c2", "a", "Oskar will write to the mayor.", entity("Oskar"), role="task"),
        claim("c3", "a", "Oskar said that silt is the problem.", entity("Oskar"), stance="reported", by="Oskar"),
    ]
    assert not pages(run(Catalogue(), source("a"), *rows, schema=Schema()))


def test_what_two_sources_tell_of_a_name_is_counted_together():
    catalogue = Catalogue()
    catalogue.take(
        run(catalogue, source("a"), claim("c1", "a", "La Rance opened.", entity("La Rance")), schema=Schema())
    )
    out = run(
        catalogue, source("b"), claim("c2", "b", "Silt fills La Rance.", entity("La Rance", 0.1)), schema=Schema()
    )
    assert pages(out)["wiki/entities/La Rance.md"].adds == [Add(claim="c2", source="b"), Add(claim="c1", source="a")]


LANDER = "has a lander that can carry several tons to the moon."


@pytest.mark.parametrize(
    ("name", "told", "is_page"),
    [
        (entity("SpaceX", 0.3), LANDER, True),
        (entity("SpaceX", 0.3), "has a lander.", False),
        (concept("disease", 0.3), LANDER, False),
    ],
)
def test_a_proper_name_that_many_claims_bring_needs_only_one_about_it(name: Name, told: str, is_page: bool):
    beside = [replace(name, about=False)]
    rows = [
        claim("c1", "a", f"{name.name} {told}", name),
        *(claim(f"c{at}", "a", f"NASA chose {name.name}.", *beside) for at in (2, 3, 4)),
    ]
    assert bool(pages(run(Catalogue(), source("a"), *rows, schema=Schema()))) is is_page


def test_what_is_defined_comes_before_what_only_weighs_more():
    rows = [
        claim("c1", "a", "Turbines turn.", concept("turbine", 0.9)),
        claim("c2", "a", "A barrage is a dam.", concept("barrage", 0.4), role="definition"),
    ]
    assert list(pages(run(Catalogue(), source("a", words=100), *rows))) == ["wiki/concepts/Barrage.md"]


def test_a_person_takes_more_than_what_one_did_on_an_occasion():
    name = entity("Ada Lovelace", 0.3)
    told = ["Ada Lovelace wrote 240 MW.", "Ada Lovelace copied the figure.", "Ada Lovelace died in 1852."]
    rows = [claim(f"c{at}", "a", text, name) for at, text in enumerate(told)]
    assert not pages(run(Catalogue(), source("a"), *rows[:2], schema=Schema()))
    assert pages(run(Catalogue(), source("a"), *rows, schema=Schema()))


def test_a_person_who_is_introduced_needs_one_claim_more():
    name = entity("Ada Lovelace", 0.3)
    rows = [
        claim("c1", "a", "Ada Lovelace, a writer of programs, said so.", name, role="definition"),
        claim("c2", "a", "Ada Lovelace said that mills grind.", name, stance="reported", by="Ada Lovelace"),
    ]
    assert not pages(run(Catalogue(), source("a"), rows[0], schema=Schema()))
    assert pages(run(Catalogue(), source("a"), *rows, schema=Schema()))


def test_whom_a_source_is_about_needs_two_claims_and_may_have_said_the_others():
    name = entity("Ada Lovelace", 0.5)
    told = claim("c1", "a", "Ada Lovelace wrote 240 MW.", name)
    said = [claim(f"c{at}", "a", f"Mills grind {at}, Ada Lovelace said.", name, by="Ada Lovelace") for at in (2, 3)]
    assert not pages(run(Catalogue(), source("a"), told, said[0], schema=Schema()))
    assert pages(run(Catalogue(), source("a"), told, *said, schema=Schema()))


def test_initials_are_no_first_name():
    rows = [
        claim("c1", "a", "The US Justice Department charged EDF.", entity("US Justice Department")),
        claim("c2", "a", "The US charged EDF.", entity("US")),
    ]
    assert len(pages(run(Catalogue(), source("a"), *rows))) == 2


def test_an_acronym_that_an_earlier_source_spells_out_needs_not_open_a_sentence():
    passing = ["Silt harms what EDF built.", "EDF's own figure should decide."]
    for known, is_page in (["Électricité de France"], True), ([], False):
        wiki = Catalogue()
        told = claim("c1", "a", "Whoever owns it pays EDF.", entity("EDF", 0.1, known))
        wiki.take(run(wiki, source("a"), told, schema=Schema()))
        rows = [claim(f"c{at}", "b", text, entity("EDF", 0.4)) for at, text in enumerate(passing, 2)]
        assert bool(pages(run(wiki, source("b"), *rows, schema=Schema()))) is is_page
