"""An ordinary week in a small wiki: two sources, a person who edits, a source that changes. And who watches over it.

Each guard plays a part of it in a vault of its own and returns its complaints, `guard: place: what is wrong`;
where nothing is broken it has none.
"""

from __future__ import annotations

import fcntl
import os
import shutil
import stat
from collections.abc import Callable, Iterable
from hashlib import sha256
from itertools import count
from pathlib import Path

import mill
import orjson
import pytest

from quern import checks, claims, jsonl, pages, relations, schema, wiki
from quern.jsonl import Row
from quern.program import Failure
from quern.records import (
    Add,
    Candidate,
    Claim,
    End,
    Page,
    Relation,
    Source,
    Span,
    Split,
    Summary,
    SummarySentence,
    Unread,
)
from quern.updates import merging, splitting, transaction, union, uniting, upkeep
from quern.vault import Vault, locked

LA_RANCE, BRITTANY, EDF = (f"wiki/entities/{title}.md" for title in ("La Rance", "Brittany", "EDF"))

# Each line is a sentence, and a claim. `It` is resolved in brackets, as the engine of rules does it.
A = """\
# Tides A

La Rance is a tidal power station in Brittany.
It opened in 1966.
La Rance has a capacity of 240 MW.
La Rance employs 28 people.
La Rance turns 24 turbines.
La Rance closes on Sundays.
"""
# A week later two sentences are gone; one of them is said by B, too.
A_LATER = A.replace("La Rance has a capacity of 240 MW.\n", "").replace("La Rance turns 24 turbines.\n", "")
B = """\
# Tides B

La Rance cost 620 million francs.
La Rance has a capacity of 240 MW.
In 1966 La Rance opened.
La Rance has a capacity of 320 MW.
La Rance keeps its *plans* in [[Paris]] and runs `EDF` in <b>Brittany</b>.
"""


def claim(name: str, raw: str, quote: str) -> Claim:
    text = quote.replace("It ", "[La Rance] ")
    line = raw.split("\n").index(quote) + 1
    role = "definition" if " is a " in quote else "event" if "1966" in quote else "figure"
    return Claim(
        id=claims.claim_id(quote, text),
        source=f"{ord(name):012x}",
        passage=f"{name}-1",
        text=text,
        quote=quote,
        spans=[Span(start=0, end=len(quote), place=f"line {line}")],
        role=role,
    )


def records(name: str, raw: str) -> list[object]:
    """What the thinking programs would send: every line is a claim on the pages that it names.

    EDF waits on the page of A, until B brings it, too.
    """
    of, first = f"{ord(name):012x}", claim("a", A, A.split("\n")[2])
    found = [claim(name, raw, line) for line in raw.split("\n")[2:-1]]
    operations = [
        Page(path=path, title=title, type="entity", source=of, adds=adds, aliases_add=aliases, relations=same)
        for path, title, adds, aliases, same in (
            (LA_RANCE, "La Rance", adds_of(found), ["Rance barrage"], told(found) if name == "b" else []),
            (BRITTANY, "Brittany", adds_of(c for c in found if "Brittany" in c.text), [], []),
            (EDF, "EDF", adds_of([found[0], first] if name == "b" else []), [], []),
        )
        if adds
    ]
    waits = [Candidate(source=of, name="EDF", type="entity", claims=[found[0].id], reason="one source")]
    said = {page.path: next(c for c in found if c.id == page.adds[0].claim) for page in operations}
    digest = sha256(raw.encode()).hexdigest()
    return [
        Source(id=of, slug=f"tides-{name}", path=f"raw/{name}.md", sha256=digest, title=f"Tides {name.upper()}"),
        *found,
        Unread(source=of, place="line 1", why="a heading"),
        *operations,
        *(waits if name == "a" else ()),
        *(lead(of, path, shown) for path, shown in said.items()),
        End(source=of),
    ]


def adds_of(found: Iterable[Claim]) -> list[Add]:
    return [Add(claim=c.id, source=c.source) for c in found]


def told(found: list[Claim]) -> list[Relation]:
    """How the claims of B stand to those of A."""
    old, new = claim("a", A, "La Rance has a capacity of 240 MW."), claim("b", B, "La Rance has a capacity of 320 MW.")
    values = {"attribute": "capacity", "value": "320 MW", "other_value": "240 MW"}
    return [*twins(found), Relation(claim=new.id, other=old.id, relation="contradicts", **values)]


