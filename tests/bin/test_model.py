"""model: a file of the hub, whole and checked, or one line that says why not. The hub is a stand-in in this process."""

from __future__ import annotations

import hashlib
import io
import threading
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from types import SimpleNamespace

import pytest
import yaml

from quern.models import machine, shelf
from quern.program import Failure

DATA = bytes(range(256)) * 12_000  # three megabytes, no two neighbouring bytes alike
REPO, FILE = "someone/tiny-GGUF", "Tiny 1-Q4.gguf"
PATH = "/someone/tiny-GGUF/resolve/{}/Tiny%201-Q4.gguf"
GB = 1_000_000_000


class Hub(ThreadingHTTPServer):
    """Says what a file is, and sends on to where its bytes are. `cut`: bytes after which it hangs up, once each."""

    daemon_threads = True

    def __init__(self):
        super().__init__(("127.0.0.1", 0), Answering)
        self.data, self.sha = DATA, hashlib.sha256(DATA).hexdigest()
        self.cut, self.ranges, self.resumes, self.status, self.moved = [], [], True, 302, False
        self.tokens = []

    @property
    def url(self):
        return f"http://127.0.0.1:{self.server_address[1]}"

    def handle_error(self, request, client_address):
        """Who hangs up on it is no error."""


class Answering(BaseHTTPRequestHandler):
    def log_message(self, *args):
        pass

    def do_HEAD(self):
        hub = self.server
        hub.tokens.append((self.headers["Host"].split(":")[0], self.headers.get("Authorization")))
        if hub.moved and self.path == PATH.format("main"):
            return self._end(307, Location="/someone/new-name/resolve/main/x.gguf")
        if hub.status != 302:
            return self._end(hub.status)
        port = hub.server_address[1]
        more = {"X-Linked-Etag": f'"{hub.sha}"', "X-Linked-Size": str(len(hub.data))} if hub.sha else {"ETag": '"abc"'}
        where = f"http://localhost:{port}/cdn"
        return self._end(302, Location=where, **more, **{"X-Repo-Commit": "c0ffee"})

    def do_GET(self):
        hub = self.server
        if self.path != "/cdn":
            assert "/resolve/c0ffee/" in self.path, self.path
            return self.do_HEAD()
        hub.tokens.append((self.headers["Host"].split(":")[0], self.headers.get("Authorization")))
        asked = self.headers.get("Range")
        hub.ranges.append(asked)
        first = int(asked.removeprefix("bytes=").rstrip("-")) if asked and hub.resumes else 0
        body = hub.data[first:]
        self.send_response(206 if first else 200)
        self.send_header("Content-Length", str(len(body)))
        if first:
            self.send_header("Content-Range", f"bytes {first}-{len(hub.data) - 1}/{len(hub.data)}")
        self.end_headers()
        self.wfile.write(body[: hub.cut.pop(0)] if hub.cut else body)
        return None

    def _end(self, status, **headers):
        self.send_response(status)
        for key, value in {"Content-Length": "0", **headers}.items():
            self.send_header(key, value)
        self.end_headers()


@pytest.fixture
def hub(monkeypatch):
    served = Hub()
    thread = threading.Thread(target=served.serve_forever, args=(0.02,), daemon=True)
    thread.start()
    monkeypatch.setenv("HF_ENDPOINT", served.url)
    monkeypatch.delenv("HF_TOKEN", raising=False)
    yield served
    served.shutdown()
    served.server_close()
    thread.join()


def fetched(folder, said=None):
    return shelf.fetch(shelf.named(f"{REPO}/{FILE}"), folder, (said if said is not None else []).append)


def test_a_file_comes_whole_and_the_schema_can_ask_it(run, vault, hub):
    done = run("model", f"{REPO}/{FILE}", vault=vault, env={"HF_ENDPOINT": hub.url})
    assert done.status == 0, done.err
    assert (vault / "models" / FILE).read_bytes() == DATA
    asked = yaml.safe_load(done.text)
    assert asked == {"engine": "llm", "models": {"tiny-1-q4": {"llama": {"path": f"models/{FILE}"}}}}
    assert sorted(path.name for path in (vault / "models").iterdir()) == [FILE]
    again = run("model", f"{REPO}/{FILE}", vault=vault, env={"HF_ENDPOINT": hub.url})
    assert "is there already" in again.err
    assert hub.ranges == [None]


def test_what_broke_off_goes_on_where_it_was(tmp_path, hub):
    hub.cut = [2_000_000, 500_000]
    assert fetched(tmp_path).read_bytes() == DATA
    assert hub.ranges == [None, "bytes=2000000-", "bytes=2500000-"]


