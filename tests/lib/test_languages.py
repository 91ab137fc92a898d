"""Languages: words in any script, and which language a text is in."""

from __future__ import annotations

import unicodedata

import pytest
from hypothesis import given
from hypothesis import strategies as st

from quern import languages
from quern.search import terms

SENTENCES = {
    "en": "The tide rises and falls twice a day.",
    "de": "Das Kraftwerk wurde im Jahr 1966 eröffnet.",
    "fr": "La centrale est située sur l'estuaire de la Rance.",
    "es": "La central está en el estuario del río Rance.",
    "pt": "A central fica no estuário do rio e não é a maior.",
    "it": "La centrale si trova sull'estuario del fiume e non è la più grande.",
    "nl": "De centrale ligt aan de monding van de rivier.",
    "sv": "Kraftverket ligger vid floden och är det största som har byggts.",
    "da": "Kraftværket ligger ved floden og er det største, der blev bygget, men ikke også.",
    "pl": "Elektrownia jest na rzece i nie jest największa.",
    "vi": "Nhà máy điện là một công trình của Pháp và được xây trong năm",
    "ru": "Электростанция была построена в 1966 году.",
    "uk": "Електростанція була збудована в 1966 році і є найбільшою.",
    "bg": "Централата се намира на реката и е най-голямата, която са построили.",
    "el": "Ο σταθμός βρίσκεται στον ποταμό.",
    "he": "תחנת הכוח נמצאת על הנהר.",
    "ar": "تقع محطة الطاقة على نهر رانس.",
    "fa": "نیروگاه جزر و مدی رانس در فرانسه است که گفته می‌شود پرچم.",
    "hi": "यह बिजलीघर नदी पर है।",
    "th": "โรงไฟฟ้าพลังน้ำ",
    "zh": "潮汐发电站位于朗斯河口。",
    "ja": "潮力発電所はランス川の河口にある。",
    "ko": "조력 발전소는 랑스 강에 있다.",
}


@pytest.mark.parametrize("language", SENTENCES)
def test_tells_a_language_from_one_sentence(language: str) -> None:
    assert languages.detect(SENTENCES[language]) == language


@pytest.mark.parametrize("text", ["", "12 34", "— ⋯ —", "EDF 240 MW"])
def test_takes_the_default_where_nothing_tells(text: str) -> None:
    assert languages.detect(text, "fr") == "fr"


def test_a_latin_name_does_not_change_the_language() -> None:
    assert languages.detect("Станция La Rance (EDF) была построена во Франции.") == "ru"
    assert languages.detect("使用 GPT-4 模型和 node.js 框架。") == "zh"


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("C, C++ and C# (node.js, GPT-4)", ["C", "C++", "and", "C#", "node.js", "GPT-4"]),
        ("O'Brien’s 3.5 % of 1,000,000.", ["O'Brien’s", "3.5", "of", "1,000,000"]),
        ("snake_case, x86-64 — U.S.A.", ["snake_case", "x86-64", "U.S.A"]),
        ("使用GPT-4模型。", ["使用", "GPT-4", "模型"]),
        ("हिन्दी में", ["हिन्दी", "में"]),
        ("a, b", ["a", "b"]),
        ("", []),
    ],
)
def test_words_are_as_written(text: str, words: list[str]) -> None:
    assert languages.words(text) == words


def test_a_combining_mark_never_ends_a_word() -> None:
    marks = [chr(code) for code in range(0x300, 0x10000) if unicodedata.category(chr(code))[0] == "M"]
    assert [mark for mark in marks if len(languages.words(f"a{mark}b")) != 1] == []


@given(st.text())
def test_words_stand_in_the_text_in_their_order_and_nothing_between_them_is_a_letter(text: str) -> None:
    at = 0
    for word in languages.words(text):
        found = text.find(word, at)
        assert found >= at
        assert not any(letter.isalnum() for letter in text[at:found])
        at = found + len(word)
    assert not any(letter.isalnum() for letter in text[at:])


@pytest.mark.parametrize(
    ("text", "count"),
    [("The tide rises.", 3), ("潮汐发电站", 5), ("使用 GPT-4", 3), ("โรงไฟฟ้าพลังน้ำ", 3), ("", 0)],
)
def test_counts_what_a_reader_would_count(text: str, count: int) -> None:
    assert languages.count_words(text) == count


@pytest.mark.parametrize("language", ["en", "de", "fr", "es", "pt", "it", "nl", "ru"])
def test_stop_words_are_folded_words(language: str) -> None:
    found = languages.stopwords(language)
    assert len(found) > 200
    assert all(word == word.casefold().strip() and word for word in found)


def test_other_languages_have_no_stop_words() -> None:
    assert languages.stopwords("zh") == frozenset()
    assert "the" in languages.stopwords("en")


@given(st.text(st.sampled_from("aZ9é'’.-_+# \u0301\u2019ж\u0e01\u0e31\u1100\u3007\u3041漢\uac00\ufe0f\U00020000")))
def test_what_finds_words_sooner_finds_the_same(text: str) -> None:
    assert languages.words(text) == languages._word().findall(text)
    normal = unicodedata.normalize("NFKC", text)
    if not text.isascii():
        assert terms.found(text) == terms._word().findall(normal)
