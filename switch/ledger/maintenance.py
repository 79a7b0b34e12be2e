"""What time itself moves: holds that have run out, lots that have expired, balances of inactive members."""

from collections.abc import Mapping

from switch.journal.entries import TRANSFERS_MAX, MaintenanceEntry
from switch.ledger.accounts import (
    AccountKind,
    ProgrammeAccount,
    account_number,
    account_parts,
    account_purse,
    programme_account,
)
from switch.ledger.lots import DEBT
from switch.ledger.posting import Posting
from switch.ledger.state import State
from switch.rules.local_time import DAY_S


def due(state: State, now_s: int, limit: int = TRANSFERS_MAX) -> MaintenanceEntry | None:
    """The next piece of what is due, None where nothing is.

    Holds come first, then lots by expiry, then inactive members: at most `limit` accounts or holds in one
    entry. Journal and apply it, and ask again. The same state and time give the same entry. Inactivity goes
    by whole days (UTC): who counts as inactive is looked up once a day.
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
    expired = state.holds.expired(posting.now_s, limit)
    for hold in expired:
        posting.release(hold)
    return tuple([hold.position for hold in expired])


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
    day, candidates = state.inactive_accounts
    if day < today:
        candidates = _inactive_accounts(state, today)
        state.inactive_accounts = (today, candidates)
    while candidates and not _keys(state, candidates[-1], today):
        candidates.pop()
    count = 0
    for account in reversed(candidates):
        if count == limit:
            break
        keys = _keys(state, account, today)
        if keys:
            posting.expire(account, _breakage(account), keys)
            count += 1
    return count


def _inactive_accounts(state: State, today: int) -> list[int]:
    """Accounts whose owners had no purchase or earning for longer than the purse allows, in reverse order.

    Owners that never had any, as a member who was only given something, don't count as inactive.
    """
    found = []
    pairs = state.lots.pairs
    for purse in state.rule_table.programme.purses:
        if purse.inactivity_days:
            before_s = (today - purse.inactivity_days) * DAY_S
            for kind, last_s in _last_activities(state):
                found += [
                    account
                    for number, at_s in last_s.items()
                    if at_s < before_s and pairs(account := account_number(kind, number, purse.code))
                ]
    return sorted(found, reverse=True)


def _keys(state: State, account: int, today: int) -> list[int]:
    """All lots of an account that is still inactive."""
    kind, number, code = account_parts(account)
    purse = state.rule_table.purses.get(code)
    last_s = dict(_last_activities(state))[kind].get(number, 0)
    if purse is None or not purse.inactivity_days or last_s >= (today - purse.inactivity_days) * DAY_S:
        return []
    return [key for key in state.lots.pairs(account)[::2] if key != DEBT]


def _last_activities(state: State) -> tuple[tuple[AccountKind, Mapping[int, int]], ...]:
    return (
        (AccountKind.MEMBER, state.last_purchase_s),
        (AccountKind.HOUSEHOLD, state.last_household_purchase_s),
    )


def _breakage(account: int) -> int:
    return programme_account(ProgrammeAccount.BREAKAGE, account_purse(account))
