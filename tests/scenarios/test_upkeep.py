"""Renames, unions and splits in any order, with people writing in between: no claim, word or link is lost."""

from __future__ import annotations

import random
from collections import Counter
from pathlib import Path

import keeping
import mill
import pytest

from quern import checks, pages, schema, wiki
from quern.program import Failure
from quern.records import Split
from quern.updates import renaming, splitting, uniting, upkeep
from quern.vault import Vault

# Nobody reads in it: the wiki is the sample.
pytestmark = pytest.mark.own_reader

STEPS = 16
TITLES = ("Élan vital", "C#", "x (y)", "A & B", "50 %", "-dash", "a: b", "[x]")
# What a union or split brings by its nature: a lead of other claims, which `make outdated` makes anew, and claims that
# meet on one page and contradict each other.
EXPECTED = frozenset({"lead-outdated", "contradiction"})


@pytest.mark.parametrize("seed", range(6))
def test_nothing_is_lost(tmp_path, seed):
    folder = mill.sample_vault(tmp_path / "vault")
    vault, chance, done = Vault(folder), random.Random(seed), Counter()
    words: list[str] = []
    for step in range(STEPS):
        words.append(f"human words {step}")
        write(chance, folder, words[-1])
        found, evidence, before = faults(vault), keeping.evidence(folder), mill.picture(folder)
        verb = chance.choice((rename, rename, rename_source, unite, split))
        try:
            with upkeep.upkeep(vault, schema.load(vault), "2026-06-01") as work:
                verb(chance, folder, work, step)
        except Failure as failure:
            if "so nothing is two" not in str(failure) and "one sentence rests on" not in str(failure):
                raise
            assert mill.picture(folder) == before
            continue
        upkeep.finish(vault)
        done[verb] += 1
        after = keeping.evidence(folder)
        assert after == evidence or (verb is rename_source and len(after) == len(evidence))
        assert not faults(vault) - found, (step, verb)
        text = "\n".join(path.read_text(encoding="utf-8") for path in (folder / "wiki").rglob("*.md"))
        assert [word for word in words if word not in text] == []
    assert sum(done.values()) > STEPS // 2


def write(chance: random.Random, folder: Path, words: str) -> None:
    """Let a person write something somewhere on some page."""
    path = chance.choice(mill.topic_pages(folder))
    text = path.read_text(encoding="utf-8")
    link = f"[[{chance.choice(mill.topic_pages(folder)).stem}]]"
    document = pages.parse(text)
    lead = document.lead.text if document.lead else "\x00"
    ways = (
        ("## Facts\n", f"## Notes\n\n{words}, see {link}.\n\n## Facts\n"),
        ("## Facts\n\n", f"## Facts\n\n- {words} {link}\n  - nested {words}\n"),
        ("## Facts\n\n", f"## Facts\n\n{words}, in the midst.\n\n"),
        (lead, f"{words}. {lead}"),
        (lead, f"{lead}\n\n{words}, below the lead: {link}."),
        ("\n- ", f"\n- {words} "),
        ("\n---\n", f"\nmine {words[-2:].strip()}: {words}\n---\n"),
        ("", f"\n> {words}, at the end. {link}\n"),
    )
    old, new = chance.choice(ways)
    if not old:
        text += new
    elif old in text:
        text = text.replace(old, new, 1)
    else:
        text += f"\n{words}\n"
    path.write_text(text, encoding="utf-8")


def faults(vault: Vault) -> Counter[str]:
    """How many errors and warnings of each sort there are."""
    with wiki.open(vault) as catalogue:
        found = checks.check_vault(vault, catalogue, schema.load(vault))
    return Counter(finding.code for finding in found if finding.code not in EXPECTED)


def topic(chance: random.Random, folder: Path) -> str:
    return chance.choice(mill.topic_pages(folder)).relative_to(folder).as_posix()


def rename(chance: random.Random, folder: Path, work: upkeep.Upkeep, step: int) -> None:
    renaming.rename(work, topic(chance, folder), f"{chance.choice(TITLES)} {step}")


def rename_source(chance: random.Random, folder: Path, work: upkeep.Upkeep, step: int) -> None:
    path = chance.choice(sorted((folder / "wiki" / "sources").glob("*.md")))
    renaming.rename(work, path.relative_to(folder).as_posix(), f"Source {step}")


def unite(chance: random.Random, folder: Path, work: upkeep.Upkeep, _step: int) -> None:
    one, other = chance.sample(mill.topic_pages(folder), 2)
    uniting.unite(work, one.relative_to(folder).as_posix(), other.relative_to(folder).as_posix())


def split(chance: random.Random, folder: Path, work: upkeep.Upkeep, step: int) -> None:
    path = topic(chance, folder)
    claims = pages.parse((folder / path).read_text(encoding="utf-8")).claims
    some = chance.sample(claims, max(1, len(claims) // 2))
    splitting.split(work, path, Split(title=f"Part {step}", claims=some))
