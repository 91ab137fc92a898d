"""The shelf: models that we recommend, by the memory that they need, and how one is fetched from there.

The hub (huggingface.co, or `HF_ENDPOINT`) says with each file its size and SHA-256, and what is fetched is checked
against these; none stands here, since a repository may be made anew.
"""

from __future__ import annotations

import hashlib
import http.client
import os
import re
import shutil
import urllib.error
import urllib.parse
import urllib.request
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import IO, Any, TextIO

from quern.models import machine
from quern.program import Failure

HUB = "https://huggingface.co"
_CHUNK = 1 << 20
_TRIES = 4
_WAIT = 30.0  # seconds without a byte
_HEX = re.compile(r"[0-9a-f]{64}")


@dataclass(frozen=True, slots=True)
class Recommended:
    """A file on the hub. `size`: its bytes, about; `read`: those that one token reads, about. All are Apache-2.0."""

    name: str
    repo: str
    file: str
    size: float
    read: float

    @property
    def need(self) -> float:
        """Bytes of memory to run it in: a cache of some thousand tokens and what evaluating takes come on top."""
        return 1.25 * self.size + 1.5e9


RECOMMENDED = (
    Recommended("qwen3-1.7b", "bartowski/Qwen_Qwen3-1.7B-GGUF", "Qwen_Qwen3-1.7B-Q4_K_M.gguf", 1.3e9, 1.1e9),
    Recommended("qwen3-4b", "unsloth/Qwen3-4B-Instruct-2507-GGUF", "Qwen3-4B-Instruct-2507-Q4_K_M.gguf", 2.5e9, 2.5e9),
    Recommended("qwen3-8b", "Qwen/Qwen3-8B-GGUF", "Qwen3-8B-Q4_K_M.gguf", 5.0e9, 4.7e9),
    Recommended("qwen3-14b", "bartowski/Qwen_Qwen3-14B-GGUF", "Qwen_Qwen3-14B-Q4_K_M.gguf", 9.0e9, 8.6e9),
    Recommended(
        "qwen3-30b-a3b",
        "unsloth/Qwen3-30B-A3B-Instruct-2507-GGUF",
        "Qwen3-30B-A3B-Instruct-2507-Q4_K_M.gguf",
        18.6e9,
        2.0e9,
    ),
)
# Without a GPU, more than this is read from memory too slowly for anybody to wait for.
_PATIENCE = 2.6e9


@dataclass(frozen=True, slots=True)
class Found:
    """A file as the hub has it. `sha256`: of its bytes, as the hub says."""

    url: str
    size: int
    sha256: str


def named(name: str) -> Recommended:
    """A model by its name here, or any file of the hub as `owner/repository/file.gguf`.

    Raises Failure if it is neither.
    """
    for one in RECOMMENDED:
        if one.name == name:
            return one
    owner, _, rest = name.partition("/")
    repo, _, file = rest.partition("/")
    if not (owner and repo and file.endswith(".gguf")) or ".." in name:
        raise Failure(f"one of {', '.join(one.name for one in RECOMMENDED)}, or owner/repository/file.gguf", name)
    plain = re.sub(r"[^a-z0-9.]+", "-", os.path.basename(file).removesuffix(".gguf").casefold())
    return Recommended(plain.strip("-."), f"{owner}/{repo}", file, 0.0, 0.0)


def fitting(memory: machine.Memory) -> list[Recommended]:
    """What runs in this memory, the best last: the largest, and without a GPU the largest that is quick enough."""
    room = memory.room(on_gpu=memory.gpu > 0)
    return [one for one in RECOMMENDED if one.need <= room and (memory.gpu or one.read <= _PATIENCE)]


def look_up(model: Recommended) -> Found:
    """What the hub says of a file, whose place is then fixed to the commit that it names.

    Raises Failure if there is no network, no such file, or no checksum of it.
    """
    url = _url(model, "main")
    for _ in range(5):
        head = _head(url)
        sha = (head.get("X-Linked-Etag") or head.get("ETag") or "").strip('"').removeprefix("W/").strip('"')
        place = head.get("Location") or ""
        if head.get("X-Linked-Etag") or not place:
            break
        if urllib.parse.urlsplit(place).netloc not in ("", urllib.parse.urlsplit(url).netloc):
            break
        url = urllib.parse.urljoin(url, place)  # a repository that has another name now
    size = head.get("X-Linked-Size") or head.get("Content-Length") or ""
    if not _HEX.fullmatch(sha) or not size.isdigit():
        raise Failure("the hub names no checksum of this file, so it is not fetched", url)
    commit = head.get("X-Repo-Commit") or ""
    return Found(_url(model, commit) if commit else url, int(size), sha)


def fetch(model: Recommended, folder: Path, say: Callable[[str], None], screen: TextIO | None = None) -> Path:
    """The file in this folder, whole and checked: what was fetched before is not fetched again.

    `screen`: where to say how far it is, if that is a terminal.
    Raises Failure if there is no network or no room on the disk, and if the checksum is another; then what came is
    thrown away, and else it stays for the next time.
    """
    found = look_up(model)
    target = folder / os.path.basename(model.file)
    if target.is_file() and target.stat().st_size == found.size and _sha256(target) == found.sha256:
        say(f"{target} is there already, and it is what the hub has")
        return target
    folder.mkdir(parents=True, exist_ok=True)
    part = folder / f".{target.name}.{found.sha256[:12]}.part"
    have = part.stat().st_size if part.exists() else 0
    if shutil.disk_usage(folder).free < found.size - have:
        raise Failure(f"no room for the {_gb(found.size - have)} that are to come", str(folder))
    say(f"{model.repo}: {model.file}, {_gb(found.size)}" + (f", of which {_gb(have)} are here" if have else ""))
    _get(found, part, screen)
    if _sha256(part) != found.sha256:
        part.unlink()
        raise Failure("what came is not what the hub has (SHA-256): run it again", str(target))
    os.replace(part, target)
    return target


