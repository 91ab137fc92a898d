"""What is to be done with each raw source: the question that Make asks before it runs anything.

Whether a source is in the wiki is asked of its source page, through the catalogue, and never of a stamp.
A task that is to do has a key: a hash of all that its stage files depend on.
"""

from __future__ import annotations

import glob
import hashlib
import os
import shlex
from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import replace
from pathlib import Path

import orjson

from quern.program import Failure
from quern.records import Task
from quern.schema import Schema
from quern.vault import Vault
from quern.wiki import Catalogue

AGAIN = "a model has read a part of it"
"""Why a source that is in the wiki is to do: the rest is asked for."""


def resolve(vault: Vault, asked: str) -> list[str]:
    """The files that a person named, in the order named.

    A file of exactly that name wins; else the words are split as a shell does, and each is a file or a pattern.
    Raises Failure if a word names no file, or one outside `raw/`.
    """
    if not asked.strip():
        raise Failure("which source? for example: make ingest SRC=raw/NAME.md")
    files = _named(vault, asked)
    if not files:
        try:
            words = shlex.split(asked)
        except ValueError as error:
            raise Failure(f"{error}: a name with a quote in it is put in double quotes", asked) from None
        files = [file for word in words for file in _matching(vault, word)]
    return [_inside(vault, file) for file in dict.fromkeys(files)]


def everything(vault: Vault) -> list[str]:
    """All files under `raw/`, sorted by path, but for hidden ones."""
    found = []
    for folder, folders, files in os.walk(vault.raw):
        folders[:] = [name for name in folders if not name.startswith(".")]
        found += [os.path.join(folder, name) for name in files if not name.startswith(".")]
    return sorted(found)


def tasks(  # noqa: PLR0913 - a key depends on all of this
    vault: Vault,
    schema: Schema,
    catalogue: Catalogue,
    files: Iterable[str],
    home: str,
    *,
    focus: str = "",
    again: bool = False,
) -> Iterator[Task]:
    """One task a file, in order; `home` is the clone whose programs will do them, `focus` what they are to look for.

    `again`: what is in the wiki already is to be read, too.
    """
    mill = _mill(vault, schema, home, focus)
    seen: dict[str, str] = {}
    for file in files:
        path = os.path.relpath(file, vault.root).replace(os.sep, "/")
        try:
            path.encode()
            with open(file, "rb") as stream:
                sha = hashlib.file_digest(stream, "sha256").hexdigest()
        except UnicodeEncodeError:
            yield Task(path=ascii(path), state="failed", why="its name is not UTF-8: rename it")
            continue
        except OSError as error:
            yield Task(path=path, state="failed", why=str(error.strerror))
            continue
        twin = seen.setdefault(sha, path)
        is_wanted = again and in_wiki(catalogue, path, sha)
        why = "" if is_wanted else _why_done(vault, schema, catalogue, path, sha)
        why = f"the same bytes as {twin}" if twin != path else why
        if why:
            yield Task(path=path, state="done", why=why, sha256=sha)
        else:
            asked = AGAIN if not again and in_wiki(catalogue, path, sha) else ""
            yield Task(path=path, state="todo", key=_key(mill, vault, catalogue, path, sha), why=asked, sha256=sha)


def unread(vault: Vault, files: Iterable[str]) -> Iterator[Task]:
    """A task for each file of a kind that no program reads, such as an image beside the notes."""
    for file in files:
        path = os.path.relpath(file, vault.root).replace(os.sep, "/")
        why = f"{os.path.splitext(path)[1]} files are not read yet"
        yield Task(path=path.encode(errors="replace").decode(), state="skipped", why=why)


def needless(found: Sequence[Task]) -> str:
    """One line on what need not be done, or "" if all is to do."""
    done = [task for task in found if task.state in ("done", "skipped")]
    if not done:
        return ""
    end = ": nothing to do" if len(done) == len(found) else ""
    if len(done) == 1:
        return f"{done[0].path}: {done[0].why}{end}"
    return f"{len(done)} of {len(found)} files are in the wiki already, or are not read{end}"


def in_wiki(catalogue: Catalogue, path: str, sha: str) -> bool:
    """Whether the source page of this file is of these bytes; whoever read them, what they say is there."""
    row = catalogue.source_by_path(path)
    return row is not None and row.sha256 == sha


def is_incomplete(catalogue: Catalogue, path: str) -> bool:
    """Whether the source page of this file says that a model gave no usable reply about some part of it."""
    row = catalogue.source_by_path(path)
    page = catalogue.page(row.page) if row is not None else None
    return page is not None and page.status == "incomplete"


def lay_out(vault: Vault, todo: Iterable[Task], build: str) -> None:
    """One folder a task under `build`, with the path of its source as it is opened from the working directory.

    What was made of a source that a model has read in part is made anew; the model is asked for the other parts only.
    """
    for task in todo:
        folder = os.path.join(build, task.key)
        os.makedirs(folder, exist_ok=True)
        made = os.path.join(folder, "claims.jsonl")
        if task.why == AGAIN and os.path.exists(made):
            os.unlink(made)
        target = os.path.join(folder, "source")
        if not os.path.exists(target):
            with open(f"{target}.{os.getpid()}", "w", encoding="utf-8") as stream:
                stream.write(_from_here(os.path.join(vault.root, task.path)))
            os.replace(f"{target}.{os.getpid()}", target)


