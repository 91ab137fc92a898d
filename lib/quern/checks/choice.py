"""Which findings are asked for: by code, by how grave they are, by where they are, by when that changed."""

from __future__ import annotations

import datetime
import fnmatch
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass

from quern import git, stamps
from quern.checks.table import GRAVER, JUDGED, codes, unknown
from quern.program import Failure
from quern.records import Finding, Severity
from quern.vault import Vault


@dataclass(frozen=True, slots=True)
class Choice:
    """`codes`: none for all. `least`: the mildest that is shown. `paths`: files, folders or patterns; none for all.

    `changed`: the files that are looked at; None for all.
    """

    codes: frozenset[str] = frozenset()
    least: Severity = "warning"
    paths: tuple[str, ...] = ()
    changed: frozenset[str] | None = None

    @property
    def hints(self) -> bool:
        """Whether hints are asked for."""
        return self.least == "hint"

    def of(self, findings: Iterable[Finding]) -> Iterator[Finding]:
        """Those of some findings that are asked for."""
        grave = GRAVER[GRAVER.index(self.least) :]
        for found in findings:
            if found.severity in grave and (not self.codes or found.code in self.codes) and self._is_there(found.path):
                yield found

    def _is_there(self, path: str) -> bool:
        if self.changed is not None and path not in self.changed:
            return False
        return not self.paths or any(_matches(path, wanted) for wanted in self.paths)


def choose(vault: Vault, asked: Sequence[str], least: str | None, paths: Sequence[str], since: str | None) -> Choice:
    """The choice that a person typed: codes, a severity, paths as seen from the vault, a day (ISO).

    Who names a code wants it, hint or not. Raises Failure for a code that is none.
    """
    for code in asked:
        if code not in codes():
            raise Failure(f"--code: {unknown(code)}")
        if any(check.code == code for check in JUDGED):
            raise Failure(f"--code: {code} is what bin/judge finds, which asks a model")
    cleaned = tuple(path.removeprefix("./").rstrip("/") for path in paths)
    changed = None if since is None else frozenset(changed_since(vault, since))
    severity = next((one for one in GRAVER if one == least), "hint" if asked else "warning")
    return Choice(frozenset(asked), severity, cleaned, changed)


def changed_since(vault: Vault, day: str) -> set[str]:
    """The files that changed on that day or later: by git, where the vault is in its care, else by their times."""
    midnight = f"{day}T00:00:00"
    try:
        git.prefix(vault.root)
    except Failure:
        earliest = datetime.datetime.fromisoformat(midnight).timestamp() * 1e9
        return {path for path, stamp in stamps.listing(vault).items() if stamp[0] >= earliest}
    asked = (
        ("log", f"--since={midnight}", "--name-only", "--relative", "--format=", "-z", "--", "."),
        ("ls-files", "--modified", "--others", "--exclude-standard", "-z", "--", "."),
        ("diff", "--cached", "--name-only", "--relative", "-z", "--", "."),
    )
    # `log` has nothing to say of a repository without a commit.
    said = (git.run(vault.root, *command).stdout.decode(errors="replace") for command in asked)
    return {path.strip("\n") for text in said for path in text.split("\0") if path.strip("\n")}


def _matches(path: str, wanted: str) -> bool:
    return path == wanted or path.startswith(f"{wanted}/") or fnmatch.fnmatchcase(path, wanted)
