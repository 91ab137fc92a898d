"""An ingest put on a git branch of its own, to be read and merged by people (`make ingest REVIEW=branch`).

The run happens in a copy of the vault as it was last committed; what came of it becomes a commit on top of that, made
of git's objects alone. The person's branch, index and files are not touched at any moment, and the branch is there
when the commit is whole, or not at all.
"""

from __future__ import annotations

import os
import re
import shutil
import textwrap
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from hashlib import sha256
from pathlib import Path

import msgspec
import orjson

from quern import git, journal, reports, review, schema
from quern.program import Failure
from quern.records import Change, Entry, Proposal, Source
from quern.updates import commits
from quern.vault import Vault

WIDTH = 72
LONGEST = 400
"""Characters of a line of a diff, past which it is cut."""
LARGEST = 30_000
"""Characters of all diffs in a message: what a person reads, and what the sites that show it take."""

_NOTE = "proposal.json"
_COUNTS = re.compile("(?:created|updated|as_of|sources|claims|lead|lead_of):")
_MARK = re.compile(r" \([0-9a-f]{12}\)$")


@dataclass(frozen=True, slots=True)
class Origin:
    """Where a copy comes from: the vault of the person, the commit, and the size of the log (bytes) there."""

    vault: str
    base: str
    log_size: int


def begin(vault: Vault, folder: Path) -> int:
    """Lay out a copy of a vault as it was last committed, with the sources as they are now.

    Returns how many files of the wiki are not committed as they are, and so are not in it.
    Raises Failure if no branch could be made of what comes of it; nothing is written then.
    """
    _check(vault)
    if folder.exists():
        raise Failure("there is something of that name already: name a folder that is to be made", str(folder))
    base = git.ask(vault.root, "rev-parse", "--verify", "HEAD^{commit}").strip()
    files = git.tree(vault.root, base, ["wiki", vault.log.name])
    for path, data in git.blobs(vault.root, {path: id_ for path, (mode, id_) in files.items() if _is_file(mode)}):
        _put(folder / path, data)
    for name in ("wiki", "raw", ".quern"):
        (folder / name).mkdir(parents=True, exist_ok=True)
    _link(vault.raw, folder / "raw")
    settings = msgspec.to_builtins(schema.load(vault))
    _put(folder / "schema.yaml", orjson.dumps({**settings, "git": {"commit": False}}))
    size = (folder / vault.log.name).stat().st_size if vault.log.name in files else 0
    _put(folder / ".quern" / _NOTE, orjson.dumps(Origin(os.path.abspath(vault.root), base, size)))
    # A repository of its own keeps those around it out, and says who works here.
    git.ask(folder, "init", "--quiet", "--template=")
    git.ask(folder, "config", "user.name", journal.agent(vault))
    return len(git.changed(vault.root, ["wiki", vault.log.name]))


def propose(copy: Vault, sources: Sequence[Source], changes: Sequence[Change]) -> Proposal | None:
    """Make a branch of what a run has made of a copy that `begin` laid out; None if that is nothing.

    Raises Failure, with nothing done, if there is a branch of that name, or if git cannot make it.
    """
    origin = _origin(copy)
    vault = Vault(Path(origin.vault))
    if not sources:
        raise Failure("no source: this is made of what an ingest says")
    branch = _free_name(vault, sources[0])
    before = git.tree(vault.root, origin.base, ["wiki", "raw", vault.log.name])
    entries = _wiki_entries(copy, vault, before)
    if not entries:
        return None
    raw = dict(_raw_entries(vault, sources, before))
    told = _told(copy, vault, origin, before, sources, changes)
    commit = _commit(copy, vault, origin.base, entries | raw, told)
    done = git.run(vault.root, "update-ref", "-m", "quern: propose", f"refs/heads/{branch}", commit, "")
    if done.returncode:
        raise Failure(f"git could not make the branch {branch}: {git.said(done)}")
    subject = told.partition("\n")[0]
    return Proposal(branch=branch, commit=commit, subject=subject, root=origin.vault, unsaved=sorted(raw))


