"""What is worth keeping, and what kind of claim it is."""

from __future__ import annotations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from quern.engines.rules import grammar, worth
from quern.engines.rules.lookup import Lookup, Term

NAMES = Lookup(
    Term(name, "entity")
    for name in (
        "La Rance",
        "EDF",
        "Rust",
        "Cargo",
        "MeyGen",
        "Ada Lovelace",
        "Wehr",
        "barrage",
        "Cargo.toml",
        "crates",
    )
)


def judged(text: str, language: str = "en", published: str | None = None, **more) -> worth.Verdict:
    patterns, found = grammar.load(language), NAMES.find(text)
    defines = worth.definition_end(text, found, patterns) is not None
    return worth.judge(text, found, patterns, defines=defines, published=published, **more)


def worthless(text: str, language: str = "en", sort="prose") -> bool:
    return worth.worthless(text, sort, NAMES.find(text), grammar.load(language))


@pytest.mark.parametrize(
    ("text", "language"),
    [
        ("What is Rust good for?", "en"),
        ("什么是 Rust?", "zh"),
        ("Subscribe to the Rust newsletter for weekly updates.", "en"),
        ("Thank you for joining the Rust call today.", "en"),
        ("Read more about Rust and EDF in our archive.", "en"),
        ("We use cookies from EDF to improve your visit.", "en"),
        ("Photo by Ada Lovelace in La Rance", "en"),
        ("As Rust 1.0 begins, EDF bets it all on an electric future", "en"),  # a headline
        ("“EDF-controlled Rust formations”", "en"),
        ("Rust rocks!", "en"),
        ("The weather was fine and everyone went home.", "en"),
        ("Rust, 2024", "en"),
        ("https://example.org/rust", "en"),
        ("In this chapter, Rust is introduced to everyone.", "en"),
        ("Vielen Dank für die Fragen zu Rust und EDF.", "de"),
        ("Abonnieren Sie den Newsletter von EDF noch heute.", "de"),
        ("Bonjour et merci de suivre EDF avec nous.", "fr"),
        ("Gracias por leer este texto sobre EDF.", "es"),
        ("A plain Rust, with a good Cargo, and a great EDF.", "en"),
        ("These are the things that Rust needs:", "en"),
    ],
)
def test_nobody_wants_these(text, language):
    assert worthless(text, language)


@pytest.mark.parametrize(
    "text",
    [
        "^ a b Ada Lovelace 2003, p. 65 of a book about Rust.",
        "Lovelace, Ada (2003). A History of Rust. Paris: EDF. ISBN 978-92-3-103832-7.",
        '"Rust". A Dictionary of the English Language. Houghton. 2006. Retrieved 2015-05-22.',
        "[29] Ada Lovelace and Ewan Tully. The mill and Rust. In Proceedings of the Mill, 2019.",
    ],
)
def test_an_entry_of_a_list_of_references_is_no_claim(text: str):
    assert worthless(text, sort="item")
    assert not worthless("Rust was retrieved from 2003 on, and Ada Lovelace wrote [29] of it.", sort="item")


@pytest.mark.parametrize(
    ("text", "language"),
    [
        ("La Rance opened in 1966.", "en"),
        ("Rust requires curly brackets around bodies.", "en"),
        ("La Rance wurde 1966 eröffnet.", "de"),
        ("EDF exploite La Rance depuis le premier jour.", "fr"),
        ("EDF opera La Rance desde 1966.", "es"),
        ("EDF 于1966年建成。", "zh"),
    ],
)
def test_these_are_kept(text, language):
    assert not worthless(text, language)


@pytest.mark.parametrize(
    ("text", "role", "stance"),
    [
        ("La Rance is a power station in Brittany.", "definition", "asserted"),
        ("Cargo is Rust’s build system and package manager.", "definition", "asserted"),
        ("Cargo (the tool) is a package manager.", "definition", "asserted"),
        ("MeyGen refers to an array of turbines.", "definition", "asserted"),
        ("La Rance is not a dam of the old kind.", "fact", "negated"),
        ("La Rance opened in November 1966.", "event", "asserted"),
        ("La Rance has a capacity of 240 MW.", "figure", "asserted"),
        ("EDF closed the gate because the sea rose.", "cause", "asserted"),
        ("Rust cannot free memory twice.", "limit", "negated"),
        ("Decision: EDF opens the gate.", "decision", "asserted"),
        ("The group decided to ask EDF.", "decision", "asserted"),
        ("Run Cargo to build the project.", "procedure", "asserted"),
        ("You must install Rust first.", "procedure", "asserted"),
        ("EDF will investigate the crack.", "task", "asserted"),
        ("EDF should mend the gate.", "opinion", "asserted"),
        ("EDF would sell La Rance.", "fact", "hypothetical"),
        ("Critics claim that EDF hides figures.", "fact", "reported"),
        ("Rust has traits and macros.", "fact", "asserted"),
    ],
)
def test_roles_and_stances(text, role, stance):
    verdict = judged(text)
    assert (verdict.role, verdict.stance) == (role, stance)


