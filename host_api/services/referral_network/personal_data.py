"""What the referral network holds of a member, for export and erasing.

Numbers of members alone: the place stays when they are erased, so that nobody else's upline changes.
"""

from pydantic import JsonValue
from sqlalchemy import or_, select

from host_api.core.database import AnySession, WriteSession
from host_api.core.encryption.field_cipher import FieldCipher
from host_api.core.jobs.run_table import JsonObject
from host_api.core.personal_data import PersonalData
from host_api.core.programmes import InProgramme
from host_api.services.referral_network import tree
from host_api.services.referral_network.merging import close_erased
from host_api.services.referral_network.models import NetworkChange, NetworkMove, NetworkPayout

_MOST = 10_000


async def _export(session: AnySession, _cipher: FieldCipher, member_id: int) -> JsonObject:
    place = await tree.find(session, member_id)
    if place is None:
        return {}
    payouts = await session.scalars(
        select(NetworkPayout)
        .where(NetworkPayout.member_id == member_id)
        .order_by(NetworkPayout.id.desc())
        .limit(_MOST)
    )
    listed: list[JsonValue] = [
        {"id": row.id, "purse": row.purse, "units": row.units, "state": row.state, "due": row.due.isoformat()}
        for row in payouts
    ]
    counts = await tree.downline_counts(session, member_id)
    return {
        "code": place.code,
        "introducer": place.introducer,
        "since": None if place.since is None else place.since.isoformat(),
        "downline": {str(level): number for level, number in counts.items()},
        "payouts": listed,
    }


async def _texts(session: AnySession, _cipher: FieldCipher, member_id: int) -> list[str]:
    place = await tree.find(session, member_id)
    return [] if place is None or place.code is None else [place.code]


async def _erase(session: WriteSession, _cipher: FieldCipher, member_id: int) -> list[InProgramme]:
    place = await tree.lock(session, member_id)
    if place is None:
        return []
    await close_erased(session, place)
    moves = list(
        await session.scalars(
            select(NetworkMove).where(
                or_(NetworkMove.member_id == member_id, NetworkMove.introducer == member_id)
            )
        )
    )
    changes = await session.scalars(select(NetworkChange).where(NetworkChange.member_id == member_id))
    for row in moves:  # what a person wrote may name them
        row.reason, row.note = _ERASED, None
    for change in changes:
        change.reason = None
    await session.flush()
    return [*moves]


_ERASED = "حذف‌شده"

PERSONAL_DATA = PersonalData(
    name="referral_network",
    title="Referral network",
    title_fa="شبکهٔ معرفی",
    kept="The place in the tree by member number, and what was paid, as the ledger keeps it.",
    kept_fa="جای شمارهٔ عضویت در درخت و آنچه پرداخت شده است، همان‌گونه که در دفتر می‌ماند.",
    export=_export,
    erase=_erase,
    texts=_texts,
)
