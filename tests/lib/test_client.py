"""One call of a model with its cache, gate, retry and meter; the model is a list of replies."""

from __future__ import annotations

import threading
import time

import orjson
import pytest
import scripted
import yaml

from quern import models, schema
from quern.models import Message, Reply, Request, gate, meter, replies, wire
from quern.models.client import Client, Question, Refused
from quern.models.replies import key
from quern.program import Failure
from quern.vault import Vault

SHAPE = {
    "type": "object",
    "properties": {"answer": {"type": "string", "maxLength": 80}},
    "required": ["answer"],
    "additionalProperties": False,
}
SCHEMA = "models:\n  m: {http: {url: 'http://127.0.0.1:1/v1', model: one}}\n"


class Told:
    """A model that says what it was told to say, one reply after the other."""

    name = "m"
    identity = "one"
    context = 4096
    served = ""

    def __init__(self, *texts):
        self.texts = list(texts)
        self.asked = []

    def count(self, messages):
        return sum(len(message.text) for message in messages)

    def ask(self, request):
        self.asked.append(request)
        said = self.texts.pop(0)
        return said if isinstance(said, Reply) else Reply(text=said, finish="stop", prompt_tokens=7)

    def close(self):
        pass


def answer(text):
    return orjson.dumps({"answer": text}).decode()


def question(text="How long is the barrage?", **more):
    fields = {"task": "extract", "shared": (Message("system", "Answer in JSON."),), "schema": SHAPE, "max_tokens": 50}
    return Request(asked=(Message("user", text),), **(fields | more))


@pytest.fixture
def place(vault):
    (vault / "schema.yaml").write_text(SCHEMA)
    return Vault(vault)


@pytest.fixture
def ask(place, monkeypatch):
    """`ask(model, …)`: the client's answer to one question, by a client of its own as in a new process."""

    def ask_one(model, request=None, check=lambda _: None, fresh=False, **more):
        monkeypatch.setattr(models, "load", lambda *_: model)
        client = Client(place, schema.load(place), "extract", fresh=fresh)
        ask_one.client = client
        return client.ask(request or question(), check, **more)

    return ask_one


def test_a_good_answer_is_its_value(ask):
    assert ask(Told(answer("It is 750 metres long."))) == {"answer": "It is 750 metres long."}


def test_what_was_asked_once_is_not_asked_again(ask):
    ask(Told(answer("750 metres")))
    silent = Told()
    assert ask(silent) == {"answer": "750 metres"}
    assert silent.asked == []


def test_the_cache_is_bypassed_when_the_answer_shall_be_fresh(ask):
    ask(Told(answer("750 metres")))
    assert ask(Told(answer("700 metres")), fresh=True) == {"answer": "700 metres"}
    assert ask(Told()) == {"answer": "700 metres"}


def test_a_refused_answer_is_asked_for_once_more_with_the_reason(ask):
    model = Told("I would say 750 metres.", answer("750 metres"))
    assert ask(model) == {"answer": "750 metres"}
    first, second = model.asked
    assert second.shared == first.shared
    assert [message.role for message in second.asked] == ["user"]
    assert second.asked[0].text.startswith(first.asked[0].text)
    assert "not JSON" in second.asked[0].text


def test_what_is_refused_twice_is_refused_and_not_kept(ask, place):
    done = ask(Told("no", "no"))
    assert isinstance(done, Refused)
    assert "not JSON" in done.reason
    assert not [path for path in (place.cache / "replies").rglob("*") if path.is_file()]


def test_the_answer_to_the_second_question_is_kept_for_the_first(ask):
    ask(Told("no", answer("750 metres")))
    assert ask(Told()) == {"answer": "750 metres"}


def test_a_check_may_refuse(ask):
    def in_metres(value):
        return None if "metres" in value["answer"] else "the unit is missing"

    model = Told(answer("750"), answer("750 metres"))
    assert ask(model, check=in_metres) == {"answer": "750 metres"}
    assert "the unit is missing" in model.asked[1].asked[0].text


def test_what_a_check_refuses_now_is_not_taken_from_the_cache(ask):
    ask(Told(answer("750")))
    assert ask(Told("no", "no"), check=lambda _: "the unit is missing") == Refused(
        reason=gate.refusal(Reply(text="no", finish="stop"), question())
    )


def doubtful(value):
    return None if value["answer"] else gate.Doubt("nothing was found")


def test_a_doubt_is_overcome_by_the_same_answer(ask):
    model = Told(answer(""), answer(""))
    assert ask(model, check=doubtful) == {"answer": ""}
    assert len(model.asked) == 2
    assert ask(Told(), check=doubtful) == {"answer": ""}


