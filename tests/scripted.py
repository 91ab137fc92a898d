"""A server in this process that speaks as OpenAI's do, and the models that it plays: good ones and hostile ones.

    with scripted.server(scripted.good) as url:
        scripted.use(vault, url)          # schema.yaml asks it from now on
        ...
        assert "Keep it short" in url.asked[0].prompt

    with scripted.server(scripted.faulty("cut")) as url: ...            # each reply is cut off
    with scripted.server(scripted.faulty("drop", times=1)) as url: ...  # each question once, then it is answered well

A model is a function from a `Question` to what is answered: a value (sent as JSON), a text, or an `Answer`.
`FAULTS` are what may be wrong with an answer, by name.
"""

from __future__ import annotations

import contextlib
import json
import re
import threading
from collections import Counter
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field, replace
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any

import yaml

from quern import quantities
from quern.emphasis import Emphasis
from quern.engines.rules import Rules
from quern.records import Claim, Passage, Sentence, Source
from quern.schema import Schema

MODEL = "scripted"
_NUMBERED = re.compile(r"^\[(\d+)\] (.*)$", re.MULTILINE)
_WHOSE = re.compile(r" \(according to [^()]*\)\Z")  # what a question adds to a claim
ENOUGH = 0.75  # of the words of a question, for a claim to be an answer to it
_HEAD = re.compile(r"^(\w[\w ]*): (.*)$", re.MULTILINE)


@dataclass(frozen=True, kw_only=True)
class Question:
    """What the server was asked. `body`: as chat completions would say it; `headers`: with lower-case names.

    `raw`: the body as it came, if that was by the interface of messages (`…/v1/messages`, as Anthropic's).
    """

    body: Mapping[str, Any]
    raw: Mapping[str, Any] = field(default_factory=dict)
    headers: Mapping[str, str] = field(default_factory=dict)

    @property
    def messages(self) -> list[dict[str, str]]:
        return list(self.body["messages"])

    @property
    def prompt(self) -> str:
        """All that was said, in order."""
        return "\n".join(message["content"] for message in self.messages)

    @property
    def asked(self) -> str:
        """The last message: what the question is about."""
        return self.messages[-1]["content"]

    @property
    def system(self) -> str:
        return "\n".join(message["content"] for message in self.messages if message["role"] == "system")

    @property
    def schema(self) -> dict[str, Any]:
        """The JSON Schema of the reply, however it was sent; empty if it was not."""
        form = self.body.get("response_format", {})
        if form.get("type") == "json_schema":
            return dict(form["json_schema"]["schema"])
        told = re.search(r"JSON Schema:\n(\{.*\})$", self.prompt, re.MULTILINE)
        return json.loads(told[1]) if told else {}

    @property
    def sentences(self) -> dict[int, str]:
        """The numbered lines of the last message."""
        return {int(number): text for number, text in _NUMBERED.findall(self.asked)}

    @property
    def head(self) -> dict[str, str]:
        """The lines above these that say what they are (`Source: …`)."""
        return dict(_HEAD.findall(self.asked.partition("\n<")[0]))

    @property
    def keys(self) -> set[str]:
        """The keys that the reply is to have."""
        return set(self.schema.get("properties", {}))


@dataclass(frozen=True, kw_only=True)
class Answer:
    """What the server sends. `finish`: None sends none; `body`: sent as it is, whole, instead of an answer.

    `pause`: seconds before each piece of it; `stall`: it falls silent in the middle; `drop`: it hangs up there;
    `endless`: it never stops.
    """

    text: str = ""
    finish: str | None = "stop"
    reasoning: str = ""
    status: int = 200
    headers: Mapping[str, str] = field(default_factory=dict)
    body: bytes | None = None
    pause: float = 0.0
    stall: bool = False
    drop: bool = False
    endless: bool = False


Model = Callable[[Question], Any]


class Url(str):
    """Where the server is. `asked`: the questions so far, in the order in which they came."""

    asked: list[Question]
    embedded: list[str]
    __slots__ = ("asked", "embedded")


