"""The rules engine: what it reads out of a source, and how it sums up."""

from __future__ import annotations

from dataclasses import replace

import pytest

from quern import claims, engines
from quern.engines.rules import voices
from quern.records import Claim, Name, Passage, Sentence, Source, Unread
from quern.schema import Schema

TIDES = [
    "# La Rance",
    "",
    "La Rance is a tidal power station in Brittany. It opened in November 1966. Its capacity is 240 MW.",
    "The station employs 60 people. EDF expects it to run until 2060.",
    "",
    "Critics say that La Rance harmed the estuary. What comes next? Subscribe to our newsletter!",
]


def source(language: str = "en", **more) -> Source:
    return Source(
        id="s1", slug="tides", path="raw/tides.md", sha256="0" * 64, title="Tides", language=language, **more
    )  # fmt: skip


def passage(lines: list[str], headings: list[str] | None = None, sort: str = "prose") -> Passage:
    """A passage of lines, each of one or more sentences; an empty line ends a paragraph, `#` makes a heading."""
    sentences: list[Sentence] = []
    offset = 0
    for number, line in enumerate(lines, 1):
        for text in _split(line) if sort == "prose" else [line]:
            if not text.strip("."):
                continue
            kind = "heading" if text.startswith("#") else sort
            plain = text.lstrip("# ").rstrip(".") if kind == "heading" else text.replace("?.", "?").replace("!.", "!")
            sentences.append(
                Sentence(n=len(sentences) + 1, sort=kind, text=text, plain=plain, start=offset,
                         end=offset + len(text), place=f"line {number}")
            )  # fmt: skip
            offset += len(text) + 1
        offset += 1
    return Passage(id="s1-1", source="s1", ordinal=1, headings=headings or [], sentences=sentences)


def _split(line: str) -> list[str]:
    return [line] if line.endswith("。") else [part + "." for part in line.rstrip(".").split(". ")]


def read(passages: list[Passage], **more) -> list[Claim | Unread]:
    return list(engines.load(Schema()).claims(source(**more), passages))


def texts(found: list[Claim | Unread]) -> list[str]:
    return [record.text for record in found if isinstance(record, Claim)]


def about(claim: Claim) -> list[str]:
    return [name.name for name in claim.names if name.about]


def test_a_page_can_be_made_of_what_is_read():
    found = read([passage(TIDES, ["La Rance"])], published="2024-03-01")
    by_text = {claim.text: claim for claim in found if isinstance(claim, Claim)}
    opened = by_text["[La Rance] opened in November 1966."]
    assert (opened.quote, opened.role, opened.as_of, about(opened)) == (
        "It opened in November 1966.",
        "event",
        "1966-11",
        ["La Rance"],
    )
    assert by_text["La Rance is a tidal power station in Brittany."].role == "definition"
    assert by_text["[La Rance's] capacity is 240 MW."].role == "figure"
    assert "[La Rance] employs 60 people." in by_text
    left = by_text["EDF expects it to run until 2060."]
    assert about(left) == []
    assert by_text["Critics say that La Rance harmed the estuary."].by == "Critics"
    assert not any("newsletter" in text or "next" in text for text in by_text)


def test_claims_are_in_reading_order_and_each_keeps_to_its_evidence():
    found = [record for record in read([passage(TIDES, ["La Rance"])]) if isinstance(record, Claim)]
    assert [claim.spans[0].start for claim in found] == sorted(claim.spans[0].start for claim in found)
    for claim in found:
        assert claim.id == claims.claim_id(claim.quote, claim.text)
        assert claims.problems(claim.text, claim.quote, "La Rance") == []
        assert 0.0 <= claim.score <= 1.0
        assert [name.about for name in claim.names] == sorted((name.about for name in claim.names), reverse=True)


def test_no_claim_on_a_page_begins_with_a_pronoun():
    found = read([passage(TIDES, ["La Rance"])])
    openers = {claim.text.split()[0] for claim in found if isinstance(claim, Claim) and about(claim)}
    assert not openers & {"It", "Its", "This", "She", "They", "The station"}