def _check(vault: Vault) -> None:
    """Raises Failure if git cannot make a branch here."""
    git.prefix(vault.root)
    if not git.has(vault.root, "HEAD"):
        raise Failure("git has no commit yet from which a branch could start: commit what is there first")
    if not git.knows_user(vault.root):
        raise Failure(git.UNKNOWN_USER)
    ignored = git.ignored(vault.root, ["wiki/index.md", vault.log.name])
    if ignored:
        raise Failure(f"git is told to ignore {' and '.join(ignored)}, so no branch can hold it: see .gitignore")


def _origin(copy: Vault) -> Origin:
    try:
        return msgspec.json.decode((copy.state / _NOTE).read_bytes(), type=Origin)
    except FileNotFoundError:
        raise Failure("not a copy that 'propose --begin' laid out", str(copy.root)) from None


def _free_name(vault: Vault, source: Source) -> str:
    name = f"review/{source.slug}"
    if git.run(vault.root, "check-ref-format", f"refs/heads/{name}").returncode:
        name = f"review/{source.id}"
    if git.run(vault.root, "show-ref", "--verify", "--quiet", f"refs/heads/{name}").returncode == 0:
        raise Failure(
            f"there is a branch {name} already: merge it, or remove it (git branch -D {name}), then run again"
        )
    return name


# The copy


def _is_file(mode: str) -> bool:
    return mode.startswith("100")


def _put(path: Path, data: bytes) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(data)


def _link(here: Path, there: Path) -> None:
    """The files of a folder in another one: the same files where the disk is the same, since nothing writes them."""
    for folder, _, names in os.walk(here):
        target = there / os.path.relpath(folder, here)
        target.mkdir(parents=True, exist_ok=True)
        for name in names:
            try:
                os.link(os.path.join(folder, name), target / name)
            except OSError:
                shutil.copy2(os.path.join(folder, name), target / name, follow_symlinks=False)


# The commit


def _wiki_entries(copy: Vault, vault: Vault, before: Mapping[str, tuple[str, str]]) -> dict[str, str]:
    """What the run has changed in the wiki and the log: path -> mode and id of the blob, as `update-index` has them."""
    found = [path for path in copy.wiki.rglob("*") if path.is_file()]
    now = {path.relative_to(copy.root).as_posix(): path for path in (*found, copy.log) if path.exists()}
    entries = {}
    for path, file in sorted(now.items()):
        mode, standing = before.get(path, ("100644", ""))
        data = file.read_bytes()
        if not standing or git.blob_id(data, standing) != standing:
            id_ = git.ask(vault.root, "hash-object", "-w", "--no-filters", "--stdin", stdin=data).strip()
            entries[path] = f"{mode} {id_}"
    for path, (mode, id_) in before.items():
        if path not in now and _is_file(mode) and not path.startswith("raw/"):
            entries[path] = f"0 {'0' * len(id_)}"
    return entries


def _raw_entries(
    vault: Vault, sources: Iterable[Source], before: Mapping[str, tuple[str, str]]
) -> Iterator[tuple[str, str]]:
    """The sources that are not committed as they were read: they come along, unless git is told to ignore them."""
    paths = [source.path for source in sources]
    ignored = set(git.ignored(vault.root, paths))
    for source in sources:
        mode, standing = before.get(source.path, ("100644", ""))
        data = vault.path(source.path).read_bytes()
        if sha256(data).hexdigest() != source.sha256:
            raise Failure("changed while it was read: run again", source.path)
        id_ = git.ask(vault.root, "hash-object", "-w", "--stdin", f"--path={source.path}", stdin=data).strip()
        if id_ != standing and source.path not in ignored:
            yield source.path, f"{mode} {id_}"


def _commit(copy: Vault, vault: Vault, base: str, entries: Mapping[str, str], message: str) -> str:
    """The id of a commit on top of another, with these files changed; made from an index of its own."""
    settings = {"GIT_INDEX_FILE": str((copy.state / "index").resolve())}
    top = git.prefix(vault.root)
    lines = "".join(f"{entry}\t{top}{path}\0" for path, entry in entries.items()).encode(errors="surrogateescape")
    git.ask(vault.root, "read-tree", base, settings=settings)
    git.ask(vault.root, "update-index", "-z", "--index-info", stdin=lines, settings=settings)
    tree = git.ask(vault.root, "write-tree", settings=settings).strip()
    signed = git.run(vault.root, "config", "--type=bool", "commit.gpgsign").stdout.strip() == b"true"
    own_name = git.run(vault.root, "config", "user.name").stdout.decode(errors="replace").strip()
    author = git.author(journal.agent(vault), own_name)
    if author is not None:
        name, _, address = author.removesuffix(">").partition(" <")
        settings |= {"GIT_AUTHOR_NAME": name, "GIT_AUTHOR_EMAIL": address}
    options = ("-p", base, *(("-S",) if signed else ()))
    data = message.encode(errors="replace")
    return git.ask(vault.root, "commit-tree", tree, *options, stdin=data, settings=settings).strip()


