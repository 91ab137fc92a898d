"""Where things are in a vault, and how they are written: safe paths, atomic writes, one lock."""

from __future__ import annotations

import contextlib
import fcntl
import os
import tempfile
import time
from collections.abc import Iterator
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path

from quern.program import Failure


@dataclass(frozen=True, slots=True)
class Vault:
    """A folder with a schema.yaml: raw sources in, wiki out."""

    root: Path

    @property
    def schema(self) -> Path:
        return self.root / "schema.yaml"

    @property
    def raw(self) -> Path:
        return self.root / "raw"

    @property
    def wiki(self) -> Path:
        return self.root / "wiki"

    @property
    def ledgers(self) -> Path:
        """The folder of source pages."""
        return self.root / "wiki" / "sources"

    @property
    def index(self) -> Path:
        return self.root / "wiki" / "index.md"

    @property
    def log(self) -> Path:
        return self.root / "log.md"

    @property
    def cache(self) -> Path:
        """Can be deleted at any time."""
        return self.root / ".cache"

    @property
    def state(self) -> Path:
        """Holds the lock and an unfinished transaction; must not be deleted while there is one."""
        return self.root / ".quern"

    def path(self, relative: str) -> Path:
        """The file that a record's path names. Raises Failure if it lies outside the vault."""
        path = os.path.join(self.root, relative)
        root = os.path.join(_real(str(self.root)), "")
        if os.path.isabs(relative) or not _whole(path).startswith(root):
            raise Failure("this path leads out of the vault", relative)
        return Path(path)

    def relative(self, path: Path) -> str:
        """A file as records name it. Raises Failure if it lies outside the vault."""
        try:
            return path.resolve().relative_to(self.root.resolve()).as_posix()
        except ValueError:
            raise Failure(f"not in the vault {self.root}", str(path)) from None


def _whole(path: str) -> str:
    """The path of a file without links on the way; where its folder is, is found out once."""
    folder, name = os.path.split(path)
    if name in ("", ".", "..") or os.path.islink(path):
        return os.path.realpath(path)
    return os.path.join(_real(folder), name)


_real = lru_cache(maxsize=1024)(os.path.realpath)


def find(directory: str | None = None) -> Vault:
    """The vault at `directory`, or the nearest one from the working directory upwards, or else the clone itself.

    Raises Failure if there is no schema.yaml where there is a vault otherwise.
    """
    if directory is not None:
        vault = Vault(Path(directory))
        if not vault.schema.is_file():
            raise Failure(f"no schema.yaml there: 'make init VAULT={directory}' lays out a vault", directory)
        return vault
    here = Path.cwd()
    for folder in (here, *here.parents, Path(__file__).parents[2]):
        if (folder / "schema.yaml").is_file():
            return Vault(folder)
        if (folder / "raw").is_dir() or (folder / "wiki").is_dir():
            break
    raise Failure("no vault from here upwards (no schema.yaml): name one with --vault DIR", str(here))


def write_atomically(
    path: Path, data: bytes | tuple[bytes, ...], room: Path | None = None, *, durable: bool = True
) -> None:
    """Write a whole file or nothing: a temporary file, fsync, rename, fsync of the folder.

    `room`: where the temporary file stands, on the same disk; None: beside the file. A run that is killed leaves it
    there, named `.….tmp`, so what is written in wiki/ has it in .quern/, where the next writer clears up.
    `durable`: whether it must outlast a power cut; a cache whose files tell themselves whether they are whole need not
    wait for the disk.
    """
    room = room or path.parent
    for folder in (path.parent, room):
        folder.mkdir(parents=True, exist_ok=True)
    handle, temporary = tempfile.mkstemp(prefix=".", suffix=".tmp", dir=room)
    try:
        with open(handle, "wb") as stream:
            stream.writelines(data if isinstance(data, tuple) else (data,))
            stream.flush()
            if durable:
                os.fsync(stream.fileno())
        os.chmod(temporary, path.stat().st_mode & 0o777 if path.exists() else 0o666 & ~_UMASK)
        os.replace(temporary, path)
    except BaseException:
        with contextlib.suppress(FileNotFoundError):
            os.unlink(temporary)
        raise
    if durable:
        sync_folder(path.parent)


def sync_folder(folder: Path) -> None:
    """Make renames in a folder durable."""
    handle = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)


@contextlib.contextmanager
def locked(vault: Vault, timeout: float = 60.0) -> Iterator[None]:
    """Hold the vault's one writing lock.

    Raises Failure, naming the holder, if it is not free within `timeout` seconds.
    """
    vault.state.mkdir(exist_ok=True)
    with open(vault.state / "lock", "a+b") as stream:
        deadline = time.monotonic() + timeout
        while True:
            try:
                fcntl.flock(stream, fcntl.LOCK_EX | fcntl.LOCK_NB)
                break
            except BlockingIOError:
                if time.monotonic() > deadline:
                    stream.seek(0)
                    holder = stream.read().decode() or "another program"
                    raise Failure(f"{holder} is writing; try again when it is done", str(vault.root)) from None
                time.sleep(0.02)
        stream.truncate(0)
        stream.write(f"process {os.getpid()}".encode())
        stream.flush()
        yield


def _umask() -> int:
    mask = os.umask(0)
    os.umask(mask)
    return mask


# Asked once, before there are threads: it can only be asked by setting it.
_UMASK = _umask()