# Models that answer well


def good(question: Question) -> Any:
    """A model that does as it is told. It says what the rules would say, without marks."""
    if question.system.startswith("quern ask-"):
        return {"sentences": list(_quoting(question)), "missing": []}
    if "claims" in question.keys:
        return {"claims": [_claim(question, claim) for claim in read(question)]}
    if "sentences" in question.keys:
        return {"sentences": _sentences(question)}
    if "same" in question.keys:
        return _likeness(question)
    if "relation" in question.keys:
        return _relation(question)
    if question.system.startswith("quern survey-"):
        return _use(question) if "use" in question.keys else _missing(question)
    return least(question.schema)


def paraphrasing(question: Question) -> Any:
    """As good, but never in the words of the source."""
    value = good(question)
    for said in value.get("claims", value.get("sentences", ())):
        said["text"] = reworded(said["text"])
    return value


def read(question: Question) -> list[Claim]:
    """What the rules find in the numbered sentences of a question; their spans are in `layout`."""
    sentences, places = [], layout(question)
    for number, (start, end) in places.items():
        text = question.sentences[number]
        sentences.append(
            Sentence(n=number, sort="prose", text=text, plain=text, start=start, end=end, place=f"line {number}")
        )
    head = question.head
    headings = head["Under"].split(" > ") if "Under" in head else []
    language = head.get("Language", "en")
    source = Source(
        id="0" * 12, slug="s", path="raw/s.md", sha256="0" * 64, title=head.get("Source", ""), language=language,
        published=head.get("Published"), words=len(question.asked.split()),
    )  # fmt: skip
    passage = Passage(id="p", source=source.id, ordinal=1, headings=headings, sentences=sentences)
    return [found for found in Rules(Schema()).claims(source, [passage]) if isinstance(found, Claim)]


def layout(question: Question) -> dict[int, tuple[int, int]]:
    """Where each numbered sentence would stand in a text of these alone."""
    places, at = {}, 0
    for number, text in question.sentences.items():
        places[number] = (at, at + len(text))
        at += len(text) + 1
    return places


def _claim(question: Question, claim: Claim) -> dict[str, Any]:
    evidence = [
        number
        for number, (start, end) in layout(question).items()
        if any(span.start < end and start < span.end for span in claim.spans)
    ]
    form = question.schema["properties"]["claims"]["items"]
    shape = form["properties"]
    known = {
        "text": re.sub(r"\[([^\]]*)\]", r"\1", claim.text),
        "evidence": evidence[: shape.get("evidence", {}).get("maxItems", 4)],
        "about": _about(claim, shape.get("about", {})),
        "role": claim.role,
        "stance": claim.stance,
        "by": claim.by,
        "as_of": claim.as_of,
    }
    stated = [date.iso for date in quantities.dates(known["text"], question.head.get("Language", "en"))]
    usual = {"stance": "asserted", "by": None, "as_of": max(stated, default=question.head.get("Published"))}
    needed = {key for key in shape if key in form.get("required", ()) or key not in usual or known[key] != usual[key]}
    return {key: known.get(key, least(schema)) for key, schema in shape.items() if key in needed}


def _about(claim: Claim, shape: Mapping[str, Any]) -> list[Any]:
    types = shape.get("items", {}).get("properties", {}).get("type", {}).get("enum", ["entity", "concept"])
    named = [name for name in claim.names if name.about][: shape.get("maxItems", 4)]
    return [{"name": name.name, "type": name.type if name.type in types else types[0]} for name in named]


def _sentences(question: Question) -> list[dict[str, Any]]:
    most = re.search(r"\d+", question.head.get("At most", "2"))
    shown = list(question.sentences.items())[: int(most[0]) if most else 2]
    return [{"text": _WHOSE.sub("", text), "claims": [number]} for number, text in shown]


_FIGURE = re.compile(r"(\d[\d.,]*) ([a-zA-Z%]+)")
_PARTICULAR = re.compile(r"(?<=\w )[A-Z]\w+|\d[\d.,]*\d")


