"""What the wallet service holds of a member, for export and erasing."""

from pydantic import JsonValue
from sqlalchemy import func, select

from host_api.core.database import AnySession
from host_api.core.encryption.field_cipher import FieldCipher
from host_api.core.jobs.run_table import JsonObject
from host_api.core.personal_data import Hindrance, PersonalData
from host_api.services.wallet.models import WalletAct
from host_api.services.wallet.schemas import WalletActState

_OPEN = (WalletActState.ASKED.value, WalletActState.SENT.value, WalletActState.DOUBTFUL.value)
_MOST = 10_000


async def _export(session: AnySession, _cipher: FieldCipher, member_id: int) -> JsonObject:
    acts = await session.scalars(
        select(WalletAct).where(WalletAct.member_id == member_id).order_by(WalletAct.id.desc()).limit(_MOST)
    )
    listed: list[JsonValue] = [
        {
            "id": act.id,
            "kind": act.kind,
            "state": act.state,
            "amount": act.amount,
            "merchant_id": act.merchant_id,
            "bank_reference": act.bank_reference,
            "asked_at": act.asked_at.isoformat(),
        }
        for act in acts
    ]
    return {"acts": listed} if listed else {}


async def _hindrances(session: AnySession, member_id: int) -> list[Hindrance]:
    is_open = WalletAct.state.in_(_OPEN)
    if not await session.scalar(
        select(func.count(WalletAct.id)).where(WalletAct.member_id == member_id, is_open)
    ):
        return []
    return [
        Hindrance(
            "wallet-acts-open",
            "Money is on its way into or out of the wallet",
            "شارژ یا خرج کیف پول در جریان است.",
        )
    ]


PERSONAL_DATA = PersonalData(
    name="wallet",
    title="Wallet",
    title_fa="کیف پول",
    kept="What was paid in and spent, as long as the ledger.",
    kept_fa="شارژها و خرج‌ها، تا زمانی که دفتر نگه داشته می‌شود.",
    export=_export,
    hindrances=_hindrances,
)