def settled(catalogue: Catalogue, task: Task, build: str) -> Task:
    """A task after the run: done if the wiki has all of its source, else failed, with the last thing its stage said."""
    if task.state != "todo":
        return replace(task, state="skipped") if task.state == "done" else task
    if in_wiki(catalogue, task.path, task.sha256) and not is_incomplete(catalogue, task.path):
        return replace(task, state="done")
    said = os.path.join(build, task.key, "stderr")
    last = ""
    if os.path.exists(said):
        with open(said, encoding="utf-8", errors="replace") as lines:
            last = next((line.strip() for line in reversed(lines.readlines()) if line.strip()), "")
    return replace(task, state="failed", why=last or "not reached")


def table(found: Sequence[Task]) -> Iterator[str]:
    """How many tasks were done, skipped and failed, and why each of the last failed."""
    for state in ("done", "skipped", "failed"):
        own = [task for task in found if task.state == state]
        whys = Counter(task.why for task in own) if state == "skipped" else {}
        why = "; ".join(f"{number} {why}" for why, number in sorted(whys.items()))
        yield f"{state:8} {len(own):5}" + (f"  {why}" if why else "")
        if state == "failed":
            yield from (f"  {task.why}" if task.path in task.why else f"  {task.path}: {task.why}" for task in own)


def _named(vault: Vault, name: str) -> list[str]:
    """The file of exactly this name: seen from the vault, from here, or from the home folder."""
    for path in (os.path.join(vault.root, name), name, os.path.expanduser(name)):
        if os.path.lexists(path):
            return [os.path.abspath(path)]
    return []


def _matching(vault: Vault, word: str) -> list[str]:
    files = _named(vault, word)
    for base in (str(vault.root), "."):
        files = files or [
            os.path.abspath(os.path.join(base, name))
            for name in sorted(glob.glob(os.path.expanduser(word), root_dir=base, recursive=True))
            if os.path.isfile(os.path.join(base, name))
        ]
    if not files:
        raise Failure("no such file, and nothing matches (a name with blanks is quoted twice: SRC=\"'a b.md'\")", word)
    return files


def _inside(vault: Vault, file: str) -> str:
    raw = os.path.realpath(vault.raw)
    if os.path.isdir(file):
        raise Failure(f"a folder: name files, or a pattern such as SRC={shlex.quote(_from_here(file) + '/*')}", file)
    real = os.path.realpath(file)
    if os.path.commonpath([raw, real]) == raw:
        return file
    inside = os.path.commonpath([os.path.abspath(vault.raw), file]) == os.path.abspath(vault.raw)
    copy = f"cp -- {shlex.quote(_from_here(real))} {shlex.quote(_from_here(str(vault.raw)) + '/')}"
    copy = f"rm -- {shlex.quote(_from_here(file))} && {copy}" if inside else copy
    raise Failure(f"not in raw/, where sources live; first: {copy}", _from_here(file))


def _why_done(vault: Vault, schema: Schema, catalogue: Catalogue, path: str, sha: str) -> str:
    """Why there is nothing to do for this file, or "" if there is."""
    row = catalogue.source_by_path(path)
    if row is not None and in_wiki(catalogue, path, sha):
        if not schema.is_rules and is_incomplete(catalogue, path):
            return ""
        other = row.engine and row.engine != ("rules" if schema.is_rules else "llm")
        return "in the wiki already" + (f", as the engine {row.engine} read it" if other else "")
    twin = catalogue.source_by_sha(sha)
    if twin and twin.path != path and (vault.root / twin.path).exists() and not catalogue.source_by_path(path):
        return f"the same bytes as {twin.path}"
    return ""


def _key(mill: str, vault: Vault, catalogue: Catalogue, path: str, sha: str) -> str:
    """A hash of all that the stage files of a source depend on."""
    row = catalogue.source_by_path(path) or catalogue.source_by_sha(sha)
    known = [row.id, row.slug] if row else None
    return hashlib.sha256(orjson.dumps([mill, os.path.realpath(vault.root), path, sha, known])).hexdigest()[:20]


def _mill(vault: Vault, schema: Schema, home: str, focus: str) -> str:
    """A hash of what turns any source into claims: the programs, the library, the keys of the schema that they read."""
    read = schema.version, schema.is_rules, schema.language, schema.passages, focus, *_asked(schema, vault.root)
    digest = hashlib.sha256(repr(read).encode())
    for file in (*_library(os.path.join(home, "lib", "quern")), *(f"{home}/bin/{x}" for x in ("segment", "extract"))):
        with open(file, "rb") as stream:
            digest.update(b"\0" + hashlib.file_digest(stream, "sha256").digest())
    return digest.hexdigest()


def _asked(schema: Schema, root: Path) -> Iterator[object]:
    """What the claims depend on where a model makes them: how it is asked, and the weights as they lie on the disk."""
    if schema.is_rules:
        return
    yield schema.models, schema.roles, schema.guidance, schema.reading
    for served in schema.models.values():
        file = root / os.path.expanduser(served.llama.path) if served.llama is not None else root
        if served.llama is not None and file.exists():
            yield file.stat().st_size, file.stat().st_mtime_ns


def _library(folder: str) -> Sequence[str]:
    found = [
        os.path.join(parent, name)
        for parent, _, names in os.walk(folder)
        if not parent.endswith("__pycache__")
        for name in names
    ]
    return sorted(found)


def _from_here(path: str) -> str:
    """A path as one would type it here: relative if it lies below the working directory."""
    relative = os.path.relpath(path)
    return os.path.abspath(path) if relative.startswith("..") else relative