def _relation(question: Question) -> dict[str, Any]:
    """Two figures of one unit that differ cannot both be so, if the sentences have a long word in common."""
    first, second = question.sentences[1], question.sentences[2]
    words = sorted({*re.findall(r"[a-z]{6,}", first)} & {*re.findall(r"[a-z]{6,}", second)}, key=len)
    pairs = [
        (one[0], other[0])
        for one in _FIGURE.finditer(first)
        for other in _FIGURE.finditer(second)
        if one[2] == other[2] and one[1] != other[1]
    ]
    if not pairs or not words:
        return {"attribute": None, "first": None, "second": None, "relation": "none"}
    attribute = next((word for word in words if f"{word} of " in first + second), words[-1])
    return {"attribute": attribute, "first": pairs[0][0], "second": pairs[0][1], "relation": "contradicts"}


def _likeness(question: Question) -> dict[str, Any]:
    """Two names are one thing's if sentences of both have a name or a figure in common."""
    parts = [dict(_NUMBERED.findall(part)) for part in question.asked.split("\nSecond: ")]
    for one, first in parts[0].items():
        for other, second in parts[1].items():
            if set(_PARTICULAR.findall(first)) & set(_PARTICULAR.findall(second)):
                found = {
                    "first": int(one),
                    "second": int(other),
                    "first_words": first[:160],
                    "second_words": second[:160],
                }
                return {**found, "same": True}
    return {**least(question.schema), "same": False}


_EXPLAINS = re.compile(r" (?:is|are) (?:an?|the) ")


def _use(question: Question) -> dict[str, Any]:
    """A term is explained where a sentence says "NAME is a"; else the first that names it shows that it is not."""
    name = question.head["Name"].rpartition(" (")[0]
    named = {number: text for number, text in question.sentences.items() if name.casefold() in text.casefold()}
    explained = next((n for n, text in named.items() if _EXPLAINS.search(text)), None)
    if explained is not None or not named:
        return {**least(question.schema), "explained": explained}
    number, text = next(iter(named.items()))
    said = {"use": number, "words": text[:160], "question": f"What is a {name.lower()}?", "source": "encyclopedia"}
    return {"explained": None, **said}


def _missing(question: Question) -> dict[str, Any]:
    """The first of what is told of others is missed; nothing else is."""
    name, words = question.head["About"].rpartition(" (")[0], question.head.get("Told of others", "").partition(" (")[0]
    if not words:
        return least(question.schema)
    return {"words": words, "question": f"What is the {words} of {name}?", "source": "figures"}


def judge(how: str, model: Model = good) -> Model:
    """A model that reads well and judges badly (see `JUDGES`)."""

    def answer(question: Question) -> Any:
        value = model(question)
        is_asked = not question.keys.isdisjoint({"same", "relation", "question"})
        return JUDGES[how](question, value) if is_asked else value

    return answer


def _yes(question: Question, value: dict[str, Any], words: Callable[[str], str]) -> dict[str, Any]:
    """Yes to everything, with words for it that are made of the sentences."""
    numbers = sorted(question.sentences)
    first, second = (words(question.sentences[number]) for number in (numbers[0], numbers[-1]))
    if "same" in value:
        found = {"first": numbers[0], "second": numbers[-1], "first_words": first, "second_words": second}
        return {**found, "same": True}
    if "question" in value:
        found = {"explained": None, "use": numbers[0]} if "use" in value else {}
        return {**value, **found, "words": first, "question": f"{first}?"}
    return {"attribute": first, "first": first, "second": second, "relation": "contradicts"}


