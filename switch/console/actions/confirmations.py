"""Codes by which a person says yes to what was told. No clock and no random source of its own."""

from collections.abc import Callable
from typing import Final, NamedTuple

from switch.console.actions.plan import Plan

VALID_S: Final = 60.0
PENDING_MAX: Final = 64
PENDING_OF_SESSION_MAX: Final = 4


class NotConfirmed(Exception):  # noqa: N818  (an answer, not an error of ours)
    """A code is unknown, used, too old, or of another order."""


class Question(NamedTuple):
    """What a code says yes to: somebody's session, the action, and a digest of the arguments."""

    session: str
    action: str
    digest: bytes


class _Pending(NamedTuple):
    question: Question
    plan: Plan
    basis: tuple[object, ...]
    asked_s: float


class Confirmations:
    """Times are monotonic seconds.

    Parameters:
        new_code: gives codes that nobody can guess.
    """

    def __init__(self, new_code: Callable[[], str]) -> None:
        self._new_code = new_code
        self._pending: dict[str, _Pending] = {}

    def ask(self, question: Question, plan: Plan, now_s: float) -> str:
        """The code that confirms a plan, once and soon. The oldest questions go where there are too many."""
        self._forget_old(now_s)
        own = [code for code, each in self._pending.items() if each.question.session == question.session]
        for code in own[: max(0, len(own) - PENDING_OF_SESSION_MAX + 1)]:
            del self._pending[code]
        while len(self._pending) >= PENDING_MAX:
            del self._pending[next(iter(self._pending))]
        code = self._new_code()
        self._pending[code] = _Pending(question, plan, plan.basis(), now_s)
        return code

    def take(self, question: Question, code: str, now_s: float) -> tuple[Plan, tuple[object, ...]]:
        """The plan of a code and what it rested on; the code is used up. Raises NotConfirmed."""
        self._forget_old(now_s)
        pending = self._pending.get(code)
        if pending is None or pending.question != question:
            raise NotConfirmed
        del self._pending[code]
        return pending.plan, pending.basis

    def _forget_old(self, now_s: float) -> None:
        for code in [code for code, each in self._pending.items() if now_s - each.asked_s > VALID_S]:
            del self._pending[code]
