"""Questions answered by rules, what was known when, figures side by side, and the forms of an answer."""

from __future__ import annotations

import csv
import io
import json
import re
import shutil
from dataclasses import replace

import pytest
import yaml
from turning import Mill, rows

from quern import engines, schema
from quern.answers import comparison, consultation, frames, inquiries, showing
from quern.answers.coverage import terms
from quern.answers.forms import chart
from quern.program import Failure
from quern.records import Cell
from quern.updates import settling, transaction, upkeep

RANCE = """\
---
title: Tides of Brittany
published: 2015-03-02
---
# Tides of Brittany

La Rance is a tidal power station on the estuary of the Rance. La Rance opened in 1966 with a capacity of 240 MW.
La Rance uses bulb turbines because the water flows both ways.

| Plant | Country | Capacity |
|---|---|---|
| Sihwa Lake | South Korea | 254 MW |
| Annapolis | Canada | 20 MW |

## Python

| Version | Release Date |
|---|---|
| 3.11 | 2022-10-24 |
"""
LATER = """\
---
title: La Rance today
published: 2024-06-01
---
# La Rance today

La Rance is a tidal power station. Since 2024, La Rance has a capacity of 320 MW.
"""
MEYGEN = "# MeyGen\n\nMeyGen is a tidal stream array in Scotland. MeyGen has a capacity of 6 MW.\n"


class Asked(Mill):
    def ask(self, question, **more):
        rules = schema.load(self.vault)
        engine = engines.load(rules, self.vault)
        return consultation.consult(self.vault, rules, engine, question, date="2026-05-02", **more)

    def texts(self, question, **more):
        return [said.text for said in self.ask(question, **more).sentences]


@pytest.fixture(scope="module")
def made(tmp_path_factory):
    folder = tmp_path_factory.mktemp("answers")
    (folder / "schema.yaml").write_text("version: 1\nengine: rules\n")
    here = Asked(folder)
    for name, text in (("rance", RANCE), ("stream", MEYGEN), ("later", LATER)):
        here.write(f"raw/{name}.md", text)
        here.ingest(f"raw/{name}.md")
    return here


@pytest.fixture
def here(made, tmp_path, monkeypatch):
    monkeypatch.delenv("QUERN_MODEL", raising=False)
    return Asked(shutil.copytree(made.folder, tmp_path / "answers"))


# What is asked


@pytest.mark.parametrize("text", ["", "   ", "\n\t", "???", "…"])
def test_what_asks_nothing_is_no_question(text):
    with pytest.raises(Failure, match="nothing is asked"):
        inquiries.asked(text)


def test_a_question_of_ten_thousand_characters_is_none():
    with pytest.raises(Failure, match="9999 characters"):
        inquiries.asked("why " * 2500)


def test_a_question_is_one_line():
    assert inquiries.asked(" Why\n\x00 is\tit so? ") == "Why is it so?"


@pytest.mark.parametrize(
    ("text", "day"), [("", ""), ("2015", "2015-12-31"), ("2016-02", "2016-02-29"), ("2015-03-02",) * 2]
)
def test_a_day_may_be_a_year_or_a_month(text, day):
    assert inquiries.day(text) == day


@pytest.mark.parametrize("text", ["soon", "2015-13", "2015-02-30", "1-2-3-4-5", "٢٠١٥-x"])
def test_what_is_no_day_is_an_error(text):
    with pytest.raises(Failure, match="is not a date"):
        inquiries.day(text)


def test_what_asks_is_no_word_of_a_question_and_names_stand_out():
    found = {term.word: term.is_name for term in terms("When was the NVIDIA stock of La Rance in 2018 sold?", "en")}
    assert found == {"NVIDIA": True, "stock": False, "Rance": True, "2018": True, "sold": False, "La": True}
    assert [term.word for term in terms("Was kostet der Damm?", "de")] == ["kostet", "Damm"]
    assert not any(term.is_name for term in terms("什么时候开放大坝？", "zh"))


# What is answered


