"""What the projection holds of a member, for export; it has no names, and nothing of it is erased."""

from typing import Final

from pydantic import JsonValue
from sqlalchemy import select

from host_api.core.clock import from_epoch_ms, utc_now
from host_api.core.database import AnySession
from host_api.core.encryption.field_cipher import FieldCipher
from host_api.core.jobs.run_table import JsonObject
from host_api.core.personal_data import Hindrance, PersonalData
from host_api.services.transactions.holdings import holdings_of
from host_api.services.transactions.models import Transaction
from host_api.services.transactions.operation import operation_of
from protocol.dialect import ResponseCode

# A purse of a member who can still be erased once the points were given up.
POINTS_STAND: Final = "points-standing"
POINTS_WAIT: Final = "points-pending"
_POINTS_OWED: Final = "points-owed"
_HOLDS_OPEN: Final = "holds-open"

_MOST: Final = 10_000


async def _export(session: AnySession, _cipher: FieldCipher, member_id: int) -> JsonObject:
    holdings = await holdings_of(session, member_id, utc_now())
    rows = await session.scalars(
        select(Transaction)
        .where(Transaction.member_number == member_id)
        .order_by(Transaction.position.desc())
        .limit(_MOST)
    )
    listed: list[JsonValue] = [
        {
            "rrn": row.rrn,
            "at": from_epoch_ms(row.at_ms).isoformat(),
            "operation": operation_of(row.mti, row.processing_code).value,
            "approved": row.response_code == ResponseCode.APPROVED,
            "amount": row.amount,
            "currency": row.currency,
            "merchant_id": row.merchant_id,
            "card_id": row.card_reference,
            "balances_after": {**row.balances_after},
        }
        for row in rows
    ]
    return {
        "spendable": {**holdings.spendable},
        "pending": {**holdings.pending},
        "transactions": listed,
    }


async def _hindrances(session: AnySession, member_id: int) -> list[Hindrance]:
    holdings = await holdings_of(session, member_id, utc_now())
    found = []
    if any(amount > 0 for amount in holdings.spendable.values()):
        found.append(
            Hindrance(POINTS_STAND, "Units stand in the member's purses", "در کیف‌های عضو مانده هست.")
        )
    if holdings.pending:
        found.append(
            Hindrance(POINTS_WAIT, "Units wait to become spendable", "واحدهایی هنوز قابل خرج نشده‌اند.")
        )
    if any(amount < 0 for amount in holdings.spendable.values()):
        found.append(Hindrance(_POINTS_OWED, "The member owes units", "عضو بدهکار است."))
    if holdings.open_holds:
        found.append(Hindrance(_HOLDS_OPEN, "Holds of authorisations are open", "مبلغ‌های بلوکه‌شده باز است."))
    return found


PERSONAL_DATA = PersonalData(
    name="transactions",
    title="Balances and transactions",
    title_fa="مانده‌ها و تراکنش‌ها",
    kept="Transactions and journal under the member number, without a name, as the books must be kept.",
    kept_fa="تراکنش‌ها و دفتر با شمارهٔ عضویت و بدون نام، چون نگهداری دفاتر الزامی است.",
    export=_export,
    hindrances=_hindrances,
)
