"""Text into passages and numbered sentences: what every claim cites.

For each sentence `raw[start:end] == text`, and `plain` is what a reader reads there.
"""

from __future__ import annotations

import dataclasses
import itertools
import os
import re
import sys
import unicodedata
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field
from pathlib import Path

from quern import languages, names, sentences, sources, wiki
from quern.program import Failure
from quern.records import End, Passage, Sentence, Sort, Source
from quern.schema import Schema
from quern.sources import Text, frontmatter
from quern.sources.units import BREAK, STOP, Plain, Unit, trimmed
from quern.vault import Vault

_LONG_ITEM = 280  # characters: a longer list item is split into sentences
_SAMPLE = 20_000  # characters that tell the language
_VISIBLE = str.maketrans({BREAK: " ", STOP: " "})


def records(
    vault: Vault, rules: Schema, file: str, say: Callable[[str], None], path: str | None = None
) -> Iterator[Source | Passage | End]:
    """The source and the passages of a raw file, and their end; `-` reads stdin as the source named `path`.

    What a person should know about the file, but need not act on, is said with `say`.
    Raises Failure if it is not in `raw/`, or cannot be read as text.
    """
    if file == "-":
        path = path or "raw/stdin.md"
        if not vault.path(path).resolve().is_relative_to(vault.raw.resolve()):
            raise Failure("not in raw/", path)
        text = sources.decode(sys.stdin.buffer.read(), path)
    else:
        text = sources.read(vault, locate(vault, file))
    if text.encoding not in ("utf-8", "utf-16"):
        say(f"{text.path}: not UTF-8: read as {text.encoding}")
    if text.front.problem:
        say(f"{text.path}:{text.front.problem[0]}: {text.front.problem[1]}")
    with wiki.open(vault) as catalogue:
        source = describe(text, catalogue, rules.language)
        row = catalogue.source_by_id(source.id)
    if source.path != text.path:
        say(f"{text.path}: the same bytes as {source.path}, which is in the wiki: read as that")
    if not source.words:
        say(f"{text.path}: nothing to read in it{' but front matter' if text.raw[: text.front.end].strip() else ''}")
    yield source
    if row is not None and _is_read(row, source):
        say(f"{text.path}: {row.path} under another name: nothing in it is read again")
    else:
        yield from segment(source, text, rules.passages.max_chars)
    yield End(source=source.id)


def _is_read(row: wiki.SourceRow, source: Source) -> bool:
    """Whether these very bytes were read, by whatever engine, when they stood at another path."""
    return row.sha256 == source.sha256 and row.path != source.path


def locate(vault: Vault, file: str) -> str:
    """The path, as records have it, of a file in `raw/`, named from the working directory or from the vault.

    Raises Failure, with the `cp` line that helps, if it is elsewhere.
    """
    path = next((path for path in (Path(os.path.abspath(file)), vault.root / file) if path.exists()), None)
    if path is None:
        raise Failure("no such file", file)
    raw = vault.raw.resolve()
    if path.resolve().is_relative_to(raw):
        relative = vault.relative(path)
        if not relative.isprintable() and any(unicodedata.category(char) == "Cs" for char in relative):
            raise Failure("its name is not UTF-8: rename it", file.encode(errors="backslashreplace").decode())
        return relative
    if path.is_dir():
        raise Failure("a directory; a source is a file in raw/", file)
    if path.parent.resolve().is_relative_to(raw):
        raise Failure(f"a link out of raw/: put the file itself there: cp {_quoted(str(path.resolve()))} raw/", file)
    folder = "raw/" if os.path.abspath("raw") == os.path.abspath(vault.raw) else _quoted(f"{vault.raw}/")
    raise Failure(f"not in raw/: cp {_quoted(file if file[0] != '-' else f'./{file}')} {folder}", file)


def describe(text: Text, catalogue: wiki.Catalogue, default_language: str = "en") -> Source:
    """What is known of a source: from its front matter, from its ledger if it has one, and by counting.

    It keeps the id and slug of its ledger, found by its path, else (it was moved) by its bytes;
    a second copy of a source that is still in its place is that source.
    """
    meta, title = text.front.meta, _title(text)
    known = catalogue.source_by_path(text.path)
    moved = catalogue.source_by_sha(text.sha256) if known is None else None
    identity = known or moved
    id_ = identity.id if identity else text.sha256[:12]
    is_copy = moved is not None and (catalogue.vault.root / moved.path).exists()
    return Source(
        id=id_,
        slug=identity.slug if identity else _free_slug(title, id_, catalogue),
        path=moved.path if moved and is_copy else text.path,
        sha256=text.sha256,
        title=title,
        authors=meta.authors,
        published=meta.published or _date_in_name(text.path),
        url=meta.url,
        language=meta.language or _language(text.units, default_language),
        media_type=text.media_type,
        encoding=text.encoding,
        extractor=text.extractor,
        description=meta.description,
        tags=meta.tags,
        words=sum(languages.count_words(unit.plain.text) for unit in text.units),
    )