JUDGES: dict[str, Callable[[Question, dict[str, Any]], Any]] = {
    "yes to everything": lambda q, v: _yes(q, v, lambda text: " ".join(text.split()[:3])),
    "whole sentences": lambda q, v: _yes(q, v, lambda text: text[:80].rstrip()),
    "invented words": lambda q, v: _yes(q, v, lambda _text: "under a marble staircase"),
    "wrong figures": lambda q, v: _yes(q, v, lambda text: f"{len(text)} MW"),
    "another language": lambda q, v: _yes(q, v, lambda _text: "eine ganz andere Leistung"),
    "sides changed": lambda _, v: _swapped(v),
    "no such sentence": lambda _, v: _misplaced(v),
    "thoughts": lambda _, v: f"<think>\nThey differ.\n{json.dumps(v)}",
    "cut": lambda _, v: Answer(text=json.dumps(v)[:-9], finish="length"),
}


def _swapped(value: dict[str, Any]) -> dict[str, Any]:
    if "question" in value:
        return {**value, "words": value["question"], "question": value["words"]}
    return {**value, "first": value["second"], "second": value["first"]}


def _misplaced(value: dict[str, Any]) -> dict[str, Any]:
    if "same" in value or "use" in value:
        return {**value, **dict.fromkeys(value.keys() & {"first", "second", "use"}, 97)}
    return {**value, "words": "no such words"} if "question" in value else {**value, "relation": "perhaps"}


def _quoting(question: Question) -> Iterator[dict[str, Any]]:
    """The claims that have most of the words that are asked about, in their own words."""
    shown = next(said["content"] for said in reversed(question.messages) if "<claims>" in said["content"])
    wanted = Emphasis(question.head["Question"], question.head["Language"])
    told = [(wanted.on(text), int(number), text) for number, text in _NUMBERED.findall(shown)]
    best = sorted((one for one in told if one[0] >= ENOUGH), key=lambda one: (-one[0], one[1]))
    most = int(question.head["At most"].partition(" ")[0])
    for _, number, text in best[: min(most, 3)]:
        yield {"text": re.sub(r" \{[^{}]*\}$", "", text), "claims": [number]}


def least(schema: Mapping[str, Any]) -> Any:
    """The shortest value that fits a schema: the first of a choice, empty lists, and so on."""
    if "const" in schema or "enum" in schema:
        return schema["const"] if "const" in schema else schema["enum"][0]
    types = schema.get("type", "null")
    type_ = types if isinstance(types, str) else ("null" if "null" in types else types[0])
    if type_ == "object":
        return {key: least(schema["properties"][key]) for key in schema.get("required", ())}
    if type_ == "array":
        return [least(schema["items"]) for _ in range(schema.get("minItems", 0))]
    if type_ == "string":
        return "x" * schema.get("minLength", 0)
    return {"integer": schema.get("minimum", 0), "number": schema.get("minimum", 0.0), "boolean": False}.get(type_)


_OTHERWISE = (
    (r"\bis called\b", "goes by the name of"), (r"\bis a\b", "can be described as a"),
    (r"\bis an\b", "can be described as an"), (r"\bhas a\b", "comes with a"), (r"\bopened in\b", "began work in"),
    (r"\bbegan in\b", "started in"), (r"\bwas built\b", "was put up"), (r"\buses\b", "makes use of"),
    (r"\bcosts\b", "comes at a price of"), (r"\bproduces\b", "yields"), (r"\bbecause\b", "since"),
)  # fmt: skip


def reworded(text: str) -> str:
    """A sentence in other words, with all its figures and names."""
    for said, otherwise in _OTHERWISE:
        text = re.sub(said, otherwise, text)
    return text


# What may be wrong with an answer


def _with_texts(answer: Answer, change: Callable[[str], str]) -> Answer:
    """The answer with each of its texts changed."""
    value = json.loads(answer.text)
    for said in value.get("claims", value.get("sentences", ())):
        said["text"] = change(said["text"])
    return replace(answer, text=json.dumps(value, ensure_ascii=False))


def _with_claims(answer: Answer, change: Callable[[dict[str, Any]], Any]) -> Answer:
    value = json.loads(answer.text)
    for said in value.get("claims", value.get("sentences", ())):
        change(said)
    return replace(answer, text=json.dumps(value, ensure_ascii=False))


