"""The reversal of a sale that got no answer: owed in the journal first, then sent until acknowledged."""

from terminal.messages.codec import pack, unpack
from terminal.transactions import request
from terminal.transactions.flow_core import FlowCore
from terminal.transactions.reversal import acknowledged, retry_delay_ms, reversal_message

TYPE_CHECKING = False
if TYPE_CHECKING:
    from terminal.transactions.flow_core import Answer
    from terminal.transactions.journal import OpenSale
    from terminal.transactions.request import Fields


class Recovery(FlowCore):
    """The steps of the recovering state, and the way into it."""

    def _unanswered(self, token: int) -> None:
        if token != self._token:
            return
        self._actions.log("no_answer", stan=self._request[11], mti_request=request.message_type(self._kind))
        sale = self._sale
        if sale is None:
            self._notice(self._say("no_service"))
            return
        self._owe(sale, "0200", self._request)
        self._live = True
        self._attempts = 0
        if self._online:
            self._send_reversal(sale)
        else:
            self._wait_reversal(0)

    def _owe(self, sale: "OpenSale", mti: str, original: "Fields") -> None:
        fields = request.reversal(mti, original, self._journal.next_stan(), self._clock)
        length = pack(self._buffer, "0400", fields, self._mac)
        self._journal.owe_reversal(sale, memoryview(self._buffer)[:length])

    def _reverse(self, sale: "OpenSale") -> None:
        if not sale.reversal:
            mti, original = unpack(self._journal.read(sale.intent))
            self._owe(sale, mti, original)
        self._attempts = 0
        self._send_reversal(sale)

    def _send_reversal(self, sale: "OpenSale") -> None:
        self._sale = sale
        mti, fields, payload = reversal_message(self._journal, sale, self._buffer, self._mac)
        if not sale.reversal_sent:
            self._journal.sent(sale)
        self._actions.log("reversal_sent", mti_request=mti, stan=fields[11], original_stan="%06d" % sale.stan)
        self._send(mti, fields, payload)
        self._wait_reversal(0)

    def _wait_reversal(self, timeout_ms: int) -> None:
        first = self._say("no_answer") if self._live else ""
        last = self._say("remove") if self._card_in_slot else ""
        self._enter("recovering", [first, self._say("reversing"), last], timeout_ms)

    def _retry_reversal(self, _: object) -> None:
        assert self._sale is not None  # noqa: S101  (recovering is about a sale)
        if self._online:
            self._send_reversal(self._sale)

    def _reversal_answered(self, answer: "Answer") -> None:
        token, _, _, fields = answer
        if token != self._token or self._sale is None:
            return
        code = fields.get(39)
        if not acknowledged(code):
            self._actions.log("reversal_refused", response_code=code)
            self._reversal_unanswered(token)
            return
        stan, live = self._sale.stan, self._live
        self._journal.reversed(self._sale)
        self._attempts = 0
        self._actions.log("reversed", original_stan="%06d" % stan, response_code=code)
        if live:
            self._notice(self._say("no_answer"), self._say("remove") if self._card_in_slot else "")
        else:
            self._rest()

    def _reversal_unanswered(self, token: int) -> None:
        if token == self._token:
            self._wait_reversal(retry_delay_ms(self._retry_ms, self._attempts))
            self._attempts += 1
