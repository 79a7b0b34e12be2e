"""What is counted of requests that a partner's switch decides: what tills did, and what it said of that."""

from protocol.dialect import ResponseCode, TransactionType
from protocol.reconciliation import is_debit
from switch.journal.entries import Fate, ForwardedEntry
from switch.ledger.requests import request_key
from switch.ledger.state import State
from switch.settlement.figures import Away, PlaceFigures

_LOADS = (TransactionType.LOAD.value, TransactionType.CARD_ACTIVATION.value)


class Forwarding:
    """Beside a state to which an entry is given only after it was noted here."""

    def __init__(self, state: State) -> None:
        self._state = state

    def note(self, figures: PlaceFigures, entry: ForwardedEntry) -> bool:
        """Count an entry; whether the terminal's totals of the day have it."""
        if entry.fate == Fate.DISCARDED:
            columns = figures.away_of(entry.partner)
            columns[Away.FORWARDED_DISCARDED] += 1
            columns[Away.FORWARDED_DISCARDED_AMOUNT] += entry.amount
            return False
        if entry.response_code != ResponseCode.APPROVED:
            return False
        if entry.fate == Fate.UNDOES:
            original = self._original(entry)
            if original is None:
                return False
            columns = figures.away_of(entry.partner)
            columns[Away.FORWARDED_REVERSALS] += 1
            columns[Away.FORWARDED_REVERSAL_AMOUNT] += original.amount
            _count(columns, original, -1)
            return True
        debit = is_debit(entry.mti, entry.processing_code, entry.currency, entry.amount)
        if debit is None or entry.voids_hold:
            return False
        _count(figures.away_of(entry.partner), entry, 1)
        return True

    def _original(self, reversal: ForwardedEntry) -> ForwardedEntry | None:
        """The counted request that a reversal is the first to undo."""
        window = self._state.window(reversal.terminal_id)
        key = request_key(reversal.original_s, reversal.original_stan)
        if window is None or window.undone_by(key) is not None or not window.is_counted(key):
            return None
        found = self._state.find_entry(window.find(key) or 0)
        return found if isinstance(found, ForwardedEntry) else None


def _count(columns: list[int], entry: ForwardedEntry, sign: int) -> None:
    """Count a sale, return or load; of one that is reversed only what it left in the till."""
    code = entry.processing_code[:2]
    if code == TransactionType.PURCHASE:
        number, amount, money = Away.FORWARDED_PURCHASES, Away.FORWARDED_PURCHASE_AMOUNT, entry.net_amount
        columns[Away.FORWARDED_DISCOUNT] += sign * entry.discount
        columns[Away.FORWARDED_TENDERED] += sign * entry.tendered
    elif code == TransactionType.RETURN:
        number, amount, money = Away.FORWARDED_RETURNS, Away.FORWARDED_RETURN_AMOUNT, -entry.net_amount
    elif code in _LOADS:
        number, amount, money = Away.FORWARDED_LOADS, Away.FORWARDED_LOAD_AMOUNT, entry.amount
    else:
        return
    if sign > 0:
        columns[number] += 1
        columns[amount] += entry.amount
    columns[Away.FORWARDED_NET_MONEY] += sign * money
