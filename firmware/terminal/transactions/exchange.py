"""Requests and their answers. What must outlive a power cut is in the journal before it leaves."""

from terminal.messages.codec import pack
from terminal.transactions import request
from terminal.transactions.engine import Engine
from terminal.transactions.journal import JournalFull
from terminal.transactions.outcome import Outcome

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable

    from terminal.transactions.contract import OfflineBook, PinBlocks
    from terminal.transactions.flow_core import Answer
    from terminal.transactions.request import Fields

    # They take the flow, and an outcome or the answer's fields.
    Hook = Callable[..., None]
    Reply = Callable[..., None]

# The switch wants a PIN, or another one.
_PIN_WANTED = "70"
_PIN_WRONG = "55"
_LOGGED = (
    "kind",
    "response_code",
    "stan",
    "rrn",
    "amount",
    "points_earned",
    "credit_earned",
    "points_spent",
    "credit_spent",
    "points_balance",
    "credit_balance",
)


class Exchange(Engine):
    """The sending state, and the asking state of messages that no card is about.

    `state_balances` is told of each approval: card number, field 54, and the day (YYYYMMDD).
    """

    pin_block: "PinBlocks | None" = None
    offline: "OfflineBook | None" = None
    state_balances: "Callable[[str, str, str], None] | None" = None
    _hook: "Hook | None" = None
    _reply: "Reply | None" = None

    def submit(self, kind: str = "", hook: "Hook | None" = None) -> None:
        """Send the request at hand, or another `kind` about the same card; `hook` takes its approval."""
        if not self._online:
            if self.offline and self.offline.is_open and self.name == "purchase":
                from terminal.transactions.steps.offline_sale import sell  # noqa: PLC0415  (seldom needed)

                sell(self, self.offline)
            else:
                self.notice("no_service")
            return
        kind = kind or self.kind
        stan = self._journal.next_stan()
        mti = request.message_type(kind)
        try:
            fields = self._fields(kind, stan)
        except OSError:
            self.actions.log("no_pin_key")
            self.notice("no_pin_key")
            return
        length = pack(self._buffer, mti, fields, self._mac)
        if mti == "0200":
            try:
                self._sale = self._journal.intend(stan, memoryview(self._buffer)[:length])
            except JournalFull:
                self.actions.log("journal_full")
                self.notice("full")
                return
        self._request = fields
        self._hook = hook
        if not hook and not self.pin_block:
            self.card = None
        self._send(mti, fields, bytes(memoryview(self._buffer)[:length]))
        self._enter("sending", [self.say(self.name), self.say("sending")], self._patience_ms())

    def _sells_offline(self) -> bool:
        return self.offline is not None and self.offline.is_open

    def _fields(self, kind: str, stan: int) -> "Fields":
        assert self.card is not None  # noqa: S101  (the steps lead here only with a card)
        block = self.pin_block(self.pin, self.card.number) if self.pin_block and self.pin else None
        self.keyed["operator"] = self.acting[0]
        return request.transaction(
            kind,
            self.card,
            self.keyed,
            stan=stan,
            clock=self.clock,
            config=self.config,
            pin_block=block,
        )

    def ask_switch(self, mti: str, fields: "Fields", reply: "Reply") -> None:
        """Send what is about no card and may be lost; `reply` gets the answer's fields, or None."""
        fields[7] = request.transmission_time(self.clock)
        fields[11] = "%06d" % self._journal.next_stan()
        fields[41] = self.config.terminal_id
        length = pack(self._buffer, mti, fields, self._mac)
        self._reply = reply
        self._send(mti, fields, bytes(memoryview(self._buffer)[:length]))
        self._enter("asking", [self.say(self.name), self.say("sending")], self._patience_ms())

    def _patience_ms(self) -> int:
        # The link always tells how it went, at the latest when it has given up an echo before this.
        return 2 * self.config.response_timeout_ms + 5000

    def _replied(self, answer: "Answer") -> None:
        reply = self._reply
        if answer[0] == self._token and reply:
            reply(self, answer[3])

    def _not_replied(self, token: int) -> None:
        if token == self._token:
            self._reply_is_late()

    def _reply_is_late(self, _: object = None) -> None:
        self._token += 1
        reply = self._reply
        if reply:
            reply(self, None)

    def _given_up(self, _: object) -> None:
        """Nobody waits any longer: what may have happened is taken back."""
        if self._sale:
            self._unanswered(self._token)
        else:
            self._rest()

    def _answered(self, answer: "Answer") -> None:
        token, payload, mti, fields = answer
        if token != self._token:
            return
        if self._sale:
            self._journal.answer(self._sale, payload)
        outcome = Outcome(self._request, fields, self.clock)
        self._log_transaction(mti, outcome)
        if outcome.approved and self.state_balances and 2 in self._request and 54 in fields:
            date = "%04d%02d%02d" % self.clock.local()[:3]
            self.state_balances(str(self._request[2]), str(fields[54]), date)
        self._request = {}
        if self._sale and not outcome.approved:
            self._journal.complete(self._sale)
            self._sale = None
        hook = self._hook
        if outcome.approved and hook:
            hook(self, outcome)
        elif outcome.response_code in (_PIN_WANTED, _PIN_WRONG) and self.pin_block and self.card and not hook:
            from terminal.transactions.steps import pin  # noqa: PLC0415  (seldom needed)

            wrong = outcome.response_code == _PIN_WRONG
            pin.read(self, "key_pin", Exchange.submit, self.say("pin_wrong") if wrong else "")
        else:
            self.card = None
            self.conclude(outcome)

    def _log_transaction(self, mti: str, outcome: Outcome) -> None:
        figures: "dict[str, object]" = {name: getattr(outcome, name) for name in _LOGGED}
        figures["mti_request"] = request.message_type(outcome.kind)
        figures["mti_response"] = mti
        self.actions.log("transaction", **figures)

    def conclude(self, outcome: Outcome) -> None:
        """Show the decision, have the card taken, and print."""
        raise NotImplementedError
