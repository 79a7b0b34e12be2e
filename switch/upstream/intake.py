"""A question made ready for the partner: in whose name it goes, what is sent, what takes it back."""

import logging
from collections.abc import Callable
from typing import NamedTuple

from protocol.dialect import ResponseCode
from protocol.message_type import original_of
from switch.authoriser.dates import CLOCK_AHEAD_MAX_S
from switch.authoriser.request import Financial, Reversal, Step
from switch.ledger.records import Role
from switch.upstream.actions import Now
from switch.upstream.forward_plan import ForwardPlan
from switch.upstream.questions import OpenRequest, Question, Stage
from switch.upstream.recording import draft, stored
from switch.upstream.saf_types import Forwarded
from switch.upstream.settings import Takes
from switch.upstream.terminals import Terminals
from switch.upstream.translation import PinFault, PinKey, request_upstream, reversal_upstream

_LOG = logging.getLogger("switch.upstream")


class Prepared(NamedTuple):
    """A request that can go out, and its identities for the queue file."""

    opened: OpenRequest
    row: Forwarded


class Intake:
    """`next_number` numbers rows, `take_stan` gives the STANs of this side; nothing else changes by it."""

    def __init__(
        self,
        plan: ForwardPlan,
        terminals: Terminals,
        pin_key: PinKey,
        *,
        next_number: Callable[[], int],
        take_stan: Callable[[], str],
    ) -> None:
        self._plan = plan
        self._terminals = terminals
        self._pin_key = pin_key
        self._next_number = next_number
        self._take_stan = take_stan

    def fault_of(self, question: Question, now: Now) -> ResponseCode | None:
        """Why a request is refused whatever it wants."""
        request, terminal = question.request, question.terminal
        if terminal.role != Role.HOST and request.merchant_id != terminal.merchant_id:
            return ResponseCode.INVALID_MERCHANT
        if request.identity.transmitted_s > now.epoch_ms // 1000 + CLOCK_AHEAD_MAX_S:
            return ResponseCode.INVALID_TRANSACTION
        return None

    def request(self, question: Question, request: Financial, now: Now) -> Prepared | ResponseCode:
        """A sale, an inquiry or an advice, or why it is refused."""
        terminal = question.terminal
        is_advice = request.step == Step.ADVICE
        takes = Takes.ADVICES if is_advice else Takes.REQUESTS
        named = self._terminals.choose(request.merchant_id, terminal.terminal_id, takes)
        if named is None:
            return ResponseCode.INVALID_MERCHANT
        # An advice keeps the time of its sale: the partner's rules of then decide.
        sent_s = request.identity.transmitted_s if is_advice else now.epoch_ms // 1000
        row = self._row(question, named.terminal_id, sent_s, int(self._take_stan()))
        opened = self._opened(Stage.STORING if is_advice else Stage.WRITING, question, row, now)
        try:
            opened.message = request_upstream(
                question.message,
                (row.sent_s, row.stan),
                named,
                lambda serial: self._pin_key(terminal, serial),
            )
        except PinFault as fault:
            _LOG.warning("a request of terminal %r was refused: %s", terminal.terminal_id, fault)
            return ResponseCode.NOT_PERMITTED_TO_TERMINAL
        if is_advice:
            opened.entry = stored(opened.entry)
        else:
            opened.reversal = reversal_upstream(question.message, row, named)
        return Prepared(opened, row)

    def reversal(self, question: Question, original: Forwarded | None, now: Now) -> Prepared | ResponseCode:
        """A terminal's reversal, or why it is refused. `original` is what it names."""
        request = question.request
        if (
            original is None
            or not isinstance(request, Reversal)
            or original_of(request.original_mti) != original.mti
        ):
            return ResponseCode.INVALID_TRANSACTION
        named = self._terminals.by_id.get(original.terminal_id)
        if named is None:
            return ResponseCode.SWITCH_INOPERATIVE
        row = self._row(question, named.terminal_id, 0, 0)
        opened = self._opened(Stage.STORING, question, row, now)
        opened.entry = draft(question, original, self._plan.partner)
        opened.reversal = reversal_upstream(question.message, original, named)
        return Prepared(opened, row)

    def _row(self, question: Question, terminal_id: str, sent_s: int, stan: int) -> Forwarded:
        mti = original_of(question.message.mti)
        number = self._next_number()
        return Forwarded(number, *question.key, question.digest, mti, terminal_id, sent_s, stan)

    def _opened(self, stage: Stage, question: Question, row: Forwarded, now: Now) -> OpenRequest:
        return OpenRequest(
            stage,
            row.number,
            draft(question, row, self._plan.partner),
            now.monotonic_s + self._plan.reply_timeout_s,
            waiters=[question.answer],
        )
