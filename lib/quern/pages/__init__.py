"""One page: read without loss, written line by line.

`render(parse(text)) == text` for any text: a page is its lines, and what is read from them only points at them.
Lines are 0-based everywhere (an index into `Document.lines`), but for problems, which are for people: 1-based.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Mapping, Sequence

from quern.pages import frontmatter, links
from quern.pages.bullets import (
    Bullet,
    append_mark,
    append_reference,
    bullet_md,
    cited,
    claims_in,
    claims_in_marks,
    lead_md,
    mark_md,
    marks_in,
    plain_of,
    split_bullet,
    summary_md,
    without_marks,
)
from quern.pages.document import Document, Lead, Problem, Ref, Section, parse
from quern.pages.evidence import (
    Footnote,
    LedgerItem,
    Place,
    Unread,
    Waiting,
    evidence_md,
    footnote_md,
    item_md,
    unread_md,
    waiting_md,
)
from quern.pages.frontmatter import Value
from quern.pages.links import Link, link_md
from quern.pages.markup import escape, escape_heading, escape_quote, unescape

__all__ = [
    "Bullet",
    "Document",
    "Footnote",
    "Lead",
    "LedgerItem",
    "Link",
    "Place",
    "Problem",
    "Ref",
    "Section",
    "Unread",
    "Value",
    "Waiting",
    "append_mark",
    "append_reference",
    "bullet_md",
    "cited",
    "claims_in",
    "claims_in_marks",
    "covers_hash",
    "escape",
    "escape_quote",
    "evidence_md",
    "file_of",
    "footnote_md",
    "item_md",
    "join",
    "lead_hash",
    "lead_md",
    "link_md",
    "links_in",
    "mark_md",
    "marks_in",
    "new_page",
    "parse",
    "plain_of",
    "render",
    "set_front",
    "split_bullet",
    "summary_md",
    "unescape",
    "unread_md",
    "waiting_md",
    "without_marks",
]


# Reading


def render(document: Document) -> str:
    """The text of a page, every byte of it that is not ours as it was."""
    return document.newline.join(document.lines)


def links_in(markdown: str) -> list[Link]:
    """The links of a piece of a page."""
    return list(links.find(markdown))


def file_of(path: str) -> str:
    """A page's file as links name it."""
    return links.target_file(path.replace("#", "\0")).replace("\0", "#")


# Writing


def new_page(front: Mapping[str, Value], title: str) -> Document:
    """A page with front matter (keys without a value left out) and a title."""
    rank = {key: number for number, key in enumerate(frontmatter.ORDER)}
    keys = sorted(front, key=lambda key: rank.get(key, len(rank)))
    lines = frontmatter.write([], {key: front[key] for key in keys})
    return parse("\n".join(["---", *lines, "---", "", f"# {escape_heading(title)}", ""]))


def set_front(document: Document, changes: Mapping[str, Value]) -> Document:
    """The page with these keys of its front matter set, or taken out (None); all other lines as they are."""
    lines = with_front(document, changes, document.lines)
    return document if lines == document.lines else parse(join(document, lines))


def with_front(document: Document, changes: Mapping[str, Value], lines: Sequence[str]) -> list[str]:
    """The lines of a page, edited below its front matter, with keys of that set or taken out (None)."""
    end = document.front_end
    if end:
        return [lines[0], *frontmatter.write(lines[1 : end - 1], changes), *lines[end - 1 :]]
    new = frontmatter.write([], changes)
    if not new:
        return list(lines)
    bom = "\ufeff" if lines[0].startswith("\ufeff") else ""
    return [f"{bom}---", *new, "---", "", lines[0].removeprefix("\ufeff"), *lines[1:]]


def join(document: Document, lines: Sequence[str]) -> str:
    """The text of other lines with the line ends of this page."""
    return document.newline.join(lines)


def lead_hash(paragraph_md: str) -> str:
    """What tells whether a lead's words are as they were generated: links and footnotes do not count."""
    from quern.claims import normalise

    return _hash(normalise(plain_of(paragraph_md)))


def covers_hash(ids: Iterable[str]) -> str:
    """What tells whether a lead was made from these claims."""
    return _hash("\n".join(sorted(set(ids))))


def _hash(text: str) -> str:
    return f"sha-{hashlib.sha256(text.encode(errors='surrogatepass')).hexdigest()[:12]}"
