"""The limits of wallets: reading, changing, and what they leave a member today."""

from dataclasses import dataclass
from datetime import datetime
from typing import Final

from sqlalchemy import and_, func, or_, select

from host_api.core.clock import utc_now
from host_api.core.database import AnySession, WriteSession, conflict_as
from host_api.core.feed_position import read_position
from host_api.core.locking import ChangedMeanwhile, check_version, etag
from host_api.core.tehran_time import start_of_day, tehran_date
from host_api.services.transactions import logic as transactions
from host_api.services.wallet.models import WalletAct, WalletPolicy
from host_api.services.wallet.schemas import (
    WalletActKind,
    WalletActState,
    WalletPolicyRead,
    WalletPolicyUpdate,
)

DEFAULTS: Final = WalletPolicyRead(
    balance_max=100_000_000, load_min=10_000, day_load_max=50_000_000, day_spend_max=50_000_000
)

# What rules call it.
_PURSE: Final = "wallet"
_LOADS: Final = (WalletActKind.LOAD.value, WalletActKind.BANK.value)
# What may have moved money, or still may.
_COUNTED: Final = (
    WalletActState.SENT.value,
    WalletActState.DONE.value,
    WalletActState.DOUBTFUL.value,
)


@dataclass(frozen=True, slots=True)
class Standing:
    """A member's wallet, and what went in and out of it today."""

    balance: int
    under_way: int
    loaded_today: int
    spent_today: int


async def read(session: AnySession) -> tuple[WalletPolicyRead, str]:
    """The limits and their ETag."""
    row = await session.scalar(select(WalletPolicy))
    if row is None:
        return DEFAULTS, '"1"'
    return WalletPolicyRead.model_validate(row), etag(row)


async def change(
    session: WriteSession, wanted: WalletPolicyUpdate, if_match: str
) -> tuple[WalletPolicyRead, str]:
    """Change limits.

    Raises:
        ChangedMeanwhile
    """
    row = await session.scalar(select(WalletPolicy))
    if row is None:
        row = WalletPolicy(**DEFAULTS.model_dump(), version=1)
        async with conflict_as(ChangedMeanwhile()):
            session.add(row)
            await session.flush()
    check_version(row, if_match)
    for name in wanted.model_fields_set:
        setattr(row, name, getattr(wanted, name))
    await session.flush()
    return WalletPolicyRead.model_validate(row), etag(row)


async def standing(session: AnySession, member_id: int, household: int | None) -> Standing:
    """Where a member's wallet stands now."""
    now = utc_now()
    balances = await transactions.balances_of(session, member_id, household)
    balance = sum(purse.amount for purse in balances.purses if purse.purse == _PURSE)
    projected = (await read_position(session)).position
    is_unseen = or_(
        WalletAct.state.in_((WalletActState.SENT.value, WalletActState.DOUBTFUL.value)),
        and_(WalletAct.state == WalletActState.DONE.value, WalletAct.rrn > f"{projected:012d}"),
    )
    under_way = await session.scalar(
        select(func.sum(WalletAct.amount)).where(
            WalletAct.member_id == member_id, WalletAct.kind.in_(_LOADS), is_unseen
        )
    )
    return Standing(
        balance=balance,
        under_way=int(under_way or 0),
        loaded_today=await _sum_today(session, member_id, _LOADS, now),
        spent_today=await _sum_today(session, member_id, (WalletActKind.SPENDING.value,), now),
    )


def load_room(policy: WalletPolicyRead, found: Standing) -> int:
    """What may still be loaded today."""
    held = max(found.balance, 0) + found.under_way
    return max(min(policy.day_load_max - found.loaded_today, policy.balance_max - held), 0)


def spending_room(policy: WalletPolicyRead, found: Standing) -> int:
    """What may still be spent today."""
    return max(policy.day_spend_max - found.spent_today, 0)


async def _sum_today(session: AnySession, member_id: int, kinds: tuple[str, ...], now: datetime) -> int:
    found = await session.scalar(
        select(func.sum(WalletAct.amount)).where(
            WalletAct.member_id == member_id,
            WalletAct.kind.in_(kinds),
            WalletAct.state.in_(_COUNTED),
            # A transfer counts on the day on which it was approved.
            func.coalesce(WalletAct.decided_at, WalletAct.asked_at) >= start_of_day(tehran_date(now)),
        )
    )
    return int(found or 0)
