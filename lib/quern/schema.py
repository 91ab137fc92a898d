"""schema.yaml: how a wiki is kept, loaded once and checked."""

from __future__ import annotations

import os
from typing import Any, Literal

import msgspec
import yaml

from quern import freshness
from quern.program import Failure
from quern.vault import Vault

MEANINGS = {
    "entity": "one thing in the world that has a name of its own: a person, place, organisation, product, work, "
    "project or event",
    "concept": "what many things share or do: a term, method, idea, quantity, behaviour or fault",
}
"""What the types of pages are, if the schema has not said more."""


VERSION = 1
"""Of the schema: what it may say, and what that means."""


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


class Searching(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """What the model of role `rerank`, if there is one, looks at again: so many hits, for so many seconds at most."""

    rerank: int = 30
    seconds: float = 20.0


class Lint(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """How grave what lint finds is here, by code, and from how many words on a page is long."""

    # YAML reads a bare `off` as false.
    severity: dict[str, Literal["off", "hint", "warning", "error"] | bool] = {}
    long_page: int = 3000


class Git(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    commit: bool = False


class Mcp(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """What agents may do over the Model Context Protocol besides reading."""

    ingest: bool = False


class Llama(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """A GGUF file, run in this process; a path is relative to the vault. `options`: parameters of llama.cpp."""

    path: str
    n_ctx: int | Literal["auto"] = "auto"
    options: dict[str, Any] = {}


class Http(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """A server that speaks as OpenAI's do. `key_env`: the environment variable that holds its key."""

    url: str
    model: str
    key_env: str = ""
    n_ctx: int | None = None
    parallel: int = 1
    options: dict[str, Any] = {}


class Anthropic(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """A server that speaks as Anthropic's do."""

    model: str
    url: str = "https://api.anthropic.com/v1"
    key_env: str = "ANTHROPIC_API_KEY"
    n_ctx: int | None = None
    parallel: int = 1
    options: dict[str, Any] = {}


class Served(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """A model: exactly one of these ways to ask it. `name` is its key in `models:`."""

    name: str = ""
    llama: Llama | None = None
    http: Http | None = None
    anthropic: Anthropic | None = None


Asking = Literal["extract", "judge", "write", "ask", "rerank"]


class Asked(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """How a model is asked in one role. `timeout`: seconds without a token."""

    model: str = ""
    temperature: float = 0.0
    seed: int = 0
    max_tokens: int = 2000
    thinking: Literal["on", "off"] | bool = "off"
    timeout: float = 600.0


class Reading(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """What a model may leave out. Shares are of the passages of a source, and of the figures and names of a passage."""

    max_unread: float = 0.05
    max_not_carried: float = 0.5


class Cache(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """Megabytes below `.cache/`, past which what was used least of late goes."""

    replies: int = 200
    prefixes: int = 2000


class Guidance(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """What the model is told of how this wiki is kept: for all pages, and by type."""

    general: str = ""
    types: dict[str, str] = {}


class Schema(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    version: Literal[1] = 1
    engine: Literal["rules", "llm"] | None = None
    models: dict[str, Served] = {}
    roles: dict[Asking | Literal["embed"], Asked] = {}
    guidance: str | Guidance = ""
    reading: Reading = Reading()
    cache: Cache = Cache()
    language: str = "en"
    passages: Passages = Passages()
    pages: Pages = Pages()
    names: Names = Names()
    relations: Relations = Relations()
    index: Index = Index()
    search: Searching = Searching()
    lint: Lint = Lint()
    git: Git = Git()
    mcp: Mcp = Mcp()

    @property
    def is_rules(self) -> bool:
        """Whether the rules answer, and no model: as the schema says, or since it names none."""
        return self.engine == "rules" or (self.engine is None and not self.writing)

    @property
    def is_silent(self) -> bool:
        """Whether the rules answer only because nothing is said of an engine or a model."""
        return self.engine is None and not self.writing

    @property
    def writing(self) -> tuple[str, ...]:
        """The names of the models that can be asked for words: all but the one that is for embeddings alone."""
        elsewhere = {asked.model for role, asked in self.roles.items() if role != "embed"}
        only = self.roles.get("embed", Asked()).model
        return tuple(name for name in self.models if name != only or name in elsewhere)

    @property
    def embedding(self) -> Served | None:
        """The model that search takes vectors from, if the schema names one."""
        return self.models.get(self.roles.get("embed", Asked()).model)

    def asked(self, role: Asking) -> Asked:
        """How the model of a role is asked; a role that is not named is asked as by default."""
        if role == "judge" and not self.roles.get(role, Asked()).model:
            # Who reads may judge, too: it would be late to learn only now that nobody was named.
            reader = self.roles.get("extract", Asked()).model
            return msgspec.structs.replace(self.roles.get(role, Asked()), model=reader)
        if role == "ask" and not self.roles.get(role, Asked()).model:
            # Who writes leads can write answers.
            writer = self.roles.get("write", Asked()).model
            return msgspec.structs.replace(self.roles.get(role, Asked()), model=writer)
        return self.roles.get(role, Asked())

    def model_for(self, role: Asking) -> Served:
        """The model of a role; one that no role names is that of all.

        Raises Failure if there is none, or several to choose from.
        """
        name = self.asked(role).model
        if not name and len(self.writing) != 1:
            raise Failure(
                f"roles: {role}: model: name one of {', '.join(sorted(self.writing)) or 'models:'}", "schema.yaml"
            )
        return self.models[name or self.writing[0]]

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
    version = data.get("version", VERSION) if isinstance(data, dict) else VERSION
    if version != VERSION:
        raise Failure(f"version: {version}: this quern reads version {VERSION}", str(vault.schema))
    try:
        schema = msgspec.convert({} if data is None else data, Schema)
    except msgspec.ValidationError as error:
        raise Failure(str(error).replace("$.", ""), str(vault.schema)) from None
    schema = _with_models(schema, vault)
    for type_, lasting in schema.pages.fresh_for.items():
        try:
            freshness.age(lasting)
        except ValueError as error:
            raise Failure(f"pages: fresh_for: {type_}: {error}", str(vault.schema)) from None
    _check_codes(schema, vault)
    return schema


def _check_codes(schema: Schema, vault: Vault) -> None:
    """Raises Failure for a severity of what lint does not know. Few schemas set one: only they pay for the table."""
    if schema.lint.severity:
        from quern import checks

        for code, severity in schema.lint.severity.items():
            if code not in checks.codes():
                raise Failure(f"lint: severity: {checks.unknown(code)}", str(vault.schema))
            if severity is True:
                raise Failure(f"lint: severity: {code}: one of off, hint, warning, error", str(vault.schema))


def _with_models(schema: Schema, vault: Vault) -> Schema:
    """The schema with each model named by its key, and with the one that `QUERN_MODEL` names in place of all."""
    file = os.environ.get("QUERN_MODEL", "")
    if file:
        asked = {role: msgspec.structs.replace(one, model="") for role, one in schema.roles.items()}
        told = next((one.llama for one in schema.models.values() if one.llama is not None), Llama(path=""))
        served = Served(name=os.path.basename(file), llama=msgspec.structs.replace(told, path=os.path.abspath(file)))
        models = {served.name: served}
        if (embedding := schema.embedding) is not None:
            # It writes nothing, so nobody else takes its place.
            name = schema.roles["embed"].model
            models, asked["embed"] = {name: embedding, **models}, schema.roles["embed"]
        return msgspec.structs.replace(schema, engine="llm", models=models, roles=asked)
    for name, served in schema.models.items():
        if sum(way is not None for way in (served.llama, served.http, served.anthropic)) != 1:
            raise Failure(f"models: {name}: needs one of llama, http and anthropic", str(vault.schema))
    for role, one in schema.roles.items():
        if one.model and one.model not in schema.models:
            raise Failure(f"roles: {role}: model: {one.model!r} is not in models", str(vault.schema))
    if "embed" in schema.roles and not schema.roles["embed"].model:
        raise Failure("roles: embed: model: name the one of models: that embeds", str(vault.schema))
    if schema.engine == "llm" and not schema.models:
        raise Failure("engine: llm needs a model: see models", str(vault.schema))
    named = {name: msgspec.structs.replace(served, name=name) for name, served in schema.models.items()}
    return msgspec.structs.replace(schema, models=named)
