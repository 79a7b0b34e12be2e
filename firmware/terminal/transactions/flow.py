"""The counter's four steps - swipe, key in the amount, remove the card, take the receipt - as a state table.

Events in, actions out: no stream, no clock of its own, no waiting. What must outlive a power cut is in the
journal before an action leaves.
"""

from terminal.messages.codec import pack, unpack
from terminal.screens.layout import amount
from terminal.screens.receipt import receipt
from terminal.screens.text import reason
from terminal.transactions import events, request
from terminal.transactions.journal import JournalFull
from terminal.transactions.outcome import Outcome
from terminal.transactions.recovery import Recovery

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable

    from terminal.devices.track2 import Misread, Track2
    from terminal.transactions.flow_core import Answer
    from terminal.transactions.journal import OpenSale

_DIGITS_LIMIT = 12


class Flow(Recovery):
    """One terminal's transactions: `handle` takes each event."""

    def handle(self, event: int, data: object = None) -> None:
        """Take one event and ask for what it leads to.

        Raises:
            JournalFault: the flash failed; the terminal must not go on.
        """
        if event == events.ONLINE:
            self._online = True
        elif event == events.OFFLINE:
            self._online = False
        elif event == events.CARD_IN:
            self._card_in_slot = True
        elif event == events.CARD_OUT:
            self._card_in_slot = False
        elif event == events.TIMEOUT and data != self._timer:
            return
        step = _TABLE.get((self.state, event))
        if step:
            step(self, data)

    def _rest(self, _: object = None) -> None:
        """Settle what is open before anything new: slips first, then reversals, then service."""
        self._forget()
        for sale in self._journal.open_sales()[:]:
            if sale.reply and not sale.reversal and self._reprint(sale):
                return
        if not self._online:
            self._enter("out_of_service", [self._merchant(), self._say("no_service")])
            return
        for sale in self._journal.open_sales():
            self._reverse(sale)
            return
        self._enter("idle", [self._merchant(), self._say("purchase"), self._say("swipe")])

    # Idle and amount

    def _kind_at_rest(self, kind: str) -> None:
        self._forget()
        self._kind = kind
        lines = [self._merchant(), self._say(kind), self._say("swipe")]
        self._enter("idle", lines, self._config.key_timeout_ms)

    def _swiped(self, card: "Track2") -> None:
        if not self._online or self._journal.open_sales():
            self._rest()
            return
        self._card = card
        if self._kind == "balance":
            self._start()
        else:
            self._ask_amount()

    def _misread(self, misread: "Misread") -> None:
        self._actions.log("misread", reason=misread.reason)
        self._notice(self._say("again"))

    def _ask_amount(self, hint: str = "") -> None:
        shown = amount(int(self._digits or "0"), self._language)
        lines = [self._say(self._kind), self._say("key_amount"), shown, hint]
        self._enter("amount", lines, self._config.key_timeout_ms)

    def _digit(self, digit: str) -> None:
        if len(self._digits) < _DIGITS_LIMIT:
            self._digits += digit
        self._ask_amount()

    def _clear(self, _: object) -> None:
        self._digits = self._digits[:-1]
        self._ask_amount()

    def _kind_with_card(self, kind: str) -> None:
        self._kind = kind
        if kind == "balance":
            self._start()
        else:
            self._ask_amount()

    def _entered(self, _: object) -> None:
        value = int(self._digits or "0")
        if not 0 < value <= self._config.amount_limit:
            self._digits = ""
            self._ask_amount(self._say("amount_wrong"))
            return
        self._start()

    # Sending

    def _start(self) -> None:
        if not self._online:
            self._notice(self._say("no_service"))
            return
        assert self._card is not None  # noqa: S101  (the table leads here only with a card)
        stan = self._journal.next_stan()
        mti = request.message_type(self._kind)
        value = int(self._digits or "0")
        fields = request.transaction(
            self._kind, value, self._card, stan=stan, clock=self._clock, config=self._config
        )
        length = pack(self._buffer, mti, fields, self._mac)
        if self._kind != "balance":
            try:
                self._sale = self._journal.intend(stan, memoryview(self._buffer)[:length])
            except JournalFull:
                self._actions.log("journal_full")
                self._notice(self._say("full"))
                return
        self._request = fields
        self._card = None
        self._send(mti, fields, bytes(memoryview(self._buffer)[:length]))
        self._enter("sending", [self._say(self._kind), self._say("sending")])

    def _answered(self, answer: "Answer") -> None:
        token, payload, mti, fields = answer
        if token != self._token:
            return
        if self._sale:
            self._journal.answer(self._sale, payload)
        outcome = self._outcome = Outcome(self._request, fields, self._clock)
        self._log_transaction(mti, outcome)
        self._request = {}
        if self._sale and not outcome.approved:
            self._journal.complete(self._sale)
            self._sale = None
        if self._card_in_slot:
            verdict = (
                self._say("approved") if outcome.approved else reason(self._language, outcome.response_code)
            )
            self._enter("remove", [verdict, self._say("remove")], self._config.card_removal_timeout_ms)
        else:
            self._print(None)

    def _log_transaction(self, mti: str, outcome: Outcome) -> None:
        self._actions.log(
            "transaction",
            mti_request=request.message_type(outcome.kind),
            mti_response=mti,
            kind=outcome.kind,
            response_code=outcome.response_code,
            stan=outcome.stan,
            rrn=outcome.rrn,
            amount=outcome.amount,
            points_earned=outcome.points_earned,
            credit_earned=outcome.credit_earned,
            points_spent=outcome.points_spent,
            credit_spent=outcome.credit_spent,
            points_balance=outcome.points_balance,
            credit_balance=outcome.credit_balance,
        )

    # Receipt

    def _reprint(self, sale: "OpenSale") -> bool:
        _, original = unpack(self._journal.read(sale.intent))
        mti, reply = unpack(self._journal.read(sale.reply))
        outcome = Outcome(original, reply, self._clock)
        if not outcome.approved:
            self._journal.complete(sale)
            return False
        self._sale, self._outcome, self._copy = sale, outcome, True
        self._log_transaction(mti, outcome)
        self._print(None)
        return True

    def _print(self, _: object) -> None:
        assert self._outcome is not None  # noqa: S101  (the table leads here only with an outcome)
        self._enter("printing", [self._say("printing")])
        self._actions.print_slip(receipt(self._outcome, self._config, self._copy))

    def _printed(self, _: object) -> None:
        if self._sale:
            self._journal.complete(self._sale)
        self._rest()

    def _print_failed(self, _: object) -> None:
        # What came out of the printer may be in somebody's hand.
        self._copy = True
        lines = [self._say("printer_fault"), self._say("retry_key")]
        self._enter("printer_fault", lines, self._config.key_timeout_ms)


