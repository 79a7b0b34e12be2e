"""Codes that say yes: once, soon, and to nothing else."""

import itertools

import pytest

from switch.console.actions.confirmations import (
    PENDING_MAX,
    PENDING_OF_SESSION_MAX,
    VALID_S,
    Confirmations,
    NotConfirmed,
    Question,
)
from switch.console.actions.declaration import ACTIONS, BY_NAME
from switch.console.actions.plan import Change, Plan

QUESTION = Question("session", "drain", b"digest")
PLAN = Plan((), (), lambda: (1,), lambda _: Change())


def confirmations() -> Confirmations:
    codes = itertools.count()
    return Confirmations(lambda: str(next(codes)))


def test_a_code_holds_once() -> None:
    found = confirmations()
    code = found.ask(QUESTION, PLAN, 0.0)
    assert found.take(QUESTION, code, VALID_S) == (PLAN, (1,))
    with pytest.raises(NotConfirmed):
        found.take(QUESTION, code, VALID_S)


@pytest.mark.parametrize(
    "other",
    [
        QUESTION._replace(session="other"),
        QUESTION._replace(action="cut-over"),
        QUESTION._replace(digest=b"other"),
    ],
    ids=["session", "action", "arguments"],
)
def test_a_code_is_of_its_question_alone(other: Question) -> None:
    found = confirmations()
    code = found.ask(QUESTION, PLAN, 0.0)
    with pytest.raises(NotConfirmed):
        found.take(other, code, 1.0)
    found.take(QUESTION, code, 1.0)


def test_a_code_holds_for_a_minute() -> None:
    found = confirmations()
    code = found.ask(QUESTION, PLAN, 0.0)
    with pytest.raises(NotConfirmed):
        found.take(QUESTION, code, VALID_S + 0.001)


def test_only_so_many_wait() -> None:
    found = confirmations()
    own = [found.ask(QUESTION, PLAN, 0.0) for _ in range(PENDING_OF_SESSION_MAX + 1)]
    with pytest.raises(NotConfirmed):
        found.take(QUESTION, own[0], 0.0)
    others = [QUESTION._replace(session=str(number)) for number in range(PENDING_MAX)]
    codes = [found.ask(each, PLAN, 0.0) for each in others]
    for question, code in zip(others, codes, strict=True):
        found.take(question, code, 0.0)
    with pytest.raises(NotConfirmed):
        found.take(QUESTION, own[-1], 0.0)


def test_actions_are_declared_in_both_languages() -> None:
    assert len(BY_NAME) == len(ACTIONS)
    for action in ACTIONS:
        for text in (action.title, action.explained, *[field.title for field in action.fields]):
            assert text.en.isascii() and text.en
            assert any("\u0600" <= character <= "\u06ff" for character in text.fa)
