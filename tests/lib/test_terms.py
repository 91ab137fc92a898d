"""The names of a source: which are found, what they are called, what they weigh."""

from __future__ import annotations

import re
import time

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from quern.engines.rules.acronyms import pairs
from quern.engines.rules.definitions import defines
from quern.engines.rules.keyphrases import keyphrases
from quern.engines.rules.lexicon import lexicon, single
from quern.engines.rules.terms import Term, mentions, terms
from quern.engines.rules.tokens import tokens
from quern.records import Passage, Sentence, Source

_MARKUP = re.compile(r"[*`]+|\[\[|\]\]|\[([^\]]*)\]\([^)]*\)")


def source(title: str = "", language: str = "en", authors: list[str] | None = None) -> Source:
    return Source(id="0", slug="s", path="raw/s.md", sha256="0", title=title, language=language, authors=authors or [])


def sentence(text: str, sort: str = "prose") -> Sentence:
    plain = text if sort == "code" else _MARKUP.sub(lambda match: match[1] or "", text)
    return Sentence(n=1, sort=sort, text=text, plain=plain, start=0, end=len(text), place="line 1")  # type: ignore[arg-type]


def names(
    text: str, language: str = "en", title: str = "", headings: tuple[str, ...] = (), authors: list[str] | None = None
) -> dict[str, Term]:
    """The terms of a text whose sentences stand on lines; a line that begins with # is a heading."""
    lines = [line.strip() for line in text.strip().splitlines() if line.strip()]
    sentences = [sentence(line.lstrip("# "), "heading" if line.startswith("#") else "prose") for line in lines]
    passage = Passage(id="0-1", source="0", ordinal=1, headings=list(headings), sentences=sentences)
    return {term.name: term for term in terms(source(title, language, authors), [passage])}


TOUR = """
Tidal power is electricity made from the rise and fall of the sea.
However, tidal power is seldom used, and Note that it is expensive in 2024.
The Rance tidal power station is a barrage on the estuary of the Rance in Brittany.
People in Brittany call it La Rance.
It was built by Électricité de France (EDF), and EDF runs it still.
MeyGen is an array of turbines in Scotland, and the default model of the context works.
A turbine turns in the stream; each turbine of MeyGen weighs as much as the other turbines.
By then the work had begun, the work went on, and the work was done.
Don't say that they're wrong: it wasn't the default, it isn't the default.
"""


@pytest.fixture(scope="module")
def tour() -> dict[str, Term]:
    return names(TOUR, title="Tidal power in Europe")


@pytest.mark.parametrize(
    "name", ["Tidal power", "Rance tidal power station", "Électricité de France", "MeyGen", "Brittany", "Turbine"]
)
def test_what_a_source_is_about_is_found(tour: dict[str, Term], name: str) -> None:
    assert name in tour


@pytest.mark.parametrize(
    "word", ["however", "note", "people", "2024", "work", "default", "don", "isn", "then", "model"]
)
def test_common_words_are_no_names(tour: dict[str, Term], word: str) -> None:
    assert word not in {name.casefold() for name in tour}


def test_what_the_title_says_weighs_most_and_weights_are_shares(tour: dict[str, Term]) -> None:
    assert next(iter(tour)) == "Tidal power"
    assert all(0 < term.weight <= 1 for term in tour.values())
    assert [*tour] == [term.name for term in sorted(tour.values(), key=lambda term: (-term.weight, term.name))]


def test_short_forms_are_aliases(tour: dict[str, Term]) -> None:
    assert tour["Rance tidal power station"].aliases == ("La Rance",)
    assert tour["Électricité de France"].aliases == ("EDF",)
    assert "La Rance" not in tour
    assert "EDF" not in tour


def test_a_river_is_not_the_station_on_it(tour: dict[str, Term]) -> None:
    assert "Rance" not in tour["Rance tidal power station"].aliases


def test_what_the_source_says_what_it_is_is_defined(tour: dict[str, Term]) -> None:
    assert tour["Tidal power"].defined
    assert tour["MeyGen"].defined
    assert not tour["Brittany"].defined


