"""Which sentences say what a text says."""

from __future__ import annotations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from quern.engines.rules import centrality, grammar

TEXT = [
    "La Rance is a tidal power station.",
    "Lunch was late.",
    "The tidal power station of La Rance has a barrage with turbines.",
    "A barrage with turbines makes tidal power.",
]


def test_a_sentence_of_shared_words_is_central():
    ranks = centrality.rank(TEXT, "en")
    assert max(ranks) == 1.0
    assert ranks.index(max(ranks)) == 2
    assert min(ranks) == ranks[1]


def test_the_title_and_announcements_weigh():
    patterns = grammar.load("en")
    plain = centrality.weigh(TEXT, "en", "", patterns)
    titled = centrality.weigh(TEXT, "en", "Late lunch", patterns)
    assert titled[1] > plain[1]
    assert titled[2] == plain[2]
    both = centrality.weigh(["We present a mill.", "You present a mill."], "en", "", patterns)
    assert both[0] > both[1] + centrality.POSITION / 2


def test_what_says_again_is_not_chosen():
    sentences = ["The barrage makes tidal power.", "The barrage makes much tidal power.", "Lunch was late."]
    assert centrality.choose(sentences, [1.0, 0.9, 0.1], 2, "en") == [0, 2]
    assert centrality.choose(sentences, [1.0, 0.9, 0.1], 9, "en") == [0, 2]
    assert centrality.choose([], [], 3, "en") == []


@pytest.mark.parametrize(
    ("language", "one", "other"),
    [
        ("de", "Die Staudämme der Gezeiten", "Ein Staudamm und die Gezeit"),
        ("zh", "潮汐发电站在法国", "法国的潮汐发电"),
        ("ja", "潮力発電所はフランスにある", "フランスの潮力発電"),
        ("th", "โรงไฟฟ้าพลังน้ำขึ้นน้ำลง", "พลังน้ำขึ้นน้ำลง"),
        ("ru", "Приливная электростанция работает", "Работа электростанции"),
    ],
)
def test_every_script_has_content(language, one, other):
    left, right = centrality.bags([one, other], language)
    assert left & right


@given(st.lists(st.text(max_size=60), max_size=12), st.sampled_from(["en", "zh", "ar", "und"]))
@settings(max_examples=100)
def test_ranks_lie_between_0_and_1(sentences, language):
    ranks = centrality.rank(sentences, language)
    assert len(ranks) == len(sentences)
    assert all(0.0 <= rank <= 1.0 for rank in ranks)
