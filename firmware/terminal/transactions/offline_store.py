"""Sales without a link: what may be sold, and forwarding it in order, one advice at a time.

Limits bind what the switch doesn't know of yet. What waits is in the journal and nowhere else.

An advice is done with 00 and 21 (the switch has reversed it before). It is sent again, as 0221, after 58, 63,
68 and 91, which decide nothing, and eight times after 96. Every other code is final: the sale stays on flash,
marked with the code, until the operator has seen it; the others go on.
"""

from terminal.constant import const
from terminal.system.clock import calendar
from terminal.transactions.journal import RecordUnreadable
from terminal.transactions.offline_index import REFUSED as _REFUSED
from terminal.transactions.offline_index import SENT
from terminal.transactions.offline_table import OfflineTable, TableFault, card_tag
from terminal.transactions.reversal import retry_delay_ms, seal_again
from terminal.transactions.summary import card_digits

TYPE_CHECKING = False
if TYPE_CHECKING:
    from terminal.hal.contract import MacKey
    from terminal.transactions.flow_core import Mac
    from terminal.transactions.journal import Journal

__all__ = ("OfflineBook", "TableFault")

DONE = "done"
REFUSED = "refused"
AGAIN = "again"
FOREIGN = "foreign"
UNREADABLE = "--"  # the code of an advice whose key was erased before it was forwarded
_DONE_CODES = ("00", "21")
_UNDECIDED_CODES = ("58", "63", "68", "91")
_MALFUNCTION = "96"
_MALFUNCTIONS = const(8)
_ADVICE_BYTES = const(256)  # a basket makes it longer, and may be refused by `sell`


