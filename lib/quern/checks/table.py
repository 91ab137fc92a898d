"""What lint looks for: the code, how grave it is, why it matters, and the function that looks.

A check looks at one page, at all pages together, or at the vault besides its pages, and yields what is wrong.
What people made themselves in the wiki (no type of ours, no claims) is theirs: a check says how grave it is there.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, replace
from typing import Any

from quern.checks import (
    currency,
    disputes,
    evidence,
    form,
    hygiene,
    judged,
    listing,
    naming,
    references,
    shape,
    vaultwide,
    withheld,
)
from quern.checks.census import Census
from quern.checks.view import Page, Problem, View
from quern.records import Severity
from quern.schema import Schema

GRAVER: tuple[Severity, ...] = ("hint", "warning", "error")
"""Severities, each graver than the one before."""


@dataclass(frozen=True, slots=True)
class Check:
    """One row of the table. `hand_made`: its severity on a page that people made themselves; None: not done there."""

    code: str
    severity: Severity | None
    hand_made: Severity | None
    why: str
    function: Callable[..., Iterator[Any]]

    def on(self, *, is_ours: bool) -> Severity | None:
        """How grave it is on a page of ours, or of people's; None: nothing is said."""
        return self.severity if is_ours else self.hand_made

    def set(self, severity: Severity | None) -> Check:
        """The check as a schema sets it. Where it was milder on what people made, it is no graver there than it was."""
        if severity is None or self.hand_made is None or self.severity is None:
            return replace(self, severity=severity, hand_made=None if severity is None else self.hand_made)
        hand_made = severity if self.hand_made == self.severity else min(self.hand_made, severity, key=GRAVER.index)
        return replace(self, severity=severity, hand_made=hand_made)


class PageCheck(Check):
    """Its function looks at one page: (View, Page) -> problems."""

    function: Callable[[View, Page], Iterator[Problem]]


class WikiCheck(Check):
    """Its function looks at all pages together: (View, Census) -> paths, each with a problem."""

    function: Callable[[View, Census], Iterator[tuple[str, Problem]]]


class VaultCheck(Check):
    """Its function looks at the vault besides its pages: View -> paths, each with a problem."""

    function: Callable[[View], Iterator[tuple[str, Problem]]]


class JudgedCheck(Check):
    """Its function tells what a judge found: (View, a ruling or a question of the docket) -> paths, with a problem."""

    function: Callable[[View, Any], Iterator[tuple[str, Problem]]]


