"""doctor: what is wrong is said, with what to do, before a source is read in vain."""

from __future__ import annotations

import json
import re

import pytest
import scripted


def told(done):
    """The checks of a run, by what they are about."""
    records = [json.loads(line) for line in done.out.splitlines()]
    assert {record["kind"] for record in records} <= {"check"}
    return {(record["subject"], record["code"]): record for record in records}


def obedient(question):
    """A model that finds the code word where it was told it, and else answers as little as it may."""
    word = re.search(r"The code word of this wiki is (\S+)\.", question.system)
    if "code_word" in question.keys and word:
        return {"code_word": word[1].upper()}
    return {"text": "The tide rises. " * 20} if "text" in question.keys else scripted.least(question.schema)


def forgetful(question):
    return {"code_word": "tern-0000"} if "code_word" in question.keys else obedient(question)


def examined(run, vault, model=obedient, said=None, **kinds):
    with scripted.server(model, **kinds) as url:
        scripted.use(vault, url, **(said or {}))
        done = run("doctor", vault=vault)
    return done, told(done), url


def test_without_a_model_there_is_nothing_wrong(run, vault):
    done = run("doctor", vault=vault)
    assert (done.status, done.err) == (0, "")
    checks = told(done)
    assert checks["python", "packages"]["state"] == "fine"
    assert "click 8" in checks["python", "packages"]["message"]
    assert "llama-cpp-python" not in checks["python", "packages"]["message"]
    assert checks["machine", "memory"]["value"] > 1e8
    assert checks["schema.yaml", "engine"]["message"].startswith("engine: rules")


def test_a_model_that_does_as_it_is_told(run, vault):
    done, checks, url = examined(run, vault, context=8192, slots=2)
    assert done.status == 0, done.text
    assert checks["scripted", "server"]["message"] == f"{url}: llama-server, 2 slots, scripted"
    assert checks["scripted", "context"]["value"] == 8192
    assert checks["scripted", "probe"]["state"] == "fine"
    assert checks["scripted", "generation"]["state"] == "fine"
    assert not [check for check in checks.values() if check["state"] == "wrong"]


def test_the_probe_goes_the_way_that_the_guidance_goes(run, vault):
    with (vault / "schema.yaml").open("a", encoding="utf-8") as stream:
        stream.write("guidance: Names of ships are in italics.\n")
    _, _, url = examined(run, vault)
    (asked,) = [
        question for question in url.asked if re.search(r"The code word of this wiki is \w+-\d{4}", question.prompt)
    ]
    assert "Names of ships are in italics." in asked.system
    assert "code word" in asked.asked
    assert not re.search(r"\w+-\d{4}", asked.asked)


def test_a_model_that_ignores_its_guidance_is_wrong(run, vault):
    done, checks, _ = examined(run, vault, forgetful)
    assert done.status == 1
    found = checks["scripted", "probe"]
    assert found["state"] == "wrong"
    assert re.search(r"was told the code word \w+-\d{4} in the guidance and said 'tern-0000'", found["message"])


@pytest.mark.parametrize(
    ("said", "message"),
    [
        ("no JSON at all", "its reply is not of the schema: 'no JSON at all'"),
        ({"word": "tern"}, "its reply is not of the schema"),
        (scripted.Answer(text='{"code_word":', finish="length"), "its reply to a schema did not end (finish: length)"),
    ],
)
def test_a_reply_that_is_not_of_the_schema_is_wrong(run, vault, said, message):
    done, checks, _ = examined(run, vault, lambda _question: said)
    assert done.status == 1
    assert message in checks["scripted", "probe"]["message"]


@pytest.mark.parametrize("kind", ["llama-server", "LM Studio", "Ollama", "vLLM"])
def test_a_context_that_is_not_the_configured_one_is_wrong_and_nothing_is_asked(run, vault, kind):
    done, checks, url = examined(run, vault, said={"n_ctx": 32_768}, kind=kind, context=4096)
    assert done.status == 1
    found = checks["scripted", "context"]
    assert found["state"] == "wrong"
    assert "loaded: 4,096 tokens" in found["message"]
    assert "schema.yaml says n_ctx: 32768" in found["message"]
    assert found["fix"].startswith("load the model with that context, or change n_ctx")
    assert not [question for question in url.asked if question.keys]


def test_a_context_too_small_for_a_passage_is_wrong(run, vault):
    done, checks, _ = examined(run, vault, kind="Ollama", context=2048)
    assert done.status == 1
    assert re.search(
        r"a passage needs up to [\d,]+ tokens, and the context has 2,048", checks["scripted", "room"]["message"]
    )


def test_a_server_that_tells_nothing_is_noted(run, vault):
    done, checks, _ = examined(run, vault, kind="other")
    assert done.status == 0
    assert checks["scripted", "context"]["state"] == "noted"
    assert "name it with n_ctx" in checks["scripted", "context"]["message"]


def test_a_server_that_is_not_there_is_wrong(run, vault):
    scripted.use(vault, "http://127.0.0.1:9/v1")
    done = run("doctor", vault=vault)
    assert done.status == 1
    assert told(done)["scripted", "server"]["state"] == "wrong"


def test_one_model_alone_and_one_that_is_not_named(run, vault):
    with scripted.server(obedient) as url:
        scripted.use(vault, url)
        assert ("scripted", "probe") in told(run("doctor", "scripted", vault=vault))
    run("doctor", "other", vault=vault).assert_failed("doctor: other: no model of this name: scripted")


def test_a_file_that_is_not_there_and_one_that_is_no_model(run, vault):
    for name, said, fix in [
        ("none.gguf", "no such file", "make model"),
        ("page.gguf", "no GGUF file: fetch it again", ""),
    ]:
        (vault / "page.gguf").write_text("<!doctype html>", encoding="utf-8")
        done = run("doctor", vault=vault, env={"QUERN_MODEL": str(vault / name)})
        assert done.status == 1
        found = told(done)[name, "file"]
        assert found["state"] == "wrong"
        assert said in found["message"]
        assert found["fix"] == fix
        assert (name, "probe") not in told(done)


def test_people_get_a_table_with_what_to_do(run, vault):
    done = run("doctor", "--text", vault=vault, env={"QUERN_MODEL": "none.gguf"})
    lines = done.text.splitlines()
    (at,) = [number for number, line in enumerate(lines) if "WRONG" in line and "no such file" in line]
    assert lines[at].startswith("none.gguf")
    assert lines[at + 1].strip() == "→ make model"
