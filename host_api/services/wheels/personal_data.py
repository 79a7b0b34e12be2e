"""What the wheels service holds of a member, for export and erasing."""

from typing import Final

from pydantic import JsonValue
from sqlalchemy import exists, select

from host_api.core.database import AnySession, WriteSession
from host_api.core.encryption.field_cipher import FieldCipher
from host_api.core.jobs.run_table import JsonObject
from host_api.core.personal_data import Hindrance, PersonalData
from host_api.core.programmes import InProgramme
from host_api.services.wheels.models import Spin, SpinGrant
from host_api.services.wheels.schemas import SpinState

_MOST: Final = 10_000
_OVER: Final = [SpinState.REFUSED.value, SpinState.DONE.value]


async def _export(session: AnySession, _cipher: FieldCipher, member_id: int) -> JsonObject:
    spins = await session.scalars(
        select(Spin).where(Spin.member_id == member_id).order_by(Spin.id.desc()).limit(_MOST)
    )
    grants = await session.scalars(
        select(SpinGrant).where(SpinGrant.member_id == member_id).order_by(SpinGrant.id.desc()).limit(_MOST)
    )
    shown_spins: list[JsonValue] = [
        {
            "id": spin.id,
            "wheel_id": spin.wheel_id,
            "source": spin.source,
            "price": spin.price,
            "state": spin.state,
            "given": spin.given,
            "asked_at": spin.asked_at.isoformat(),
        }
        for spin in spins
    ]
    shown_grants: list[JsonValue] = [
        {
            "wheel_id": grant.wheel_id,
            "count": grant.count,
            "reason": grant.reason,
            "granted_at": grant.granted_at.isoformat(),
        }
        for grant in grants
    ]
    if not shown_spins and not shown_grants:
        return {}
    return {"spins": shown_spins, "granted": shown_grants}


async def _erase(session: WriteSession, _cipher: FieldCipher, member_id: int) -> list[InProgramme]:
    """A person may have written about the member why spins were granted."""
    grants = await session.scalars(
        select(SpinGrant).where(SpinGrant.member_id == member_id, SpinGrant.reason.is_not(None))
    )
    found: list[InProgramme] = []
    for grant in grants:
        grant.reason = None
        found.append(grant)
    await session.flush()
    return found


async def _hindrances(session: AnySession, member_id: int) -> list[Hindrance]:
    is_open = exists().where(Spin.member_id == member_id, Spin.state.not_in(_OVER))
    if not await session.scalar(select(is_open)):
        return []
    return [
        Hindrance(
            "wheel-spins-open",
            "Spins wait for the switch, or what they won is not paid",
            "چرخش‌هایی در انتظار سوئیچ است یا جایزهٔ آن پرداخت نشده است.",
        )
    ]


PERSONAL_DATA = PersonalData(
    name="wheels",
    title="Wheels of fortune",
    title_fa="گردونه‌های شانس",
    kept="Spins and grants of spins, by member number, as long as the ledger; reasons are erased.",
    kept_fa="چرخش‌ها و چرخش‌های داده‌شده با شمارهٔ عضو، تا زمانی که دفتر نگه داشته می‌شود؛ دلیل‌ها پاک می‌شود.",
    export=_export,
    erase=_erase,
    hindrances=_hindrances,
)
