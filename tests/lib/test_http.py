"""A server that is asked over HTTP: what it answers, what is tried again, and what is said at once."""

from __future__ import annotations

import threading
import time
from types import SimpleNamespace

import pytest
import scripted
from scripted import Answer

from quern.models import Message, Request, wire
from quern.models.http import Http, served
from quern.program import Failure
from quern.schema import Http as Spec

SHAPE = {"type": "object", "properties": {"answer": {"type": "string"}}, "required": ["answer"]}
GOOD = '{"answer": "It is 750 metres long, and has been for as long as anybody remembers."}'


def request(**more):
    fields = {"task": "extract", "shared": (Message("system", "Answer in JSON."),), "schema": SHAPE, "max_tokens": 50}
    return Request(asked=(Message("user", "How long is the barrage?"),), **(fields | more))


def http(url, **more):
    return Http("m", Spec(url=str(url), **({"model": scripted.MODEL} | more)))


@pytest.fixture(autouse=True)
def hurried(monkeypatch):
    monkeypatch.setattr(wire, "PAUSE", 0.01)


def always(text=GOOD, **more):
    return lambda _question: Answer(text=text, **more)


def then(*answers):
    """A model that gives one answer after the other."""
    left = list(answers)
    return lambda _question: left.pop(0)


def test_a_reply_is_put_together_of_what_streams_in():
    with scripted.server(always(reasoning="Hm.")) as url:
        reply = http(url).ask(request())
    assert (reply.text, reply.reasoning, reply.finish) == (GOOD, "Hm.", "stop")
    assert (reply.prompt_tokens, reply.completion_tokens, reply.retries) == (8, 15, 0)


def test_the_question_has_all_that_the_request_says():
    with scripted.server(always()) as url:
        http(url, options={"top_k": 1, "seed": None}).ask(request(temperature=0.3, seed=5, max_tokens=77))
    body = url.asked[0].body
    assert [message["role"] for message in body["messages"]] == ["system", "user"]
    assert (body["temperature"], body["max_tokens"], body["top_k"], body["stream"]) == (0.3, 77, 1, True)
    assert "seed" not in body
    assert url.asked[0].schema == SHAPE


@pytest.mark.parametrize(
    ("kind", "required"),
    [("llama-server", ["b"]), ("LM Studio", ["b"]), ("Ollama", ["b"]), ("vLLM", ["b"]), ("OpenAI", ["a", "b"])],
)
def test_a_strict_server_is_asked_for_all_keys(kind, required):
    shape = {"type": "object", "properties": {"a": {"type": "null"}, "b": {"const": 1}}, "required": ["b"]}
    with scripted.server(always(), kind=kind) as url:
        http(url).ask(request(schema=shape))
    assert url.asked[-1].schema == shape | {"required": required}


def test_a_server_that_takes_no_schema_is_told_it_in_words(capsys):
    with scripted.server(always(), takes=("json_object",)) as url:
        model = http(url)
        model.ask(request())
        model.ask(request())
    assert [asked.body["response_format"] for asked in url.asked] == [{"type": "json_object"}] * 2
    assert url.asked[0].schema == SHAPE
    assert capsys.readouterr().err.count("takes no schema") == 1


def test_a_server_that_takes_neither_is_an_error():
    with scripted.server(always(), takes=()) as url, pytest.raises(Failure, match="response_format"):
        http(url).ask(request())


@pytest.mark.parametrize("fault", ["busy", "failing", "drop", "garbled"])
def test_what_may_pass_is_tried_again(fault):
    with scripted.server(scripted.faulty(fault, always(), times=2)) as url:
        reply = http(url).ask(request())
    assert (reply.text, reply.retries) == (GOOD, 2)


@pytest.mark.parametrize("fault", ["busy", "failing", "drop", "garbled"])
def test_what_does_not_pass_is_an_error_in_one_line(fault):
    with scripted.server(scripted.faulty(fault, always())) as url, pytest.raises(Failure) as failed:
        http(url).ask(request())
    assert str(failed.value).startswith("model m: http://127.0.0.1:")
    assert "attempts" in str(failed.value)
    assert "\n" not in str(failed.value)


@pytest.mark.parametrize(("fault", "words"), [("refusing", "401 scripted 401"), ("html", "text/html, not JSON")])
def test_what_will_not_pass_is_said_at_once(fault, words):
    with scripted.server(scripted.faulty(fault, always())) as url, pytest.raises(Failure, match=words):
        http(url).ask(request())
    assert len(url.asked) == 1


@pytest.mark.parametrize("fault", ["too long", "too long within"])
def test_a_prompt_that_is_too_long_for_the_server_is_a_reply_that_says_so(fault):
    with scripted.server(scripted.faulty(fault, always())) as url:
        assert http(url).ask(request()).finish == "context"
    assert len(url.asked) == 1