@pytest.mark.parametrize(
    ("text", "name", "alias"),
    [
        ("The Program Counter (PC) holds an address.\nThe PC is read first.", "Program Counter", "PC"),
        ("The PC (program counter) holds an address.\nThe PC is read first.", "Program counter", "PC"),
        ("The program counter (PC) holds it.\nEach program counter counts.", "Program counter", "PC"),
        (
            "They sell the Samsung Galaxy Tab in Leeds.\nThe Galaxy Tab is new, and Samsung sells the Galaxy Tab.",
            "Galaxy Tab",
            "Samsung Galaxy Tab",
        ),
        ("They met Jane Smith in Leeds.\nThere Smith spoke, and Smith left.", "Jane Smith", "Smith"),
        (
            "Peer review is slow.\nPeer review helps, a **peer-review** pays, this peer-review too.",
            "Peer review",
            "Peer-review",
        ),
    ],
)
def test_two_forms_of_one_name(text: str, name: str, alias: str) -> None:
    found = names(text)
    assert alias in found[name].aliases
    assert alias not in found


@pytest.mark.parametrize(
    ("text", "name"),
    [
        ("Jane Smith said so.", "Jane Smith"),
        ("However Jane Smith said no.", "Jane Smith"),
        ("Emily Brown said so.", "Emily Brown"),
        ("New Zealand said so.", "New Zealand"),
        ("Alternatively Taproot works.\nWe like Taproot.", "Taproot"),
        ("We met Dr. Jane Smith there.", "Jane Smith"),
        ("We met J. R. R. Tolkien there.", "J. R. R. Tolkien"),
        ("They sold Johnson & Johnson there.", "Johnson & Johnson"),
        ("They read the Lord of the Rings there.", "Lord of the Rings"),
        ("They kept a base in al-Tanf there.", "al-Tanf"),
        ("They saw Israeli Prime Minister Emily Brown there.", "Emily Brown"),
        ("They sold it to the US there.", "US"),
        ("They sold it to the U.S. there.", "U.S."),
    ],
)
def test_where_a_name_begins_and_ends(text: str, name: str) -> None:
    assert [*names(text)] == [name]


def test_a_surname_of_two_persons_is_nobodys_alias() -> None:
    found = names("They met Jane Smith and Paul Smith.\nLater they saw Smith again, and Smith waved.")
    assert not found["Jane Smith"].aliases
    assert not found["Paul Smith"].aliases


def test_speakers_and_authors_are_persons() -> None:
    talk = "\n".join(
        f"{who}: We asked Oskar about the turbine." for who in ("Oskar Lind", "Priya", "Oskar Lind", "Priya")
    )
    found = names(talk)
    assert found["Oskar Lind"].type == "entity"
    assert found["Oskar Lind"].aliases == ("Oskar",)
    drawn = names("The lock was drawn by Zyx Wvut.\nThen Wvut left.", authors=["Zyx Wvut"])
    assert drawn["Zyx Wvut"].aliases == ("Wvut",)


def test_code_spans_bold_quoted_and_heading_terms() -> None:
    found = names(
        """
        ## Slack water
        The slack water lasts minutes, at slack water all is still.
        So `read_line` must be quick, and `read_line` is called once.
        A **bulb turbine** turns both ways, as every bulb turbine does.
        They speak of “tide locking” there; tide locking is rare, but tide locking hurts.
        """
    )
    assert {"Slack water", "read_line", "Bulb turbine", "Tide locking"} <= found.keys()
    assert found["Slack water"].weight > found["Tide locking"].weight


@pytest.mark.parametrize("span", ["0x1F", "true", "src/main.rs", "--flag", "x = 1", "the"])
def test_code_spans_that_name_nothing(span: str) -> None:
    assert not names(f"We write `{span}` here.\nWe write `{span}` there.\nAnd `{span}` again.")


def test_code_blocks_and_navigation_give_no_names() -> None:
    passages = [
        Passage(id="1", source="0", ordinal=1, headings=[], sentences=[sentence("Zebra Zebra Zebra Zebra", "code")]),
        Passage(
            id="2", source="0", ordinal=2, headings=["Related posts"], sentences=[sentence("We like Quokka Island.")]
        ),
        Passage(id="3", source="0", ordinal=3, headings=[], sentences=[sentence("Read more"), sentence("Sign in")]),
    ]
    assert not terms(source(), passages)


