"""A page that a person deleted, made again: the claims that went to it, as the source pages still say."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import replace

from quern import names, pages
from quern.layout import folder_of
from quern.linking.operations import Operations
from quern.linking.plans import Plan, Topic
from quern.pages import links
from quern.program import Failure
from quern.records import Add, Claim, Page, Source
from quern.schema import Schema
from quern.vault import Vault
from quern.wiki import Catalogue
from quern.wiki.cards import SOURCE, Item

# What a title, the sentences that speak of it, and their language look like: a type of pages.
Looks = Callable[[str, Sequence[str], str], str]


def restored(  # noqa: PLR0913, PLR0917 - what is asked, of which wiki
    vault: Vault, catalogue: Catalogue, schema: Schema, name: str, type_: str | None, looks: Looks
) -> Page | None:
    """The operation that makes a deleted page again, by its title, file name or path; None if it is there.

    `type_`: what the page is to be, since no source page says it; None: what its name `looks` like.
    Raises Failure if no source page says that claims went to such a page, or if there is no such type.
    """
    if type_ is not None and type_ not in schema.pages.types:
        raise Failure(f"no type of pages: {type_} (schema.yaml has {', '.join(schema.pages.types)})")
    file, title, adds = _told(vault, catalogue, name)
    if any(f"answers/{file}" in item.pages for add in adds[:1] for item in _items(catalogue, add)):
        raise Failure("was an answer: ask the question again, and keep what it says now (ask | merge)", name)
    if catalogue.page_by_file(file) is not None:
        return None
    if not adds:
        raise Failure("no source page says that a claim went to a page of this name: see bin/lint --all", name)
    plan = Plan(catalogue)
    told = [(add, claim) for add in adds if (claim := plan.claim(add.claim, add.source)) is not None]
    kind = type_ or _kind(title, [claim for _, claim in told], catalogue, schema, looks)
    topic = Topic(f"wiki/{folder_of(kind)}/{file}.md", title, kind, [], is_new=True)
    operations = Operations(topic)
    operations.adds = {add.claim: (claim, add.source) for add, claim in told}
    operations.older = adds
    # It is no matter of one source.
    nobody = Source(id="", slug="", path="", sha256="", title="")
    operations.relate(plan, schema, nobody, set())
    return replace(operations.page(plan, schema, nobody), restored=True)


def _items(catalogue: Catalogue, add: Add) -> list[Item]:
    return [told.item for told in catalogue.told([add.claim]) if told.source == add.source]


def withheld(catalogue: Catalogue, file: str) -> list[Add]:
    """The claims that went to a page, as the source pages say, by source page and in reading order."""
    found = []
    for path in catalogue.backlinks(file):
        row, sheet = catalogue.source_by_page(path), catalogue.sheet(path)
        if row is not None and sheet is not None:
            sent = [item.id for item in sheet.items if file in map(links.target_file, item.pages)]
            found += [Add(claim=id_, source=row.id) for id_ in sent]
    return found


def _told(vault: Vault, catalogue: Catalogue, name: str) -> tuple[str, str, list[Add]]:
    """The file name of a page, its title, and the claims that went to it."""
    wanted = {names.fold(links.target_file(name)), names.fold(names.file_name(name))}
    for stem in sorted(wanted):
        for path in catalogue.backlinks(stem):
            row = catalogue.page(path)
            for link in _evidence_links(vault, path) if row is not None and row.type == SOURCE else ():
                if names.fold(link.file) == stem:
                    title = link.text if link.text != link.target else link.file
                    return link.file, title, withheld(catalogue, link.file)
    return links.target_file(name), name, []


def _evidence_links(vault: Vault, path: str) -> list[pages.Link]:
    document = pages.parse(vault.path(path).read_bytes().decode(errors="replace"))
    lines = {item.evidence_line for item in document.items}
    return [link for link in document.links if link.line in lines]


def _kind(title: str, told: Sequence[Claim], catalogue: Catalogue, schema: Schema, looks: Looks) -> str:
    """What a page of this name looks like; the first type of the schema if there is no such type."""
    languages = [language for claim in told if (language := catalogue.origin(claim.source)[0]) not in ("", "und")]
    kind = looks(title, [claim.text for claim in told], (languages or [schema.language])[0])
    return kind if kind in schema.pages.types else schema.pages.types[0]
