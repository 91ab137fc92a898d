"""Messages as a prompt, by templates of several kinds."""

from __future__ import annotations

from quern.models import Message
from quern.models.dialogue import Dialogue, Turns

CONTROL = ["<|end|>", "</s>"]


def plain(turns: Turns, thinking: bool) -> str:
    return "".join(f"<{turn['role']}>{turn['content']}|" for turn in turns) + "<assistant>"


def without_system(turns: Turns, thinking: bool) -> str:
    if turns[0]["role"] == "system":
        raise ValueError("System role not supported")
    return plain(turns, thinking)


def deaf_to_system(turns: Turns, thinking: bool) -> str:
    return plain([turn for turn in turns if turn["role"] != "system"], thinking)


def alternating(turns: Turns, thinking: bool) -> str:
    spoken = [turn["role"] for turn in turns if turn["role"] != "system"]
    if spoken != [("user", "assistant")[at % 2] for at in range(len(spoken))]:
        raise ValueError("Conversation roles must alternate")
    return plain(turns, thinking)


ASKED = [Message("system", "Be brief."), Message("user", "Which tide?")]


def test_a_template_says_how_messages_stand() -> None:
    assert Dialogue(plain, "", []).prompt(ASKED, thinking=False) == "<system>Be brief.|<user>Which tide?|<assistant>"


def test_where_there_is_no_system_its_words_begin_the_first_turn_of_the_user() -> None:
    for template in (without_system, deaf_to_system):
        assert Dialogue(template, "", []).prompt(ASKED, thinking=False) == "<user>Be brief.\n\nWhich tide?|<assistant>"


def test_a_system_alone_is_a_turn_of_the_user_there() -> None:
    assert Dialogue(without_system, "", []).prompt(ASKED[:1], thinking=False) == "<user>Be brief.|<assistant>"


def test_what_one_side_says_in_several_messages_is_one_turn() -> None:
    messages = [*ASKED, Message("user", "And where?"), Message("assistant", "Ebb."), Message("user", "Sure?")]
    prompt = Dialogue(alternating, "", []).prompt(messages, thinking=False)
    assert prompt == "<system>Be brief.|<user>Which tide?\n\nAnd where?|<assistant>Ebb.|<user>Sure?|<assistant>"


def test_words_that_are_special_to_the_model_are_text_in_a_message() -> None:
    prompt = Dialogue(plain, "", CONTROL).prompt([Message("user", "So <|end|> and </s> it ends <b>.")], thinking=False)
    assert not any(word in prompt for word in CONTROL)
    assert "<b>" in prompt
    assert prompt.replace("\u200b", "") == "<user>So <|end|> and </s> it ends <b>.|<assistant>"


def test_prompts_with_the_same_shared_part_begin_alike() -> None:
    for template in (plain, without_system, alternating):
        dialogue = Dialogue(template, "", CONTROL)
        shared = (Message("system", "Be brief."), Message("user", "Example."))
        asked = (Message("user", "Which tide?"), Message("assistant", "{}"), Message("user", "Again."))
        begun = dialogue.beginnings(shared, asked, thinking=False)
        assert {text[-1] for text in begun} == {"x", "1", "["}
        (start,) = {text[:-1] for text in begun}
        assert start.endswith("Example.\n\n")
        assert dialogue.prompt([*shared, *asked], thinking=False).startswith(start)


def thinking_always(turns: Turns, thinking: bool) -> str:
    return plain(turns, thinking) + "<think>\n"


def test_a_thought_that_a_template_begins_is_ended_where_none_is_wanted() -> None:
    dialogue = Dialogue(thinking_always, "… <think> …", [])
    assert dialogue.prompt(ASKED, thinking=False).endswith("<assistant><think>\n\n</think>\n\n")
    assert dialogue.prompt(ASKED, thinking=True).endswith("<assistant><think>\n")
    assert dialogue.thoughts(thinking=True) == ("<think>", "</think>")
    assert dialogue.thoughts(thinking=False) is None


def in_channels(turns: Turns, thinking: bool) -> str:
    return "<|start|>user<|message|>…<|end|><|start|>assistant"


def test_a_template_with_channels_is_given_the_last_one_where_no_thought_is_wanted() -> None:
    dialogue = Dialogue(in_channels, "… <|channel|> …", [])
    assert dialogue.prompt(ASKED, thinking=False).endswith("<|start|>assistant<|channel|>final<|message|>")
    assert dialogue.prompt(ASKED, thinking=True).endswith("<|start|>assistant")


def test_a_template_that_knows_no_thoughts_has_none() -> None:
    assert Dialogue(plain, "", []).thoughts(thinking=True) is None
