"""The front matter of two pages that become one."""

from __future__ import annotations

from quern import names, pages
from quern.pages import Document, Value, frontmatter
from quern.pages.frontmatter import FOUND
from quern.updates.properties import REVIEWED, listed
from quern.wiki.distinct import files

# Keys that are made anew, and those of which the page that stays has its own.
_MADE = frozenset(frontmatter.ORDER) - {"tags", "authors", "url"} | {"distinct_from", REVIEWED}

Joined = tuple[dict[str, Value], list[str], list[str]]


def joined(kept: tuple[Document, str], left: tuple[Document, str]) -> Joined:
    """What the front matter of a page becomes with that of another (each a page and its path).

    Names, tags and other lists are those of both. Then follow the lines of keys that only the other has, as they stand,
    and a line of text for each value that differs, since a key has one.
    """
    had, other = kept[0].front_values, left[0].front_values
    front: dict[str, Value] = {"aliases": _aliases(kept, left)}
    found = list(dict.fromkeys([*listed(had.get(FOUND)), *listed(other.get(FOUND))]))
    front |= {FOUND: found} if found else {}
    apart = _apart(kept, left)
    if apart != files(had):
        front["distinct_from"] = [f"[[{file}]]" for file in apart] or None
    if other.get("status") == "contested" and had.get("status") in ("current", "stale", None):
        front["status"] = "contested"
    lines, text = [], []
    entries = frontmatter.read(left[0].lines[1 : left[0].front_end - 1]).entries
    for key, value in other.items():
        if key in _MADE or had.get(key) == value:
            continue
        if key not in had:
            lines += next((left[0].lines[entry.start + 1 : entry.end + 1] for entry in entries if entry.key == key), [])
        elif isinstance(value, list) and _is_listed(had[key]) and _is_listed(value):
            front[key] = list(dict.fromkeys([*listed(had[key]), *listed(value)]))
        else:
            text.append(f"- {pages.escape(key)}: {pages.escape(str(value))}")
    return front, lines, text


def _aliases(kept: tuple[Document, str], left: tuple[Document, str]) -> list[str]:
    title, file = kept[0].title or pages.file_of(kept[1]), pages.file_of(kept[1])
    aliases = listed(kept[0].front_values.get("aliases"))
    for name in filter(None, (left[0].title, pages.file_of(left[1]))):
        if names.normal(name) not in {names.normal(other) for other in (*aliases, title, file)}:
            aliases.append(name)
    own = listed(left[0].front_values.get("aliases"))
    return [*aliases, *(name for name in dict.fromkeys(own) if name not in (*aliases, title, file))]


def _apart(kept: tuple[Document, str], left: tuple[Document, str]) -> list[str]:
    """What either page is not, but for what they are now known to be."""
    both = {names.fold(pages.file_of(path)) for path in (kept[1], left[1])}
    told = dict.fromkeys([*files(kept[0].front_values), *files(left[0].front_values)])
    return [file for file in told if names.fold(file.rpartition("/")[2]) not in both]


def _is_listed(value: object) -> bool:
    return isinstance(value, str) or (isinstance(value, list) and all(isinstance(item, str) for item in value))