@pytest.mark.parametrize(
    ("text", "absent"),
    [
        ("See Chapter 3 and Figure 4.\nIn Chapter 3 we saw Figure 4.", {"Chapter 3", "Figure 4"}),
        ("It gives 240 MW, then 320 MW.\nOnce 10 MW were enough.", {"MW", "240 MW"}),
        ("We saw the sea.\nParis is far. London is near.", {"Paris London", "Sea Paris"}),
        ("STATE OF THE ART\nSTATE OF THE ART", {"State of the", "STATE OF THE ART"}),
        ("They met in May 2024.\nOn Monday, in May 2024, they left.", {"May 2024", "Monday", "May"}),
        ("Alice pays Bob.\nThen Alice sees Bob, and Bob sees Alice.", {"Alice", "Bob"}),
    ],
)
def test_what_looks_like_a_name_and_is_none(text: str, absent: set[str]) -> None:
    assert not absent & names(text).keys()


@pytest.mark.parametrize(
    ("text", "name"),
    [
        ("We use lenses. Both lenses broke.\nThe lenses are gone, the lenses were dear.", "Lens"),
        ("They sell externalities.\nThe externalities grow, these externalities hurt.", "Externality"),
        ("We like iPhones.\nThe iPhones are here, and an iPhone is there.", "iPhone"),
        ("There the CTVs stand.\nThe CTVs stood, but a CTV fell.", "CTV"),
        ("It was on GitHub.\nThen GitHub fell, and github rose.", "GitHub"),
    ],
)
def test_names_are_singular_and_spelt_as_written(text: str, name: str) -> None:
    assert name in names(text)


GERMAN = """
Ein Gezeitenkraftwerk ist ein Kraftwerk am Meer.
Das Gezeitenkraftwerk La Rance liegt an der Mündung der Rance in der Bretagne.
Bundeskanzlerin Angela Merkel besuchte es 2016, und Merkel sprach über den Tidenhub.
Künstliche Intelligenz (KI) sagt den Tidenhub voraus; mit KI rechnet man den Tidenhub aus.
Das Haus steht am Berg, und das Haus hat eine Tür.
"""
FRENCH = """
Une hydrolienne est une turbine posée au fond de la mer.
Les hydroliennes de Paimpol n'ont pas survécu, mais l'intelligence artificielle (IA) progresse.
Grâce à l'IA, la Banque de France prévoit tout, et l'intelligence artificielle gagne.
Aujourd'hui, Marie Curie parle ; Curie construit une hydrolienne.
"""
SPANISH = """
Una cadena de bloques es un registro.
La cadena de bloques de Bitcoin guarda datos, y otra cadena de bloques no.
Sin embargo, Satoshi Nakamoto publicó el artículo, y Nakamoto desapareció en España.
Las firmas son largas: cada firma pesa, y la firma se puede firmar.
"""
RUSSIAN = """
Приливная электростанция — это особый вид гидроэлектростанции.
Однако приливная электростанция стоит дорого, а приливные электростанции редки.
Там Лев Бернштейн строил Кислогубскую ПЭС, и Бернштейн гордился.
"""
CHINESE = """
潮汐能是一种可再生能源。
潮汐电站利用潮汐能发电。
江厦潮汐电站位于浙江省，江厦潮汐电站很大。
我们认为潮汐电站很重要，但是潮汐能成本很高。
人工智能（AI）可以预测，人工智能的应用很多。
《海洋能报告》由大学发布。
"""
JAPANESE = """
潮力発電とは、潮の満ち引きを利用した発電である。
潮力発電は高い。
東京大学は潮力発電を研究し、東京大学はタービンを作る。
タービンは海底にある。
"""
KOREAN = """
조력 발전은 바다의 힘을 쓴다.
조력 발전의 비용은 높고 조력 발전을 배운다.
인공지능(AI)은 새롭다.
인공지능이 쓰이고 인공지능을 배운다.
"""
ARABIC = """
طاقة المد هي طاقة متجددة.
تقع محطة رانس في فرنسا.
محطة رانس كبيرة، وتستخدم محطة رانس طاقة المد.
قال إن طاقة المد رخيصة.
"""
THAI = """
**โรงไฟฟ้าลารองซ์**อยู่ในฝรั่งเศส
โรงไฟฟ้าลารองซ์เปิดในปี 1966
ปัญญาประดิษฐ์ช่วยได้
ปัญญาประดิษฐ์ทำงาน
เขาใช้ปัญญาประดิษฐ์
"""