CHECKS: tuple[Check, ...] = (
    # Form
    PageCheck("conflict-marks", "error", "error",
              "git left both versions of some lines, and neither can be trusted", form.conflict_marks),
    PageCheck("invalid-front-matter", "error", "warning",
              "what cannot be read as YAML is lost to Dataview and to us", form.invalid_front_matter),
    PageCheck("missing-front-matter", "warning", "hint",
              "a page without title and type is in no section of the index", form.missing_front_matter),
    PageCheck("wrong-count", "hint", None,
              "who asks front matter how much a page rests on should be told what is so", form.wrong_count),
    PageCheck("double-footnote", "warning", "hint",
              "of two footnotes of one name only one is shown", form.double_footnote),
    PageCheck("empty-page", "warning", "hint",
              "a page that says nothing is a link that leads nowhere", form.empty_page),
    PageCheck("thin-page", "hint", None,
              "what one sentence says may stand better on another page", shape.thin_page),
    PageCheck("long-page", "hint", "hint",
              "a page that nobody reads to its end hides what it says", shape.long_page),
    PageCheck("title-and-file", "hint", None,
              "links name the file, people the title: they should find one page", shape.title_and_file),
    PageCheck("twin-file", "error", "error",
              "a Mac has one file for two names that differ only by case or Unicode form", form.twin_file),
    PageCheck("misplaced-page", "hint", "hint",
              "the folder of sources holds the ledgers of what was read, and nothing else", shape.misplaced_page),
    PageCheck("active-content", "warning", "hint",
              "what runs when a page is opened can do what its reader can", shape.active_content),
    PageCheck("raw-html", "hint", "hint",
              "HTML is shown otherwise, or not at all, outside of Obsidian", shape.raw_html),
    # Links
    PageCheck("broken-link", "error", "error",
              "a link must lead to a file, heading or block that is there", references.broken_link),
    PageCheck("missing-embed", "error", "error",
              "what is to be shown must be there", references.missing_embed),
    PageCheck("placeholder-link", "warning", "hint",
              "a name that stands for another was to be filled in", references.placeholder_link),
    PageCheck("malformed-link", "warning", "hint",
              "what looks like a link and is none leads nobody on", references.malformed_link),
    PageCheck("one-way-link", "hint", None,
              "of two things that are related each should lead to the other", references.one_way_link),
    PageCheck("few-links", "hint", None,
              "a page that leads nowhere ends a walk through the wiki", references.few_links),
    PageCheck("orphan-page", "warning", "hint",
              "a page that no other page links to is not found by walking the wiki", references.orphan_page),
    WikiCheck("island", "hint", None,
              "pages that hang together and with no other are not found by walking the wiki", references.island),
    # Index and log
    WikiCheck("missing-index", "warning", "hint",
              "the index is where people and agents begin", listing.missing_index),
    PageCheck("not-in-index", "warning", "hint",
              "the index is where people and agents look first", listing.not_in_index),
    PageCheck("index-without-page", "warning", "warning",
              "a line of the index that leads nowhere misleads", listing.index_without_page),
    PageCheck("index-twice", "warning", "warning",
              "of two lines about one page one is wrong before long", listing.index_twice),
    WikiCheck("index-drift", "hint", "hint",
              "the index should say of a page what the page says", listing.index_drift),
    WikiCheck("missing-log", "warning", "hint",
              "without a log nobody knows what was read when", listing.missing_log),
    VaultCheck("malformed-log", "warning", "warning",
               "the log is read by programs: an entry has one form", vaultwide.malformed_log),
    WikiCheck("unlogged-change", "hint", None,
              "what changed without a word in the log was not done by the mill", listing.unlogged_change),
    # Evidence
    PageCheck("claim-without-evidence", "warning", None,
              "no claim without evidence", evidence.claim_without_evidence),
    PageCheck("missing-source", "error", "error",
              "a citation must lead to a claim on a source page, and that page to a raw file",
              evidence.missing_source),
    PageCheck("quote-not-found", "error", "error",
              "the quote must stand in the raw source", evidence.quote_not_found),
    PageCheck("wrong-lines", "error", "error",
              "the quote must stand in the lines that are named, or nobody finds it", evidence.wrong_lines),
    PageCheck("raw-changed", "warning", "warning",
              "the source is not what the claims were taken from: ingest it again", evidence.raw_changed),
    WikiCheck("unread-source", "hint", "hint",
              "what lies in raw/ unread is in no answer", evidence.unread_source),
    PageCheck("incomplete-source", "warning", None,
              "what no reply of the model could be used for is in no claim", currency.incomplete_source),
    PageCheck("synthesis-of-synthesis", "warning", "warning",
              "a wiki that cites itself is soon sure of what nobody said", evidence.synthesis_of_synthesis),
    # Knowledge
    PageCheck("contradiction", "warning", None,
              "two sources cannot both be right, and only a person can say which is", disputes.contradiction),
    PageCheck("possible-contradiction", "hint", None,
              "what looks like a contradiction, but may be said of two things", disputes.possible_contradiction),
    WikiCheck("different-values", "warning", None,
              "one thing has one value, on whichever page it is told", disputes.different_values),
    WikiCheck("overtaken-in-lead", "warning", None,
              "what opens a page should be what is so now", disputes.overtaken_in_lead),
    PageCheck("lead-outdated", "warning", None,
              "a lead that was made from other claims says too little, or too much", currency.lead_outdated),
    PageCheck("lead-behind", "hint", None,
              "a person's lead is never touched, so only a person can bring it up to date", currency.lead_behind),
    PageCheck("stale-page", "warning", None,
              "what was true once may be so no more: look for newer evidence", currency.stale_page),
    PageCheck("outdated-answer", "warning", None,
              "an answer that rests on what is no longer so misleads: ask again", currency.outdated_answer),
    # Names
    PageCheck("duplicate-name", "warning", "hint",
              "two pages of one name: links and merges can go to either", naming.duplicate_name),
    WikiCheck("similar-name", "hint", None,
              "two pages whose names are spelt alike may be one", naming.similar_name),
    WikiCheck("homonym", "hint", None,
              "who comes to one of two things of one name should be told of the other", naming.homonym),
    PageCheck("ambiguous-name", "warning", None,
              "one name for two things, which only a person can tell apart", naming.ambiguous_name),
    PageCheck("waiting-name", "hint", None,
              "a name that several sources bring is worth a page", naming.waiting_name),
    PageCheck("unlinked-mention", "hint", "hint",
              "a page is named but not linked", naming.unlinked_mention),
    PageCheck("withheld-page", "hint", None,
              "a page that a person deleted stays away, and what was said on it with it", withheld.withheld_page),
    # Files
    WikiCheck("unknown-file", "hint", "hint",
              "what no page shows or links to is not found", hygiene.unknown_file),
    WikiCheck("leftover-file", "warning", "warning",
              "a copy that was left behind is found in place of the page", hygiene.leftover_file),
    VaultCheck("schema-version", "hint", "hint",
               "a later quern must know how an older one understood the schema", hygiene.schema_version),
    VaultCheck("unfinished-run", "warning", "warning",
               "a run was stopped before its log entry: the next one finishes it", vaultwide.unfinished_run),
    VaultCheck("uncommitted-run", "warning", "warning",
               "git does not know yet of what the last run wrote", vaultwide.uncommitted_run),
)  # fmt: skip

