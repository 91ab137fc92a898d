"""Edits of a page's lines do not disturb each other, in whatever order they are asked for."""

from __future__ import annotations

from quern.pages.edits import Edits


def test_what_is_appended_comes_behind_what_is_put_at_the_end():
    edits = Edits(["## Facts", "", "- raised to the lead"])
    edits.remove(2)
    edits.insert(3, ["- new"])
    edits.append(["## Contradictions"])
    assert edits.result() == ["## Facts", "", "- new", "", "## Contradictions"]


def test_what_is_appended_comes_before_blank_lines_at_the_end():
    edits = Edits(["## Facts", "", "- old", "", ""])
    edits.append(["## Contradictions"])
    assert edits.result() == ["## Facts", "", "- old", "", "## Contradictions", "", ""]
