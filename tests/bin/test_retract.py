"""retract under Make: what a person sees. What becomes of the wiki is in tests/scenarios/test_retract.py."""

from __future__ import annotations

from processes import Run

TEXT = "# Plants\n\nLa Rance is a tidal power station. La Rance opened in 1966. La Rance has 24 turbines.\n"


def test_make_retract_says_what_went_and_make_ingest_brings_it_back(make: Run, clone) -> None:
    name = 'it\'s "a" $plant, é.md'
    (clone / "raw" / name).write_text(TEXT)
    (clone / "raw" / "other.md").write_text(TEXT.replace("Plants", "Others").replace("has 24 turbines", "feeds a town"))
    assert make("ingest-all").status == 0
    done = make("retract", SRC=f"raw/{name}", DATE="2026-05-01")
    assert (done.status, done.err) == (0, "")
    assert done.text.startswith(f"Plants (raw/{name})\n")
    assert "updated 1 page: Rance\n" in done.text
    assert "lint: 0 errors, 0 warnings\n" in done.text
    assert "look at: wiki/index.md" in done.text
    assert "## [2026-05-01] retract | Plants\n" in (clone / "log.md").read_text()
    again = make("retract", SRC=f"raw/{name}", DATE="2026-05-02")
    assert (again.status, again.text) == (0, "")
    assert again.err == f"retract: raw/{name}: not in the wiki: nothing to retract\n"
    assert make("ingest", SRC=f"raw/{name}").text.startswith("Plants (")
    assert (clone / "raw" / name).read_text() == TEXT


def test_make_retract_of_nothing_says_how(make: Run) -> None:
    done = make("retract")
    assert done.status == 2
    assert done.err.startswith("retract: which source? for example: make retract SRC=raw/NAME.md\n")
