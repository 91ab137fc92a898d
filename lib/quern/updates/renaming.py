"""A page gets another name: its file moves, its title and heading change, the old name stays as an alias, links follow.

A person may have renamed the file already, in Obsidian or elsewhere; then the rest is done, and the page is the same.
"""

from __future__ import annotations

import posixpath

from quern import journal, names, pages
from quern.checks.references import heading_key
from quern.pages.markup import escape_heading
from quern.program import Failure
from quern.records import Change
from quern.updates.properties import listed
from quern.updates.upkeep import Course, Upkeep, anchor, heading, led
from quern.wiki.cards import SOURCE
from quern.wiki.distinct import are_distinct


def rename(work: Upkeep, old: str, new: str) -> list[Change]:
    """Give the page called `old` (path, file name, title or alias) the title `new`.

    Returns a change for each page that is written: one `rename`, and `update` for those that link to it.
    Raises Failure, with nothing written, if there is no such page, the name is taken, or a page cannot be changed.
    """
    title = journal.one_line(new)
    if not title:
        raise Failure("a page needs a name: the new one is empty")
    path = work.asked(old)
    document = work.read(path)
    was = document.title or pages.file_of(path)
    there = _place(work, path, title)
    if (was, path) == (title, there):
        return []
    _check_name(work, path, title)
    headings = {(path, heading_key(was)): anchor(title)} if heading(document) == was else {}
    course = Course(work.catalogue, {path: there}, headings)
    work.repair(course)
    made = _named(led(path, document, course.of(path)), path, there, title, work.date)
    if there != path:
        work.write(path, None)
    work.write(there, made)
    work.tell(there, "rename", made, moved=made.claims)
    return work.decide("rename", f"{was} -> {title}", course, {there: path})


def _place(work: Upkeep, path: str, title: str) -> str:
    """Where the page is to stand. A Mac has one file for names that differ in case alone: then it stays where it is."""
    is_source = work.read(path).front_values.get("type") == SOURCE
    file = names.slug(title) if is_source else names.file_name(title)
    if names.fold(file) == names.fold(pages.file_of(path)):
        return path
    taken = work.catalogue.path_taken(file)
    if taken is not None:
        raise Failure(f"{file!r} is the name of {taken} already: choose another, or unite the two")
    return posixpath.join(posixpath.dirname(path), f"{file}.md")


def _check_name(work: Upkeep, path: str, title: str) -> None:
    """Raises Failure if another page goes by this name and nobody said that they are two things."""
    if work.read(path).front_values.get("type") == SOURCE:
        return
    for other in work.catalogue.named(names.normal(title)):
        if other != path and not are_distinct(work.catalogue, path, other):
            raise Failure(f"{title!r} is a name of {other} already: choose another, or unite the two")


def _named(document: pages.Document, path: str, there: str, title: str, date: str) -> pages.Document:
    """The page with its new title; all that it was called is an alias."""
    front, lines, at = document.front_values, list(document.lines), document.title_line
    was = document.title or pages.file_of(path)
    has_heading = heading(document) == was
    if has_heading:
        lines[at] = f"# {escape_heading(title)}" + "\r" * lines[at].endswith("\r")
    changed: dict[str, pages.Value] = {"aliases": _aliases(document, was, path, there, title)}
    if "title" in front or not has_heading:
        changed["title"] = title
    if "updated" in front:
        changed["updated"] = date
    return pages.parse(pages.join(document, pages.with_front(document, changed, lines)))


def _aliases(document: pages.Document, *called: str) -> list[str]:
    """The aliases of the page, and what it was called by title and file; `called`: was, path, there, title."""
    was, path, there, title = called
    aliases, file = listed(document.front_values.get("aliases")), pages.file_of(there)
    # Obsidian finds "C#" only if it is an alias of "C sharp".
    if document.front_values.get("type") != SOURCE and names.fold(file) != names.fold(title) and title not in aliases:
        aliases.append(title)
    for name in (was, pages.file_of(path)):
        if names.normal(name) not in {names.normal(other) for other in (*aliases, title, file)}:
            aliases.append(name)
    return aliases
