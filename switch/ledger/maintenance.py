"""What time itself moves: holds that have run out, lots that have expired, balances of inactive members."""

from collections.abc import Iterator

from switch.journal.entries import TRANSFERS_MAX, MaintenanceEntry
from switch.ledger.accounts import AccountKind, ProgrammeAccount, account_number, programme_account
from switch.ledger.lots import DEBT
from switch.ledger.posting import DAY_S, Posting
from switch.ledger.state import State


def due(state: State, now_s: int, limit: int = TRANSFERS_MAX) -> MaintenanceEntry | None:
    """The next piece of what is due, None where nothing is.

    Holds come first, then lots by expiry, then inactive members: at most `limit` accounts or holds in one
    entry. Journal and apply it, and ask again. The same state and time give the same entry. Inactivity goes
    by whole days (UTC); once a day found none there, nobody is looked for again on that day.
    """
    limit = min(limit, TRANSFERS_MAX)
    posting = Posting(state, state.rule_table.purses, now_s)
    released = _release_holds(state, posting, limit)
    # Each stage works on the state as it stands, so none goes on where an earlier one moved something.
    if not (released or _expire_lots(state, posting, limit) or _expire_inactive(state, posting, limit)):
        return None
    transfers, lot_moves = posting.finish()
    return MaintenanceEntry(now_s * 1000, transfers, lot_moves, released)


def _release_holds(state: State, posting: Posting, limit: int) -> tuple[int, ...]:
    expired = sorted([hold for hold in state.holds.values() if hold.expires_at_s <= posting.now_s])
    for hold in expired[:limit]:
        posting.release(hold)
    return tuple([hold.position for hold in expired[:limit]])


def _expire_lots(state: State, posting: Posting, limit: int) -> int:
    count = 0
    for account, key, _ in state.lots.expired(posting.now_s):
        if count == limit:
            break
        posting.expire(account, _breakage(account), [key])
        count += 1
    return count


def _expire_inactive(state: State, posting: Posting, limit: int) -> int:
    today = posting.now_s // DAY_S
    if today <= state.inactivity_checked_day:
        return 0
    count = 0
    for account in _inactive_accounts(state, today):
        if count == limit:
            break
        keys = [key for key in state.lots.pairs(account)[::2] if key != DEBT]
        if keys:
            posting.expire(account, _breakage(account), keys)
            count += 1
    if not count:
        state.inactivity_checked_day = today
    return count


def _inactive_accounts(state: State, today: int) -> Iterator[int]:
    """Accounts, perhaps empty ones, whose owners had no purchase or earning for longer than the purse allows.

    Owners that never had any, as a member who was only given something, don't count as inactive.
    """
    for purse in state.rule_table.programme.purses:
        if not purse.inactivity_days:
            continue
        before_s = (today - purse.inactivity_days) * DAY_S
        for kind, last_s in (
            (AccountKind.MEMBER, state.last_purchase_s),
            (AccountKind.HOUSEHOLD, state.last_household_purchase_s),
        ):
            for number in sorted([number for number, at_s in last_s.items() if at_s < before_s]):
                yield account_number(kind, number, purse.code)


def _breakage(account: int) -> int:
    return programme_account(ProgrammeAccount.BREAKAGE, account & 0xFF)
