"""Search: what is found, in which order and why; tables that are always true to the wiki, or made again."""

from __future__ import annotations

import os
import sqlite3
from pathlib import Path

import pytest
from small_wiki import FILES, ID, lay

from quern import schema
from quern.program import Failure
from quern.records import Hit
from quern.search import Search, queries, ranking, tables, terms
from quern.search.sought import Sought
from quern.vault import Vault

SOURCE = """\
---
title: {title}
type: source
id: {id}
source: raw/{file}.md
language: en
published: {day}
---

# {title}

## Claims

"""


def page(title: str, text: str, **front: str) -> str:
    said = "".join(f"{key}: {value}\n" for key, value in {"title": title, "type": "concept", **front}.items())
    return f"---\n{said}---\n\n# {title}\n\n{text}\n"


PAGES = {
    "Tidal power": page(
        "Tidal power", "Electricity from the sea.", aliases="[Marine energy, MSR]", tags="[energy/tide]"
    ),
    "Barrage": page(
        "Barrage", "A dam for tidal power, with bulb turbines. It was built slowly.\n\n## Silt\n\nIt settles."
    ),
    "Lagoon": page("Lagoon", "A turbine hall in a wall. No bulb there.", type="entity", status="contested"),
    "Häuser": page(
        "Häuser", "Die Häuser stehen am Meer und die Fischer wohnen nicht weit von der Küste.", language="de"
    ),
    "黑豹队": page("黑豹队", "黑豹队的防守只丢了308分,在联赛中排名第六。", language="zh"),
    "ไทย": page("ไทย", "ประเทศไทยมีเมืองหลวงคือกรุงเทพมหานคร", language="th"),
    "서울": page("서울", "서울은 대한민국의 수도이다.", language="ko"),
    "ລາວ": page("ລາວ", "ນະຄອນຫຼວງວຽງຈັນ", language="lo"),
    "Code": page("Code", "C++ and .NET read lib/quern/x.py in v1.2.3; error E_NOENT is ERR-42."),
    "See": page("See", "C is a letter, net a mesh, and x a sign."),
}


