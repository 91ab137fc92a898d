"""The index: every page in a line, by type, made by code from the catalogue.

A person's own words in an index stay: whatever stands above our first section, and sections that are not ours.

It is the one file that grows with the wiki and that every source changes. So when many sources come in one stream,
it is made once, with the last of them. Until then it is owed: a file in `.quern/` says so, and whoever finds that
the run was stopped makes it.
"""

from __future__ import annotations

import os
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from functools import lru_cache
from hashlib import sha256
from pathlib import Path

from quern.journal import one_line
from quern.names import fold
from quern.program import Failure
from quern.schema import Schema
from quern.stamps import fingerprint
from quern.updates import losses
from quern.vault import Vault, sync_folder, write_atomically
from quern.wiki import Catalogue, PageRow

INDEX = "wiki/index.md"
OTHER = "other"
SOURCE, ANSWER = "source", "answer"
SENTENCE = 240


def render(rows: Iterable[PageRow], schema: Schema, standing: Mapping[str, str] | None = None) -> dict[str, str]:
    """The index files (path -> text) of a wiki with these pages.

    `standing` holds the index files as they are, for what people wrote in them.
    Past `index.shard_over` entries, index.md names one file a type.
    """
    standing = standing or {}
    ordered = sorted(rows, key=_rank)
    taken = Counter(map(_stem, ordered))
    lines_of: dict[str, list[str]] = {}
    for row in ordered:
        target = row.file if taken[_stem(row)] == 1 else row.path.removesuffix(".md")
        lines_of.setdefault(_type(row, schema), []).append(_line(row, target))
    groups = {type_: lines_of[type_] for type_ in types(schema) if type_ in lines_of}
    sections = {heading(type_): lines for type_, lines in groups.items()}
    files = {}
    if sum(map(len, groups.values())) > schema.index.shard_over:
        sections = {}
        for type_, lines in groups.items():
            shard = shard_path(type_)
            title = heading(type_)
            name = os.path.basename(shard).removesuffix(".md")
            sections[title] = [f"- [[{name}|{title}]]: {len(lines)} {'page' if len(lines) == 1 else 'pages'}"]
            files[shard] = _text(f"Index: {title}", {title: lines}, schema, standing.get(shard, ""))
    return {INDEX: _text("Index", sections, schema, standing.get(INDEX, "")), **files}


def updates(
    vault: Vault, catalogue: Catalogue, schema: Schema, rows: Mapping[str, PageRow | None] | None = None
) -> dict[str, tuple[str | None, str | None]]:
    """The index files that are not as they should be: path -> (text now, text from now on; None: no file).

    `rows` holds pages (by path) as they are about to be written, where that is not how they stand
    (None: about to go).
    """
    changed = {row.path: row for row in catalogue.index_rows()} | dict(rows or {})
    every = {path: row for path, row in changed.items() if row is not None}
    paths = [INDEX, *map(shard_path, types(schema))]
    standing = {path: text for path in paths if (text := _read(vault.root / path)) is not None}
    # Pages that change, change their lines; else what was found out about these very pages is true.
    if not rows and catalogue.tables.is_found("index", _state(every, standing, schema)):
        return {}
    wanted: dict[str, str | None] = {path: _left(path, text, schema) for path, text in standing.items()}
    wanted |= render(every.values(), schema, standing)
    for path, text in standing.items():
        for line, message in losses.on_index(text, wanted[path] or ""):
            raise Failure(f"{message}; nothing is written", path, line)
    right = {path: text for path, text in wanted.items() if text is not None}
    # Made again from itself it would be the same: `index` need not do again what `merge` has done.
    catalogue.tables.keep_found("index", _state(every, right, schema))
    return {path: (standing.get(path), text) for path, text in wanted.items() if standing.get(path) != text}


def _state(rows: Mapping[str, PageRow], texts: Mapping[str, str], schema: Schema) -> str:
    """A hash of index files and of all that they depend on."""
    state = fingerprint("updates/contents", "journal"), schema.index, schema.pages, sorted(texts.items())
    digest = sha256(repr(state).encode(errors="surrogateescape"))
    digest.update(b"".join(_bytes(rows[path]) for path in sorted(rows)))
    return digest.hexdigest()


@lru_cache(maxsize=16384)
def _bytes(row: PageRow) -> bytes:
    return repr(row).encode(errors="surrogateescape")


def owe(vault: Vault) -> None:
    """Note that the index will be made later than the pages that change now. The caller holds the lock."""
    if not is_owed(vault):
        _owed(vault).touch()
        sync_folder(vault.state)