def test_an_empty_answer_that_was_not_doubted_then_is_doubted_now(ask):
    ask(Told(answer("")))
    assert ask(Told(answer("750 metres")), check=doubtful) == {"answer": "750 metres"}


def test_another_answer_does_not_overcome_a_doubt(ask):
    def long_enough(value):
        return gate.Doubt("too short") if len(value["answer"]) < 9 else None

    assert ask(Told(answer("a b"), answer("b c")), check=long_enough) == Refused(reason="too short")


def test_a_prompt_that_does_not_fit_is_not_sent(ask):
    model = Told(answer("750 metres"))
    done = ask(model, question("metres " * 1000))
    assert isinstance(done, Refused)
    assert "4096" in done.reason
    assert model.asked == []


def test_a_reason_for_which_there_is_no_room_is_not_sent(ask):
    model = Told("no", answer("750 metres"))
    whole = "x" * (4096 - 50 - len("Answer in JSON."))
    assert isinstance(ask(model, question(whole)), Refused)
    assert len(model.asked) == 1


def test_what_the_server_found_too_long_is_not_asked_again(ask):
    model = Told(Reply(text="", finish="context"), answer("750 metres"))
    assert "context" in ask(model).reason
    assert len(model.asked) == 1


class Gone(Told):
    """A model whose server is not there any more."""

    served = None

    @property
    def context(self):
        raise Failure("not there")

    def ask(self, _request):
        raise Failure("not there")


def test_what_is_cached_needs_no_server(ask):
    ask(Told(answer("750 metres")))
    assert ask(Gone()) == {"answer": "750 metres"}
    assert ask.client.context == 4096
    with pytest.raises(Failure, match="not there"):
        ask(Gone(), question("How high is it?"))


def test_a_server_that_was_never_there_is_an_error(ask):
    with pytest.raises(Failure, match="not there"):
        ask(Gone())
    with pytest.raises(Failure, match="not there"):
        _ = ask.client.context


def test_each_call_is_written_down(ask, place):
    ask(Told("no", answer("750 metres")))
    ask(Told())
    first, second, third = meter.calls(place)
    assert (first.attempt, first.refused[:19], first.prompt_tokens) == (1, "the reply is not JS", 7)
    assert (second.attempt, second.refused, second.finish) == (2, "", "stop")
    assert (third.cached, third.role, third.model) == (True, "extract", "m")


def test_usage_is_what_was_spent_since_it_was_asked_last(ask):
    ask(Told("no", answer("750 metres")))
    used = ask.client.usage("abc", "extract")
    assert (used.calls, used.cached, used.prompt_tokens, used.source) == (2, 0, 14, "abc")
    assert ask.client.usage("abc", "extract").calls == 0


def test_answers_come_in_the_order_of_the_questions(place, monkeypatch):
    place.schema.write_text(SCHEMA.replace("model: one", "model: one, parallel: 4"))
    model = Told(*(answer("x") for _ in range(20)))
    model.ask = lambda request: Reply(text=answer(request.asked[0].text), finish="stop")
    monkeypatch.setattr(models, "load", lambda *_: model)
    client = Client(place, schema.load(place), "extract")
    questions = [Question(question(f"question {number}"), lambda _: None) for number in range(20)]
    assert [found["answer"] for found in client.ask_all(questions)] == [f"question {number}" for number in range(20)]


def test_so_many_are_asked_at_once_as_the_schema_says(place):
    together, most, lock = [], [], threading.Lock()

    def busy(_question):
        with lock:
            together.append(1)
            most.append(len(together))
        time.sleep(0.05)
        with lock:
            together.pop()
        return {"answer": "750 metres"}

    with scripted.server(busy) as url:
        scripted.use(place.root, url, parallel=3)
        client = Client(place, schema.load(place), "extract")
        questions = [Question(question(f"question {number}"), lambda _: None) for number in range(12)]
        assert list(client.ask_all(questions)) == [{"answer": "750 metres"}] * 12
    assert max(most) == 3


def test_a_server_that_goes_stops_all_that_are_asked_at_once(place, monkeypatch):
    monkeypatch.setattr(wire, "PAUSE", 0.01)

    def failing_in_the_end(asked):
        number = int(asked.asked.split()[1])
        return {"answer": "750 metres"} if number < 3 else scripted.Answer(status=401, body=b"{}")

    with scripted.server(failing_in_the_end) as url:
        scripted.use(place.root, url, parallel=2)
        client = Client(place, schema.load(place), "extract")
        answers = client.ask_all(Question(question(f"question {number}"), lambda _: None) for number in range(50))
        assert [next(answers) for _ in range(3)] == [{"answer": "750 metres"}] * 3
        with pytest.raises(Failure, match="401"):
            next(answers)
        assert len(url.asked) < 12


