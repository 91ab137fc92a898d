"""Where the claims of a page stand in their sources: the footnotes of a topic page, the items of a source page.

Each is one line, written here and read here. What comes from a source is escaped, and what could be mistaken
for the line's own marks is put in quote marks, so that a line is read as it was meant whatever its words are.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from functools import lru_cache
from typing import NamedTuple, get_args

from quern.pages.bullets import plain_of
from quern.pages.links import link_md
from quern.pages.markup import escape, escape_quote, unescape
from quern.records import Claim, Role, Stance

# A run in quote marks, and what is written without them because it cannot be mistaken.
_QUOTED = r'"(?:[^"\\]|\\.)*"'
_PLACE = re.compile(
    rf"\[\[(?P<slug>[^\[\]|#^]*)#\^[^\[\]|]*(?:\\?\|(?P<title>(?:[^\[\]\\]|\\.)*))?\]\], "
    rf"(?P<place>{_QUOTED}|[^\"]*?): (?P<quote>{_QUOTED})"
)
_FOOTNOTE = re.compile(r" {0,3}\[\^(?P<id>[^\]\s\[]+)\]:[ \t]*(?P<body>.*)", re.DOTALL)
_ITEM = re.compile(r"[-*+] (?P<text>.*?) \^(?P<id>[0-9a-f]{12})\s*\Z")
_EVIDENCE = re.compile(
    rf"[ \t]+[-*+] (?P<role>{'|'.join(get_args(Role))})(?:, (?P<stance>{'|'.join(get_args(Stance))}))?"
    rf"(?:, by (?P<by>{_QUOTED}|[^\",·]*))?(?:, as of (?P<as_of>[0-9-]+))? · "
    rf"(?P<place>{_QUOTED}|[^\"]*?): (?P<quote>{_QUOTED})(?: → (?P<pages>.*))?\s*\Z"
)
_TARGET = re.compile(r"\[\[(?P<target>[^\[\]|]+?)(?:\\?\|(?:[^\[\]\\]|\\.)*)?\]\]")
_WAITING = re.compile(
    rf"[-*+] (?P<name>{_QUOTED}|[^\"]+?) \((?P<type>[^()\[\]]+)\)(?:, also (?P<also>(?:{_QUOTED}|[^\"])*?))?"
    rf"(?:: (?P<links>\[\[#\^[^\[\]]*\]\](?: \[\[#\^[^\[\]]*\]\])*))?(?: — (?P<reason>.*))?\s*\Z"
)
_ALIAS = re.compile(rf"({_QUOTED}|[^;]+?)(?:; |\Z)")
_BLOCK = re.compile(r"#\^([0-9a-f]{12})")
_UNREAD = re.compile(rf"[-*+] (?P<place>{_QUOTED}|.+?): (?P<why>.*)", re.DOTALL)
_LONGEST_NAME = 10_000
_BARE_PLACE = re.compile(r'[^"]*[^":]\Z')
_BARE_BY = re.compile(r'[^",·]*\Z')
_BARE_NAME = re.compile(r'[^";:—]*\Z')

_ROLES: dict[str, Role] = {role: role for role in get_args(Role)}
_STANCES: dict[str, Stance] = {stance: stance for stance in get_args(Stance)}


class Place(NamedTuple):
    """Where one source says a claim: its page, its title, the place in it, the words."""

    slug: str
    title: str
    place: str
    quote: str


class Footnote(NamedTuple):
    """A footnote [line, end) with its places (none if it is not one of ours); `rest` is what a person wrote behind."""

    id: str
    places: list[Place]
    line: int
    end: int
    rest: str = ""


class LedgerItem(NamedTuple):
    """A claim on a source page: its words on `line`, its evidence on `evidence_line`, None where that is missing."""

    id: str
    text_md: str
    role: Role
    stance: Stance
    by: str | None
    as_of: str | None
    place: str
    quote: str
    pages: list[str]
    headings: list[str]
    line: int
    evidence_line: int | None

    @property
    def text(self) -> str:
        """The claim as plain text."""
        return plain_of(self.text_md)


class Waiting(NamedTuple):
    """A name on a source page that waits for a page of its own."""

    name: str
    type: str
    aliases: list[str]
    claims: list[str]
    reason: str
    line: int


class Unread(NamedTuple):
    """A part of a source from which no claim was taken, or under "Not carried" what no claim of it says."""

    place: str
    why: str
    line: int
    is_read: bool = False


# Footnotes of a topic page


def footnote_md(id_: str, places: Iterable[Place], rest: str = "") -> str:
    """The line of a footnote."""
    written = " · ".join(
        f"{link_md(f'{slug}#^{id_}', title)}, {_atom(place, _BARE_PLACE)}: {_quoted(quote)}"
        for slug, title, place, quote in places
    )
    return f"[^{id_}]: " + " ".join(filter(None, (written, rest)))


def read_footnote(text: str, line: int, end: int) -> Footnote | None:
    """The footnote that begins with this text, if one does."""
    read = _read_footnote(text)
    return None if read is None else Footnote(read[0], list(read[1]), line, end, read[2])


# A merge reads each page before and after it is written, and most footnotes stay as they are.
@lru_cache(maxsize=8192)
def _read_footnote(text: str) -> tuple[str, tuple[Place, ...], str] | None:
    match = _FOOTNOTE.match(text)
    if match is None:
        return None
    body, places, at = match["body"], [], 0
    while (found := _PLACE.match(body, at)) is not None:
        title = found["slug"] if found["title"] is None else unescape(found["title"])
        places.append(Place(found["slug"], title, _read_atom(found["place"]), unescape(found["quote"][1:-1])))
        at = found.end()
        if not body.startswith(" · [[", at):
            break
        at += 3
    return match["id"], tuple(places), body[at:].strip()


# Items of a source page


def item_md(id_: str, text_md: str) -> str:
    """The first line of a claim on a source page: its words and the block that footnotes point to."""
    return f"- {text_md} ^{id_}"


def evidence_md(claim: Claim, place: str, pages: Iterable[tuple[str, str]]) -> str:
    """The second line: what kind of claim, where, the words, and the pages (file, title) that it went to."""
    known: list[str] = [claim.role]
    known += [claim.stance] if claim.stance != "asserted" else []
    known += [f"by {_atom(claim.by, _BARE_BY)}"] if claim.by else []
    known += [f"as of {claim.as_of}"] if claim.as_of else []
    targets = ", ".join(link_md(file, title) for file, title in pages)
    line = f"\t- {', '.join(known)} · {_atom(place, _BARE_PLACE)}: {_quoted(claim.quote)}"
    return line + (f" → {targets}" if targets else "")


def read_item(first: str, second: str, line: int, headings: list[str]) -> LedgerItem | None:
    """The claim on these two lines, if the first is one."""
    item = _ITEM.match(first)
    if item is None:
        return None
    found = _EVIDENCE.match(second)
    if found is None:
        return LedgerItem(item["id"], item["text"], "fact", "asserted", None, None, "", "", [], headings, line, None)
    by = _read_atom(found["by"]) if found["by"] is not None else None
    place, quote = _read_atom(found["place"]), unescape(found["quote"][1:-1])
    targets = [target.rstrip("\\") for target in _TARGET.findall(found["pages"] or "")]
    kind = _ROLES[found["role"]], _STANCES[found["stance"] or "asserted"], by, found["as_of"]
    return LedgerItem(item["id"], item["text"], *kind, place, quote, targets, headings, line, line + 1)


def waiting_md(name: str, type_: str, aliases: Sequence[str], claims: Iterable[str], reason: str) -> str:
    """The line of a name that waits for a page."""
    also = f", also {'; '.join(_atom(alias, _BARE_NAME) for alias in aliases)}" if aliases else ""
    links = " ".join(f"[[#^{id_}|{number}]]" for number, id_ in enumerate(claims, 1))
    line = f"- {_atom(name, _BARE_NAME)} ({type_}){also}" + (f": {links}" if links else "")
    return line + (f" — {escape(reason)}" if reason else "")


def read_waiting(text: str, line: int) -> Waiting | None:
    """The name that waits on this line."""
    found = _WAITING.match(text) if len(text) <= _LONGEST_NAME else None
    if found is None:
        return None
    aliases = [_read_atom(alias) for alias in _ALIAS.findall(found["also"] or "")]
    ids = _BLOCK.findall(found["links"] or "")
    return Waiting(_read_atom(found["name"]), found["type"], aliases, ids, unescape(found["reason"] or ""), line)


def unread_md(place: str, why: str) -> str:
    """The line of a part that was not read."""
    return f"- {_atom(place, _BARE_NAME)}: {escape(why)}"


def read_unread(text: str, line: int) -> Unread | None:
    """The part that was not read, as this line names it."""
    found = _UNREAD.match(text)
    return Unread(_read_atom(found["place"]), unescape(found["why"].rstrip()), line) if found else None


def _atom(text: str, bare: re.Pattern[str]) -> str:
    """A word of a line: as it is where it cannot be mistaken, else in quote marks."""
    text = " ".join(text.split())
    return escape(text) if bare.match(text) else _quoted(text)


def _quoted(text: str) -> str:
    return f'"{escape_quote(text)}"'


def _read_atom(markdown: str) -> str:
    return unescape(markdown[1:-1] if markdown[:1] == '"' else markdown)