def is_owed(vault: Vault) -> bool:
    """Whether pages have changed, and the index is still to be made."""
    return _owed(vault).exists()


def _owed(vault: Vault) -> Path:
    return vault.state / "index"


def update(vault: Vault, catalogue: Catalogue, schema: Schema) -> list[str]:
    """Write the index files that are not as they should be; returns which. It is owed no more.

    The caller holds the lock.
    """
    made = updates(vault, catalogue, schema)
    for path, (_, text) in made.items():
        if text is None:
            (vault.root / path).unlink()
        else:
            write_atomically(vault.root / path, text.encode(errors="surrogateescape"), vault.state)
    _owed(vault).unlink(missing_ok=True)
    return list(made)


def shard_path(type_: str) -> str:
    """The file that lists the pages of one type, once the index is split."""
    return f"wiki/index-{type_}.md"


def heading(type_: str) -> str:
    """The heading of a type's section: entity -> Entities."""
    if type_ == OTHER:
        return "Other pages"
    word = type_[:1].upper() + type_[1:]
    if word.endswith("y") and word[-2:-1] not in "aeiou":
        return word[:-1] + "ies"
    return word + ("es" if word.endswith(("s", "x", "ch", "sh")) else "s")


def types(schema: Schema) -> tuple[str, ...]:
    """The types that have a section, in the order of their sections."""
    return (*schema.pages.types, OTHER, ANSWER, SOURCE)


def _read(path: Path) -> str | None:
    try:
        return path.read_bytes().decode(errors="surrogateescape")
    except FileNotFoundError:
        return None


def _type(row: PageRow, schema: Schema) -> str:
    return row.type if row.type in (*schema.pages.types, ANSWER, SOURCE) else OTHER


# A source changes the lines of few pages, and merge makes the whole index for each: of a page what follows from its
# row alone is made once.
@lru_cache(maxsize=16384)
def _rank(row: PageRow) -> tuple[str, str]:
    return fold(row.title), row.path


@lru_cache(maxsize=16384)
def _stem(row: PageRow) -> str:
    return fold(row.file)


@lru_cache(maxsize=16384)
def _line(row: PageRow, target: str) -> str:
    from quern.pages import escape, link_md

    parts = [f"- {link_md(target, one_line(row.title))}"]
    if row.lead_first:
        parts[0] += f": {escape(_cut(one_line(row.lead_first)))}"
    if row.type == SOURCE:
        parts.append("no claims" if not row.claims else f"{row.claims} {'claim' if row.claims == 1 else 'claims'}")
    elif row.sources:
        parts.append(f"{row.sources} {'source' if row.sources == 1 else 'sources'}")
    if row.as_of:
        parts.append(f"as of {one_line(row.as_of)}")
    return " · ".join(parts)


def _cut(sentence: str) -> str:
    if len(sentence) <= SENTENCE:
        return sentence
    words = sentence[:SENTENCE].rpartition(" ")[0].rstrip(" ,;:")
    return f"{words} …" if words else f"{sentence[:SENTENCE]}…"


def _text(title: str, sections: Mapping[str, Sequence[str]], schema: Schema, standing: str) -> str:
    preamble, foreign = _foreign(standing, schema)
    out = preamble or [f"# {title}"]
    out += [line for section in foreign.pop("", []) for line in ("", *section)]
    for name, lines in sections.items():
        out += ["", f"## {name}", "", *lines]
        out += [line for section in foreign.pop(name, []) for line in ("", *section)]
    out += [line for left in foreign.values() for section in left for line in ("", *section)]
    return "\n".join(out) + "\n"


def _left(path: str, standing: str, schema: Schema) -> str | None:
    """An index file that has no entries any more: what people wrote in it, or None if that is nothing."""
    title = next((f"Index: {heading(type_)}" for type_ in types(schema) if shard_path(type_) == path), "Index")
    text = _text(title, {}, schema, standing)
    return None if text == f"# {title}\n" else text


def _foreign(standing: str, schema: Schema) -> tuple[list[str], dict[str, list[list[str]]]]:
    """What people wrote in an index: the lines above the sections, and their own sections by the one they follow."""
    ours = {heading(type_) for type_ in types(schema)}
    preamble: list[str] = []
    foreign: dict[str, list[list[str]]] = {}
    current, after = preamble, ""
    for line in standing.split("\n"):
        if line.startswith("## "):
            name = line[3:].strip()
            current = []
            if name in ours:
                after = name
            else:
                foreign.setdefault(after, []).append(current)
        current.append(line)
    for section in (preamble, *(section for sections in foreign.values() for section in sections)):
        while section and not section[-1].strip():
            section.pop()
    return preamble, foreign
