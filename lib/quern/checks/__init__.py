"""What lint looks for: a table of checks, each with its severity, the reason for it and the function that does it.

A check looks at one page, or at the vault as a whole, and yields what is wrong.
What people made themselves in the wiki (no type of ours, no claims) is theirs: a check says how grave it is there.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass

import msgspec

from quern.checks import currency, disputes, evidence, form, naming, references, vaultwide, withheld
from quern.checks.view import Page, Problem, View
from quern.jsonl import Row
from quern.records import Change, Finding, Severity
from quern.schema import Schema
from quern.vault import Vault
from quern.wiki import Catalogue
from quern.wiki.tables import fingerprint


@dataclass(frozen=True, slots=True)
class Check:
    """One row of the table. `hand_made`: its severity on a page that people made themselves; None: not done there."""

    code: str
    severity: Severity
    hand_made: Severity | None
    why: str
    function: Callable[[View, Page], Iterator[Problem]]


@dataclass(frozen=True, slots=True)
class VaultCheck:
    """One row of the table of checks on the vault as a whole."""

    code: str
    severity: Severity
    why: str
    function: Callable[[View], Iterator[tuple[str, Problem]]]


PAGE_CHECKS = (
    Check("conflict-marks", "error", "error",
          "git left both versions of some lines, and neither can be trusted", form.conflict_marks),
    Check("invalid-front-matter", "error", "warning",
          "what cannot be read as YAML is lost to Dataview and to us", form.invalid_front_matter),
    Check("missing-front-matter", "warning", "hint",
          "a page without title and type is in no section of the index", form.missing_front_matter),
    Check("double-footnote", "warning", "hint",
          "of two footnotes of one name only one is shown", form.double_footnote),
    Check("empty-page", "warning", "warning",
          "a page that says nothing is a link that leads nowhere", form.empty_page),
    Check("twin-file", "error", "error",
          "a Mac has one file for two names that differ only by case or Unicode form", form.twin_file),
    Check("broken-link", "error", "error",
          "a link must lead to a file, heading or block that is there", references.broken_link),
    Check("orphan-page", "warning", "hint",
          "a page that no other page links to is not found by walking the wiki", references.orphan_page),
    Check("not-in-index", "warning", "hint",
          "the index is where people and agents look first", references.not_in_index),
    Check("index-without-page", "warning", "warning",
          "a line of the index that leads nowhere misleads", references.index_without_page),
    Check("withheld-page", "hint", None,
          "a page that a person deleted stays away, and what was said on it with it", withheld.withheld_page),
    Check("claim-without-evidence", "warning", None,
          "no claim without evidence", evidence.claim_without_evidence),
    Check("missing-source", "error", "error",
          "a citation must lead to a claim on a source page, and that page to a raw file", evidence.missing_source),
    Check("quote-not-found", "error", "error",
          "the quote must stand in the raw source, at the lines that are named", evidence.quote_not_found),
    Check("raw-changed", "warning", "warning",
          "the source is not what the claims were taken from: ingest it again", evidence.raw_changed),
    Check("lead-outdated", "warning", None,
          "a lead that was made from other claims says too little, or too much", currency.lead_outdated),
    Check("lead-behind", "hint", None,
          "a person's lead is never touched, so only a person can bring it up to date", currency.lead_behind),
    Check("stale-page", "warning", None,
          "what was true once may be so no more: look for newer evidence", currency.stale_page),
    Check("outdated-answer", "warning", None,
          "an answer that rests on what is no longer so misleads: ask again", currency.outdated_answer),
    Check("incomplete-source", "warning", None,
          "what no reply of the model could be used for is in no claim", currency.incomplete_source),
    Check("contradiction", "warning", None,
          "two sources cannot both be right, and only a person can say which is", disputes.contradiction),
    Check("possible-contradiction", "hint", None,
          "what looks like a contradiction, but may be said of two things", disputes.possible_contradiction),
    Check("duplicate-name", "warning", "hint",
          "two pages of one name: links and merges can go to either", naming.duplicate_name),
    Check("ambiguous-name", "warning", None,
          "one name for two things, which only a person can tell apart", naming.ambiguous_name),
    Check("waiting-name", "hint", None,
          "a name that several sources bring is worth a page", naming.waiting_name),
    Check("unlinked-mention", "hint", "hint",
          "a page is named but not linked", naming.unlinked_mention),
)  # fmt: skip

VAULT_CHECKS = (
    VaultCheck("malformed-log", "warning",
               "the log is read by programs: an entry has one form", vaultwide.malformed_log),
    VaultCheck("unfinished-run", "warning",
               "a run was stopped before its log entry: the next one finishes it", vaultwide.unfinished_run),
    VaultCheck("uncommitted-run", "warning",
               "git does not know yet of what the last run wrote", vaultwide.uncommitted_run),
)  # fmt: skip

# What the findings depend on besides the vault.
_CODE = (
    *(
        f"checks/{name}"
        for name in ("__init__", "currency", "disputes", "evidence", "form", "naming", "references", "view", "withheld")
    ),
    "claims",
    "currency",
    "freshness",
    "answers/knowledge",
)


def check_pages(  # noqa: PLR0913 - what is asked, of which pages, and when
    vault: Vault, catalogue: Catalogue, schema: Schema, paths: Iterable[str], hints: bool = False, *, date: str = ""
) -> list[Finding]:
    """The findings about some pages, sorted by place; paths that are no pages are passed over.

    `date`: the day on which it is asked; without one no page is stale.
    """
    view = View(vault, catalogue, schema, date)
    pages = [page for path in dict.fromkeys(paths) if (page := view.page(path)) is not None]
    found = _sorted(finding for page in pages for finding in _on(view, page, hints))
    view.keep()
    return found


def check_vault(
    vault: Vault, catalogue: Catalogue, schema: Schema, hints: bool = False, *, date: str = ""
) -> list[Finding]:
    """All findings, sorted by place, with those that are only hints if asked for.

    What was found when nothing was different is not looked for again.
    """
    tables = catalogue.tables
    view = View(vault, catalogue, schema, date)
    asked = f"{schema} {hints} {schema.pages.fresh_for and date} {view.is_index_owed}"
    key, generation = f"{fingerprint(*_CODE)} {asked}", tables.generation()
    known = tables.findings(key)
    if known is not None:
        found = msgspec.json.decode(known, type=list[Finding])
    else:
        found = list(_everywhere(view, hints))
        tables.keep_findings(key, generation, msgspec.json.encode(found).decode())
    return _sorted([*found, *_on_vault(View(vault, catalogue, schema))])


def _everywhere(view: View, hints: bool) -> Iterator[Finding]:
    view.preload()
    for page in view.pages():
        yield from _on(view, page, hints)
    view.keep()


def _on_vault(view: View) -> Iterator[Finding]:
    for check in VAULT_CHECKS:
        for path, problem in check.function(view):
            yield _finding(check.code, check.severity, path, problem)


def changed(rows: Iterable[Row], paths: list[str]) -> Iterator[Row]:
    """The rows as they come; the pages that their change records name are noted in `paths`."""
    for row in rows:
        if row.kind == "change":
            change = row.to(Change)
            if change.op not in ("delete", "unchanged"):
                paths.append(change.path)
        yield row


def _on(view: View, page: Page, hints: bool = False) -> Iterator[Finding]:
    for check in PAGE_CHECKS:
        severity = check.severity if page.is_ours else check.hand_made
        if severity is None or (severity == "hint" and not hints):
            continue
        for problem in check.function(view, page):
            yield _finding(check.code, severity, page.path, problem)


def _finding(code: str, severity: Severity, path: str, problem: Problem) -> Finding:
    return Finding(code=code, severity=severity, path=path, line=problem.line, message=problem.message, fix=problem.fix)


def _sorted(findings: Iterable[Finding]) -> list[Finding]:
    return sorted(findings, key=lambda found: (found.path, found.line, found.code, found.message))
