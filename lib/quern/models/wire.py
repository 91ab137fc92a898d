"""Asking a server over HTTP: one connection a question, answers as they come, patience where it helps and no other.

A time-out is the time without a sign of life, not that of a whole answer. What may pass is tried again after a pause:
a connection that fails, 429, 5xx. What will not pass is said at once: any other 4xx, an answer that is a web page.
"""

from __future__ import annotations

import contextlib
import http.client
import os
import re
import socket
import ssl
import threading
import time
import urllib.parse
from collections.abc import Callable, Generator, Iterator, Mapping
from typing import Any, TypeVar

import orjson

from quern import __version__
from quern.program import Failure

T = TypeVar("T")

PAUSE = 0.5  # seconds before the second attempt; twice as many before each one after it
_LONGEST = 8.0
_ASKED_TO_WAIT = 120.0  # seconds that a server may ask to wait for
_UNREACHED = 4  # attempts, if there is no connection or it breaks
_BUSY = 7  # attempts, if the server says that it cannot now
_STALLED = 2  # attempts, if nothing came for as long as one waits
_CONNECT = 10.0  # seconds
_WHOLE = 32_000_000  # bytes, past which an answer is none
_CHUNK = 65_536
# That a prompt is too long is said with 500, too, and stays so.
_TOO_LONG = re.compile(r"context[_ ](?:size|length|window)|too (?:long|large)|maximum.{0,20}length", re.IGNORECASE)

END: Any = None  # the event that says that no more will come


class Rejected(Exception):
    """The server will not answer this, however often it is asked."""

    def __init__(self, status: int, message: str) -> None:
        super().__init__(message)
        self.status = status
        self.message = message

    @property
    def is_too_long(self) -> bool:
        """Whether the prompt does not fit the context."""
        return self.status not in (0, 200, 401, 403) and bool(_TOO_LONG.search(self.message))


class Unanswered(Exception):
    """No answer this time. `attempts`: how many are worth it; `wait`: seconds that the server asks for."""

    def __init__(self, message: str, attempts: int, wait: float | None = None, loading: bool = False) -> None:
        super().__init__(message)
        self.message = message
        self.attempts = attempts
        self.wait = wait
        self.loading = loading


class Patience:
    """How long is still waited: `timeout` seconds from the last sign of life."""

    def __init__(self, timeout: float) -> None:
        self.timeout = timeout
        self.renew()

    def renew(self) -> None:
        self._end = time.monotonic() + self.timeout

    def left(self) -> float:
        """Seconds. Raises Unanswered if there are none."""
        left = self._end - time.monotonic()
        if left <= 0:
            raise Unanswered(f"nothing came for {self.timeout:g} seconds", _STALLED)
        return left