def test_nobody_waits_for_what_is_asked_in_vain(place):
    def one_stalls(asked):
        is_first = asked.asked.startswith("question 0")
        return scripted.Answer(status=401, body=b"{}") if is_first else scripted.Answer(text="{" * 99, stall=True)

    with scripted.server(one_stalls) as url:
        scripted.use(place.root, url, parallel=4)
        client = Client(place, schema.load(place), "extract")
        begun = time.monotonic()
        with pytest.raises(Failure, match="401"):
            list(client.ask_all(Question(question(f"question {number}"), lambda _: None) for number in range(8)))
        assert time.monotonic() - begun < 10


def test_questions_are_made_when_they_are_asked(place):
    made = []

    def questions():
        for number in range(100):
            made.append(number)
            yield Question(question(f"question {number}"), lambda _: None)

    with scripted.server(lambda _: {"answer": "750 metres"}) as url:
        scripted.use(place.root, url, parallel=2)
        client = Client(place, schema.load(place), "extract")
        answers = client.ask_all(questions())
        next(answers)
        assert len(made) <= 5
        assert len(list(answers)) == 99


def test_what_a_server_says_that_was_not_there_at_first_is_kept_as_that_of_the_model_that_it_has(place, monkeypatch):
    model = Told(answer("750 metres"), answer("751 metres"))
    monkeypatch.setattr(models, "load", lambda *_: model)

    def ask(served):
        model.served = served
        client = Client(place, schema.load(place), "extract")
        monkeypatch.setattr(model, "ask", lambda request: setattr(model, "served", "new") or Told.ask(model, request))
        return client.ask(question(), lambda _: None)["answer"]

    assert ask("old") == "750 metres"
    assert ask("new") == "751 metres"
    model.texts = [answer("752 metres")]
    (place.cache / "calls.jsonl").unlink()
    assert ask(None) == "752 metres"
    assert ask("new") == "752 metres"


def test_two_roles_of_one_process_have_the_weights_of_a_file_once(place):
    one, other = ({"llama": {"path": "x.gguf", "options": {"n_threads": number}}} for number in (1, 2))
    roles = {"extract": {"model": "one"}, "write": {"model": "one"}, "judge": {"model": "other"}}
    place.schema.write_text(yaml.safe_dump({"models": {"one": one, "other": other}, "roles": roles}))
    told = schema.load(place)
    extract, write, judge = (models.load(place, told, role) for role in ("extract", "write", "judge"))
    assert extract is write
    assert judge is not extract


def test_another_model_behind_the_same_name_is_asked_and_one_that_is_away_is_the_last(place, monkeypatch):
    def served(told, *texts):
        model = Told(*texts)
        model.served = told
        monkeypatch.setattr(models, "load", lambda *_: model)
        found = Client(place, schema.load(place), "extract").ask(question(), lambda _: None)
        return found["answer"], len(model.asked)

    assert served("4 bits", answer("750 metres")) == ("750 metres", 1)
    assert served("4 bits") == ("750 metres", 0)
    assert served(None) == ("750 metres", 0)
    assert served("8 bits", answer("751 metres")) == ("751 metres", 1)
    assert served(None) == ("751 metres", 0)
    assert served("4 bits") == ("750 metres", 0)


@pytest.mark.parametrize(
    "other",
    [{"temperature": 0.5}, {"seed": 1}, {"max_tokens": 51}, {"thinking": True}, {"schema": {"type": "object"}}],
    ids=lambda other: next(iter(other)),
)
def test_whatever_an_answer_depends_on_is_in_its_key(other):
    assert key("one", question()) != key("one", question(**other))
    assert key("one", question()) != key("two", question())
    assert key("one", question()) == key("one", question(timeout=1.0))


def test_the_version_of_the_cache_and_who_says_what_are_in_the_key_too(monkeypatch):
    whole = key("one", question())
    assert whole != key("one", question(shared=(Message("system", "Answer in French."),)))
    assert whole != key("one", question(shared=(Message("user", "Answer in JSON."),)))
    monkeypatch.setattr(replies, "VERSION", replies.VERSION + 1)
    assert whole != key("one", question())