@pytest.mark.parametrize(
    ("language", "text", "present", "absent"),
    [
        ("de", GERMAN, "Tidenhub; Künstliche Intelligenz; Angela Merkel; Gezeitenkraftwerk", "Haus; Tür; KI"),
        ("fr", FRENCH, "Hydrolienne; Intelligence artificielle; Banque de France; Marie Curie", "Aujourd'hui; Grâce"),
        ("es", SPANISH, "Cadena de bloques; Satoshi Nakamoto; España; Firma", "Sin embargo; Firmar"),
        ("ru", RUSSIAN, "Приливная электростанция; Лев Бернштейн", "Однако; Там"),
        ("zh", CHINESE, "潮汐能; 潮汐电站; 江厦潮汐电站; 人工智能; 海洋能报告", "我们; 重要; 可以; 成本"),
        ("ja", JAPANESE, "潮力発電; 東京大学; タービン", "研究; 利用"),
        ("ko", KOREAN, "조력 발전; 인공지능", "조력 발전은; AI"),
        ("ar", ARABIC, "طاقة المد; محطة رانس", "في; هي"),
        ("th", THAI, "โรงไฟฟ้าลารองซ์; ปัญญาประดิษฐ์", "ใน; และ"),
    ],
)
def test_names_in_many_languages(language: str, text: str, present: str, absent: str) -> None:
    found = names(text, language)
    assert set(present.split("; ")) <= found.keys()
    assert not set(absent.split("; ")) & found.keys()


@pytest.mark.parametrize(
    ("text", "found"),
    [
        ("the European Marine Energy Centre (EMEC) tests", ("EMEC", "European Marine Energy Centre")),
        ("a Contract for Difference (CfD)", ("CfD", "Contract for Difference")),
        ("Électricité de France (EDF)", ("EDF", "Électricité de France")),
        ("the DNA (deoxyribonucleic acid) of", ("DNA", "deoxyribonucleic acid")),
        ("it was sold (USA) then", None),
        ("RAII (Resource Acquisition Is Initialization)", ("RAII", "Resource Acquisition Is Initialization")),
        ("in the end (OK) we", None),
    ],
)
def test_acronyms(text: str, found: tuple[str, str] | None) -> None:
    assert list(pairs(text)) == ([found] if found else [])


@pytest.mark.parametrize(
    ("language", "text", "name", "says"),
    [
        ("en", "A barrage is a dam.", "barrage", True),
        ("en", "A barrage (a wall) is a kind of dam.", "barrage", False),
        ("en", "The barrage was a great success.", "barrage", False),
        ("en", "We think the barrage is a dam.", "barrage", False),
        ("en", "It is a dam called a barrage.", "barrage", True),
        ("en", "Barrages are walls that hold water.", "Barrages", True),
        ("en", "Barrages are independent of water.", "Barrages", False),
        ("de", "Ein Damm ist ein Bauwerk.", "Damm", True),
        ("fr", "L'estuaire est un lieu.", "estuaire", True),
        ("es", "La presa es una obra.", "presa", True),
        ("zh", "潮汐能是一种能源。", "潮汐能", True),
    ],
)
def test_what_is_a_definition(language: str, text: str, name: str, says: bool) -> None:
    start = text.index(name)
    assert defines(text, start, start + len(name), language) is says