@pytest.mark.parametrize(
    ("text", "language", "role"),
    [
        ("Ein Wehr ist ein Bauwerk im Fluss.", "de", "definition"),
        ("La Rance est une usine marémotrice.", "fr", "definition"),
        ("La Rance es una central mareomotriz.", "es", "definition"),
        ("EDF hat 24 Turbinen zu 10 MW.", "de", "figure"),
        ("EDF 是一家法国公司。", "zh", "definition"),
    ],
)
def test_definitions_and_figures_in_other_languages(text, language, role):
    assert judged(text, language).role == role


@pytest.mark.parametrize(
    ("text", "by"),
    [
        ("According to EDF, the gate is safe.", "EDF"),
        ("Ada Lovelace argues that machines compose.", "Ada Lovelace"),
        ("Critics claim that EDF hides figures.", "Critics"),
        ("They say that EDF hides figures.", None),
        ("EDF owns La Rance.", None),
    ],
)
def test_who_says_it(text, by):
    assert judged(text).by == by


def test_a_claim_is_of_its_own_date_or_of_its_source_and_never_of_the_future():
    assert judged("La Rance opened in 1966.", published="2024-03-01").as_of == "1966"
    assert judged("La Rance has 24 turbines.", published="2024-03-01").as_of == "2024-03-01"
    assert judged("La Rance will close in 2060.", published="2024-03-01").as_of == "2024-03-01"
    assert judged("La Rance has 24 turbines.", published="spring").as_of is None


def test_headings_and_speakers_have_a_say():
    assert judged("EDF has the drawings.", headed="Action items", listed=True).role == "task"
    assert judged("EDF has the drawings.", headed="Questions").role == "fact"  # prose under a heading is no task
    assert judged("We will go with Rust.", spoken=True).role == "decision"
    assert judged("We will go with Rust.").role == "fact"


def test_the_number_in_a_name_is_no_figure():
    names = Lookup([Term("iPhone 16", "entity")])
    found = names.find("The iPhone 16 looks like a phone.")
    verdict = worth.judge("The iPhone 16 looks like a phone.", found, grammar.load("en"), defines=False, published=None)
    assert verdict.role == "fact"


def test_a_glossary_entry_explains():
    assert worth.explains("Cargo: the build system of the language", NAMES.find("Cargo: the build system"))
    assert worth.explains("Cargo – builds code and fetches libraries", NAMES.find("Cargo – builds code"))
    assert worth.explains("Cargo: The build system of the language", NAMES.find("Cargo: The build"))
    assert not worth.explains("Cargo: Crates, Rustfmt and Clippy too", NAMES.find("Cargo: Crates"))
    assert not worth.explains("Cargo: EDF and other mills", NAMES.find("Cargo: EDF and other"))  # lists what there is
    assert not worth.explains("Cargo: yes", NAMES.find("Cargo: yes"))


def test_a_definition_may_give_the_name_last():
    text = "In Rust, packages of code are called crates."
    found = NAMES.find(text)
    place = worth.called(text, found, grammar.load("en"))
    assert place is not None
    assert found[place][2].name == "crates"


@given(st.sampled_from(["en", "de", "fr", "es", "ru"]), st.text(max_size=150))
@settings(max_examples=150)
def test_any_text_can_be_judged(language, text):
    patterns, found = grammar.load(language), NAMES.find(text)
    worth.worthless(text, "prose", found, patterns)
    verdict = worth.judge(text, found, patterns, defines=False, published=None)
    assert verdict.role in worth.WEIGHTS


@pytest.mark.parametrize(
    ("text", "by"),
    [
        ("Ada Lovelace, head of EDF, said the wall was leaking.", "Ada Lovelace"),
        ("The wall was leaking, said Ada Lovelace.", "Ada Lovelace"),
        ("La Rance is safe, though officials say the risk is low.", "officials"),
    ],
)
def test_who_says_it_is_found_beside_its_apposition(text: str, by: str):
    assert judged(text).by == by


@pytest.mark.parametrize(
    "text", ["A leak was reported in the wall of La Rance.", "EDF was recently reported on in Rust."]
)
def test_nobody_says_what_was_reported_somewhere(text: str):
    assert (judged(text).stance, judged(text).by) == ("asserted", None)


def test_consensus_rules_are_no_decision():
    assert judged("EDF follows the consensus rules of the grid.").role == "fact"
    assert judged("The consensus was to keep Rust.").role == "decision"


@pytest.mark.parametrize(
    ("text", "kept"),
    [
        ("Durable things may cost more upfront, but over time they cost less.", True),
        ("You can barter for durable things at any market.", False),
        ("The weather was fine and everyone went home to sleep.", False),
        ("Knowledge has a cost.", False),
        ("Buy durable things that cost more upfront but last.", False),
    ],
)
def test_a_thought_is_kept_though_it_names_nothing(text: str, kept: bool):
    assert worthless(text) is not kept


@pytest.mark.parametrize(
    ("text", "says"),
    [
        ("A turbine is a mill in the sea.", True),
        ("The turbine is a mill in the sea.", True),
        ("The tidal turbine is a mill in the sea.", True),
        ("The road safety slogan is a pun of a state.", False),
        ("A slogan is a pun of a state.", True),
    ],
)
def test_a_kind_of_a_common_thing_does_not_say_what_the_thing_is(text: str, says: bool):
    terms = Lookup(Term(name, "concept", surface=frozenset({name.lower()})) for name in ("Turbine", "Slogan"))
    assert (worth.definition(text, terms.find(text), grammar.load("en")) is not None) is says