def test_silence_is_waited_out_for_as_long_as_the_role_says_and_once_more():
    begun = time.monotonic()
    with (
        scripted.server(scripted.faulty("stall", always())) as url,
        pytest.raises(Failure, match=r"nothing came for 0\.2"),
    ):
        http(url).ask(request(timeout=0.2))
    assert len(url.asked) == 2
    assert time.monotonic() - begun < 5


def test_a_long_answer_may_take_longer_than_the_time_out():
    with scripted.server(always(GOOD * 3, pause=0.15)) as url:
        begun = time.monotonic()
        assert http(url).ask(request(timeout=0.6)).text == GOOD * 3
        assert time.monotonic() - begun > 0.6


def test_an_answer_without_end_is_broken_off():
    with scripted.server(scripted.faulty("endless", always())) as url:
        assert http(url).ask(request()).finish == "length"


def test_a_model_that_is_loading_is_waited_for():
    loading = b'{"error": {"code": 503, "message": "Loading model", "type": "unavailable_error"}}'
    answers = [Answer(status=503, headers={"Content-Type": "application/json"}, body=loading)] * 9
    with scripted.server(then(*answers, Answer(text=GOOD))) as url:
        assert http(url).ask(request()).retries == 9


def test_a_whole_answer_that_does_not_stream_will_do_and_half_of_one_is_asked_for_again():
    whole = b'{"choices": [{"message": {"content": "{}"}, "finish_reason": "stop"}], "usage": {"prompt_tokens": 5}}'
    told = {"headers": {"Content-Type": "application/json; charset=utf-8"}, "body": whole}
    with scripted.server(then(Answer(drop=True, **told), Answer(**told))) as url:
        reply = http(url).ask(request())
    assert (reply.text, reply.finish, reply.prompt_tokens, reply.retries) == ("{}", "stop", 5, 1)


def test_a_whole_answer_that_does_not_say_why_it_ended_is_one_to_refuse():
    whole = b'{"choices": [{"message": {"content": "{}"}}]}'
    with scripted.server(always(headers={"Content-Type": "application/json"}, body=whole)) as url:
        reply = http(url).ask(request())
    assert (reply.finish, reply.retries) == (None, 0)


def test_a_stream_that_ends_before_its_end_is_asked_for_again():
    half = b'data: {"choices": [{"delta": {"content": "{"}}]}\n\n'
    told = {"headers": {"Content-Type": "text/event-stream"}, "body": half}
    with scripted.server(then(Answer(**told), Answer(text=GOOD))) as url:
        reply = http(url).ask(request())
    assert (reply.text, reply.retries) == (GOOD, 1)


def test_where_a_server_has_gone_is_said_and_not_followed():
    moved = Answer(status=301, headers={"Location": "http://127.0.0.1:1/v1", "Content-Type": "text/plain"}, body=b"")
    with scripted.server(lambda _: moved) as url, pytest.raises(Failure, match="it is elsewhere: http://127"):
        http(url).ask(request())


def test_nobody_there_is_an_error():
    with scripted.server() as url:
        pass
    with pytest.raises(Failure, match="is it running"):
        http(url).ask(request())


def test_a_server_may_ask_for_time():
    wait = Answer(status=429, headers={"Retry-After": "1", "Content-Type": "application/json"}, body=b"{}")
    begun = time.monotonic()
    with scripted.server(then(wait, Answer(text=GOOD))) as url:
        assert http(url).ask(request()).retries == 1
    assert time.monotonic() - begun >= 1.0


def test_a_server_that_asks_for_an_hour_is_not_waited_for():
    wait = Answer(status=429, headers={"Retry-After": "3600", "Content-Type": "application/json"}, body=b"{}")
    with (
        scripted.server(always(status=429, headers=wait.headers, body=b"{}")) as url,
        pytest.raises(Failure, match="3600"),
    ):
        http(url).ask(request())


@pytest.mark.parametrize("kind", ["llama-server", "LM Studio", "Ollama", "vLLM"])
def test_the_context_is_that_which_the_server_has_loaded(kind):
    with scripted.server(kind=kind, context=4096) as url:
        model = http(url)
        assert (model.context, model.loaded().kind) == (4096, kind)


def test_of_a_server_that_tells_nothing_no_context_is_known():
    with scripted.server(kind="another") as url:
        assert http(url).context is None


@pytest.mark.parametrize("kind", ["llama-server", "LM Studio", "Ollama", "vLLM"])
def test_another_context_than_the_schema_says_is_an_error_before_the_first_call(kind):
    with (
        scripted.server(always(), kind=kind, context=4096) as url,
        pytest.raises(Failure, match=r"4096.* n_ctx: 16384"),
    ):
        http(url, n_ctx=16384).ask(request())
    assert url.asked == []