# ("Any" step: each takes what its event carries.)
_TABLE: "dict[tuple[str, int], Callable[..., None]]" = {
    ("starting", events.START): Flow._rest,
    ("out_of_service", events.ONLINE): Flow._rest,
    ("idle", events.OFFLINE): Flow._rest,
    ("idle", events.TIMEOUT): Flow._rest,
    ("idle", events.CANCEL): Flow._rest,
    ("idle", events.KIND): Flow._kind_at_rest,
    ("idle", events.CARD): Flow._swiped,
    ("idle", events.MISREAD): Flow._misread,
    ("notice", events.TIMEOUT): Flow._rest,
    ("notice", events.CANCEL): Flow._rest,
    ("notice", events.KIND): Flow._kind_at_rest,
    ("notice", events.CARD): Flow._swiped,
    ("notice", events.MISREAD): Flow._misread,
    ("amount", events.DIGIT): Flow._digit,
    ("amount", events.CLEAR): Flow._clear,
    ("amount", events.KIND): Flow._kind_with_card,
    ("amount", events.CARD): Flow._swiped,
    ("amount", events.ENTER): Flow._entered,
    ("amount", events.CANCEL): Flow._rest,
    ("amount", events.CARD_OUT): Flow._rest,
    ("amount", events.TIMEOUT): Flow._rest,
    ("sending", events.ANSWER): Flow._answered,
    ("sending", events.NO_ANSWER): Flow._unanswered,
    ("remove", events.CARD_OUT): Flow._print,
    ("remove", events.TIMEOUT): Flow._print,
    ("printing", events.PRINTED): Flow._printed,
    ("printing", events.PRINT_FAILED): Flow._print_failed,
    ("printer_fault", events.ENTER): Flow._print,
    ("printer_fault", events.TIMEOUT): Flow._print,
    ("printer_fault", events.CANCEL): Flow._printed,
    ("recovering", events.ANSWER): Flow._reversal_answered,
    ("recovering", events.NO_ANSWER): Flow._reversal_unanswered,
    ("recovering", events.TIMEOUT): Flow._retry_reversal,
    ("recovering", events.ONLINE): Flow._retry_reversal,
}