def _misnumbered(said: dict[str, Any]) -> None:
    key = "evidence" if "evidence" in said else "claims"
    said[key] = [97]


def _shifted(said: dict[str, Any]) -> None:
    key = "evidence" if "evidence" in said else "claims"
    said[key] = [number + 1 for number in said[key]]


def _status(status: int, **headers: str) -> Callable[[Question, Answer], Answer]:
    error = json.dumps({"error": {"message": f"scripted {status}", "code": status}}).encode()
    sent = {"Content-Type": "application/json", **{key.replace("_", "-"): value for key, value in headers.items()}}
    return lambda _question, answer: replace(answer, status=status, headers=sent, body=error)


def _emptied(_question: Question, answer: Answer) -> Answer:
    return replace(answer, text=json.dumps({key: [] for key in json.loads(answer.text)}))


GERMAN = (
    "Das Kraftwerk wurde im Jahre 1966 an der Mündung des Flusses gebaut und ist noch heute mit der Stadt verbunden."
)
HTML = b"<!doctype html><html><head><title>Sign in</title></head><body>Please sign in.</body></html>"
TOO_LONG = (
    b'{"error":{"code":500,"message":"the request exceeds the available context size",'
    b'"type":"exceed_context_size_error"}}'
)
HOSTILE = (
    "It opened <script>alert(1)</script> ![x](http://evil.test/p.png) [y](javascript:alert(1)) "
    "```dataviewjs\nalert(1)\n```\n---\ntitle: hijacked\n---"
)

