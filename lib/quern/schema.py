"""schema.yaml: how a wiki is kept, loaded once and checked."""

from __future__ import annotations

from typing import Literal

import msgspec
import yaml

from quern import freshness
from quern.program import Failure
from quern.vault import Vault


class Passages(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    max_chars: int = 2400


class Pages(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    types: tuple[str, ...] = ("entity", "concept")
    min_sources: int = 2
    min_weight: float = 0.25
    min_weight_defined: float = 0.1
    min_claims: int = 2
    words_per_page: int = 100
    max_new: int = 15
    lead_sentences: int = 2
    summary_sentences: int = 4
    shown: int = 12
    fresh_for: dict[str, str | int] = {}


class Names(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    fuzzy: float = 92.0
    candidates: int = 200


class Relations(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    volatile: tuple[str, ...] = ()
    series: tuple[str, ...] = ()


class Index(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    shard_over: int = 1000


class Git(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    commit: bool = False


class Schema(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    version: Literal[1] = 1
    engine: Literal["rules"] = "rules"
    language: str = "en"
    passages: Passages = Passages()
    pages: Pages = Pages()
    names: Names = Names()
    relations: Relations = Relations()
    index: Index = Index()
    git: Git = Git()

    def language_of(self, language: str) -> str:
        """The language of a source, or ours where none could be detected in it."""
        return self.language if language in ("", "und") else language


def load(vault: Vault) -> Schema:
    """The schema of a vault.

    Raises Failure, naming the line or the key, if it is not YAML or says something that it cannot say.
    """
    try:
        text = vault.schema.read_text(encoding="utf-8")
        data = yaml.load(text, yaml.CSafeLoader)
    except UnicodeDecodeError:
        raise Failure("not UTF-8", str(vault.schema)) from None
    except yaml.MarkedYAMLError as error:
        line = error.problem_mark.line + 1 if error.problem_mark else None
        raise Failure(f"not YAML: {error.problem}", str(vault.schema), line) from None
    try:
        schema = msgspec.convert({} if data is None else data, Schema)
    except msgspec.ValidationError as error:
        raise Failure(str(error).replace("$.", ""), str(vault.schema)) from None
    for type_, lasting in schema.pages.fresh_for.items():
        try:
            freshness.age(lasting)
        except ValueError as error:
            raise Failure(f"pages: fresh_for: {type_}: {error}", str(vault.schema)) from None
    return schema
