"""The engine that asks a model: it writes claims that stand alone, and sentences that name the claims they say.

What it says is checked by code against what the source says. What does not hold is left out, and told.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import replace
from typing import TYPE_CHECKING, Any, Literal

from quern.engines import Asked, Said
from quern.engines.rules import Rules
from quern.models import Task
from quern.models.client import Client
from quern.program import Failure
from quern.records import Claim, Passage, Source, Unread, Usage
from quern.schema import Schema
from quern.vault import Vault

if TYPE_CHECKING:
    from quern.answers.inquiries import Answered, Inquiry
    from quern.engines.llm.answering import Answering
    from quern.engines.llm.asking import Prompt
    from quern.engines.llm.extracting import Extracting
    from quern.engines.llm.judging import Judging
    from quern.judgements import Heard, Lack, Names, Pair, Term
    from quern.models import Message
    from quern.relations import Verdict

Show = Callable[[Sequence["Message"]], None]


class Llm:
    """Asks the models that the schema names for the roles `extract`, `judge`, `write` and `ask`.

    `show`: nothing is asked; it is given the messages of each question instead, as they would go out.
    """

    name = "llm"

    def __init__(
        self, vault: Vault, schema: Schema, *, say: Callable[[str], None], fresh: bool = False, show: Show | None = None
    ) -> None:
        self.vault, self.schema, self.say, self.fresh, self.show = vault, schema, say, fresh, show
        self._rules = Rules(schema)
        self._clients: dict[str, Client] = {}
        self._prompts: dict[str, Prompt] = {}

    def claims(self, source: Source, passages: Sequence[Passage]) -> Iterator[Claim | Unread]:
        """What a source says, in reading order, and what was left unread; what it is read for counts for more.

        Raises Failure if the model cannot be asked, or if more was refused than the schema lets be.
        """
        from quern.engines import rules

        if not passages:
            return
        extracting = self._extracting(source, passages)
        if self.show is not None:
            for asked in extracting.questions():
                self.show((*extracting.prompt.shared, *asked))
            return
        emphasis = rules.emphasis(source.focus, extracting.language)
        found = extracting.records()
        yield from found if emphasis is None else rules.favour(found, emphasis)

    def summaries(self, asked: Sequence[Asked]) -> list[Said]:
        """A few sentences on the claims of each; those of the rules, where nothing that the model wrote holds.

        Raises Failure if the model cannot be asked.
        """
        from quern.engines.llm import writing

        if not asked:
            return []
        client, prompt = self._client("write"), self._prompt("write")
        told = [one._replace(language=self.schema.language_of(one.language)) for one in asked]
        writers = [writing.Writing(one, client=client, prompt=prompt, say=self.say) for one in told]
        if self.show is not None:
            for writer in writers:
                self.show((*prompt.shared, *writer.asked()))
            return [Said([], self.name)] * len(asked)
        return [
            Said(sentences, self.name, client.identity, prompt.name) if sentences else self._rules.summary(*one)
            for one, sentences in zip(asked, writing.written(writers), strict=True)
        ]

    def one_thing(self, questions: Sequence[Names]) -> list[bool]:
        """Of each two names whether they are those of one thing: certain by spelling, or borne out by what is said.

        Raises Failure if the model cannot be asked.
        """
        certain = self._rules.one_thing(questions)
        left = [question for question, is_one in zip(questions, certain, strict=True) if not is_one]
        if self._show_all(left, "names") or not left:
            return certain
        found = iter(self._judging().one_thing(left))
        return [is_one or next(found) for is_one in certain]

    def relations(self, pairs: Sequence[Pair]) -> list[Verdict | None]:
        """Of each two claims how they stand to each other: certain by rules, or borne out by words of both.

        Raises Failure if the model cannot be asked.
        """
        certain = self._rules.relations(pairs)
        left = [pair for pair, verdict in zip(pairs, certain, strict=True) if verdict is None]
        if self._show_all(left, "claims") or not left:
            return certain
        found = iter(self._judging().relations(left))
        return [next(found) if verdict is None else verdict for verdict in certain]

    def hear(self, pairs: Sequence[Pair], terms: Sequence[Term], lacks: Sequence[Lack]) -> Heard:
        """What is surely so of each case of a wiki. How much is asked is said before the first question.

        Raises Failure if the model cannot be asked, or if no answer of it can be used.
        """
        from quern.engines.llm import asking, judging, questions
        from quern.engines.llm.surveying import Surveying
        from quern.judgements import Heard

        surveying = Surveying(prompt=asking.prompt("survey", self.schema), say=self.say)
        asked = [*judging.asked(self._prompt("judge"), pairs), *surveying.asked(terms, lacks)]
        if self.show is not None:
            for one in asked:
                self.show((*one.prompt.shared, one.message))
            return Heard([None] * len(pairs), [None] * len(terms), [None] * len(lacks))
        judge = self._judging()
        answers = list(questions.answers(judge.client, asked, self.say))
        if answers and not any(answer is not None for answer in answers):
            raise Failure("no answer of the model could be used: nothing is judged ('make doctor' looks what is wrong)")
        said = iter(answers)
        return Heard(
            [judge.verdict(pair, next(said)) for pair in pairs],
            [surveying.use(term, next(said)) for term in terms],
            [surveying.missing(lack, next(said)) for lack in lacks],
        )

    @property
    def room(self) -> int:
        """More claims than this cannot be read for one answer."""
        return self._answering().room

    def holds(self, inquiry: Inquiry) -> bool:
        """Whether all claims of a question have room in the model beside an answer."""
        return self._answering().holds(inquiry)

    def answer(self, inquiry: Inquiry) -> Answered:
        """The sentences that the model answers with and that their claims bear out.

        Raises Failure if the model cannot be asked, or no reply of it can be read.
        """
        from quern.answers.inquiries import Answered

        asked = self._answering()
        if self.show is not None:
            self.show((*asked.shared(inquiry), *asked.asked(inquiry)))
            return Answered([], [], self.name)
        return Answered(*asked.answer(inquiry), self.name, asked.client.identity, asked.prompt.name)

    def _answering(self) -> Answering:
        from quern.engines.llm.answering import Answering

        return Answering(client=self._client("ask"), prompt=self._prompt("ask"), say=self.say)

    def usage(self, source: str, stage: str, /) -> Iterator[Usage]:
        """What was spent since this was asked last, if anything was."""
        for client in self._clients.values():
            spent = client.usage(source, stage)
            if spent.calls or spent.cached:
                # As the claims name it, and not as the schema happens to call it.
                yield replace(spent, model=client.identity)

    def close(self) -> None:
        """Let go of the models, and say what they took."""
        for client in self._clients.values():
            client.close()
        self._clients.clear()

    def _extracting(self, source: Source, passages: Sequence[Passage]) -> Extracting:
        from quern.engines.llm.extracting import Extracting

        language = self.schema.language_of(source.language)
        client, prompt = self._client("extract"), self._prompt("extract")
        return Extracting(source, passages, language, schema=self.schema, client=client, prompt=prompt, say=self.say)

    def _show_all(self, questions: Sequence[Any], about: Literal["names", "claims"]) -> bool:
        """Show questions to a judge, if they are to be shown; returns whether they are."""
        from quern.engines.llm import judging

        if self.show is None:
            return False
        told = judging.about_names if about == "names" else judging.about_claims
        for question in questions:
            self.show((*self._prompt("judge").shared, told(question)))
        return True

    def _judging(self) -> Judging:
        from quern.engines.llm.judging import Judging

        return Judging(client=self._client("judge"), prompt=self._prompt("judge"), say=self.say)

    def _client(self, task: Task) -> Client:
        if task not in self._clients:
            self._clients[task] = Client(self.vault, self.schema, task, say=self.say, fresh=self.fresh)
        return self._clients[task]

    def _prompt(self, task: Task) -> Prompt:
        from quern.engines.llm import asking

        if task not in self._prompts:
            self._prompts[task] = asking.prompt(task, self.schema)
        return self._prompts[task]