def test_code_and_run_on_sentences_are_left_unread_with_their_places():
    code = passage(["let x = 1;"], sort="code")
    long = passage(["La Rance " + "and the sea " * 80 + "rest."])
    assert [(record.place, record.why) for record in read([code, long]) if isinstance(record, Unread)] == [
        ("line 1", "code"),
        ("line 1", "a sentence of 974 characters"),
    ]


def test_the_same_sentence_twice_is_one_claim():
    line = "La Rance is a tidal power station in Brittany."
    assert texts(read([passage([line, "", line])])) == [line]


@pytest.mark.parametrize(
    "line",
    [
        "(La Rance feeds the grid of Brittany.)",
        "(La Rance feeds the grid of Brittany.",
        "La Rance feeds the grid of Brittany.)",
    ],
)
def test_an_aside_loses_its_brackets(line: str):
    whole = passage(["x"])
    sentence = replace(whole.sentences[0], text=line, plain=line, end=len(line))
    (claim,) = (record for record in read([replace(whole, sentences=[sentence])]) if isinstance(record, Claim))
    assert (claim.text, claim.quote) == ("La Rance feeds the grid of Brittany.", line)


def test_what_you_can_do_is_an_instruction_without_its_connective_too():
    (claim,) = (
        record for record in read([passage(["But you can also visit La Rance in June."])]) if isinstance(record, Claim)
    )
    assert (claim.text, claim.role, about(claim)) == (
        "[Y]ou can also visit La Rance in June.",
        "procedure",
        ["La Rance"],
    )


ADA = "Ada Lovelace wrote programs in 1843."
KIN = "Visitors admired the notes in 1852."


@pytest.mark.parametrize(
    ("line", "expected"),
    [
        (f"{ADA} {KIN} She died in 1852.", "[Ada Lovelace] died in 1852."),
        (f"{ADA} {KIN} Her notes filled 40 pages.", "[Ada Lovelace's] notes filled 40 pages."),
        (f"{ADA} {KIN} He died in 1852.", None),  # no man is named
        (f"{ADA} Mary Somerville taught in 1843. {KIN} She died in 1852.", None),  # which of two?
        (f"{ADA} Yehuda Lindell wrote in 2017. {KIN} She died in 1852.", None),  # who may be a woman
        (f"She wrote much. {ADA} {KIN} She died in 1852.", None),  # she of whom we do not know is another
        (f"{KIN} She died in 1852.", None),
    ],
)
def test_she_is_the_only_person_of_the_paragraph(line: str, expected: str | None):
    said = texts(read([passage([f"{ADA} Mary Somerville and Yehuda Lindell read it in 1843.", "", line])]))
    assert (said[-1] if said[-1].endswith(("1852.", "pages.")) and said[-1] != KIN else None) == expected


@pytest.mark.parametrize(
    ("lines", "expected"),
    [
        ([ADA, "", "She died in 1852."], "[Ada Lovelace] died in 1852."),
        ([ADA, "", "She wrote in 1850.", "", "She died in 1852."], "[Ada Lovelace] died in 1852."),
        ([ADA, "", KIN, "", "She died in 1852."], None),  # too far away
        ([f"{ADA} Mary Somerville taught in 1843.", "", "She died in 1852."], None),
        ([ADA, "", "He died in 1852."], None),
        (["The biologist Zebulon Quarrie wrote in 1843.", "", "He died in 1852."], "[Zebulon Quarrie] died in 1852."),
        (["Zebulon Quarrie said that 24 mills run.", "", "He died in 1852."], "[Zebulon Quarrie] died in 1852."),
        (["Visitors of 1843 admired Ada Lovelace.", "", "She died in 1852."], None),  # named, but of others it is told
        (["Zebulon Quarrie had 24 mills in 1843.", "", "He died in 1852."], None),  # who may be a firm
        ([f"{ADA} She met Harvard University in 1843.", "", "She died in 1852."], "[Ada Lovelace] died in 1852."),
    ],
)
def test_she_may_be_the_only_person_of_the_paragraph_before(lines: list[str], expected: str | None):
    said = texts(read([passage([f"{ADA} Mary Somerville and Harvard University read it in 1843.", "", *lines])]))
    assert next((text for text in said if text.startswith("[") and "died" in text), None) == expected