class Wire:
    """The way to one server. `url` is that of its interface (`http://127.0.0.1:8080/v1`); without a path, `/v1`.

    `headers`: those that say who asks, made of the key. The key is that of the environment variable `key_env`; it is
    in no error and no record. Raises Failure if the variable is not set, or the URL is none.
    """

    def __init__(
        self, name: str, url: str, key_env: str, headers: Callable[[str], Mapping[str, str]], say: Callable[[str], None]
    ) -> None:
        parts = urllib.parse.urlsplit(url)
        if parts.scheme not in ("http", "https") or not parts.hostname:
            raise Failure(f"models: {name}: url: {url!r} is not one like http://127.0.0.1:8080/v1", "schema.yaml")
        if parts.username or parts.password or parts.query:
            raise Failure(f"models: {name}: url: no credentials or query there: see key_env", "schema.yaml")
        self.name = name
        self.where = f"{parts.scheme}://{parts.netloc}"
        self.base = parts.path.rstrip("/") or "/v1"
        self._secure = parts.scheme == "https"
        self._host, self._port = parts.hostname, parts.port
        self._key_env = key_env
        self._headers = headers
        self._say = say
        self._open: set[socket.socket] = set()
        self._lock = threading.Lock()
        self._closed = threading.Event()

    @property
    def root(self) -> str:
        """The path below which the server's own interface is."""
        return self.base.removesuffix("/v1")

    def close(self) -> None:
        """Break off whatever is being asked."""
        self._closed.set()
        with self._lock:
            for sock in self._open:
                with contextlib.suppress(OSError):
                    sock.shutdown(socket.SHUT_RDWR)

    def persist(self, attempt: Callable[[], T], patience: float) -> tuple[T, int]:
        """What an attempt gives, and how often it had to be made again.

        Raises Failure if none succeeds; Rejected as it comes. A model that is still loading is waited for as long as
        for a token: `patience` seconds.
        """
        begun = time.monotonic()
        for number in range(1_000_000):
            try:
                return attempt(), number
            except Unanswered as error:
                waiting = error.loading and time.monotonic() - begun < patience
                if self._closed.is_set() or (number + 1 >= error.attempts and not waiting):
                    tried = f" ({number + 1} attempts)" if number else ""
                    raise self.failure(error.message + tried) from None
                pause = min(PAUSE * 2 ** min(number, 10), _LONGEST) if error.wait is None else error.wait
                if pause > _ASKED_TO_WAIT:
                    raise self.failure(f"{error.message}; it asks to wait for {pause:.0f} seconds") from None
                if number == 0:
                    self._say(f"{self.where}: {error.message}: trying again")
                self._closed.wait(pause)
        raise AssertionError

    def failure(self, message: str) -> Failure:
        """What to say when the server cannot be asked."""
        return Failure(f"model {self.name}: {self.where}: {self.scrubbed(message)}")

    def get(self, path: str, body: Any = None) -> Any:
        """The JSON at a path below the root, by GET, or POST if there is a body; None if the server has no such thing.

        Raises Failure if the server cannot be reached.
        """

        def once() -> Any:
            patience = Patience(600.0 if body else _CONNECT)  # what is posted may load a model
            with contextlib.closing(self.events(self.root + path, body, patience)) as events:
                try:
                    return next(events, None)
                except Unanswered as error:
                    if error.attempts == _BUSY and not error.loading:  # so some servers say that they do not know it
                        return None
                    raise

        try:
            return self.persist(once, 600.0)[0]
        except Rejected:
            return None

    def glimpse(self, path: str) -> Any:
        """The JSON at a path below the root, asked for once; None if there is no such thing.

        Raises Unanswered if nobody answers, or there is no key to ask with.
        """
        try:
            with contextlib.closing(self.events(self.root + path, None, Patience(_CONNECT))) as events:
                return next(events, None)
        except Rejected:
            return None
        except Failure as failure:
            raise Unanswered(failure.message, 1) from None

    def events(self, path: str, body: Any, patience: Patience) -> Generator[Any, None, None]:
        """The values that the server sends as events, or the one that is its whole answer.

        Raises Unanswered or Rejected, also in the midst of them.
        """
        connection, sock = self._connected(patience)
        try:
            response = self._response(connection, path, body)
            kind = response.getheader("Content-Type", "").partition(";")[0].strip().lower()
            if response.status != http.client.OK:
                self._raise(response, _read(response, sock, patience))
            if kind == "text/event-stream":
                yield from _sent(_lines(response, sock, patience))
            elif kind.endswith("json"):
                yield _value(_read(response, sock, patience))
            else:
                raise Rejected(http.client.OK, f"answers with {kind or 'something'}, not JSON: is url right?")
        except TimeoutError:
            raise Unanswered(f"nothing came for {patience.timeout:g} seconds", _STALLED) from None
        except (OSError, http.client.HTTPException) as error:
            raise Unanswered(f"the connection broke ({_cause(error)})", _UNREACHED) from None
        finally:
            with self._lock:
                self._open.discard(sock)
            connection.close()
            sock.close()

    def _connected(self, patience: Patience) -> tuple[http.client.HTTPConnection, socket.socket]:
        if self._closed.is_set():
            raise Unanswered("broken off", 1)
        connection = (
            http.client.HTTPSConnection(self._host, self._port, timeout=_CONNECT)
            if self._secure
            else http.client.HTTPConnection(self._host, self._port, timeout=_CONNECT)
        )
        try:
            connection.connect()
        except ssl.SSLError as error:
            raise Rejected(0, f"no secure connection: {error.reason or error}") from None
        except OSError as error:
            raise Unanswered(f"no connection ({_cause(error)}): is it running?", _UNREACHED) from None
        sock: socket.socket = connection.sock
        sock.settimeout(patience.left())
        with self._lock:
            self._open.add(sock)
            if self._closed.is_set():  # since it was looked at above
                sock.shutdown(socket.SHUT_RDWR)
        return connection, sock

    def _response(self, connection: http.client.HTTPConnection, path: str, body: Any) -> http.client.HTTPResponse:
        headers = {"User-Agent": f"quern/{__version__}", "Accept": "text/event-stream, application/json"}
        if body is not None:
            headers["Content-Type"] = "application/json"
        headers.update(self._headers(self._key()))
        connection.request(
            "GET" if body is None else "POST", path, None if body is None else orjson.dumps(body), headers
        )
        return connection.getresponse()

    def _key(self) -> str:
        if not self._key_env:
            return ""
        key = os.environ.get(self._key_env, "").strip()
        if not key:
            raise Failure(f"model {self.name}: the environment variable {self._key_env} is not set: it holds the key")
        if not (key.isascii() and key.isprintable()):
            raise Failure(f"model {self.name}: what the environment variable {self._key_env} holds is no key")
        return key

    def _raise(self, response: http.client.HTTPResponse, data: bytes) -> None:
        status = response.status
        told = f"{status} {_error(data) or response.reason}"
        if status in (401, 403):
            key = f": see {self._key_env}" if self._key_env else ": key_env names the variable that holds the key"
            raise Rejected(status, told + key)
        if 300 <= status < 400:
            raise Rejected(status, f"{told}: it is elsewhere: {response.getheader('Location')}")
        if (status == http.client.TOO_MANY_REQUESTS or status >= 500) and not _TOO_LONG.search(told):
            loading = status == http.client.SERVICE_UNAVAILABLE and b"oading" in data
            raise Unanswered(told, _BUSY, _retry_after(response.getheader("Retry-After")), loading)
        raise Rejected(status, told)

    def scrubbed(self, text: str) -> str:
        """What a server said, in a line and without the key."""
        key = os.environ.get(self._key_env, "").strip() if self._key_env else ""
        text = " ".join((text.replace(key, "…") if key else text).split())
        return text if len(text) <= 300 else text[:300] + "…"


