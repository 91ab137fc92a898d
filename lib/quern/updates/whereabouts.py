"""Where pages and claims are: which page an operation is for, what went there before, and what a person took off."""

from __future__ import annotations

from collections.abc import Collection, Iterable
from dataclasses import replace

from quern import names, pages
from quern.program import Failure
from quern.records import Add, Page, Source
from quern.updates.batches import Batch
from quern.updates.grounds import Evidence
from quern.updates.ledger import Ledger, place_of
from quern.vault import Vault
from quern.wiki import Catalogue


class Whereabouts:
    """The wiki as it is, for the records of one source; `ledgers`: the source pages that were asked for, by id."""

    def __init__(self, batch: Batch, vault: Vault, catalogue: Catalogue) -> None:
        self.batch, self.vault, self.catalogue = batch, vault, catalogue
        self.source = batch.source
        self.source_id = batch.source.id if batch.source is not None else ""
        self.ledgers: dict[str, Ledger] = {}

    def path_of(self, page: Page) -> str:
        """The page that an operation is for, as the wiki is now: another run may have made or renamed it meanwhile."""
        if self.vault.path(page.path).exists():
            return page.path
        found = [row.path for row in self.catalogue.page_by_key(names.normal(page.title)) if row.type != "source"]
        return found[0] if len(found) == 1 else page.path

    def as_told_now(self, page: Page, path: str) -> Page:
        """An operation that brings a page back, with the claims that went there by now: what another run has sent there
        since restore looked is on no page, and would count as taken off this one by a person.
        """
        if not page.restored or self.vault.path(path).exists():
            return page
        from quern import restoration

        return replace(page, adds=restoration.withheld(self.catalogue, pages.file_of(path)) or page.adds)

    def standing(self, files: Iterable[str]) -> list[str]:
        """The paths of those pages, as a source page names them, that are there."""
        return sorted({row.path for file in files if (row := self.catalogue.page_by_file(file)) is not None})

    def claims_on(self, file: str) -> list[str]:
        """The claims on a page, as a source page names it; none if it is not there."""
        return [id_ for path in self.standing([file]) for id_ in self.catalogue.claims_of(path)]

    def deleted_by_a_person(self, path: str, page: Page) -> bool:
        """Whether claims went to this page before, as some source page says, and it is not there nor wanted back."""
        if page.restored or self.vault.path(path).exists():
            return False
        rows = [self.catalogue.page(link) for link in self.catalogue.backlinks(pages.file_of(path))]
        return any(row is not None and row.type == "source" for row in rows)

    def is_withheld(self, add: Add, page: Page, path: str, had: Collection[tuple[str, str]]) -> bool:
        """Whether a claim, or one that it restates, went to a page in an earlier run, and a person has taken it off.

        A page that is made again is not made as it was then.
        """
        owner = self.ledger(add.source)
        told = self.batch.claims.get(add.claim) if add.source == self.source_id else None
        ids = (add.claim, *(told.restates if told is not None else ()))
        is_there = not page.restored or self.vault.path(path).exists()
        off = [id_ for id_ in ids if (id_, owner.slug) not in had and owner.sent(id_, pages.file_of(path))]
        return is_there and (add.claim, owner.slug) not in had and bool(off)

    def ledger(self, source_id: str) -> Ledger:
        """The source page of a source, as it is, or new if it is the source at hand."""
        if source_id not in self.ledgers:
            row = self.catalogue.source_by_id(source_id)
            if row is not None:
                slug, path = row.slug, row.page
            elif self.source is not None and source_id == self.source.id:
                slug = self.new_slug(self.source)
                path = f"wiki/sources/{slug}.md"
            else:
                raise Failure(f"source {source_id} is named by a record but has no page in wiki/sources/")
            text = self.read(path)
            if text is not None:
                sound(path, text)
            self.ledgers[source_id] = Ledger(path, slug, text)
        return self.ledgers[source_id]

    def new_slug(self, source: Source) -> str:
        """The slug of a new source; two that were segmented side by side may both have been given the same."""
        taken = self.catalogue.path_taken(source.slug)
        return source.slug if taken is None else f"{source.slug}-{source.id[:6]}"

    def read(self, path: str) -> str | None:
        """The text of a page. Raises Failure if it is not UTF-8."""
        try:
            return self.vault.path(path).read_bytes().decode()
        except FileNotFoundError:
            return None
        except UnicodeDecodeError:
            raise Failure("not UTF-8: save it as UTF-8 and run again", path) from None

    def evidence(self, add: Add) -> Evidence:
        """A claim of this source, or one that has waited on the page of another."""
        owner = self.ledger(add.source)
        claim = self.batch.claims.get(add.claim) if add.source == self.source_id else owner.claim(add.claim, add.source)
        if claim is None:
            raise Failure(
                f"claim {add.claim} is named by a record but is not among the claims of its source", owner.path
            )
        is_new = self.source is not None and add.source == self.source_id and owner.before is None
        title = self.source.title if self.source is not None and is_new else owner.title
        return Evidence(claim, pages.Place(owner.slug, title, place_of(claim), claim.quote))


def sound(path: str, text: str) -> pages.Document:
    """A page that can be changed. Raises Failure, naming the line, if it cannot be read for sure."""
    document = pages.parse(text)
    if document.problems:
        line, message = document.problems[0]
        raise Failure(f"{message}: mend it and run again", path, line)
    return document
