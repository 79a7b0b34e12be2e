"""What credit packages hold of a member, for export and erasing."""

from pydantic import JsonValue
from sqlalchemy import exists, or_, select

from host_api.core.database import AnySession, WriteSession
from host_api.core.encryption.field_cipher import FieldCipher
from host_api.core.jobs.run_table import JsonObject
from host_api.core.personal_data import Hindrance, PersonalData
from host_api.core.programmes import InProgramme
from host_api.services.credit_packages.models import CreditContract, CreditPayment
from host_api.services.credit_packages.paying import OPEN_STATES
from host_api.services.credit_packages.states import CreditContractState

_OVER = (
    CreditContractState.REJECTED.value,
    CreditContractState.CANCELLED.value,
    CreditContractState.FAILED.value,
    CreditContractState.SETTLED.value,
)
_MOST = 10_000


async def _export(session: AnySession, _cipher: FieldCipher, member_id: int) -> JsonObject:
    contracts = await session.scalars(
        select(CreditContract)
        .where(CreditContract.member_id == member_id)
        .order_by(CreditContract.id.desc())
        .limit(_MOST)
    )
    payments = await session.scalars(
        select(CreditPayment)
        .where(CreditPayment.member_id == member_id)
        .order_by(CreditPayment.id.desc())
        .limit(_MOST)
    )
    listed: dict[str, list[JsonValue]] = {
        "contracts": [
            {
                "id": row.id,
                "state": row.state,
                "started_on": None if row.started_on is None else row.started_on.isoformat(),
                "open": row.open,
                "consumed": row.consumed,
                "accrued_interest": row.accrued_interest,
                "paid": row.paid,
            }
            for row in contracts
        ],
        "payments": [{"id": row.id, "state": row.state, "rials": row.rials} for row in payments],
    }
    return {name: rows for name, rows in listed.items() if rows}


async def _erase(session: WriteSession, _cipher: FieldCipher, member_id: int) -> list[InProgramme]:
    rows = list(
        await session.scalars(
            select(CreditContract).where(
                CreditContract.member_id == member_id, CreditContract.reason.is_not(None)
            )
        )
    )
    for row in rows:
        row.reason = None
    return [*rows]


async def _hindrances(session: AnySession, member_id: int) -> list[Hindrance]:
    is_open = exists().where(CreditContract.member_id == member_id, CreditContract.state.not_in(_OVER))
    is_paying = exists().where(CreditPayment.member_id == member_id, CreditPayment.state.in_(OPEN_STATES))
    if not await session.scalar(select(or_(is_open, is_paying))):
        return []
    return [
        Hindrance(
            "credit-contracts-open",
            "Credit is open or owed, or a payment is under way",
            "اعتباری باز است یا بدهی یا پرداختی در جریان است.",
        )
    ]


PERSONAL_DATA = PersonalData(
    name="credit_packages",
    title="Credit packages",
    title_fa="بسته‌های اعتباری",
    kept="What the member's number was lent, owed and paid, as long as the ledger.",
    kept_fa="اعتبار، بدهی و پرداخت شمارهٔ عضو، تا زمانی که دفتر نگه داشته می‌شود.",
    export=_export,
    erase=_erase,
    hindrances=_hindrances,
)