def trouble(event: Any) -> None:
    """Look whether an event says that the server failed in the midst of its answer.

    Raises Unanswered or Rejected then.
    """
    error = event.get("error") if isinstance(event, dict) else None
    if not error:
        return
    said = error if isinstance(error, dict) else {"message": str(error)}
    told = str(said.get("message") or said.get("type") or "it failed")
    code = said.get("code")
    if _TOO_LONG.search(told) or (isinstance(code, int) and 400 <= code < 500 and code != 429):
        raise Rejected(code if isinstance(code, int) else 400, told)
    raise Unanswered(told, _BUSY)


def _lines(response: http.client.HTTPResponse, sock: socket.socket, patience: Patience) -> Iterator[bytes]:
    rest = b""
    size = 0
    while True:
        sock.settimeout(patience.left())
        chunk = response.read1(_CHUNK)
        if not chunk:
            break
        size += len(chunk)
        if size > _WHOLE:
            raise Rejected(http.client.OK, f"the answer is longer than {_WHOLE // 1_000_000} MB")
        *lines, rest = (rest + chunk).split(b"\n")
        yield from lines
    if response.length:  # Content-Length promised more
        raise http.client.IncompleteRead(rest, response.length)
    yield rest


def _sent(lines: Iterator[bytes]) -> Iterator[Any]:
    """The values of server-sent events (WHATWG HTML, section 9.2), so far as such servers use them."""
    data: list[bytes] = []
    for raw in lines:
        line = raw.removesuffix(b"\r")
        if line.startswith(b"data:"):
            data.append(line[5:].removeprefix(b" "))
        elif line.startswith(b"error:"):  # so llama-server did, until it followed the others
            yield {"error": _value(line[6:])}
        elif not line and data:
            whole = b"\n".join(data)
            data.clear()
            yield END if whole.strip() == b"[DONE]" else _value(whole)
    if data:  # the blank line after the last event may be missing
        whole = b"\n".join(data)
        yield END if whole.strip() == b"[DONE]" else _value(whole)


def _read(response: http.client.HTTPResponse, sock: socket.socket, patience: Patience) -> bytes:
    return b"\n".join(_lines(response, sock, patience))


def _value(data: bytes) -> Any:
    try:
        return orjson.loads(data)
    except orjson.JSONDecodeError:
        raise Unanswered(f"not JSON: {data[:60].decode(errors='replace')!r}", _UNREACHED) from None


def _error(data: bytes) -> str:
    """What a body says is wrong; "" for a web page."""
    try:
        value = orjson.loads(data)
    except orjson.JSONDecodeError:
        text = data[:400].decode(errors="replace")
        return "" if "<" in text else text
    error = value.get("error", value) if isinstance(value, dict) else value
    if isinstance(error, dict):
        error = error.get("message") or error.get("detail") or error
    return str(error)


def _retry_after(value: str | None) -> float | None:
    """Seconds, of a number or a date (RFC 9110, section 10.2.3)."""
    if value is None:
        return None
    if value.strip().isdecimal():
        return float(value)
    import email.utils

    try:
        return max(0.0, email.utils.parsedate_to_datetime(value).timestamp() - time.time())
    except ValueError:
        return None


def _cause(error: BaseException) -> str:
    if isinstance(error, TimeoutError):
        return "no answer"
    text = error.strerror if isinstance(error, OSError) else type(error).__name__
    return text or type(error).__name__
