"""Whatever sources say and people do, in any order: no claim and no word of a person is lost."""

from __future__ import annotations

import shutil
import sys
import tempfile
from pathlib import Path

from hypothesis import Phase, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, rule
from processes import ROOT
from retelling import WAYS, Retelling

sys.path.insert(0, str(ROOT / "bench"))

from life import Life

EDITS = st.sampled_from(
    ["a bullet", "a word of a lead", "a paragraph", "a section", "a key", "a bullet deleted", "a page moved",
     "a page renamed", "a page deleted", "a type"]
)  # fmt: skip


class Wiki(RuleBasedStateMachine):
    """A wiki in which sources come, change and go, and people edit."""

    def __init__(self) -> None:
        super().__init__()
        self.folder = tempfile.mkdtemp()

    @initialize(seed=st.integers(0, 10_000))
    def begin(self, seed: int) -> None:
        self.life = Life(Path(self.folder, "vault"), seed, things=12)
        self.life.new_source()
        self.life.new_source()

    @rule()
    def a_source_comes(self) -> None:
        self.life.new_source()

    @rule()
    def a_source_changes(self) -> None:
        self.life.changed_source()

    @rule()
    def a_source_is_read_again(self) -> None:
        self.life.again()

    @rule(way=st.sampled_from([None, *WAYS]))
    def a_source_is_read_anew(self, way: str | None) -> None:
        self.life.read_again(self.life.engine if way is None else Retelling(self.life.engine, way))

    @rule()
    def a_source_is_taken_back(self) -> None:
        self.life.retract()

    @rule(kind=EDITS)
    def a_person_edits(self, kind: str) -> None:
        self.life.edit(kind)

    @rule()
    def a_page_is_renamed(self) -> None:
        self.life.rename()

    @invariant()
    def no_claim_is_lost(self) -> None:
        assert self.life.lost_claims() == []

    @invariant()
    def no_edit_is_lost(self) -> None:
        assert self.life.lost_edits() == []

    @invariant()
    def lint_finds_no_error(self) -> None:
        assert [f for f in self.life.findings() if f.severity == "error"] == []

    def teardown(self) -> None:
        try:
            for path in sorted(self.life.sources):
                self.life.ingest(path)
            self.life.refresh()
            assert self.life.outdated() == []
            before = self.life.picture()
            for path in sorted(self.life.sources):
                self.life.ingest(path)
            assert self.life.picture() == before
        finally:
            shutil.rmtree(self.folder)


TestLife = Wiki.TestCase
# What fails is told as it was found: to make it smaller takes minutes.
TestLife.settings = settings(max_examples=10, stateful_step_count=20, phases=[Phase.generate])
