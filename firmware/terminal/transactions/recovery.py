"""The reversal of a sale that got no answer: owed in the journal first, then sent until acknowledged."""

from terminal.constant import const
from terminal.messages import tlv
from terminal.messages.codec import pack, unpack
from terminal.screens.text import reason
from terminal.transactions import request
from terminal.transactions.flow_core import FlowCore
from terminal.transactions.journal import RecordUnreadable
from terminal.transactions.reversal import is_done, is_final, retry_delay_ms, reversal_message

TYPE_CHECKING = False
if TYPE_CHECKING:
    from terminal.transactions.flow_core import Answer
    from terminal.transactions.journal import OpenSale
    from terminal.transactions.request import Fields

_ORIGINAL_RRN_TAG = const(0xDF0E)
_ORIGINAL_DAY_TAG = const(0xDF5D)


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
            self._put_off()

    def _owe(self, sale: "OpenSale", mti: str, original: "Fields") -> None:
        fields = request.reversal(mti, original, self._journal.next_stan(), self._clock)
        length = pack(self._buffer, "0400", fields, self._mac)
        self._journal.owe_reversal(sale, memoryview(self._buffer)[:length])

    def _reverse(self, sale: "OpenSale") -> None:
        if not sale.reversal:
            self._owe(sale, *self._original(sale))
        self._attempts = 0
        self._send_reversal(sale)

    def _original(self, sale: "OpenSale") -> "tuple[str, Fields]":
        try:
            return unpack(self._journal.read(sale.intent))
        except RecordUnreadable:
            # What a reversal needs lies in clear, or is a parameter.
            self._actions.log("record_unreadable", stan="%06d" % sale.stan)
            mti, original = self._journal.original(sale)
            original[41] = self._config.terminal_id
            original[42] = self._config.merchant_id
            return mti, original

    def _send_reversal(self, sale: "OpenSale") -> None:
        self._sale = sale
        try:
            mti, fields, payload = reversal_message(self._journal, sale, self._mac)
        except RecordUnreadable:
            self._owe(sale, *self._original(sale))
            mti, fields, payload = reversal_message(self._journal, sale, self._mac)
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
        if not is_final(code):
            self._actions.log("reversal_undecided", response_code=code)
            self._reversal_unanswered(token)
            return
        stan, live = "%06d" % self._sale.stan, self._live
        private = fields.get(48)
        if not isinstance(private, bytes):
            private = b""
        self._journal.reversed(
            self._sale,
            str(code),
            str(fields.get(37, "")),
            date=str(fields.get(15, "")),
            original_rrn=tlv.find(private, _ORIGINAL_RRN_TAG),
            original_date=tlv.find(private, _ORIGINAL_DAY_TAG),
        )
        self._attempts = 0
        if not is_done(code):
            self._actions.log("reversal_refused", original_stan=stan, response_code=code)
            self._refused(str(code), stan)
            return
        self._actions.log("reversed", original_stan=stan, response_code=code)
        if live:
            self._tell_cancelled()
        else:
            self._rest()

    def _tell_cancelled(self) -> None:
        self._notice(self._say("no_answer"), self._say("remove") if self._card_in_slot else "")

    def _refused(self, code: str, stan: str) -> None:
        """The sale stands: somebody must know, so this stays longer on the display than a notice."""
        self._forget()
        number = self._say("stan") + " " + stan
        lines = [self._say("not_reversed"), reason(self.language, code), number, self._say("keys_notice")]
        self._enter("notice", lines, self._config.key_timeout_ms)

    def _put_off(self, _: object = None) -> None:
        """There is no link. The reversal waits in the journal; whoever can sell without a link goes on."""
        if not self._sells_offline():
            self._wait_reversal(0)
        elif self._live:
            self._tell_cancelled()
        else:
            self._rest()

    def _sells_offline(self) -> bool:
        raise NotImplementedError

    def _reversal_unanswered(self, token: int) -> None:
        if token != self._token:
            return
        if self._online:
            self._wait_reversal(retry_delay_ms(self._retry_ms, self._attempts))
            self._attempts += 1
        else:
            self._put_off()