def segment(source: Source, text: Text, max_chars: int) -> Iterator[Passage]:
    """The passages of a source: each under one heading, and at most `max_chars` long unless it is one sentence.

    Headings without text of their own stand at the beginning of the passage under them.
    """
    ordinals = itertools.count(1)
    draft = _Draft()
    for unit in text.units:
        found = list(_sentences(unit, text, source.language, max_chars))
        size = sum(map(_size, found))
        if unit.headings != draft.headings:
            if not (draft.only_headings and unit.headings[: len(draft.headings)] == draft.headings):
                yield from draft.finish(source, ordinals)
            draft.headings = unit.headings
        elif not draft.only_headings and draft.size + size > max_chars >= size:
            yield from draft.finish(source, ordinals)
        for sentence in found:
            if draft.size + _size(sentence) > max_chars:
                yield from draft.finish(source, ordinals)
            draft.add(sentence)
    yield from draft.finish(source, ordinals)


@dataclass(slots=True)
class _Draft:
    """The passage that is being filled."""

    headings: tuple[str, ...] = ()
    sentences: list[Sentence] = field(default_factory=list)
    size: int = 0
    only_headings: bool = True

    def add(self, sentence: Sentence) -> None:
        self.sentences.append(dataclasses.replace(sentence, n=len(self.sentences) + 1))
        self.size += _size(sentence)
        self.only_headings = self.only_headings and sentence.sort == "heading"

    def finish(self, source: Source, ordinals: Iterator[int]) -> Iterator[Passage]:
        if self.sentences:
            number = next(ordinals)
            yield Passage(
                id=f"{source.id}-{number}",
                source=source.id,
                ordinal=number,
                headings=list(self.headings),
                sentences=self.sentences,
            )
        self.sentences, self.size, self.only_headings = [], 0, True


def _sentences(unit: Unit, text: Text, language: str, max_chars: int) -> Iterator[Sentence]:
    """The sentences of a unit, not yet numbered."""
    words = unit.plain.text
    if unit.sort == "code":
        yield _sentence(unit.sort, words, unit.start, unit.end, text)
        return
    is_split = unit.sort == "prose" or (unit.sort == "item" and len(words) > _LONG_ITEM)
    cuts = sentences.split(words, language, unit.plain.fixed) if is_split else list(trimmed(words))
    cuts = [piece for cut in cuts for piece in sentences.cut(words, *cut, max_chars)]
    cuts = _standing(unit.plain, cuts) if unit.sort == "row" else cuts
    for (start, end), (first, last) in zip(unit.plain.spans(cuts), cuts, strict=True):
        yield _sentence(unit.sort, words[first:last].translate(_VISIBLE), start, end, text)


def _standing(plain: Plain, cuts: list[tuple[int, int]]) -> list[tuple[int, int]]:
    """The cuts, each with words of the source: the name of a column, which stands elsewhere, goes with what follows."""
    found: list[tuple[int, int]] = []
    begin: int | None = None
    for (start, end), (first, last) in zip(plain.spans(cuts), cuts, strict=True):
        begin = first if begin is None else begin
        if start < end:
            found.append((begin, last))
            begin = None
    return found


def _sentence(sort: Sort, plain: str, start: int, end: int, text: Text) -> Sentence:
    place = text.lines.place(start, end)
    return Sentence(n=0, sort=sort, text=text.raw[start:end], plain=plain, start=start, end=end, place=place)


def _size(sentence: Sentence) -> int:
    return max(len(sentence.text), len(sentence.plain))


def _title(text: Text) -> str:
    if text.front.meta.title:
        return text.front.meta.title
    for unit in text.units:
        if unit.level == 1:
            return unit.headings[-1]
    return os.path.splitext(os.path.basename(text.path))[0]


def _date_in_name(path: str) -> str | None:
    found = re.search(r"(?<!\d)\d{4}-\d{2}-\d{2}(?!\d)", os.path.basename(path))
    return frontmatter.date(found[0]) if found else None


def _language(units: Sequence[Unit], default: str) -> str:
    sample: list[str] = []
    size = 0
    for unit in units:
        if unit.sort != "code":
            sample.append(unit.plain.text)
            size += unit.plain.length
        if size > _SAMPLE:
            break
    return languages.detect("\n".join(sample), default)


def _free_slug(title: str, id_: str, catalogue: wiki.Catalogue) -> str:
    """The slug of a new source: no page and no raw file has that name, or a link could lead to either."""
    slug = names.slug(title)
    for free in (slug, f"{slug}-source"):
        if catalogue.path_taken(free) is None:
            return free
    return f"{slug}-{id_[:6]}"


def _quoted(path: str) -> str:
    return "'" + path.replace("'", "'\"'\"'") + "'"