def test_what_a_concept_is_used_for_is_told_of_who_uses_it():
    lines = [
        "EDF tested the tidal turbine in 1990. EDF sells mills to owners of the tidal turbine in France.",
        "The tidal turbine costs 40 million euros. A tidal turbine turns in both streams. The tidal turbine rusts.",
    ]
    by_text = {
        claim.text: claim
        for claim in read(
            [passage(lines)],
        )
        if isinstance(claim, Claim)
    }
    assert "Tidal turbine" in about(by_text["EDF tested the tidal turbine in 1990."])
    assert about(by_text["EDF sells mills to owners of the tidal turbine in France."]) == ["EDF"]
    assert about(by_text["The tidal turbine costs 40 million euros."]) == ["Tidal turbine"]


def test_who_says_or_hears_it_is_not_what_it_is_about():
    lines = ["NASA told EDF that La Rance runs 24 turbines.", "La Rance has 24 turbines, EDF has established.",
             "EDF is old. EDF was founded in 1946. EDF owns La Rance. EDF pays. EDF grew in 1990."]  # fmt: skip
    by_text = {claim.text: claim for claim in read([passage(lines)]) if isinstance(claim, Claim)}
    assert "EDF" not in about(by_text["NASA told EDF that La Rance runs 24 turbines."])
    assert "EDF" not in about(by_text["La Rance has 24 turbines, EDF has established."])


def test_list_items_take_the_line_that_opens_them():
    opener = passage(["La Rance has the following parts"], ["La Rance"])
    lead = Sentence(n=1, sort="prose", text="La Rance has:", plain="La Rance has:", start=0, end=13, place="line 1")
    items = [
        Sentence(n=n, sort="item", text=text, plain=text, start=20 * n, end=20 * n + len(text), place=f"line {n + 1}")
        for n, text in ((2, "24 bulb turbines"), (3, "a lock"))
    ]
    whole = Passage(id=opener.id, source="s1", ordinal=1, headings=["La Rance"], sentences=[lead, *items])
    found = texts(read([whole]))
    assert found == ["[La Rance has:] 24 bulb turbines", "[La Rance has:] a lock"]


def test_a_row_belongs_to_what_its_first_cell_names():
    row = passage(["Name: La Rance · Capacity: 240 MW · Owner: EDF"], ["La Rance"], sort="row")
    (claim,) = (record for record in read([row]) if isinstance(record, Claim))
    assert (claim.role, about(claim)) == ("figure", ["La Rance"])


def test_speakers_are_who_said_it_and_chit_chat_is_dropped():
    talk = passage(
        [
            "Maya Ortiz: Good morning everyone, welcome to the Rust call.",
            "Tom Berg: Yeah, I think so.",
            "Maya Ortiz: Rust 1.80 was released in July 2024.",
            "Tom Berg: We agreed to move Cargo to Rust 1.80.",
            "Maya Ortiz: Thanks, Tom.",
            "Decision: Cargo moves to Rust 1.80 in August 2024.",
        ]
    )
    found = {claim.text: claim for claim in read([talk]) if isinstance(claim, Claim)}
    assert found["Rust 1.80 was released in July 2024."].by == "Maya Ortiz"
    assert found["We agreed to move Cargo to Rust 1.80."].by == "Tom Berg"
    assert found["We agreed to move Cargo to Rust 1.80."].role == "decision"
    assert found["Decision: Cargo moves to Rust 1.80 in August 2024."].role == "decision"
    assert found["Decision: Cargo moves to Rust 1.80 in August 2024."].by is None
    assert not any(text.startswith(("Good", "Yeah", "Thanks", "Maya", "Tom")) for text in found)


def test_a_note_makes_no_speaker():
    assert voices.find(["Note: this.", "Text.", "Warning: that.", "More text."]).names == frozenset()
    assert voices.find(["Ann: a", "Bo: b", "Ann: c", "Bo: d"]).names == {"Ann", "Bo"}