OF_PAIRS: tuple[JudgedCheck, ...] = (
    JudgedCheck("judged-contradiction", "warning", None,
                "what the rules are not sure of may be wrong all the same", judged.judged_contradiction),
    JudgedCheck("overtaken-claim", "warning", None,
                "who reads what was so takes it for what is so", judged.overtaken_claim),
)  # fmt: skip
OF_QUESTIONS: tuple[JudgedCheck, ...] = (
    JudgedCheck("unexplained-term", "hint", None,
                "a term that many sentences need should be explained in one", judged.unexplained_term),
    JudgedCheck("gap", "hint", None,
                "what is not known is best known as a question, and as a source to look for", judged.gap),
)  # fmt: skip
JUDGED: tuple[Check, ...] = (*OF_PAIRS, *OF_QUESTIONS)
"""What a judge looks for (see `docket`), and lint does not."""


def codes() -> tuple[str, ...]:
    """The codes of all checks, in the order of the tables."""
    return tuple(check.code for check in (*CHECKS, *JUDGED))


def unknown(code: str) -> str:
    """What is said of a code that is none, with the one that may be meant."""
    from rapidfuzz import fuzz, process

    near = process.extractOne(code, codes(), scorer=fuzz.ratio, score_cutoff=60)
    return f"{code!r} is no code of lint" + (f": did you mean {near[0]}?" if near else ": docs/lint.md lists them")


def in_force(schema: Schema, wanted: frozenset[str] = frozenset()) -> list[Check]:
    """The checks as the schema sets them, without those that it turns off; `wanted`: these codes alone."""
    return [check for check in as_set(CHECKS, schema) if not wanted or check.code in wanted]


def as_set(checks: Iterable[Check], schema: Schema) -> Iterator[Check]:
    """These checks as the schema sets them, without those that it turns off."""
    set_ = schema.lint.severity
    found = (check.set(_severity(set_[check.code])) if check.code in set_ else check for check in checks)
    return (check for check in found if check.severity is not None)


def _severity(value: str | bool) -> Severity | None:
    return next((severity for severity in GRAVER if severity == value), None)