@pytest.fixture(scope="module")
def laid(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("search") / "vault"
    lay_pages(folder, PAGES)
    return folder


def lay_pages(folder: Path, pages: dict[str, str]) -> Vault:
    (folder / "wiki" / "pages").mkdir(parents=True, exist_ok=True)
    (folder / "schema.yaml").write_text("version: 1\n", encoding="utf-8")
    for name, text in pages.items():
        (folder / "wiki" / "pages" / f"{name}.md").write_text(text, encoding="utf-8")
    return Vault(folder)


def opened(folder: Path) -> Search:
    vault = Vault(folder)
    return Search(vault, schema.load(vault))


@pytest.fixture
def found(laid: Path):
    made = opened(laid)
    made.refresh()
    yield made
    made.close()


@pytest.fixture
def own(tmp_path: Path):
    """A vault that a test may change."""
    lay_pages(tmp_path / "vault", PAGES)
    return tmp_path / "vault"


def titles(hits: list[Hit]) -> list[str]:
    return [hit.title for hit in hits]


# What is found


@pytest.mark.parametrize(
    ("query", "first"),
    [
        ("tidal power", "Tidal power"),  # its title, though another page says it too
        ("marine energy", "Tidal power"),  # an alias
        ("msr", "Tidal power"),
        ("silt", "Barrage"),  # a heading
        ("buildings turbine barrages", "Barrage"),  # stems
        ("hauser", "Häuser"),  # without its diacritics
        ("HÄUSERN", "Häuser"),
        ("fisch*", "Häuser"),
        ("排名第几", "黑豹队"),
        ("防守", "黑豹队"),
        ("เมืองหลวง", "ไทย"),
        ("수도", "서울"),  # the word in the text has a particle
        ("ວຽງຈັນ", "ລາວ"),
        ("C++", "Code"),
        (".NET", "Code"),
        ("1.2.3", "Code"),
        ("v1.2.3", "Code"),
        ("lib/quern/x.py", "Code"),
        ("E_NOENT", "Code"),
        ("err-42", "Code"),
        ("electrizity", "Tidal power"),  # one letter is wrong
        ("elctricity", "Tidal power"),  # or missing
        ("eelctricity", "Tidal power"),  # or two have changed places
    ],
)
def test_the_first_page(found: Search, query: str, first: str) -> None:
    assert titles(found.pages(query))[:1] == [first]


@pytest.mark.parametrize(
    ("query", "wanted"),
    [
        ('"bulb turbine"', set()),  # a phrase is these words, and not their stems
        ('"bulb turbines"', {"Barrage"}),
        ('"BULB Turbines"', {"Barrage"}),
        ("turbine -bulb", set()),
        ("turbine -dam", {"Lagoon"}),
        ('turbine -"tidal power"', {"Lagoon"}),
        ("turb*", {"Barrage", "Lagoon"}),
        ("turbine type:entity", {"Lagoon"}),
        ("turbine -type:entity", {"Barrage"}),
        ("status:contested", {"Lagoon"}),
        ("tag:energy", {"Tidal power"}),
        ("tag:#energy/tide", {"Tidal power"}),
        ("tag:tide", set()),
        ("type:nothing turbine", set()),
        ('"的防守只丢"', {"黑豹队"}),
        ('"防守丢"', set()),
        ("zzzzzz", set()),
    ],
)
def test_which_pages(found: Search, query: str, wanted: set[str]) -> None:
    assert set(titles(found.pages(query))) == wanted


def test_a_question_is_no_conjunction(found: Search) -> None:
    hits = titles(found.pages("What is electricity from a volcano called?"))
    assert hits[0] == "Tidal power"


def test_an_ordinary_word_with_a_hit_stands_for_no_other(found: Search) -> None:
    assert all("~" not in reason.term for hit in found.pages("dam") for reason in hit.why)


def test_the_score_is_the_sum_of_its_reasons(found: Search) -> None:
    for query in ("tidal power", "turb* electrizity", "排名第六 分", "C++ v1.2.3", "barrage silt"):
        hits = found.pages(query)
        assert hits
        for hit in hits:
            assert sum(reason.added for reason in hit.why) == pytest.approx(hit.score)
            assert all(reason.added > 0 for reason in hit.why)
        assert [hit.score for hit in hits] == sorted((hit.score for hit in hits), reverse=True)


def test_a_reason_names_the_word_as_typed_and_where_it_stands(found: Search) -> None:
    (hit,) = found.pages("settling")
    assert [(reason.term, reason.column) for reason in hit.why] == [("settling", "body")]
    (hit,) = found.pages("electrizity")
    assert hit.why[0].term == "electrizity ~ electricity"


def test_a_guess_counts_less_than_what_was_typed(found: Search) -> None:
    (typed,), (guessed,) = found.pages("electricity"), found.pages("electrizity")
    assert guessed.score < typed.score / 2


def test_the_best_line_is_shown_and_where_it_stands(found: Search, laid: Path) -> None:
    (hit,) = found.pages("settling")
    assert hit.text == "It settles."
    assert (laid / hit.path).read_text(encoding="utf-8").split("\n")[hit.line - 1] == "It settles."


# Queries


@pytest.mark.parametrize("query", ["", " \n", '""', "-foo", '-"foo bar"', "!?", "*", "-type:"])
def test_nothing_to_look_for_is_a_failure(found: Search, query: str) -> None:
    with pytest.raises(Failure, match="nothing to search for"):
        found.pages(query)


def test_a_text_is_no_query(found: Search) -> None:
    for look in (found.pages, found.claims):
        with pytest.raises(Failure, match="of 10,000 characters: at most"):
            look("tide " * 2000)


@pytest.mark.parametrize(
    "query",
    [
        "tidal AND power OR NOT x", 'tidal "power', "tidal)", "NEAR(tidal power, 2)", "^tidal", "title:tidal",
        "{tidal}",
        "tidal'; DROP TABLE pages; --", "tidal + power", "tidal\x00power", "tidal:power", "tidal*", "%tidal%",
        "“tidal power”", "tidal power " + "x" * 3000,
    ],
)  # fmt: skip
def test_operators_of_others_are_words(found: Search, query: str) -> None:
    assert "Tidal power" in titles(found.pages(query))


def test_a_question_has_no_operators(found: Search) -> None:
    asked = queries.question('is "bulb turbine" -dam type:entity?')
    assert (asked.unwanted, asked.fields) == ((), ())


def test_lone_surrogates_are_looked_for_in_vain(found: Search) -> None:
    assert found.pages("\ud800\udfff tidal")


# Claims


def sourced(folder: Path) -> Search:
    """Two sources that make one claim both, and another each; and a page that says how these stand to each other."""
    lay_pages(folder, {})
    (folder / "wiki" / "sources").mkdir()
    both, old, new = "aaaaaaaaaaaa", "bbbbbbbbbbbb", "cccccccccccc"
    for file, day, claim, text in (("one", "2015-03-01", old, "240 MW"), ("two", "2024-01-01", new, "320 MW")):
        items = f'- The lagoon has a wall. ^{both}\n\t- fact · line 1: "It has a wall." → [[Swansea lagoon]]\n'
        items += f'- The capacity of the lagoon is {text}. ^{claim}\n\t- figure · line 2: "x" → [[Swansea lagoon]]\n'
        head = SOURCE.format(title=f"Source {file}", id=file, file=file, day=day)
        (folder / "wiki" / "sources" / f"{file}.md").write_text(head + items, encoding="utf-8")
    (folder / "wiki" / "pages" / "Swansea lagoon.md").write_text(
        page(
            "Swansea lagoon",
            "It is a lagoon.\n\n## Facts\n\n"
            f"- The capacity of the lagoon is 240 MW.[^{old}] *(capacity: 320 MW[^{new}])*\n"
            f"- The lagoon has a wall.[^{both}]\n\n## Contradictions\n\n- wall: yes[^{both}]\n\n"
            f'[^{old}]: [[one#^{old}|Source one]], line 2: "x"\n',
        ),
        encoding="utf-8",
    )
    made = opened(folder)
    made.refresh()
    return made


def test_a_claim_that_two_sources_make_is_one_hit(tmp_path: Path) -> None:
    found = sourced(tmp_path)
    hits = found.claims("Is there a wall?")
    assert [(hit.claim, hit.path, hit.line, hit.pages) for hit in hits] == [
        ("aaaaaaaaaaaa", "wiki/sources/one.md", 14, ["Swansea lagoon"])
    ]
    assert (tmp_path / hits[0].path).read_text(encoding="utf-8").split("\n")[13].startswith("- The lagoon has a wall.")


def test_how_a_claim_stands_and_since_when(tmp_path: Path) -> None:
    found = sourced(tmp_path)
    told = {hit.claim: (hit.status, hit.since) for hit in found.claims("What is the capacity of the lagoon wall?")}
    assert told == {
        "aaaaaaaaaaaa": ("disputed", "2015-03-01"),
        "bbbbbbbbbbbb": ("overtaken", "2015-03-01"),
        "cccccccccccc": ("current", "2024-01-01"),
    }


@pytest.mark.parametrize(
    ("as_of", "wanted"),
    [("2014", {}), ("2015", {"bbbbbbbbbbbb": "current"}), ("2023-12-31", {"bbbbbbbbbbbb": "current"}),
     ("2024-01", {"bbbbbbbbbbbb": "overtaken", "cccccccccccc": "current"})],
)  # fmt: skip
def test_what_was_known_by_then(tmp_path: Path, as_of: str, wanted: dict[str, str]) -> None:
    found = sourced(tmp_path)
    assert {hit.claim: hit.status for hit in found.claims("capacity", as_of=as_of)} == wanted


def test_fields_of_claims(tmp_path: Path) -> None:
    found = sourced(tmp_path)
    assert [hit.claim for hit in found.query_claims("capacity status:overtaken")] == ["bbbbbbbbbbbb"]
    assert [hit.claim for hit in found.query_claims("capacity status:current")] == ["cccccccccccc"]
    assert [hit.claim for hit in found.query_claims("capacity source:two")] == ["cccccccccccc"]
    assert [hit.claim for hit in found.query_claims('capacity "240 MW"')] == ["bbbbbbbbbbbb"]


def test_the_reasons_of_a_claim_add_up(tmp_path: Path) -> None:
    for hit in sourced(tmp_path).claims("capacity of the Swansea lagoon"):
        assert sum(reason.added for reason in hit.why) == pytest.approx(hit.score)
        assert {reason.column for reason in hit.why} <= {"text", "about"}


def test_a_page_hit_names_the_claim_of_its_line(tmp_path: Path) -> None:
    lay(tmp_path, FILES)
    (tmp_path / "schema.yaml").write_text("version: 1\n", encoding="utf-8")
    found = opened(tmp_path)
    found.refresh()
    hit = next(hit for hit in found.pages("opened 1966") if hit.path == "wiki/entities/La Rance.md")
    assert (hit.claim, hit.type) == (ID, "entity")


# Tables


def test_only_changed_pages_are_read_again(own: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    found, seen = opened(own), []
    read = tables.Tables._leaf
    monkeypatch.setattr(tables.Tables, "_leaf", lambda self, path: seen.append(path) or read(self, path))
    monkeypatch.setattr(tables, "_TICK", 0)
    assert found.refresh()
    assert len(seen) == len(PAGES)
    seen.clear()
    assert not found.refresh()
    (own / "wiki/pages/Lagoon.md").write_text(page("Lagoon", "A gatehouse."), encoding="utf-8")
    (own / "wiki/pages/See.md").unlink()
    assert found.refresh()
    assert seen == ["wiki/pages/Lagoon.md"]
    assert titles(found.pages("gatehouse")) == ["Lagoon"]
    assert not found.pages("hall")
    assert not found.pages("mesh")


def test_a_page_changed_within_a_tick_is_not_trusted(own: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(tables, "_TICK", 10**12)
    found = opened(own)
    found.refresh()
    before = (own / "wiki/pages/See.md").stat()
    text = PAGES["See"].replace("mesh", "sieb")
    (own / "wiki/pages/See.md").write_text(text, encoding="utf-8")
    os.utime(own / "wiki/pages/See.md", ns=(before.st_atime_ns, before.st_mtime_ns))
    found.refresh()
    assert titles(found.pages("sieb")) == ["See"]


def test_a_page_deleted_since_is_not_shown(own: Path) -> None:
    found = opened(own)
    found.refresh()
    (own / "wiki/pages/Lagoon.md").unlink()
    assert titles(found.pages("turbine")) == ["Barrage"]


def test_what_is_shown_is_the_page_as_it_stands(own: Path) -> None:
    found = opened(own)
    found.refresh()
    (own / "wiki/pages/Lagoon.md").write_text("Two lines\nmore.\n\nA turbine of 1966.\n", encoding="utf-8")
    hit = next(hit for hit in found.pages("turbine") if hit.path.endswith("Lagoon.md"))
    assert (hit.line, hit.text) == (4, "A turbine of 1966.")


def test_the_index_is_not_searched(own: Path) -> None:
    (own / "wiki" / "index.md").write_text("# Index\n\n- [[Lagoon]]: a quagmire\n", encoding="utf-8")
    found = opened(own)
    found.refresh()
    assert not found.pages("quagmire")


def cached(own: Path) -> Path:
    found = opened(own)
    found.refresh()
    found.close()
    return own / ".cache" / "search.sqlite"


@pytest.mark.parametrize("damage", ["deleted", "no database", "cut", "older", "a table is gone"])
def test_what_is_not_there_is_made_again(own: Path, damage: str) -> None:
    path = cached(own)
    if damage == "deleted":
        path.unlink()
    elif damage == "no database":
        path.write_bytes(b"no database at all" * 400)
    elif damage == "cut":
        path.write_bytes(path.read_bytes()[:9000])
    else:
        with sqlite3.connect(path) as connection:
            said = (
                "UPDATE facts SET value = 'older' WHERE name = 'version'" if damage == "older" else "DROP TABLE claims"
            )
            connection.execute(said)
        connection.close()
    for suffix in ("-wal", "-shm"):
        path.with_name(path.name + suffix).unlink(missing_ok=True)
    found = opened(own)
    assert found.refresh()
    assert titles(found.pages("electricity")) == ["Tidal power"]


def test_where_nothing_can_be_written_it_is_said_once_and_searched_all_the_same(own: Path, capsys) -> None:
    (own / ".cache").write_text("a file where the folder should be", encoding="utf-8")
    found = opened(own)
    found.refresh()
    assert titles(found.pages("electricity")) == ["Tidal power"]
    assert len(capsys.readouterr().err.splitlines()) == 1


def test_tables_that_another_process_holds_are_one_line(own: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(tables, "_WAIT", 0.05)
    path = cached(own)
    (own / "wiki/pages/Lagoon.md").write_text("Changed.\n", encoding="utf-8")
    holder = sqlite3.connect(path, isolation_level=None)
    holder.execute("BEGIN EXCLUSIVE")
    with pytest.raises(Failure, match="another process") as failure:
        opened(own).refresh()
    assert "\n" not in str(failure.value)
    holder.close()


def test_a_python_without_fts5_is_one_line(own: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(tables, "_TABLES", tables._TABLES.replace("USING fts5 ", "USING fts5_not_here "))
    with pytest.raises(Failure, match="has no FTS5"):
        opened(own)


def test_the_same_wiki_gives_the_same_hits(own: Path, laid: Path) -> None:
    for folder in (own, laid):
        opened(folder).refresh()
    asked = "turbine power 防守 build*"
    one, two = opened(own).pages(asked), opened(laid).pages(asked)
    assert one == two != []


def test_common_words_find_no_row_in_a_large_wiki_but_count_in_those_that_others_find(
    found: Search, monkeypatch: pytest.MonkeyPatch
) -> None:
    from quern.search import sought

    monkeypatch.setattr(sought, "_MANY", 1)
    monkeypatch.setattr(sought, "_COMMON", 0.15)
    (hit,) = found.pages("turbine electricity")
    assert hit.title == "Tidal power"
    assert set(titles(found.pages("turbine lagoon"))) == {"Lagoon"}
    (hit,) = found.pages("turbine wall")
    assert {reason.term for reason in hit.why} == {"turbine", "wall"}


# Terms


@pytest.mark.parametrize("term", ["tide", "c++", "黑豹", "qxabc", "é", ".net", "a b", "x63"])
def test_a_term_is_coded_so_that_no_tokenizer_parts_it_and_no_two_meet(term: str) -> None:
    coded = terms.coded(term)
    assert coded.isascii()
    assert coded.isalnum()
    assert coded == coded.lower()
    assert terms.decoded(coded) == term
    assert coded == term or coded.startswith("qx")


def test_pairs_of_characters() -> None:
    assert [terms.decoded(term) for term in terms.of_word("黑豹队", "zh")] == ["黑", "黑豹", "豹", "豹队", "队"]


def test_words_that_are_neighbours_as_in_the_query_count_for_more(tmp_path: Path) -> None:
    lay_pages(
        tmp_path,
        {
            "Apart": page("Apart", "The turbine, said the man, was bulb by shape and old."),
            "Beside": page("Beside", "The bulb turbine was old, and what else was said is nothing."),
            "Other": page("Other", "Nothing of that."),
        },
    )
    found = opened(tmp_path)
    found.refresh()
    hits = found.pages("bulb turbine")
    assert titles(hits) == ["Beside", "Apart"]
    assert "bulb turbine" in {reason.term for reason in hits[0].why} - {reason.term for reason in hits[1].why}


def test_a_page_called_so_comes_before_one_that_only_says_so_more_often(tmp_path: Path) -> None:
    others = ", ".join(f"Other name {number}" for number in range(20))
    lay_pages(
        tmp_path,
        {
            "Embankment": page("Embankment", "A heap of stones.", aliases=f"[{others}, Sea wall]"),
            "Sea wall sea wall": page("Sea wall sea wall", "A sea wall is a wall by the sea."),
            "Other": page("Other", "Nothing of that."),
        },
    )
    found = opened(tmp_path)
    found.refresh()
    hits = found.pages("sea wall")
    assert titles(hits) == ["Embankment", "Sea wall sea wall"]
    assert hits[0].why[0].column == "name"


def test_a_score_is_what_the_formula_gives() -> None:
    word = Sought("tide", frozenset(["tide"]), rows=1, weight=2.0)
    body = (ranking.Column("body", 1.0, 0.65),)
    assert ranking.score(1, ["tide and sea"], [word], body, [3.0]).score == pytest.approx(2.0)
    often = ranking.score(1, ["tide tide tide"], [word], body, [3.0]).score
    assert often == pytest.approx(2.0 * 3 * 2.5 / (3 + 1.5))
    assert ranking.score(1, ["tide" + " x" * 50], [word], body, [3.0]).score < 1.0


def test_a_word_without_case_and_diacritics() -> None:
    assert [terms.folded(word) for word in ("CAFÉ", "Ñandú", "Århus", "Ёлка", "Tiếng", "ไทย")] == [
        "cafe", "nandu", "arhus", "елка", "tieng", "ไทย",
    ]  # fmt: skip