class OfflineBook:
    """The limits of the table in force over the sales in the journal.

    Args:
        journal: holds the sales.
        key: derived in the key slot for `offline_table.TABLE_KEY_INPUT`.
        mac: seals what goes out with the link's present key.
        local_offset_minutes: local time minus UTC, for the limit of a day.
        retry_ms: the first wait after an advice that was not decided; it doubles.
    """

    def __init__(
        self,
        journal: "Journal",
        key: "MacKey",
        *,
        mac: "Mac",
        local_offset_minutes: int = 210,
        retry_ms: int = 1000,
    ) -> None:
        self.table: "OfflineTable | None" = None
        self._journal = journal
        self._key = key
        self._mac = mac
        self._local_offset_s = local_offset_minutes * 60
        self._retry_ms = retry_ms
        self._under_way = 0
        self._attempts = 0
        self._malfunctions = 0

    def adopt(self, data: bytes, terminal_id: str, now: int) -> None:
        """Put a table in force; `now` in seconds since 1970, UTC.

        Raises:
            TableFault: it is refused; the table before stays.
            JournalFault: the flash takes no records.
        """
        least = self._journal.table_sequence
        table = OfflineTable(data, self._key, terminal_id=terminal_id, now=now, least_sequence=least)
        if table.sequence > least:
            self._journal.accept_table(table.sequence)
        self.table = table

    @property
    def is_open(self) -> bool:
        """Whether there is a table in force; else what waits is forwarded, and nothing sold."""
        return self.table is not None

    @property
    def waiting(self) -> int:
        """How many sales the switch has not answered yet."""
        return self._journal.offline.count - self._journal.offline.refused

    @property
    def refused_number(self) -> int:
        """How many sales were refused for good, and nobody has seen that yet."""
        return self._journal.offline.refused

    @property
    def waiting_amount(self) -> int:
        """What they come to."""
        return self._journal.offline.sums()[1]

    @property
    def is_full(self) -> bool:
        """Whether no more can be kept. What was refused takes room too, until the operator has seen it."""
        return not self._journal.has_offline_room(_ADVICE_BYTES)

    def may_sell(self, amount: int, card_number: str, now: int) -> "str | None":
        """None, or why not: offline_none, _expired, _amount, _card, _blocked, _often, _day, _limit or _full.

        Args:
            amount: minor units.
            card_number: digits.
            now: seconds since 1970, UTC.
        """
        table = self.table
        if table is None:
            return "offline_none"
        if not table.is_valid(now):
            return "offline_expired"
        if not 0 < amount <= table.sale_limit:
            return "offline_amount"
        if not table.has_range_of(card_number):
            return "offline_card"
        tag = card_tag(self._key, card_number.lstrip("0"))
        if table.is_blocked(tag):
            return "offline_blocked"
        index = self._journal.offline
        number, total = index.sums(card_tag=tag)
        if number >= table.card_number_limit or total + amount > table.card_limit:
            return "offline_often"
        _, month, day, _, _, _ = calendar(now + self._local_offset_s)
        date = bytes((month // 10 << 4 | month % 10, day // 10 << 4 | day % 10))
        if index.sums(date=date)[1] + amount > table.day_limit:
            return "offline_day"
        number, total = index.sums()
        if number >= table.number_limit or total + amount > table.sum_limit:
            return "offline_limit"
        return "offline_full" if self.is_full else None

    def sell(self, stan: int, packed: "bytes | memoryview") -> None:
        """Keep the packed advice (0220); durable on return, and only then is it sold.

        Raises:
            JournalFull: it could not be kept: the sale must be refused.
        """
        self._journal.store_offline(stan, packed, card_tag(self._key, card_digits(packed)))

    @property
    def under_way(self) -> bool:
        """Whether an advice has gone out, and its answer is open."""
        return self._under_way > 0

    @property
    def delay_ms(self) -> int:
        """How long to wait before the next advice: 0 unless the last one was not decided."""
        return retry_delay_ms(self._retry_ms, self._attempts - 1) if self._attempts else 0

    def next_advice(self) -> "bytes | None":
        """The oldest advice to be sent, as a repeat (0221) where it may have gone out before.

        None where nothing waits, or one is under way: `acknowledged` or `unanswered` end that.
        """
        if self._under_way:
            return None
        journal = self._journal
        while True:
            row = journal.offline.first_waiting()
            if row is None:
                return None
            try:
                packed = journal.read(row.location)
                break
            except RecordUnreadable:
                journal.offline_refused(row, UNREADABLE)
        is_repeat = row.status == SENT
        if not is_repeat:
            journal.offline_sent(row)
        self._under_way = row.stan
        return seal_again(packed, self._mac, is_repeat)

    def acknowledged(self, stan: "int | str", response_code: str, rrn: str = "", date: str = "") -> str:
        """Take the verified answer to the advice under way: fields 11, 39, 37 and 15.

        Returns:
            DONE, REFUSED (final), AGAIN (after `delay_ms`), or FOREIGN: it is not about the advice under way.
        """
        stan = int(stan)
        at = self._journal.offline.find(stan)
        if stan != self._under_way or at < 0:
            return FOREIGN
        self._under_way = 0
        if response_code == _MALFUNCTION:
            self._malfunctions += 1
        if response_code in _UNDECIDED_CODES or (
            response_code == _MALFUNCTION and self._malfunctions < _MALFUNCTIONS
        ):
            self._attempts += 1
            return AGAIN
        self._attempts = self._malfunctions = 0
        row = self._journal.offline.row(at)
        if response_code in _DONE_CODES:
            self._journal.offline_done(row, response_code, rrn, date)
            return DONE
        self._journal.offline_refused(row, response_code)
        return REFUSED

    def unanswered(self) -> None:
        """No answer came, or the link went: the advice under way is sent again."""
        if self._under_way:
            self._under_way = 0
            self._attempts += 1

    def refused(self) -> "list[tuple[int, str, int, int]]":
        """STAN, response code, amount and location (see `Journal.read`) of what the operator must look at."""
        index = self._journal.offline
        rows = [index.row(at) for at in range(index.count)]
        return [
            (row.stan, row.code.decode(), row.amount, row.location) for row in rows if row.status == _REFUSED
        ]

    def dismiss(self, stan: int) -> bool:
        """Let a refused sale go: the operator has seen it. False where it is none."""
        at = self._journal.offline.find(stan)
        if at < 0 or self._journal.offline.row(at).status != _REFUSED:
            return False
        row = self._journal.offline.row(at)
        self._journal.offline_done(row, row.code.decode(), "")
        return True