@pytest.mark.parametrize(
    ("language", "lines", "expected"),
    [
        (
            "de",
            ["La Rance ist ein Gezeitenkraftwerk in der Bretagne. Es ging 1966 ans Netz. La Rance hat 24 Turbinen."],
            "[La Rance] ging 1966 ans Netz.",
        ),
        (
            "fr",
            ["La Rance est une usine marémotrice de Bretagne. Elle a été inaugurée en 1966. La Rance produit 500 GWh."],
            "[La Rance] a été inaugurée en 1966.",
        ),
        (
            "es",
            ["La Rance es una central mareomotriz de Bretaña. Fue inaugurada en 1966. La Rance produce 500 GWh."],
            "[La Rance] fue inaugurada en 1966.",
        ),
        ("zh", ["“拉朗斯”是一座潮汐发电站，装机容量为240兆瓦。"], "“拉朗斯”是一座潮汐发电站，装机容量为240兆瓦。"),
    ],
)
def test_other_languages(language, lines, expected):
    assert expected in texts(read([passage(lines, ["La Rance"])], language=language))


def claim(id_: str, text: str, role: str = "fact", name: str = "La Rance", score: float = 0.5, **more) -> Claim:
    from quern.records import Name

    return Claim(id=id_, source="s1", passage="p", text=text, quote=text, spans=[], role=role, score=score,
                 names=[Name(name=name, about=more.pop("about", True), aliases=["Rance barrage"])], **more)  # fmt: skip


CLAIMS = [
    claim("a", "La Rance has 24 turbines of 10 MW each.", "figure", score=0.7),
    claim("b", "La Rance is a tidal power station in Brittany.", "definition", score=0.6),
    claim("c", "La Rance is a tidal power station in the Brittany region.", score=0.5),
    claim("d", "EDF owns the tidal power station of La Rance.", score=0.6),
    claim("e", "Lunch was served at noon.", name="Lunch", about=False, score=0.9),
]


def test_a_lead_opens_with_what_the_page_is():
    rules = engines.load(Schema())
    lead = rules.summary(CLAIMS, 2, "Rance barrage", "en").sentences
    assert lead[0].text == "La Rance is a tidal power station in Brittany."
    assert lead[0].claims == ["b"]
    assert len(lead) == 2
    assert lead[1].claims != ["c"]


def test_a_definition_of_something_else_does_not_open_a_lead():
    others = [claim("x", "A barrage is a wall.", "definition", name="Barrage", score=0.1), *CLAIMS[:1]]
    assert engines.load(Schema()).summary(others, 1, "La Rance", "en").sentences[0].claims == ["a"]


def test_a_source_is_summed_up_in_reading_order():
    summary = engines.load(Schema()).summary(CLAIMS, 3, None, "en").sentences
    ids = [sentence.claims[0] for sentence in summary]
    assert ids == sorted(ids)
    assert "e" not in ids


def test_nothing_is_said_about_nothing():
    assert engines.load(Schema()).summary([], 3, None, "en").sentences == []


ESSAY = [
    "Cost per use accounts for longevity. Cost per use is not the only way to make buying decisions.",
    "",
    "Durable things reduce cost per use by giving more uses before they break. I like durable things.",
    "Some things are both affordable and durable.",
]


def test_a_heading_that_the_sentences_use_is_a_name():
    found = read([passage(ESSAY, ["Cost per use"]), passage(["Durable things age well, as a rule."], ["How to buy"])])
    by_text = {claim.text: claim for claim in found if isinstance(claim, Claim)}
    assert about(by_text["Cost per use accounts for longevity."]) == ["Cost per use"]
    assert "Some things are both affordable and durable." in by_text  # a thought, though it names nothing
    assert "I like durable things." not in by_text
    assert "How to buy" not in {name.name for claim in by_text.values() for name in claim.names}