def test_the_quote_that_speaks_of_it_is_the_answer_word_for_word(here):
    answer = here.ask("Why does La Rance use bulb turbines?")
    assert [said.text for said in answer.sentences] == [
        "La Rance uses bulb turbines because the water flows both ways."
    ]
    assert (answer.engine, answer.model, answer.read, answer.shown) == ("rules", None, "whole", answer.of)


@pytest.mark.parametrize(
    "question",
    [
        "Since when has fishing been forbidden near La Rance tidal power station?",
        "When was MeyGen?",
        "How long is MeyGen?",
        "What is the capital of Peru?",
        "Who owns La Rance?",
        "When did MeyGen open?",
        "What was the stock price of NVIDIA in 2018?",
        "What is the capacity of Barsebäck?",
    ],
)
def test_what_no_claim_says_is_not_known(here, question):
    answer = here.ask(question)
    assert answer.sentences == []
    assert answer.gaps[0].question == question
    assert answer.gaps[0].sources


def test_where_it_is_not_known_the_nearest_pages_are_told_and_what_no_source_names(here):
    answer = here.ask("Who owns La Rance?")
    assert [near.title for near in answer.nearest][:1] == ["La Rance"]
    told = here.ask("What is the capacity of Barsebäck?")
    assert "What do sources say of Barsebäck?" in [gap.question for gap in told.gaps]


def test_what_stands_in_a_heading_above_a_row_tells_what_it_is_about(here):
    assert here.texts("When was Python 3.11 released?") == ["Version: 3.11 · Release Date: 2022-10-24"]
    assert here.texts("When was Rust 3.11 released?") == []


def test_each_of_several_things_is_answered_by_itself(here):
    said = "\n".join(here.texts("What is the capacity of MeyGen and of La Rance?"))
    assert "6 MW" in said
    assert "320 MW" in said


def test_what_is_told_of_two_things_apart_is_no_answer_about_the_two(here):
    assert here.texts("Did MeyGen open La Rance?") == []
    assert here.texts("Has MeyGen bulb turbines because the water of La Rance flows both ways?") == []


def test_a_concept_that_is_asked_of_a_thing_is_not_a_second_thing(here):
    text = "A capacity factor is the share of its capacity that a plant delivers. The capacity factor is low here."
    here.write("raw/factor.md", f"# Capacity factor\n\n{text}\n")
    here.ingest("raw/factor.md", "2026-04-05")
    assert (here.folder / "wiki/concepts/Capacity factor.md").exists()
    assert here.texts("What is the capacity factor of MeyGen and its cost?") == []


def test_an_answer_is_in_the_language_of_the_question_but_for_its_quotes(here):
    answer = here.ask("Was sagen die Quellen über die Hauptstadt von Peru?")
    assert answer.language == "de"
    assert "Das weiß das Wiki nicht." in showing.shown(answer, "md")
    assert "Lexikonartikel" in showing.shown(answer, "md")
    assert frames.of("xx") == frames.of("en")


def test_in_a_script_without_blanks_what_asks_is_told_from_what_is_asked(here):
    decided = "决定下一步：减少看泛科普文章，直接深入开源社区，比如通过贡献代码或者提出架构Issue来积累实际影响力。"
    here.write("raw/zh.md", f"# 复盘\n\n我们昨天讨论了大坝。{decided}\n")
    here.ingest("raw/zh.md", "2026-04-05")
    assert len(here.texts("下一步决定是什么？")) == 1
    assert here.texts("北京的人口是多少？") == []


def test_so_many_sentences_and_no_more(here):
    assert len(here.texts("What is the capacity of MeyGen and of La Rance?", limit=1)) == 1


def test_past_what_is_read_whole_search_finds_what_is_read(here, monkeypatch):
    monkeypatch.setattr("quern.engines.rules.answering.MOST", 3)
    answer = here.ask("Why does La Rance use bulb turbines?")
    assert (answer.read, answer.shown <= 3, answer.of > 3) == ("found", True, True)
    assert len(answer.sentences) == 1
    assert "claims were read" in showing.shown(answer, "md")


