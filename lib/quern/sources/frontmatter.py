"""YAML front matter, as Obsidian Web Clipper and people write it, and what it says of a source.

Every value is read as the string that a person wrote: `title: No` is no boolean and `1.10` no number.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any

_FENCE = re.compile(r"---[ \t]*(?:\r\n|\n|\r)")
_END = re.compile(r"(?:^|(?<=\n)|(?<=\r))(?:---|\.\.\.)[ \t]*(?:\r\n|\n|\r|\Z)")
_KEY = re.compile(r"([^\W\d][\w .-]{0,60}?)[ \t]*:(?:[ \t]+(.*))?$")
_LIST_ITEM = re.compile(r"[ \t]*-[ \t]+(.*)$")
_LINE_END = re.compile(r"\r\n|\n|\r")
_WIKILINK = re.compile(r"\[\[([^\[\]|]*)(?:\|([^\[\]]*))?\]\]")
_MARKDOWN_LINK = re.compile(r"\[([^\[\]]*)\]\([^()\s]*\)")
_DATE = re.compile(r"(\d{4})(?:[-/.](\d{1,2})(?:[-/.](\d{1,2}))?)?(?!\d)")
_EUROPEAN_DATE = re.compile(r"(\d{1,2})\.[ ]?(\d{1,2})\.[ ]?(\d{4})")
_PARTICLES = frozenset(("jr", "jr.", "sr", "sr.", "ii", "iii", "phd", "ph.d.", "md", "m.d."))
_SURROGATES = re.compile("[\ud800-\udfff]")
_MOST = 100  # authors or tags: aliases of aliases could make millions


@dataclass(frozen=True, slots=True)
class Meta:
    """What a source says of itself before its text begins."""

    title: str | None = None
    authors: list[str] = field(default_factory=list)
    published: str | None = None
    url: str | None = None
    description: str | None = None
    tags: list[str] = field(default_factory=list)
    language: str | None = None


@dataclass(frozen=True, slots=True)
class Front:
    """Front matter: what it says, where the text begins after it, and what was wrong with it (line, message)."""

    meta: Meta = Meta()
    end: int = 0
    problem: tuple[int, str] | None = None


def read(raw: str) -> Front:
    """The front matter of a text; none if the text does not begin with it.

    If it is not YAML (`title: Rust: a history`), its lines are read one by one, and the problem is told.
    """
    start = 1 if raw.startswith("\ufeff") else 0
    opening = _FENCE.match(raw, start)
    if not opening:
        return Front(end=start)
    closing = _END.search(raw, opening.end())
    if not closing:
        following = _LINE_END.split(raw[opening.end() : opening.end() + 200], maxsplit=1)[0]
        problem = (1, "front matter is not closed by a line '---': read as text") if _KEY.match(following) else None
        return Front(end=start, problem=problem)
    inside = raw[opening.end() : closing.start()]
    values, problem = _load(inside)
    if values is None:
        return Front(end=start)
    return Front(meta(values), closing.end(), problem)


def date(value: str) -> str | None:
    """An ISO date, partial if the value is (`2024`, `2024-03`), or None if the value does not begin with a date."""
    value = _unlinked(value)
    european = _EUROPEAN_DATE.fullmatch(value)
    found = _DATE.match(value)
    if european:
        day, month, year = european.groups()
    elif found:
        year, month, day = found.groups()
    else:
        return None
    if not 1 <= int(month or 1) <= 12 or not 1 <= int(day or 1) <= 31:
        return None
    return "-".join(part.zfill(2) for part in (year, month, day) if part)


def _load(text: str) -> tuple[dict[str, Any] | None, tuple[int, str] | None]:
    """The values by key in small letters; None if this is no front matter but text between two rules."""
    import yaml

    try:
        values = yaml.load(text, getattr(yaml, "CBaseLoader", yaml.BaseLoader))  # noqa: S506 (makes strings only)
    except yaml.YAMLError as error:
        mark = getattr(error, "problem_mark", None)
        values = _lenient(text)
        if not values:
            return None, None
        what = getattr(error, "problem", None) or "a character that YAML forbids"
        line = 2 + (mark.line if mark else 0)
        return values, (line, f"front matter is not YAML ({what}): read line by line")
    if values is None or values == "":
        return {}, None
    if not isinstance(values, dict):
        return None, None
    return {key.strip().lower(): value for key, value in values.items() if isinstance(key, str)}, None


def _lenient(text: str) -> dict[str, Any]:
    values: dict[str, Any] = {}
    key = ""
    for line in _LINE_END.split(text):
        found, item = _KEY.match(line), _LIST_ITEM.match(line)
        if found:
            key = found[1].strip().lower()
            values[key] = _unquoted(found[2] or "")
        elif item and key:
            before = values[key]
            values[key] = [*(before if isinstance(before, list) else [before] if before else []), _unquoted(item[1])]
    return values


def _unquoted(value: str) -> str:
    value = value.strip()
    quoted = len(value) > 1 and value[0] == value[-1] and value[0] in "\"'"
    return value[1:-1] if quoted else value


def meta(values: dict[str, Any]) -> Meta:
    """What is said by these keys (in small letters), whoever wrote them, in whatever form."""
    return Meta(
        title=_first(values, "title"),
        authors=_unique(name for key in ("author", "authors", "by", "speakers") for name in _names(values.get(key))),
        published=_date_of(values),
        url=next((url for key in ("source", "url", "link") if (url := _first(values, key)) and "://" in url), None),
        description=_first(values, "description"),
        tags=_unique(tag.lstrip("#") for key in ("tags", "tag") for tag in _listed(values.get(key), " ,")),
        language=(_first(values, "language") or _first(values, "lang") or "")[:2].lower() or None,
    )


def _date_of(values: dict[str, Any]) -> str | None:
    # `created` is when a page was clipped: later than it was published, but what it says was said by then.
    for key in ("published", "date", "created"):
        for value in _strings(values.get(key)):
            found = date(value)
            if found:
                return found
    return None


def _first(values: dict[str, Any], key: str) -> str | None:
    return next((text for value in _strings(values.get(key)) if (text := " ".join(_unlinked(value).split()))), None)


def _names(value: Any) -> Iterator[str]:
    """Authors from a list, a wikilink, or a string with commas, semicolons or `and` between them."""
    for text in _strings(value):
        links = [found[2] or found[1] for found in _WIKILINK.finditer(text)]
        if links:
            yield from (link.strip() for link in links)
            continue
        parts: list[str] = []
        for part in re.split(r"\s*[;,]\s*|\s+(?:and|&|und|et|y)\s+", _unlinked(text)):
            if parts and part.lower() in _PARTICLES:
                parts[-1] += f", {part}"
            elif part.removeprefix("and ").strip():
                parts.append(part.removeprefix("and ").strip())
        # "Doe, Jane" is one person: two parts of one word each.
        if len(parts) == 2 and "," in text and all(" " not in part for part in parts):
            parts = [f"{parts[1]} {parts[0]}"]
        yield from parts


def _listed(value: Any, separators: str) -> Iterator[str]:
    for text in _strings(value):
        yield from [text] if isinstance(value, list) else re.split(f"[{separators}]+", _unlinked(text))


def _strings(value: Any, depth: int = 3) -> Iterator[str]:
    """The strings in a value; `[[Jane Doe]]` without quotes is a list in a list to YAML."""
    if isinstance(value, str):
        yield _SURROGATES.sub("\ufffd", value)
    elif isinstance(value, list) and depth:
        for part in value[:_MOST]:
            yield from _strings(part, depth - 1)


def _unlinked(value: str) -> str:
    value = _WIKILINK.sub(lambda found: found[2] or found[1], value)
    return _MARKDOWN_LINK.sub(r"\1", value).strip()


def _unique(values: Iterator[str]) -> list[str]:
    return list(dict.fromkeys(filter(None, values)))[:_MOST]