def twins(found: list[Claim]) -> list[Relation]:
    """Which claims say what one of A says, as link decides it."""
    standing = [claim("a", A, line) for line in A.split("\n")[2:-1]]
    return [
        Relation(claim=new.id, other=old.id, relation="same")
        for new in found
        for old in standing
        if new.id != old.id and relations.same(new.text, old.text.replace("[", "").replace("]", ""), "en")
    ]


def lead(of: str, path: str, shown: Claim) -> Summary:
    said = [SummarySentence(text=shown.text, claims=[shown.id])]
    return Summary(of=path, role="lead", source=of, sentences=said, covers=pages.covers_hash([shown.id]))


def merge(vault: Vault, name: str, raw: str, date: str) -> None:
    (vault.raw / f"{name}.md").write_text(raw)
    rows = [Row("t", n, orjson.loads(jsonl.encode(record))) for n, record in enumerate(records(name, raw), 1)]
    list(merging.merge(rows, vault, schema.load(vault), date))


def first_day(folder: Path) -> Vault:
    """A wiki in which A has been read, and then edited by a person."""
    vault = Vault(mill.empty_vault(folder))
    merge(vault, "a", A, "2026-04-02")
    transaction.finish(vault)
    rance, brittany, index = (vault.root / path for path in (LA_RANCE, BRITTANY, "wiki/index.md"))
    edit(rance, "type: entity\n", "type: entity\nrating: 5\n")
    edit(rance, "\n## Facts\n", "\nMy aunt lives there.\n\n## Facts\n")
    edit(rance, "employs 28 people", "employs 30 people, I counted them")
    edit(rance, 'people."\n', 'people." (so they say)\n')
    edit(rance, "\n[^", "\n## My visits\n\n- in May\n\n[^")
    edit(rance, next(line for line in rance.read_text().split("\n") if "- La Rance closes" in line) + "\n", "")
    edit(brittany, "La Rance]] is a", "La Rance]] is, I think, a")
    edit(index, "# Index\n", "# Index\n\nBegin with the tides.\n")
    return vault


def edit(path: Path, old: str, new: str) -> None:
    text = path.read_text()
    assert old in text, f"{old!r} is not on {path.name}:\n{text}"
    path.write_text(text.replace(old, new, 1))


def week(folder: Path) -> tuple[Vault, list[str]]:
    """The whole of it, and what merge and lint said."""
    try:
        vault = first_day(folder)
        # No logappend between the two: merge finishes what it finds.
        merge(vault, "b", B, "2026-04-09")
        merge(vault, "a", A_LATER, "2026-04-16")
    except Failure as failure:
        return Vault(folder), [f"merge: {failure}"]
    transaction.finish(vault)
    return vault, lint(vault)


def lint(vault: Vault) -> list[str]:
    with wiki.open(vault) as catalogue:
        found = checks.check_vault(vault, catalogue, schema.load(vault))
    return [f"lint: {f.path}:{f.line}: {f.code}: {f.message}" for f in found if f.severity == "error"]


# The guards


def everyday(folder: Path, golden: dict[str, bytes]) -> list[str]:
    """merge's own report of losses; lint; the wiki as it was when nothing was broken."""
    vault, said = week(folder)
    return said + [f"state: {line}" for line in mill.differences(golden, mill.picture(vault.root))]


def again(folder: Path, _golden: dict[str, bytes]) -> list[str]:
    """The same source on another day changes no byte."""
    vault, _ = week(folder)
    before = mill.picture(vault.root)
    merge(vault, "a", A_LATER, "2026-05-01")
    transaction.finish(vault)
    return [f"again: {line}" for line in mill.differences(before, mill.picture(vault.root))]