def lines(model: Recommended, path: str) -> Iterator[str]:
    """What schema.yaml says to ask this file; `path` is as it stands there, relative to the vault."""
    yield "engine: llm"
    yield "models:"
    path = path if re.fullmatch(r"[\w./-]+", path) else "'" + path.replace("'", "''") + "'"
    yield f"  {model.name}: {{llama: {{path: {path}}}}}"


def table(memory: machine.Memory) -> Iterator[str]:
    """The shelf as a table; what fits here is marked, what is taken most."""
    fit = fitting(memory)
    width = max(len(one.name) for one in RECOMMENDED)
    for one in RECOMMENDED:
        mark = "*" if fit and one is fit[-1] else "+" if one in fit else " "
        yield f"{mark} {one.name:{width}}  {_gb(one.size):>8}  {one.repo}"


def _get(found: Found, part: Path, screen: TextIO | None) -> None:
    """Append what is missing, in some tries. Raises Failure if it does not come."""
    reason = ""
    for _ in range(_TRIES):
        have = part.stat().st_size if part.exists() else 0
        if have > found.size:
            part.unlink()
            have = 0
        if have == found.size:
            return
        request = _request(found.url)
        if have:
            request.add_header("Range", f"bytes={have}-")
        try:
            with urllib.request.urlopen(request, timeout=_WAIT) as answer:  # noqa: S310 - see _request
                is_rest = answer.status == 206 and answer.headers.get("Content-Range", "").startswith(f"bytes {have}-")
                with open(part, "ab" if is_rest else "wb") as stream:
                    _copy(answer, stream, found.size, screen)
        except (urllib.error.URLError, http.client.HTTPException, OSError) as error:
            if isinstance(error, OSError) and error.filename is not None:
                raise  # the disk, and not the network
            reason = _reason(error)
    if not part.exists() or part.stat().st_size != found.size:
        raise Failure(f"{reason or 'it broke off'}: run it again, and it goes on where it was", found.url)


def _copy(answer: Any, stream: IO[bytes], size: int, screen: TextIO | None) -> None:
    shown = -1
    while data := answer.read(_CHUNK):
        stream.write(data)
        if screen is not None and screen.isatty() and (percent := 100 * stream.tell() // size) != shown:
            shown = percent
            screen.write(f"\r{percent} % of {_gb(size)}\x1b[K" + ("\r\x1b[K" if percent == 100 else ""))
            screen.flush()


class _Still(urllib.request.HTTPRedirectHandler):
    """Does not follow: what the hub says of a file stands in the answer that leads elsewhere."""

    def redirect_request(self, *_args: Any, **_more: Any) -> None:
        return None


def _head(url: str) -> Any:
    try:
        with urllib.request.build_opener(_Still).open(_request(url, "HEAD"), timeout=_WAIT) as answer:
            return answer.headers
    except urllib.error.HTTPError as error:
        if 300 <= error.code < 400:
            return error.headers
        if error.code in (401, 403, 404):
            raise Failure("the hub has no such file, or wants a token for it (HF_TOKEN)", url) from None
        raise Failure(f"the hub says {error.code}: try again later", url) from None
    except (urllib.error.URLError, http.client.HTTPException, OSError) as error:
        raise Failure(f"no network: {_reason(error)}", url) from None


def _request(url: str, method: str = "GET") -> urllib.request.Request:
    if not url.startswith(("http://", "https://")):
        raise Failure("no address of a hub: HF_ENDPOINT begins with https://", url)
    headers = {"User-Agent": "quern", "Accept-Encoding": "identity"}
    request = urllib.request.Request(url, method=method, headers=headers)  # noqa: S310 - as said above
    token = os.environ.get("HF_TOKEN", "")
    if token and urllib.parse.urlsplit(url).netloc == urllib.parse.urlsplit(_hub()).netloc:
        # And never to whom it sends us on.
        request.add_unredirected_header("Authorization", f"Bearer {token}")
    return request


def _hub() -> str:
    return (os.environ.get("HF_ENDPOINT", "") or HUB).rstrip("/")


def _url(model: Recommended, revision: str) -> str:
    return f"{_hub()}/{model.repo}/resolve/{revision}/{urllib.parse.quote(model.file)}"


def _reason(error: Exception) -> str:
    reason = getattr(error, "reason", None) or error
    return " ".join(str(getattr(reason, "strerror", None) or reason).split()) or type(error).__name__


def _sha256(path: Path) -> str:
    with open(path, "rb") as stream:
        return hashlib.file_digest(stream, "sha256").hexdigest()


def _gb(size: float) -> str:
    return f"{size / 1e9:.1f} GB" if size >= 5e7 else f"{size / 1e6:.1f} MB"