def test_a_definition_goes_to_what_it_defines_and_not_to_what_it_names_besides():
    lines = ["NASA was founded in 1958. NASA has rockets.", "", "EDF is NASA's supplier of power. EDF runs La Rance."]
    by_text = {claim.text: claim for claim in read([passage(lines)]) if isinstance(claim, Claim)}
    assert about(by_text["EDF is NASA's supplier of power."]) == ["EDF"]


def test_who_reports_is_not_what_is_reported_and_a_dateline_is_neither():
    lines = [
        "WASHINGTON — NASA chose five companies in 2018.",
        "",
        "As EDF reports for NASA, 24 turbines of La Rance run.",
    ]
    by_text = {claim.text: claim for claim in read([passage(lines)]) if isinstance(claim, Claim)}
    assert about(by_text["NASA chose five companies in 2018."]) == ["NASA"]
    assert "EDF" not in about(by_text["As EDF reports for NASA, 24 turbines of La Rance run."])


def test_questions_to_a_speaker_are_left_and_answers_lose_their_label():
    lines = [
        "Q: La Rance sounds old to many of you.",
        "",
        "A: La Rance runs on 24 turbines.",
        "",
        "Q - What of MeyGen?",
        "",
        "A - MeyGen has 4 turbines in Scotland.",
    ]
    assert texts(read([passage(lines)])) == ["La Rance runs on 24 turbines.", "MeyGen has 4 turbines in Scotland."]


def test_a_lead_is_not_made_of_what_to_do_nor_of_items_of_a_list():
    said = [
        _said("a", "Run La Rance at night.", "procedure"),
        _said("b", "[La Rance has:] a wall", "fact"),
        _said("c", "La Rance would be safe.", "fact", stance="hypothetical"),
        _said("d", "La Rance is cheap to run.", "fact"),
        _said("e", "“La Rance is what everybody here has grown up with.”", "fact", stance="reported"),
    ]
    lead = engines.load(Schema()).summary(said, 2, "La Rance", "en").sentences
    assert [sentence.claims for sentence in lead] == [["d"]]


def _said(id_: str, text: str, role: str, **more) -> Claim:
    made = Claim(id=id_, source="s1", passage="", text=text, quote=text, spans=[], names=[], role=role, **more)
    return replace(made, names=[Name(name="La Rance", type="entity")], score=0.5)


def test_a_heading_in_the_plural_tells_of_one():
    lines = ["EDF sells mills to owners of the tidal turbine in France. The tidal turbine is old. Tidal turbines turn."]
    found = read([passage(lines, headings=["Tidal turbines"])])
    first = next(claim for claim in found if isinstance(claim, Claim) and claim.text.startswith("EDF"))
    assert "Tidal turbine" in about(first)


def test_an_item_of_several_sentences_is_about_what_the_first_names():
    told = "MeyGen runs a mill in Scotland! It has 24 turbines. It is not to be mixed up with La Rance of 1966."
    lines = [
        "La Rance opened in 1966.",
        "La Rance has 24 turbines.",
        "La Rance is old in 1990.",
        "La Rance runs in 2020.",
    ]
    first = passage(lines)
    item = Sentence(n=9, sort="item", text=told, plain=told, start=900, end=900 + len(told), place="line 9")
    found = read([replace(first, sentences=[*first.sentences, item])])
    claim = next(claim for claim in found if isinstance(claim, Claim) and claim.text == told)
    assert "La Rance" not in about(claim)


def test_a_list_of_references_says_nothing_of_what_it_names():
    lines = ["La Rance is a tidal power station in Brittany.", "MeyGen opened in November 1966 near La Rance."]
    assert texts(read([passage(lines, headings=["Further west"])]))
    found = read([passage(lines, headings=["7. References"])])
    assert found == [Unread(source="s1", place="lines 1-2", why="references")]


def test_an_opening_phrase_with_following_introduces_nobody():
    text = "Following the storm at MeyGen, a lawyer for the owners asked for a review of the mill in 2020."
    found = read([passage(["MeyGen is old in 1990.", "MeyGen runs in 2020.", text])])
    claim = next(claim for claim in found if isinstance(claim, Claim) and claim.text == text)
    assert claim.role != "definition"