def liar(folder: Path, _golden: dict[str, bytes]) -> list[str]:
    """Lint sees each of these: another word in a quote, another line, a raw file that is gone; and so does extract."""
    vault = first_day(folder)
    ledger, said = vault.ledgers / "tides-a.md", []
    whole = ledger.read_bytes()
    for old, new, wanted in (
        ('line 4: "It opened in 1966."', 'line 4: "It opened in 1967."', "quote-not-found"),
        ('line 4: "It opened', 'line 5: "It opened', "wrong-lines"),
        ("raw/a.md", "raw/z.md", "missing-source"),
    ):
        edit(ledger, old, new)
        if not any(wanted in line for line in lint(vault)):
            said.append(f"liar: {ledger.name}: {new} passes for true")
        ledger.write_bytes(whole)
    if not claims.problems("La Rance has a capacity of 320 MW.", "La Rance has a capacity of 240 MW.", ""):
        said.append("liar: a claim: 320 MW passes for what a source says of 240 MW")
    return said


def second(folder: Path, _golden: dict[str, bytes]) -> list[str]:
    """Who does not get the lock does not write."""
    vault = first_day(folder)
    before = mill.picture(vault.root)
    with open(vault.state / "lock", "a+b") as stream, pytest.MonkeyPatch.context() as patch:
        fcntl.flock(stream, fcntl.LOCK_EX)
        patch.setattr(locked.__wrapped__, "__defaults__", (0.0,))
        try:
            merge(vault, "b", B, "2026-04-09")
        except Failure:
            return []
    return [f"second: {line}" for line in mill.differences(before, mill.picture(vault.root)) if "raw/" not in line]


def power(folder: Path, _golden: dict[str, bytes]) -> list[str]:
    """The power fails before each call that touches the disk; what was not synced is gone; the next run finishes."""
    start = first_day(folder / "start")
    (start.raw / "b.md").write_text(B)
    before = mill.picture(start.root)
    whole = Vault(Path(shutil.copytree(start.root, folder / "whole")))
    merge(whole, "b", B, "2026-04-09")
    transaction.finish(whole)
    after = mill.picture(whole.root)
    for step in count():
        vault = Vault(Path(shutil.copytree(start.root, folder / str(step))))
        finished = stopped(vault, step)
        try:
            transaction.finish(vault)
        except Exception as error:  # noqa: BLE001 - whatever keeps the next run from going on is a complaint
            return [f"power: stopped before call {step}, and the next run fails: {type(error).__name__}: {error}"]
        left = mill.picture(vault.root)
        if left not in (before, after):
            one = mill.differences(after, left)
            return [f"power: stopped before call {step}: {one[0]}"]
        shutil.rmtree(vault.root)
        if finished:
            return [] if left == after else ["power: the whole run ends elsewhere"]
    raise AssertionError


class Stopped(BaseException):
    """The power is gone."""


CALLS = ("replace", "fsync", "unlink", "write", "ftruncate")


def stopped(vault: Vault, step: int) -> bool:
    """Merge B, stopped before the n-th call; every file is left as it was when it was last synced."""
    safe = {path.stat().st_ino: path.read_bytes() for path in files(vault)}
    number = count()

    def wrap(name: str) -> Callable[..., object]:
        real = getattr(os, name)

        def call(*args: object, **kwargs: object) -> object:
            if next(number) == step:
                raise Stopped
            if name in ("replace", "unlink") and os.path.exists(args[-1]):
                safe.pop(os.stat(args[-1]).st_ino, None)
            if name == "fsync" and not stat.S_ISDIR(os.fstat(args[0]).st_mode):
                safe[os.fstat(args[0]).st_ino] = os.pread(args[0], os.fstat(args[0]).st_size, 0)
            return real(*args, **kwargs)

        return call

    with pytest.MonkeyPatch.context() as patch:
        for name in CALLS:
            patch.setattr(os, name, wrap(name))
        try:
            merge(vault, "b", B, "2026-04-09")
            transaction.finish(vault)
            finished = True
        except Stopped:
            finished = False
    for path in files(vault) if not finished else ():
        path.write_bytes(safe.get(path.stat().st_ino, b""))
    return finished


def files(vault: Vault) -> list[Path]:
    """What a program writes: pages, the log, and what is under way."""
    found = [*vault.wiki.rglob("*.md"), *vault.state.rglob("*"), vault.log]
    return sorted(path for path in found if path.is_file() and path.name != "lock")