def test_an_empty_wiki_does_not_know(tmp_path):
    (tmp_path / "schema.yaml").write_text("version: 1\nengine: rules\n")
    (tmp_path / "wiki").mkdir()
    answer = Asked(tmp_path).ask("What is La Rance?")
    assert (answer.sentences, answer.of, len(answer.gaps)) == ([], 0, 1)


# What is known, and when


def capacity(here, **more):
    answer = here.ask("What capacity has La Rance?", **more)
    return {one.text: (one.standing, len(one.others)) for one in answer.claims}, answer


def test_what_is_overtaken_says_so_and_brings_what_overtook_it(here):
    told, answer = capacity(here)
    assert told["Since 2024, La Rance has a capacity of 320 MW."] == ("current", 0)
    assert "320 MW" in answer.sentences[0].text
    old, _ = capacity(here, known_by="2026-05-02")
    assert old == told


def test_on_an_earlier_day_it_was_not_overtaken_and_later_sources_were_not_known(here):
    told, answer = capacity(here, known_by="2020-01-01")
    assert told == {"La Rance opened in 1966 with a capacity of 240 MW.": ("current", 0)}
    assert answer.known_by == "2020-01-01"
    assert "2020-01-01" in showing.shown(answer, "md")
    assert capacity(here, known_by="2014-12-31")[0] == {}


def test_a_source_without_a_date_is_known_since_it_was_read(here):
    question = "What capacity has MeyGen?"
    assert here.texts(question, known_by="2026-04-01") == []
    assert here.texts(question, known_by="2026-04-02") == ["MeyGen has a capacity of 6 MW."]


def test_disputed_claims_are_marked_until_a_person_decides(here):
    here.write("raw/against.md", "# Another\n\nMeyGen is a tidal stream array. MeyGen has a capacity of 8 MW.\n")
    here.ingest("raw/against.md", "2026-04-05")
    answer = here.ask("What capacity has MeyGen?", limit=1)
    assert {one.standing for one in answer.claims} == {"disputed"}
    assert "*(disputed: MeyGen has a capacity of" in showing.shown(answer, "md")
    ids = sorted(one.claim for one in answer.claims)
    with upkeep.upkeep(here.vault, schema.load(here.vault), "2026-04-06") as work:
        settling.settle(work, "MeyGen", (ids[0], ids[1]))
    transaction.finish(here.vault)
    assert {one.standing for one in here.ask("What capacity has MeyGen?").claims} == {"current"}


def test_what_a_person_took_off_every_page_is_not_answered_from(here):
    path = "wiki/entities/MeyGen.md"
    text = here.read(path)
    lines = [line for line in text.split("\n") if "6 MW" not in line or line.startswith("[^")]
    here.write(path, "\n".join(lines).replace("lead: ", "was: "))
    assert here.texts("What capacity has MeyGen?") == []


def test_what_a_person_put_in_other_words_is_said_in_these(here):
    path = "wiki/entities/La Rance.md"
    line = next(line for line in here.read(path).split("\n") if "both ways" in line and line.startswith("- "))
    here.write(path, here.read(path).replace(line, line.replace("flows both ways", "flows in and out")))
    said = here.texts("Why does La Rance use bulb turbines?")
    assert said == ["La Rance uses bulb turbines because the water flows in and out."]


def test_a_page_that_goes_between_search_and_read_is_an_error_of_one_line(here, monkeypatch):
    from quern.answers import knowledge

    read = knowledge.Knowledge._read

    def late(self, path):
        (here.folder / path).unlink(missing_ok=True)
        return read(self, path)

    monkeypatch.setattr(knowledge.Knowledge, "_read", late)
    before = {path: path.read_bytes() for path in (here.folder / "wiki/sources").rglob("*.md")}
    with pytest.raises(Failure, match="is gone since it was found: ask again"):
        here.ask("What capacity has MeyGen?")
    assert {path: path.read_bytes() for path in (here.folder / "wiki/sources").rglob("*.md")} == before


# Side by side

COMPARED = "Compare the capacity of MeyGen, Sihwa Lake and Annapolis"


