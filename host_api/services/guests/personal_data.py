"""What the guests service holds of somebody who has become a member, for export and erasing."""

from sqlalchemy import select

from host_api.core.database import AnySession, WriteSession
from host_api.core.encryption.field_cipher import FieldCipher
from host_api.core.jobs.run_table import JsonObject
from host_api.core.personal_data import PersonalData
from host_api.core.programmes import InProgramme
from host_api.services.guests import logic
from host_api.services.guests.models import SEALED, VISIT_NOTE, Guest, GuestVisit

_ERASED = "—"
_MOST_VISITS = 10_000


async def _guests(session: AnySession, member_id: int) -> list[Guest]:
    """The records of a member, and those that went into them."""
    found = list(await session.scalars(select(Guest).where(Guest.member_id == member_id).order_by(Guest.id)))
    ids = [guest.id for guest in found]
    merged = await session.scalars(
        select(Guest).where(Guest.merged_into.in_(ids), Guest.id.not_in(ids)).order_by(Guest.id)
    )
    return [*found, *merged]


async def _visits(session: AnySession, guests: list[Guest]) -> list[GuestVisit]:
    rows = await session.scalars(
        select(GuestVisit)
        .where(GuestVisit.guest_id.in_([guest.id for guest in guests]))
        .order_by(GuestVisit.id)
        .limit(_MOST_VISITS)
    )
    return list(rows)


async def _export(session: AnySession, cipher: FieldCipher, member_id: int) -> JsonObject:
    guests = await _guests(session, member_id)
    visits = await _visits(session, guests)
    if not guests:
        return {}
    return {
        "records": [logic.shown(cipher, guest).model_dump(mode="json") for guest in guests],
        "visits": [
            {
                "at": visit.at.isoformat(),
                "merchant_id": visit.merchant_id,
                "note": VISIT_NOTE.open(cipher, visit),
            }
            for visit in visits
        ],
    }


async def _texts(session: AnySession, cipher: FieldCipher, member_id: int) -> list[str]:
    guests = await _guests(session, member_id)
    found = [field.open(cipher, guest) for guest in guests for field in SEALED.values()]
    return [text for text in (*(guest.name for guest in guests), *found) if text]


async def _erase(session: WriteSession, cipher: FieldCipher, member_id: int) -> list[InProgramme]:
    guests = await _guests(session, member_id)
    visits = await _visits(session, guests)
    for guest in guests:
        guest.name = guest.name_key = _ERASED
        for field in SEALED.values():
            field.seal(cipher, guest, None)
    for visit in visits:
        VISIT_NOTE.seal(cipher, visit, None)
    return [*guests, *visits]


PERSONAL_DATA = PersonalData(
    name="guests",
    title="As a guest",
    title_fa="به عنوان مهمان",
    kept="That a guest was there, when and where, without a name.",
    kept_fa="این که مهمانی کی و کجا بوده است، بدون نام.",
    export=_export,
    erase=_erase,
    texts=_texts,
)