def test_another_model_than_the_schema_says_is_an_error_where_the_server_has_but_one():
    with scripted.server(always(), name="gemma-3-4b") as url, pytest.raises(Failure, match="has loaded gemma-3-4b"):
        http(url, model="qwen3-8b").ask(request())


@pytest.mark.parametrize("kind", ["llama-server", "vLLM", "Ollama"])
def test_thinking_is_switched_off_as_the_server_knows_it(kind):
    with scripted.server(always(), kind=kind) as url:
        http(url).ask(request())
    body = url.asked[0].body
    assert body.get("reasoning_effort") == "none" or body["chat_template_kwargs"] == {"enable_thinking": False}


def test_a_key_comes_from_the_environment_and_is_in_no_error(monkeypatch, capsys):
    monkeypatch.setenv("A_KEY", "sk-secret")
    with scripted.server(always(), key="sk-secret") as url:
        assert http(url, key_env="A_KEY").ask(request()).text == GOOD
    assert url.asked[0].headers["authorization"] == "Bearer sk-secret"
    monkeypatch.setenv("A_KEY", "sk-wrong")
    with scripted.server(always(), key="sk-secret") as url, pytest.raises(Failure) as failed:
        http(url, key_env="A_KEY").ask(request())
    assert "sk-wrong" not in str(failed.value)
    assert "A_KEY" in str(failed.value)


def test_a_key_that_is_not_set_is_an_error(monkeypatch):
    monkeypatch.delenv("A_KEY", raising=False)
    with scripted.server(always()) as url, pytest.raises(Failure, match="A_KEY is not set"):
        http(url, key_env="A_KEY").ask(request())


@pytest.mark.parametrize("url", ["127.0.0.1:8080", "file:///etc/passwd", "http://me:secret@127.0.0.1/v1"])
def test_what_is_no_address_is_an_error(url):
    with pytest.raises(Failure, match="url"):
        http(url)


def test_what_a_model_is_called_and_how_it_is_asked_is_its_identity():
    one = http("http://127.0.0.1:1/v1")
    assert one.identity == http("http://127.0.0.1:2/v1").identity
    assert one.identity != http("http://127.0.0.1:1/v1", options={"top_k": 1}).identity


def test_closing_breaks_off_what_is_asked():
    with scripted.server(scripted.faulty("stall", always())) as url:
        model = http(url)
        threading.Timer(0.3, model.close).start()
        begun = time.monotonic()
        with pytest.raises(Failure):
            model.ask(request(timeout=30))
        assert time.monotonic() - begun < 5


def listing(*entries):
    return SimpleNamespace(glimpse=lambda _: {"data": list(entries)})


LLAMA = {"id": "qwen.gguf", "created": 1, "meta": {"n_ctx_train": 40_960, "n_params": 8_000, "size": 4_000}}
OLLAMA = {"id": "qwen:latest", "created": 1, "owned_by": "library"}
VLLM = {"id": "qwen", "created": 1, "owned_by": "vllm", "root": "/models/qwen-4bit"}


@pytest.mark.parametrize(
    ("one", "same", "other"),
    [
        (LLAMA, LLAMA | {"created": 2}, LLAMA | {"meta": LLAMA["meta"] | {"size": 8_000}}),
        (LLAMA, LLAMA, LLAMA | {"id": "qwen-instruct.gguf"}),
        (OLLAMA, OLLAMA, OLLAMA | {"created": 2}),
        (VLLM, VLLM | {"created": 2}, VLLM | {"root": "/models/qwen-8bit"}),
    ],
)
def test_a_server_tells_of_the_model_behind_a_name(one, same, other):
    # Ollama lists all that it has; what has one alone calls it by its file.
    others = [{"id": "else"}] if one is OLLAMA else []
    told = [served(listing(*others, each), "qwen") for each in (one, same, other)]
    assert told[0]
    assert told[0] == told[1] != told[2]


@pytest.mark.parametrize("said", [None, [], {"data": None}, {"data": [{"id": "qwen", "created": 5}]}])
def test_a_server_that_tells_nothing_of_it_is_told_apart_by_nothing(said):
    assert served(SimpleNamespace(glimpse=lambda _: said), "qwen") == ""


def test_what_a_server_tells_is_asked_once_and_not_waited_for(monkeypatch):
    monkeypatch.setattr(wire, "PAUSE", 60)
    assert Http("m", Spec(url="http://127.0.0.1:1/v1", model="qwen")).served is None
    without_key = Spec(url="http://127.0.0.1:1/v1", model="qwen", key_env="QUERN_NO_SUCH_KEY")
    assert Http("m", without_key).served is None