def test_each_cell_has_the_words_of_a_claim_and_cites_it(here):
    answer = here.ask(COMPARED, compare=True)
    told = {cell.thing: (cell.text, cell.value, cell.unit, cell.dimension) for cell in answer.cells}
    assert told["MeyGen"] == ("6 MW", 6e6, "MW", "power")
    assert told["Sihwa Lake"] == ("254 MW", 254e6, "MW", "power")
    cited = {one.claim: one for one in answer.claims}
    assert all(cell.text in cited[id_].text for cell in answer.cells for id_ in cell.claims)


def test_what_nothing_fills_is_an_empty_cell_and_a_gap(here):
    answer = here.ask("Compare the capacity and country of MeyGen and Sihwa Lake", compare=True)
    table = showing.shown(answer, "table")
    assert re.search(r"^\| MeyGen \| 6 MW\[\^\w+\] \|  \|$", table, re.MULTILINE)
    assert "What is the country of MeyGen?" in [gap.question for gap in answer.gaps]


def test_a_gap_is_about_what_was_asked_and_reads_as_a_question(here):
    def gaps(question, **how):
        return [gap.question for gap in here.ask(question, **how).gaps]

    assert gaps("Compare MeyGen and Sihwa Lake") == []
    assert gaps("Compare MeyGen and Sihwa Lake", compare=True) == []
    assert gaps("Vergleiche Country von MeyGen und Sihwa Lake") == ["Was sagen Quellen zu MeyGen unter „Country“?"]
    many = gaps("Compare the capacity and country of MeyGen and Sihwa Lake")
    assert many == ["What is the country of MeyGen?"]


def test_nothing_is_compared_where_nobody_asked_for_it(here):
    assert here.ask("What capacity has MeyGen?").cells == []
    with pytest.raises(Failure, match="--compare"):
        showing.shown(here.ask("What capacity has MeyGen?"), "table")


def test_what_is_overtaken_is_not_compared_and_what_is_disputed_is_no_figure(here):
    here.write("raw/against.md", "# Another\n\nMeyGen is a tidal stream array. MeyGen has a capacity of 8 MW.\n")
    here.ingest("raw/against.md", "2026-04-05")
    told = {cell.thing: cell for cell in here.ask("Compare the capacity of La Rance and MeyGen").cells}
    assert (told["La Rance"].text, told["La Rance"].value) == ("320 MW (2024) / 240 MW (1966)", 320e6)
    assert (told["MeyGen"].text, told["MeyGen"].value) in [("6 MW / 8 MW", None), ("8 MW / 6 MW", None)]


def test_what_has_been_overtaken_is_in_no_cell(here):
    newer = "MeyGen is a tidal stream array. Since 2026, MeyGen has a capacity of 12 MW."
    here.write("raw/newer.md", f"# Newer\n\n{newer}\n")
    here.ingest("raw/newer.md", "2026-04-05")
    answer = here.ask("What capacity has La Rance and MeyGen?")
    assert {one.text: one.standing for one in answer.claims}["MeyGen has a capacity of 6 MW."] == "superseded"
    assert [cell.text for cell in answer.cells if cell.thing == "MeyGen"] == ["12 MW"]


# Forms


def test_slides_are_a_deck_of_whole_slides_with_front_matter(here):
    text = showing.shown(here.ask(COMPARED), "slides")
    front, *slides = re.split(r"^---$", text, flags=re.MULTILINE)[1:]
    assert yaml.safe_load(front)["marp"] is True
    assert len(slides) >= 4
    assert all(slide.strip().startswith("#") for slide in slides)
    assert sum("\n> " in slide for slide in slides) == len(here.ask(COMPARED).sentences)