def test_mentions_are_the_longest_and_in_order() -> None:
    known = [
        Term("Tidal power", "concept", surface=frozenset({"tidal power"})),
        Term("Tidal power station", "concept", surface=frozenset({"tidal power stations"})),
        Term("IT", "entity", exact=True),
        Term("潮汐能", "concept"),
    ]
    text = "It uses tidal power, IT, and tidal power stations; 利用潮汐能发电"
    assert [(text[start:end], term.name) for start, end, term in mentions(text, known)] == [
        ("tidal power", "Tidal power"),
        ("IT", "IT"),
        ("tidal power stations", "Tidal power station"),
        ("潮汐能", "潮汐能"),
    ]


def test_mentions_do_not_cross_a_border() -> None:
    assert not mentions("It is tidal. Power is dear.", [Term("Tidal power", "concept")])


def test_a_word_with_capitals_inside_is_a_name_even_where_it_is_written_small() -> None:
    found = names("The sybilquorum is new.\nA sybilquorum is old, this sybilquorum is not.", title="SybilQuorum: trust")
    assert found["SybilQuorum"].type == "entity"


def test_labels_that_are_no_speakers_are_no_persons() -> None:
    talk = "\n".join(f"{who}: We keep the lock." for who in ("Priya", "Decision", "Tom", "Decision", "Priya", "Tom"))
    assert "Decision" not in names(talk + "\nTom: The decision stands.")


@given(st.text(max_size=200))
@settings(max_examples=150, deadline=None)
def test_any_text_gives_terms_that_are_in_it(text: str) -> None:
    passage = Passage(id="0-1", source="0", ordinal=1, headings=[], sentences=[sentence(text)])
    for term in (found := terms(source(), [passage])):
        assert term.name.strip()
        assert mentions(sentence(text).plain, found)
    for token in tokens(text):
        assert text[token.start : token.end] == token.text


def test_the_same_text_gives_the_same_terms(tour: dict[str, Term]) -> None:
    assert list(names(TOUR, title="Tidal power in Europe").values()) == list(tour.values())


def test_keyphrases_are_what_a_text_is_about() -> None:
    text = (
        "Stable feature selection. We propose a stable feature selection for knowledge discovery. "
        "Feature selection algorithms improve classification accuracy, but feature selection is unstable."
    )
    found = [phrase.casefold() for phrase in keyphrases(text, "en", 4)]
    assert "feature selection" in found
    assert len(found) == 4
    assert not keyphrases("", "en")


def test_a_long_source_is_read_in_linear_time() -> None:
    line = "The tidal turbine of MeyGen gives power to Orkney, and the grid takes it from Kirkwall in turn."

    def spent(times: int) -> float:
        begun = time.process_time()
        names("\n".join(line.replace("turn", f"turn{at % 50}") for at in range(times)))
        return time.process_time() - begun

    spent(10)
    assert spent(1600) < 12 * spent(400) + 0.2


@pytest.mark.parametrize(
    ("word", "alone"),
    [("turbines", "turbine"), ("bus", "bus"), ("analyses", "analyse"), ("studies", "study"), ("physics", "physics")],
)
def test_singular(word: str, alone: str) -> None:
    assert single(word) == alone


@pytest.mark.parametrize(
    "language", ["ar", "de", "en", "es", "fr", "it", "ja", "ko", "nl", "pl", "pt", "ru", "th", "uk", "zh"]
)
def test_lexica_are_read(language: str) -> None:
    assert lexicon(language).empty or lexicon(language).nouns


def test_a_name_behind_a_year_is_no_unit_of_measure() -> None:
    found = names("MeyGen is a tidal array. By February 2023 MeyGen had delivered 50 GWh.")
    assert "MeyGen" in found
    assert "GWh" not in found


def test_whose_or_which_is_no_name_by_itself():
    found = names("The Syrian army met the Syrian ministers. Syrian Radio met Syrians.\nSyria said so, and Syria paid.")
    assert "Syria" in found
    assert not {"Syrian", "Syrians"} & found.keys()


def test_a_border_of_a_country_is_not_the_country():
    found = names("Jordan shut Syria's border. Syria's border is long. Syria paid, and Syria kept the money.")
    assert "Syria" in found


