"""What becomes of the earlier claims of a source that has changed."""

from __future__ import annotations

import dataclasses

import pytest
from turning import Mill, quiet

from quern import passages, schema, wiki
from quern.linking import revisions
from quern.program import Failure

PATH, PAGE = "raw/plants.md", "wiki/entities/La Rance.md"
OLD = "# Plants\n\nLa Rance is a tidal power station. La Rance opened in 1966 with 240 MW. La Rance has 24 turbines.\n"


@pytest.fixture
def mill(vault):
    found = Mill(vault)
    found.write(PATH, OLD)
    found.ingest(PATH)
    return found


def revised(mill, text, path=PATH):
    """What link is told of the source with another text, of which the engine makes no claim at all."""
    mill.write(path, text)
    rules = schema.load(mill.vault)
    source = next(passages.records(mill.vault, rules, str(mill.folder / path), quiet))
    with wiki.open(mill.vault) as catalogue:
        return revisions.reviser(mill.vault, catalogue, rules)(source, [])


def told(found):
    return [(claim.text, claim.spans[0].place) for claim in found.kept]


def test_the_same_bytes_leave_everything_as_it_is(mill):
    assert revised(mill, OLD) == revisions.Revision(is_unchanged=True)


def test_words_that_stand_elsewhere_keep_their_claims_and_the_pages_that_quote_them_are_named(mill):
    found = revised(mill, OLD.replace("# Plants\n", "# Plants\n\nA new line.\n"))
    assert told(found) == [
        ("La Rance is a tidal power station.", "line 5"),
        ("La Rance opened in 1966 with 240 MW.", "line 5"),
        ("La Rance has 24 turbines.", "line 5"),
    ]
    assert [claim.id for claim in found.moved[PAGE]] == [claim.id for claim in found.kept]
    assert found.lost == {}


@pytest.mark.parametrize(
    "now",
    [
        "La Rance opened in 1967 with 240 MW.",
        "It is not so that La Rance opened in 1966 with 240 MW.",
        "La Rance opened in 1966 with 240 MW, as planned.",
        "",
    ],
)
def test_words_that_are_only_part_of_a_sentence_are_gone(mill, now):
    found = revised(mill, OLD.replace("La Rance opened in 1966 with 240 MW.", now))
    assert "La Rance opened in 1966 with 240 MW." not in [text for text, _ in told(found)]
    assert [len(ids) for ids in found.lost.values()] == [1]


@pytest.mark.parametrize("now", ["La Rance\nopened in 1966 with  240 MW.", "La [[Rance]] opened in 1966 with 240 MW."])
def test_blanks_and_link_marks_do_not_count(mill, now):
    found = revised(mill, OLD.replace("La Rance opened in 1966 with 240 MW.", now))
    assert "La Rance opened in 1966 with 240 MW." in [text for text, _ in told(found)]


def test_of_equal_sentences_the_nearest_is_taken(mill):
    again = "\n\nLa Rance has 24 turbines.\n"
    assert told(revised(mill, OLD + again))[-1] == ("La Rance has 24 turbines.", "line 3")
    assert told(revised(mill, again + "\n" * 20 + again))[-1] == ("La Rance has 24 turbines.", "line 3")


def test_a_raw_file_that_is_not_the_one_that_was_segmented_is_refused(mill):
    mill.write(PATH, OLD + "More.\n")
    rules = schema.load(mill.vault)
    source = next(passages.records(mill.vault, rules, str(mill.folder / PATH), quiet))
    source = dataclasses.replace(source, sha256="0" * 64)
    with wiki.open(mill.vault) as catalogue, pytest.raises(Failure, match="has changed since it was segmented"):
        revisions.reviser(mill.vault, catalogue, rules)(source, [])