def test_a_canvas_has_the_nodes_and_edges_of_the_specification(here):
    answer = here.ask(COMPARED)
    canvas = json.loads(showing.shown(answer, "canvas"))
    nodes = {node["id"]: node for node in canvas["nodes"]}
    assert len(nodes) == len(canvas["nodes"])
    for node in nodes.values():
        assert node["type"] in ("text", "file")
        assert isinstance(node[{"text": "text", "file": "file"}[node["type"]]], str)
        assert all(isinstance(node[key], int) for key in ("x", "y", "width", "height"))
        assert node["type"] == "text" or (here.folder / node["file"]).is_file()
    assert all(edge["fromNode"] in nodes and edge["toNode"] in nodes for edge in canvas["edges"])
    assert len({edge["id"] for edge in canvas["edges"]}) == len(canvas["edges"])
    places = [(node["x"], node["y"]) for node in nodes.values()]
    assert len(places) == len(set(places))


def test_a_chart_is_a_picture_with_its_data_beside_it_and_units_on_its_axis(here, tmp_path):
    answer = here.ask(COMPARED, compare=True)
    files = showing.written([answer], "chart", tmp_path / "capacity.png")
    assert (tmp_path / "capacity.png").read_bytes().startswith(b"\x89PNG")
    told = list(csv.DictReader(io.StringIO((tmp_path / "capacity.csv").read_text())))
    assert ("MeyGen", "6", "MW") in [(row["thing"], row["value"], row["unit"]) for row in told]
    assert len(files) == 2
    again = (tmp_path / "capacity.png").read_bytes()
    showing.written([answer], "chart", tmp_path / "capacity.png")
    assert (tmp_path / "capacity.png").read_bytes() == again


def cell(thing, text, value, unit, dimension="power"):
    return Cell(
        thing=thing, attribute="capacity", text=text, claims=["0" * 12], value=value, unit=unit, dimension=dimension
    )


def test_figures_in_two_units_of_one_kind_are_drawn_in_one(here):
    answer = here.ask(COMPARED, compare=True)
    found = chart.series(replace(answer, cells=[cell("a", "6 MW", 6e6, "MW"), cell("b", "1.2 GW", 1.2e9, "GW")]))
    assert (found.unit, found.values) == ("MW", [6.0, 1200.0])


@pytest.mark.parametrize(
    "cells",
    [
        [],
        [cell("a", "6 MW", 6e6, "MW")],
        [cell("a", "6 MW", 6e6, "MW"), cell("b", "6 km", 6e3, "km", "length")],
        [cell("a", "6 MW", 6e6, "MW"), cell("b", "6 MW / 8 MW", None, "", "")],
        [cell("a", "1966", 1966.0, "", ""), cell("b", "1984", 1984.0, "", "")],
    ],
)
def test_there_is_no_chart_of_what_cannot_be_compared(here, tmp_path, cells):
    answer = replace(here.ask(COMPARED, compare=True), cells=cells)
    with pytest.raises(Failure, match="no chart"):
        showing.written([answer], "chart", tmp_path / "x.png")
    assert list(tmp_path.glob("x.*")) == []


def test_no_form_makes_anything_live_of_what_a_source_says(here):
    hostile = 'MeyGen says <script>alert(1)</script> ![x](http://e.test/p.png) [[Evil]] `= dv.x` {{tp}} | --- "$x$".'
    answer = here.ask("What capacity has MeyGen?")
    told = [replace(one, text=hostile, quote=hostile, title=hostile) for one in answer.claims]
    said = [replace(answer.sentences[0], text=hostile)]
    answer = replace(answer, sentences=said, claims=told, question=f"What {hostile}?")
    for form in ("md", "slides", "canvas"):
        text = re.sub(r"\A---\n.*?\n---\n", "", showing.shown(answer, form), flags=re.DOTALL)
        assert not re.search(r"(?<!\\)<script|(?<!\\)!\[x|(?<!\\)\[\[Evil", text.replace("\\\\", "\\"))


def test_json_is_the_record(here):
    answer = here.ask("What capacity has MeyGen?")
    assert showing.answers(rows([json.loads(showing.shown(answer, "json"))])) == [answer]


def test_the_shape_of_a_comparison_is_in_the_order_of_its_cells():
    found = comparison.shape([cell("b", "1 MW", 1e6, "MW"), cell("a", "2 MW", 2e6, "MW")])
    assert found == (["b", "a"], ["capacity"])