def kept(folder: Path, _golden: dict[str, bytes]) -> list[str]:
    """One page goes into another, which is then parted: each claim, and each word of a person, is on one of them."""
    vault = first_day(folder)
    merge(vault, "b", B, "2026-04-09")
    transaction.finish(vault)
    rance, rules = vault.root / LA_RANCE, schema.load(vault)
    turns = next(line for line in rance.read_text().split("\n") if "- La Rance turns" in line)
    edit(rance, turns, f"{turns}\n{BELOW}")
    had, faults = cited(vault), lint(vault)
    try:
        with upkeep.upkeep(vault, rules, "2026-04-10") as work:
            uniting.unite(work, "Brittany", "La Rance")
        transaction.finish(vault)
        with upkeep.upkeep(vault, rules, "2026-04-11") as work:
            splitting.split(work, "Brittany", Split(title="Turbines", claims=pages.claims_in(turns)))
        transaction.finish(vault)
    except Failure as failure:
        return [f"kept: {failure}"]
    texts = {path.name: path.read_text() for path in mill.topic_pages(vault.root)}
    every = "\n".join(texts.values())
    said = [f"kept: Turbines.md: {BELOW!r} stays behind"] if f"\n{BELOW}\n" not in texts["Turbines.md"] else []
    said += [f"kept: {words!r} is nowhere" for words in WORDS if words not in every]
    said += [f"kept: claim {id_} is on no page" for id_ in sorted(had - cited(vault))]
    return said + [f"kept: {line}" for line in lint(vault) if line not in faults]


BELOW = "\t- I have counted them, too"
WORDS = (
    "My aunt lives there.",
    "- in May",
    "I counted them",
    "(so they say)",
    "I think",
    "rating: 5",
    "## Contradictions",
)


def cited(vault: Vault) -> set[str]:
    return {id_ for path in mill.topic_pages(vault.root) for id_ in pages.parse(path.read_text()).claims}


def sides(folder: Path, _golden: dict[str, bytes]) -> list[str]:
    """Two clones: in the one A is read again and a person moves a bullet, in the other B is read; git unites them."""
    ours = first_day(folder / "ours")
    theirs = Vault(Path(shutil.copytree(ours.root, folder / "theirs")))
    base = {path: text(ours, path) for path in (LA_RANCE, BRITTANY, "wiki/sources/tides-a.md")}
    merge(ours, "a", A_LATER, "2026-04-16")
    merge(theirs, "b", B, "2026-04-09")
    opened = next(line for line in text(ours, LA_RANCE).split("\n") if line.startswith("- [La Rance] opened"))
    edit(ours.root / LA_RANCE, f"{opened}\n", "")
    edit(ours.root / LA_RANCE, "- in May\n", f"- in May\n{opened}\n")
    said = []
    for path, before in base.items():
        made, is_clean = union.merge(path, before, text(ours, path), text(theirs, path))
        if not is_clean:
            said.append(f"sides: {path}: left to a person")
        was, one, other, has = (evidence(page) for page in (before, text(ours, path), text(theirs, path), made))
        due = {pair for pair in one | other if pair not in was or pair in one & other}
        said += [f"sides: {path}: {id_} of {slug} is gone" for id_, slug in sorted(due - has)]
        said += [f"sides: {path}: {id_} of {slug} is back" for id_, slug in sorted(has - due)]
        both = text(ours, path) + text(theirs, path)
        lines = [line for line in made.split("\n") if line.startswith("- ")]
        said += [f"sides: {path}: stands twice: {line}" for line in lines if words_in(lines).count(words(line)) > 1]
        said += [f"sides: {path}: {word!r} is gone" for word in WORDS if word not in made and word in both]
    return said


def text(vault: Vault, path: str) -> str:
    return (vault.root / path).read_text()


def evidence(page: str) -> set[tuple[str, str]]:
    """Which sources a page cites for which claims; a source page has each of its claims."""
    document = pages.parse(page)
    notes = {(note.id, place.slug) for note in document.footnotes.values() for place in note.places}
    return notes | {(item.id, "itself") for item in document.items}


def words(line: str) -> str:
    return line.partition("[^")[0]


def words_in(lines: Iterable[str]) -> list[str]:
    return [words(line) for line in lines]


GUARDS: dict[str, Callable[[Path, dict[str, bytes]], list[str]]] = {
    "merge": everyday,
    "lint": everyday,
    "state": everyday,
    "again": again,
    "liar": liar,
    "second": second,
    "power": power,
    "kept": kept,
    "sides": sides,
}
