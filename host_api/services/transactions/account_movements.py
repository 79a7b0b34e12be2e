"""What each journal entry moves in the purses of members, households and gift cards, and why.

A hold takes its amount out of the purse as `hold`; its completion gives that back as `hold` and takes what is
spent as `spend`, so all of a hold's movements of the kind `hold` come to nothing once it is over.
"""

from collections.abc import Sequence
from dataclasses import dataclass

from sqlalchemy import delete, insert

from host_api.core.database import WriteSession
from host_api.core.isolation import programme_of
from host_api.services.transactions.models import AccountMovement
from protocol.feed import Event, MaintenanceEvent, TransactionEvent, TransferLine

HOLDERS = ("member", "household", "gift_card")
HOLD = "hold"
# What lots say beyond the transfers.
OTHER = "other"

MovesPurses = TransactionEvent | MaintenanceEvent


@dataclass(frozen=True, slots=True)
class PurseMovement:
    """What an entry adds to a purse, for one reason."""

    account: str
    purse: str
    kind: str
    delta: int


def holder_of(account: str) -> str:
    """The kind of holder in an account's name, such as "member:12"."""
    return account.partition(":")[0]


def movements_of(event: MovesPurses) -> list[PurseMovement]:
    """The movements of an entry, none of them zero; those of a purse come to what its lots say."""
    sums: dict[tuple[str, str, str], int] = {}
    left: dict[tuple[str, str], int] = {}
    for lot in event.lots:
        left[lot.account, lot.purse] = left.get((lot.account, lot.purse), 0) + lot.delta
    for transfer in event.transfers:
        for account, kind, delta in _parts(transfer):
            if holder_of(account) in HOLDERS:
                key = (account, transfer.purse, kind)
                sums[key] = sums.get(key, 0) + delta
                left[account, transfer.purse] = left.get((account, transfer.purse), 0) - delta
    for (account, purse), delta in left.items():
        if delta and holder_of(account) in HOLDERS:
            sums[account, purse, OTHER] = delta
    return [PurseMovement(*key, delta) for key, delta in sums.items() if delta]


def _parts(transfer: TransferLine) -> list[tuple[str, str, int]]:
    amount = transfer.amount
    match transfer.stage:
        case "posted":
            return [(transfer.debit, transfer.reason, -amount), (transfer.credit, transfer.reason, amount)]
        case "pending":
            return [(transfer.debit, HOLD, -amount)]
        case "post_pending":
            return [(transfer.debit, HOLD, amount), (transfer.debit, transfer.reason, -amount)]
        case "void_pending":
            return [(transfer.debit, HOLD, amount)]


class AccountMovementProjector:
    """Keeps the movements of every account that has lots."""

    async def apply(self, session: WriteSession, events: Sequence[Event]) -> None:
        """Add what `events` move."""
        programme_id = programme_of(session.sync_session)
        rows = [
            {
                "programme_id": programme_id,
                "account": movement.account,
                "position": event.position,
                "purse": movement.purse,
                "kind": movement.kind,
                "delta": movement.delta,
                "at_ms": event.at_ms,
            }
            for event in events
            if isinstance(event, MovesPurses)
            for movement in movements_of(event)
        ]
        if rows:
            await session.execute(insert(AccountMovement), rows)

    async def clear(self, session: WriteSession) -> None:
        """Empty the table."""
        await session.execute(delete(AccountMovement).execution_options(synchronize_session=False))
