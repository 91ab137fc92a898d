"""A server that is asked by messages, as Anthropic's are."""

from __future__ import annotations

import pytest
import scripted
from scripted import Answer

from quern.models import Message, Request, wire
from quern.models.anthropic import Anthropic
from quern.program import Failure
from quern.schema import Anthropic as Spec

SHAPE = {"type": "object", "properties": {"answer": {"type": "string"}}, "required": ["answer"]}
GOOD = '{"answer": "It is 750 metres long, and has been for as long as anybody remembers."}'
SHARED = (Message("system", "Answer in JSON."), Message("user", "Why?"), Message("assistant", '{"answer": "So."}'))


def request(**more):
    fields = {"task": "extract", "shared": SHARED, "schema": SHAPE, "max_tokens": 50}
    return Request(asked=(Message("user", "How long is the barrage?"),), **(fields | more))


@pytest.fixture(autouse=True)
def surroundings(monkeypatch):
    monkeypatch.setattr(wire, "PAUSE", 0.01)
    monkeypatch.setenv("A_KEY", "sk-secret")


def anthropic(url, **more):
    return Anthropic("m", Spec(url=str(url), key_env="A_KEY", **({"model": scripted.MODEL} | more)))


def always(text=GOOD, **more):
    return lambda _question: Answer(text=text, **more)


def test_the_reply_is_the_input_of_the_tool():
    with scripted.server(always(), key="sk-secret") as url:
        reply = anthropic(url).ask(request())
    assert (reply.text, reply.finish) == (GOOD, "stop")
    assert (reply.prompt_tokens, reply.reused_tokens, reply.completion_tokens) == (14, 11, 15)


def test_the_tool_has_to_be_used_and_what_all_questions_share_is_marked():
    with scripted.server(always()) as url:
        anthropic(url).ask(request(temperature=0.2))
    body = url.asked[0].raw
    assert body["tool_choice"] == {"type": "tool", "name": body["tools"][0]["name"]}
    assert body["tools"][0]["input_schema"] == SHAPE
    assert body["temperature"] == 0.2
    assert [block["text"] for block in body["system"]] == ["Answer in JSON."]
    marked = [message["content"][0]["text"] for message in body["messages"] if "cache_control" in message["content"][0]]
    assert marked == [SHARED[-1].text]


def test_a_model_that_thinks_is_told_the_schema_in_words():
    with scripted.server(always(reasoning="Hm.")) as url:
        reply = anthropic(url).ask(request(thinking=True))
    assert (reply.text, reply.reasoning, reply.finish) == (GOOD, "Hm.", "stop")
    assert url.asked[0].schema == SHAPE
    assert "tools" not in url.asked[0].raw


def test_a_reply_that_was_cut_off_says_so():
    with scripted.server(always(finish="length")) as url:
        assert anthropic(url).ask(request()).finish == "length"


def test_a_model_without_temperature_is_asked_without(capsys):
    refused = b'{"type": "error", "error": {"message": "`temperature` is deprecated for this model."}}'

    def choosy(question):
        if "temperature" in question.raw:
            return Answer(status=400, headers={"Content-Type": "application/json"}, body=refused)
        return Answer(text=GOOD)

    with scripted.server(choosy) as url:
        model = anthropic(url)
        assert [model.ask(request()).text for _ in range(2)] == [GOOD, GOOD]
    assert len(url.asked) == 3
    assert capsys.readouterr().err.count("no temperature") == 1


def test_a_server_that_is_overloaded_is_asked_again():
    with scripted.server(scripted.faulty("failing", always(), times=2)) as url:
        assert anthropic(url).ask(request()).retries == 2


def test_a_key_that_is_wrong_is_not_told():
    with scripted.server(always(), key="sk-other") as url, pytest.raises(Failure) as failed:
        anthropic(url).ask(request())
    assert "A_KEY" in str(failed.value)
    assert "sk-secret" not in str(failed.value)


def test_another_context_than_the_schema_says_is_an_error():
    with scripted.server(always(), context=4096) as url, pytest.raises(Failure, match="4096"):
        anthropic(url, n_ctx=8192).ask(request())