# The message


def _told(  # noqa: PLR0913, PLR0917 - a message tells all of this
    copy: Vault,
    vault: Vault,
    origin: Origin,
    before: Mapping[str, tuple[str, str]],
    sources: Sequence[Source],
    changes: Sequence[Change],
) -> str:
    """What the commit says: what each source says, what became of which page, and how the pages change."""
    text = copy.log.read_bytes()[origin.log_size :].decode(errors="replace") if copy.log.exists() else ""
    entries = list(journal.parse(text))
    if not entries:
        raise Failure("the run has left no entry in its log: pass on what logappend says")
    heading = journal.render(entries[0]).partition("\n")[0].removeprefix("## ")
    parts = [f"{heading} and {len(entries) - 1} more" if len(entries) > 1 else heading]
    for source, entry in _of_each(sources, entries):
        said = " ".join(reports.summary(copy, f"wiki/sources/{source.slug}.md"))
        parts += [_wrapped(source.title)] * (len(entries) > 1)
        parts += [_wrapped(said)] * bool(said)
        parts += ["\n".join(_wrapped(_MARK.sub("", bullet), "- ") for bullet in entry.bullets)]
    parts += _diffs(copy, vault, before, changes)
    read = [(source.path, source.sha256) for source in sources]
    trailers = commits.trailers(read, entries[0], journal.agent(vault))
    # A run of several sources is several transactions; in one commit they are taken back together.
    ids = dict.fromkeys(change.transaction for change in changes if change.op != "unchanged")
    trailers += [f"{commits.TRANSACTION}: {id_}" for id_ in ids]
    return "\n\n".join([*parts, "\n".join(trailers)]) + "\n"


def _of_each(sources: Iterable[Source], entries: Sequence[Entry]) -> Iterator[tuple[Source, Entry]]:
    for source in sources:
        for entry in entries:
            if any(bullet.endswith(f"({source.sha256[:12]})") for bullet in entry.bullets):
                yield source, entry


def _wrapped(text: str, mark: str = "") -> str:
    return textwrap.fill(
        journal.one_line(text),
        WIDTH,
        initial_indent=mark,
        subsequent_indent=" " * len(mark),
        break_long_words=False,
        break_on_hyphens=False,
    )


def _diffs(
    copy: Vault, vault: Vault, before: Mapping[str, tuple[str, str]], changes: Iterable[Change]
) -> Iterator[str]:
    """How each page that is no source page changes, indented: at the margin git would take it for a patch to apply."""
    touched = {change.path for change in changes if change.type != "source" and change.op != "unchanged"}
    paths = sorted(path for path in touched if not path.startswith("wiki/index"))
    stood = dict(git.blobs(vault.root, {path: before[path][1] for path in paths if path in before}))
    left, cut = LARGEST, 0
    for path in paths:
        was, file = stood.get(path), copy.root / path
        now = file.read_bytes() if file.exists() else None
        lines = review.diff(path, *(None if data is None else _words(data) for data in (was, now)))
        text = "\n".join(f"    {'@@' if line.startswith('@@') else _short(line)}".rstrip() for line in lines)
        if len(text) > left:
            cut += 1
        else:
            left -= len(text)
            yield text
    if cut:
        yield f"{cut} {'page changes' if cut == 1 else 'pages change'} by more than is shown here."


def _words(data: bytes) -> str:
    """A page without the lines that only count what stands on it: they say nothing to a reader."""
    lines = data.decode(errors="replace").split("\n")
    end = lines.index("---", 1) if lines[0] == "---" and "---" in lines[1:] else 0
    return "\n".join(line for number, line in enumerate(lines) if number >= end or not _COUNTS.match(line))


def _short(line: str) -> str:
    return line if len(line) <= LONGEST else f"{line[:LONGEST]}…"