FAULTS: dict[str, Callable[[Question, Answer], Answer]] = {
    # Harmless: what stands apart from the answer is taken off.
    "thoughts before": lambda _, a: replace(a, text=f"<think>\nThe reader wants {{claims}}.\n</think>\n\n{a.text}"),
    "thoughts apart": lambda _, a: replace(a, reasoning="The reader wants claims."),
    "channels": lambda _, a: replace(
        a, text=f"<|channel|>analysis<|message|>Well.<|end|><|start|>assistant<|channel|>final<|message|>{a.text}"
    ),
    "fenced": lambda _, a: replace(a, text=f"```json\n{a.text}\n```"),
    # Refused by the gate.
    "thoughts open": lambda _, a: replace(a, text=f"<think>\nThe reader wants claims.\n{a.text}"),
    "thoughts within": lambda _, a: _with_texts(a, lambda text: f"<think>hm</think> {text}"),
    "thoughts only": lambda _, a: replace(a, text="", reasoning="The reader wants claims."),
    "talk around": lambda _, a: replace(a, text=f"Sure! Here are the claims:\n{a.text}\nAnything else?"),
    "cut": lambda _, a: replace(a, text=a.text[: len(a.text) // 2], finish="length"),
    "cut unsaid": lambda _, a: replace(a, text=a.text[: len(a.text) // 2]),
    "long enough": lambda _, a: replace(a, finish="length"),
    "no end": lambda _, a: replace(a, finish=None),
    "filtered": lambda _, a: replace(a, finish="content_filter"),
    "echo": lambda q, a: _with_texts(a, lambda _text: _echo(q)),
    "placeholder": lambda _, a: _with_texts(a, lambda _text: "..."),
    "gap": lambda _, a: _with_texts(a, lambda _text: "<insert claim here>"),
    "foreign": lambda _, a: _with_texts(a, lambda _text: GERMAN),
    "another shape": lambda _, a: replace(a, text='{"answer": "yes"}'),
    "empty": _emptied,
    # Refused by the engine, claim by claim.
    "no such sentence": lambda _, a: _with_claims(a, _misnumbered),
    "next sentence": lambda _, a: _with_claims(a, _shifted),
    "invented name": lambda _, a: _with_texts(a, lambda text: f"{text.rstrip('.')}, as Ingeborg Falkenrath says."),
    "invented figure": lambda _, a: _with_texts(a, lambda text: f"{text.rstrip('.')}, which took 8417 days."),
    "live": lambda _, a: _with_texts(a, lambda text: f"{text} {HOSTILE}"),
    # The server.
    "stall": lambda _, a: replace(a, stall=True),
    "drop": lambda _, a: replace(a, drop=True),
    "endless": lambda _, a: replace(a, endless=True),
    "busy": _status(429, Retry_After="0"),
    "failing": _status(500, Retry_After="0"),
    "refusing": _status(401),
    "html": lambda _, a: replace(a, headers={"Content-Type": "text/html"}, body=HTML),
    "too long": lambda _, a: replace(a, status=500, headers={"Content-Type": "application/json"}, body=TOO_LONG),
    "too long within": lambda _, a: replace(
        a, headers={"Content-Type": "text/event-stream"}, body=b"error: " + TOO_LONG[9:-1] + b"\n\n"
    ),
    "garbled": lambda _, a: replace(a, headers={"Content-Type": "text/event-stream"}, body=b'data: {"cho\n\n'),
}  # fmt: skip


def _echo(question: Question) -> str:
    """A line of the instructions."""
    lines = question.system.splitlines() or question.prompt.splitlines()
    return max((" ".join(line.split()[:30]) for line in lines), key=len)


def faulty(fault: str, model: Model = good, times: int | None = None) -> Model:
    """A model whose answers have a fault: all of them, or the first `times` to each question.

    A question that is asked again with a reason is still the same.
    """
    seen: Counter[str] = Counter()
    lock = threading.Lock()

    def answer(question: Question) -> Answer:
        with lock:
            key = "\n".join(map(str, (*question.sentences.items(), *sorted(question.keys))))
            seen[key] += 1
            is_faulty = times is None or seen[key] <= times
        said = _answer(model(question))
        return FAULTS[fault](question, said) if is_faulty else said

    return answer


def _answer(said: Any) -> Answer:
    if isinstance(said, Answer):
        return said
    return Answer(text=said if isinstance(said, str) else json.dumps(said, ensure_ascii=False))


# The server


@contextlib.contextmanager
def server(
    model: Model = good,
    *,
    kind: str = "llama-server",
    name: str = MODEL,
    context: int = 32_768,
    slots: int = 1,
    takes: tuple[str, ...] = ("json_schema", "json_object"),
    key: str = "",
    embeds: Callable[[str], list[float]] | None = None,
) -> Iterator[Url]:
    """A server that plays a model, until the block ends. It is the interface `…/v1` whose address is given.

    `kind`: llama-server, LM Studio, Ollama, vLLM, or another, which tells nothing of itself; `context`: what it has
    loaded; `takes`: the forms of a reply that it knows; `key`: what it wants to be shown. `embeds`: the vector of a
    text, if it makes any; what it was given is in `url.embedded`.
    """
    served = _Server(model, kind=kind, name=name, context=context, slots=slots, takes=takes, key=key)
    served.embeds = embeds
    thread = threading.Thread(target=served.serve_forever, args=(0.02,), daemon=True)
    thread.start()
    url = Url(f"http://127.0.0.1:{served.server_address[1]}/v1")
    url.asked, url.embedded = served.asked, served.embedded
    try:
        yield url
    finally:
        served.over.set()
        served.shutdown()
        served.server_close()
        thread.join()


def use(vault: Path, url: str, *, name: str = MODEL, roles: Mapping[str, Any] | None = None, **http: Any) -> None:
    """Let the schema of a vault ask this server; `http`: other keys of the model, as `n_ctx` or `parallel`."""
    path = vault / "schema.yaml"
    data = yaml.safe_load(path.read_text(encoding="utf-8")) or {}
    data["engine"] = "llm"
    data["models"] = {name: {"http": {"url": str(url), "model": name, **http}}}
    if roles is not None:
        data["roles"] = dict(roles)
    path.write_text(yaml.safe_dump(data, allow_unicode=True, sort_keys=False), encoding="utf-8")


class _Server(ThreadingHTTPServer):
    daemon_threads = True
    request_queue_size = 64

    def __init__(self, model, *, kind, name, context, slots, takes, key):
        super().__init__(("127.0.0.1", 0), _Handler)
        self.model, self.kind, self.name, self.context, self.slots = model, kind, name, context, slots
        self.takes, self.key = takes, key
        self.asked: list[Question] = []
        self.embeds: Callable[[str], list[float]] | None = None
        self.embedded: list[str] = []
        self.over = threading.Event()

    def handle_error(self, request, client_address):
        """Who hangs up on it is no error."""

    def about(self, path: str) -> Any:
        """What a server of this kind tells of itself, None for nothing."""
        path = path.partition("?")[0]
        name, context = self.name, self.context
        told: dict[str, dict[str, Any]] = {
            "llama-server": {
                "/props": {
                    "default_generation_settings": {"n_ctx": context}, "total_slots": self.slots, "model_alias": name
                },
                "/v1/models": {"data": [{"id": name, "owned_by": "llamacpp", "meta": {"n_ctx_train": 131_072}}]},
            },
            "LM Studio": {
                "/api/v0/models": {
                    "data": [
                        {
                            "id": name, "state": "loaded", "loaded_context_length": context,
                            "max_context_length": 131_072,
                        }
                    ]
                },
                "/v1/models": {"data": [{"id": name}]},
            },
            "Ollama": {
                "/api/show": {"model_info": {"qwen3.context_length": 40_960}, "capabilities": ["thinking"]},
                "/api/ps": {"models": [{"name": f"{name}:latest", "context_length": context}]},
                "/v1/models": {"data": [{"id": f"{name}:latest", "owned_by": "library"}]},
            },
            "vLLM": {"/v1/models": {"data": [{"id": name, "owned_by": "vllm", "max_model_len": context}]}},
        }  # fmt: skip
        return told.get(self.kind, {}).get(path)


class _Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    server: _Server

    def log_message(self, *args):
        pass

    def do_GET(self):
        self._whole(self.server.about(self.path))

    def do_POST(self):
        body = json.loads(self.rfile.read(int(self.headers["Content-Length"])) or b"{}")
        shown = self.headers.get("Authorization") or f"Bearer {self.headers.get('x-api-key')}"
        if self.server.key and shown != f"Bearer {self.server.key}":
            self._whole({"error": {"message": f"no such key: {shown}"}}, 401)
        elif self.path == "/v1/messages":
            question = Question(body=_as_completion(body), raw=body, headers=self._said())
            self.server.asked.append(question)
            self._send(_answer(self.server.model(question)), question)
        elif self.path == "/v1/embeddings" and self.server.embeds is not None:
            self.server.embedded += body["input"]
            made = [{"index": n, "embedding": self.server.embeds(text)} for n, text in enumerate(body["input"])]
            # The order is nothing that a server promises.
            self._whole({"data": made[::-1], "model": body["model"]})
        elif self.path != "/v1/chat/completions":
            self._whole(self.server.about(self.path))
        elif (form := body.get("response_format", {}).get("type")) and form not in self.server.takes:
            self._whole({"error": {"message": f"response_format: {form} is not supported"}}, 400)
        else:
            question = Question(body=body, headers=self._said())
            self.server.asked.append(question)
            self._send(_answer(self.server.model(question)), question)

    def _said(self):
        return {key.lower(): value for key, value in self.headers.items()}

    def _whole(self, value, status=200):
        data = json.dumps(value if value is not None else {"error": {"message": "not found"}}).encode()
        self.send_response(404 if value is None else status)
        self.send_header("Content-Type", "application/json")
        self.send_header("Content-Length", str(len(data)))
        self.end_headers()
        self.wfile.write(data)

    def _send(self, answer: Answer, question: Question):
        self.send_response(answer.status)
        for key, value in answer.headers.items():
            self.send_header(key, value)
        if answer.body is not None:
            self.send_header("Content-Length", str(len(answer.body) + 99 * answer.drop))
            self.end_headers()
            self.wfile.write(answer.body)
            self.close_connection = answer.drop
            return
        if question.body.get("stream") is False:
            self._at_once(answer, question)
            return
        self.send_header("Content-Type", "text/event-stream")
        self.send_header("Transfer-Encoding", "chunked")
        self.end_headers()
        if question.raw:
            self._stream_messages(answer, question)
        else:
            self._stream(answer, question)

    def _at_once(self, answer: Answer, question: Question):
        message = {"role": "assistant", "content": answer.text}
        usage = {"prompt_tokens": len(question.prompt.split()), "completion_tokens": len(answer.text.split())}
        choice = {"index": 0, "message": message, "finish_reason": answer.finish}
        data = json.dumps({"choices": [choice], "usage": usage}).encode()
        self.send_header("Content-Type", "application/json")
        self.send_header("Content-Length", str(len(data)))
        self.end_headers()
        self.wfile.write(data)

    def _stream_messages(self, answer: Answer, question: Question):
        kind, key = ("input_json_delta", "partial_json") if "tools" in question.raw else ("text_delta", "text")
        finish = {"stop": "tool_use" if "tools" in question.raw else "end_turn", "length": "max_tokens"}
        prompt, completion = len(question.prompt.split()), len(answer.text.split())
        self._event(
            {"type": "message_start", "message": {"usage": {"input_tokens": 3, "cache_read_input_tokens": prompt}}}
        )
        self._event({"type": "ping"})
        if answer.reasoning:
            self._event(
                {"type": "content_block_delta", "delta": {"type": "thinking_delta", "thinking": answer.reasoning}}
            )
        for at in range(0, len(answer.text), 40):
            self._event({"type": "content_block_delta", "delta": {"type": kind, key: answer.text[at : at + 40]}})
        ended = {"stop_reason": finish.get(answer.finish, answer.finish)}
        self._event({"type": "message_delta", "delta": ended, "usage": {"output_tokens": completion}})
        self._event({"type": "message_stop"})
        self._chunk(b"")

    def _stream(self, answer: Answer, question: Question):
        self._event({"choices": [{"index": 0, "delta": {"role": "assistant", "content": None}}]})
        if answer.reasoning:
            self._event({"choices": [{"index": 0, "delta": {"reasoning_content": answer.reasoning}}]})
        pieces = [answer.text[at : at + 40] for at in range(0, len(answer.text), 40)]
        for number, piece in enumerate(pieces):
            if number == len(pieces) // 2 and (answer.stall or answer.drop):
                if answer.stall:
                    self.server.over.wait(60)
                self.close_connection = True
                self.connection.close()
                return
            self.server.over.wait(answer.pause)
            self._event({"choices": [{"index": 0, "delta": {"content": piece}}]})
        while answer.endless:
            self._event({"choices": [{"index": 0, "delta": {"content": " " * 400}}]})
        self._event({"choices": [{"index": 0, "delta": {}, "finish_reason": answer.finish}]})
        prompt, completion = len(question.prompt.split()), len(answer.text.split())
        self._event({"choices": [], "usage": {"prompt_tokens": prompt, "completion_tokens": completion}})
        self._chunk(b"data: [DONE]\n\n")
        self._chunk(b"")

    def _event(self, value):
        self._chunk(b"data: " + json.dumps(value, ensure_ascii=False).encode() + b"\n\n")

    def _chunk(self, data: bytes):
        self.wfile.write(b"%x\r\n%s\r\n" % (len(data), data))


def _as_completion(body: Mapping[str, Any]) -> dict[str, Any]:
    """What was asked by the interface of messages, as chat completions say it."""
    messages = [{"role": "system", "content": block["text"]} for block in body.get("system", ())]
    for message in body["messages"]:
        messages += [{"role": message["role"], "content": block["text"]} for block in message["content"]]
    said = {"model": body["model"], "messages": messages, "max_tokens": body["max_tokens"]}
    for tool in body.get("tools", ()):
        said["response_format"] = {"type": "json_schema", "json_schema": {"schema": tool["input_schema"]}}
    return said
