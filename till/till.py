"""The till itself: sign-on, sales, and reversals until they are acknowledged."""

import ssl
import threading
from datetime import UTC, datetime
from pathlib import Path
from types import TracebackType
from typing import Self

from protocol.dialect import NetworkCode, ResponseCode
from protocol.message import Message, Value
from protocol.message_type import repeat_of
from protocol.security.mac import Mac
from till.faults import TillFault
from till.journal import Owed, TillJournal
from till.link import TillLink
from till.sale import Outcome, Sale, is_settled, purchase_fields, read_answer, reversal_fields

_KEY_BYTES = 16
_TERMINAL_ID_MAX = 8
_MERCHANT_ID_MAX = 15


class Till:
    """One terminal of a switch, for a till's program; may be shared by threads, which then sell in turn.

    A sale takes at most seven times `timeout_s`, and never raises for a network that fails: a `Sale` tells
    how it ended. Its reversal is on the disk before the sale leaves, so that whatever has no certain end is
    undone: at once, with the next sale, or with `settle`. Where the disk fails, OSError is raised, and the
    sale is one of those.

    Args:
        address: host and port of the switch.
        key: the terminal's MAC key, 16 bytes.
        journal: a file of this till alone; its folder must be there.
        timeout_s: how long a connection and each answer may take.
        tls: where the switch's port has TLS.

    Raises:
        TillFault: an argument or the journal can't be used.
    """

    def __init__(
        self,
        address: tuple[str, int],
        *,
        terminal_id: str,
        merchant_id: str,
        key: bytes,
        journal: Path,
        timeout_s: float = 5.0,
        tls: ssl.SSLContext | None = None,
    ) -> None:
        if len(key) != _KEY_BYTES:
            raise TillFault(f"a terminal's key has {_KEY_BYTES} bytes")
        for what, text, most in (
            ("terminal", terminal_id, _TERMINAL_ID_MAX),
            ("merchant", merchant_id, _MERCHANT_ID_MAX),
        ):
            if not (
                1 <= len(text) <= most and text.isascii() and text.isprintable() and text == text.strip()
            ):
                raise TillFault(f"a {what} has 1 to {most} printable characters")
        self._terminal_id = terminal_id
        self._merchant_id = merchant_id
        self._timeout_s = timeout_s
        self._journal = TillJournal(journal)
        self._link = TillLink(address, Mac(key), tls)
        self._turn = threading.Lock()

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()

    def purchase(self, card: str, amount: int, *, purse: int = 0) -> Sale:
        """Sell for `amount` rial; `purse` 91 has it paid with points. See `purchase_fields`.

        Raises:
            TillFault: such a sale can't be written.
        """
        fields = purchase_fields(card, amount, purse, self._merchant_id, datetime.now().astimezone())
        with self._turn:
            if not (self._settle() and self._signed_on()):
                return Sale(Outcome.NOT_SENT)
            sale = self._message("0200", fields)
            reversal = self._message("0400", reversal_fields(sale))
            self._journal.keep(Owed(reversal.fields, sent=False))
            answer = self._ask(sale)
            if answer is not None:
                self._journal.keep(None)
                return read_answer(answer)
            return Sale(Outcome.REVERSED if self._settle() else Outcome.REVERSAL_OWED)

    def settle(self) -> bool:
        """Try to send the reversal that is owed; whether none is owed now. For whenever a till is idle."""
        with self._turn:
            return self._settle()

    def close(self) -> None:
        """Hang up; what is owed stays in the journal."""
        with self._turn:
            self._link.close()

    def _settle(self) -> bool:
        owed = self._journal.owed
        if owed is None:
            return True
        if not self._signed_on():
            return False
        self._journal.keep(Owed(owed.fields, sent=True))
        answer = self._link.ask(Message("0401" if owed.sent else "0400", owed.fields), self._timeout_s)
        if answer is not None and answer.fields.get(39) == ResponseCode.NOT_PERMITTED_TO_TERMINAL:
            # It has forgotten our sign-on: the next try makes a new link.
            self._link.close()
        if not is_settled(answer):
            return False
        self._journal.keep(None)
        return True

    def _ask(self, sale: Message) -> Message | None:
        """The answer; behind a lost sign-on the sale is repeated once, as what it is."""
        answer = self._link.ask(sale, self._timeout_s)
        if answer is not None and answer.fields.get(39) == ResponseCode.NOT_PERMITTED_TO_TERMINAL:
            self._link.close()
            if self._signed_on():
                return self._link.ask(Message(repeat_of(sale.mti), sale.fields), self._timeout_s)
        return answer

    def _signed_on(self) -> bool:
        if self._link.is_open:
            return True
        if not self._link.open(self._timeout_s):
            return False
        answer = self._link.ask(self._message("0800", {70: NetworkCode.SIGN_ON.value}), self._timeout_s)
        if answer is None or answer.fields.get(39) != ResponseCode.APPROVED:
            self._link.close()
        return self._link.is_open

    def _message(self, mti: str, fields: dict[int, Value]) -> Message:
        now = datetime.now(UTC).strftime("%m%d%H%M%S")
        return Message(mti, {7: now, 11: self._journal.next_stan(), 41: self._terminal_id, **fields})