def test_it_goes_on_in_another_process_too(tmp_path, hub):
    hub.cut = [1_000_000, 0, 0, 0]
    with pytest.raises(Failure, match="run it again, and it goes on where it was"):
        fetched(tmp_path)
    assert not (tmp_path / FILE).exists()
    said = []
    assert fetched(tmp_path, said).read_bytes() == DATA
    assert said == [f"{REPO}: {FILE}, 3.1 MB, of which 1.0 MB are here"]
    assert hub.ranges[-1] == "bytes=1000000-"


def test_a_server_that_cannot_go_on_begins_anew(tmp_path, hub):
    hub.cut, hub.resumes = [1_000_000], False
    assert fetched(tmp_path).read_bytes() == DATA
    assert hub.ranges == [None, "bytes=1000000-"]  # and what it sent whole is not asked for a third time


def test_other_bytes_than_the_hub_names_are_thrown_away(tmp_path, hub):
    hub.data = DATA[:-1] + b"x"
    with pytest.raises(Failure, match="is not what the hub has"):
        fetched(tmp_path)
    assert list(tmp_path.iterdir()) == []


def test_a_newer_file_takes_the_place_of_the_old_one(tmp_path, hub):
    fetched(tmp_path)
    hub.data = DATA + b"more"
    hub.sha = hashlib.sha256(hub.data).hexdigest()
    assert fetched(tmp_path).read_bytes() == hub.data


def test_a_file_without_a_checksum_is_not_fetched(tmp_path, hub):
    hub.sha = ""
    with pytest.raises(Failure, match="names no checksum"):
        fetched(tmp_path)
    assert hub.ranges == []


@pytest.mark.parametrize(("status", "said"), [(404, "no such file, or wants a token"), (503, "the hub says 503")])
def test_what_the_hub_does_not_give(tmp_path, hub, status, said):
    hub.status = status
    with pytest.raises(Failure, match=said):
        fetched(tmp_path)


def test_a_repository_with_another_name_is_followed(tmp_path, hub):
    hub.moved = True
    assert fetched(tmp_path).read_bytes() == DATA


def test_the_token_goes_to_the_hub_and_to_nobody_else(tmp_path, hub, monkeypatch):
    monkeypatch.setenv("HF_TOKEN", "secret")
    fetched(tmp_path)
    assert set(hub.tokens) == {("127.0.0.1", "Bearer secret"), ("localhost", None)}


def test_without_a_network_there_is_one_line(run, vault):
    done = run("model", "qwen3-4b", vault=vault, env={"HF_ENDPOINT": "http://127.0.0.1:9"})
    done.assert_failed("model: http://127.0.0.1:9/unsloth/Qwen3-4B-Instruct-2507-GGUF/resolve/main/")
    assert "no network: Connection refused" in done.err
    assert not (vault / "models").exists()


def test_no_room_on_the_disk_is_said_before(tmp_path, hub, monkeypatch):
    monkeypatch.setattr(shelf.shutil, "disk_usage", lambda _: SimpleNamespace(free=1))
    with pytest.raises(Failure, match=r"no room for the 3\.1 MB"):
        fetched(tmp_path)


def test_a_terminal_sees_how_far_it_is(tmp_path, hub):
    class Screen(io.StringIO):
        def isatty(self):
            return True

    screen = Screen()
    shelf.fetch(shelf.named(f"{REPO}/{FILE}"), tmp_path, [].append, screen)
    assert "\r65 % of 3.1 MB" in screen.getvalue() or "\r34 % of 3.1 MB" in screen.getvalue()
    assert screen.getvalue().endswith("\r\x1b[K")


@pytest.mark.parametrize("name", ["qwen", "owner/file.gguf", "owner/repo/file.bin", "../../x/y.gguf"])
def test_what_is_no_model(run, vault, name):
    run("model", name, vault=vault).assert_failed(f"model: {name}: one of qwen3-1.7b, ")


@pytest.mark.parametrize(
    ("memory", "best"),
    [
        (machine.Memory(total=8 << 30, free=4 * GB), "qwen3-1.7b"),
        (machine.Memory(total=16 << 30, free=14 * GB), "qwen3-4b"),
        (machine.Memory(total=64 << 30, free=60 * GB), "qwen3-30b-a3b"),
        (machine.Memory(total=16 << 30, free=16 << 30, gpu=(16 << 30) * 2 // 3, wired=True), "qwen3-8b"),
        (machine.Memory(total=32 << 30, free=28 * GB, gpu=24 * GB, gpu_free=23 * GB), "qwen3-14b"),
        (machine.Memory(total=2 << 30, free=1 * GB), None),
    ],
)
def test_what_fits(memory, best):
    found = shelf.fitting(memory)
    assert (found[-1].name if found else None) == best


def test_the_list_marks_what_fits():
    lines = list(shelf.table(machine.Memory(total=16 << 30, free=14 * GB)))
    assert [line[0] for line in lines] == ["+", "*", " ", " ", " "]