def test_a_last_word_of_several_names_is_no_surname():
    text = "Virginia Democrats won in 2019. Kentucky Democrats lost in 2019. Democrats met, and Democrats paid."
    assert "Democrats" in names(text)


def test_a_german_noun_without_its_article_is_one():
    text = "Die Banane ist gelb. Bananen sind weich. Bananen haben Kerne. Eine Banane hat Kerne. Bananen waren neu."
    assert "Banane" in names(text, "de")


def test_what_a_thing_has_several_of_is_not_that_thing():
    found = names("Sync regions are near. Open Sync, and choose Sync regions. Sync runs, and Sync stops.")
    assert "Sync" in found


def test_a_name_and_what_it_did_are_no_name():
    found = names("Microsoft agreed to buy it. Microsoft agreed to pay. Then Microsoft agreed again.")
    assert "Microsoft" in found
    assert "Microsoft agreed" not in found


@pytest.mark.parametrize(
    ("text", "absent"),
    [
        ("The price per MWh was set. The MWh was dear, and a MWh is much.", "MWh"),
        ("Ceres Labs incubates mills. Now Ceres Labs incubates a farm. Ceres Labs incubates.", "Ceres Labs incubate"),
        ("A VW logo glows. The VW logo is lit. VW sells it. VW said so. VW paid, VW won, VW left, VW came.", "VW logo"),
        ("Open Obsidian now.\nOpen Obsidian there.\nWe like Obsidian, and Obsidian runs.", "Open Obsidian"),
        ("They tap Open there.\nOpen File Explorer.\nOpen File Explorer now.", "Open File Explorer"),
        ("The VW ID. SPACE is new. The VW ID.3 is small.", "VW ID"),
        (
            "Israeli courts met. An Israeli court ruled. The Israeli courts sat, Israeli courts rose.",
            "Israeli court",
        ),
        (
            "They shut Syria's border. Syria's border is long. Syria's border is shut. Syria's border. Syria's border.",
            "Syria's border",
        ),
        ("It lies within 12 km of Leeds. Fish swim 4 km of Leeds, and 3 km of Leeds is sand.", "Km of Leeds"),
        ("They asked us, and told us, and sold us mills.", "US"),
    ],
)
def test_what_a_name_does_or_has_or_is_measured_in_is_no_name(text: str, absent: str) -> None:
    assert absent not in names(text)


def test_what_a_name_has_is_a_name_where_it_stands_for_itself() -> None:
    assert "Rust compiler" in names("The **Rust compiler** is strict. A Rust compiler checks. Rust grew, Rust won.")
    text = "The Rance barrage is old.\nThe Rance dam runs.\nThey saw Rance, left Rance.\nThey sold Rance, met Rance."
    assert {"Rance barrage", "Rance"} <= names(text).keys()
    assert "BTC" in names("It cost 2 BTC there. Then BTC fell, and BTC rose.")  # money has a name


def test_initials_are_a_short_form_only_of_what_says_what_it_is() -> None:
    text = "{} met them in Leeds. Then {} spoke. They met ETH there, and ETH paid."
    assert "ETH" in names(text.format("Ewan Tully Hofer", "Ewan Tully Hofer"))
    assert "ETH" in names(text.format("European Tidal Hub", "European Tidal Hub"))["European Tidal Hub"].aliases


def test_a_surname_belongs_to_a_name_with_an_apostrophe() -> None:
    assert (
        "Herbert"
        in names("They met De’Broski Herbert. There Herbert spoke, and Herbert left.")["De’Broski Herbert"].aliases
    )


def test_initials_with_an_ampersand_are_of_a_company_with_its_legal_form() -> None:
    text = "They met Pacific Gas & Electric Co. there. Then they left PG&E again. They say PG&E is slow."
    assert "PG&E" in names(text)["Pacific Gas & Electric Co"].aliases
    assert "PG&E" in names(text.replace("Pacific", "Northern"))  # N, not P


def test_initials_are_no_first_name_of_an_authority() -> None:
    text = "They say the US Justice Department sued. Then the US Justice Department lost. They say the US paid."
    assert "US" not in names(text)["US Justice Department"].aliases
