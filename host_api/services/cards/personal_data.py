"""What the cards service holds of a member, for export and erasing."""

from pydantic import JsonValue
from sqlalchemy import select

from host_api.core.access.caller import system_caller
from host_api.core.database import AnySession, WriteSession
from host_api.core.encryption.field_cipher import FieldCipher
from host_api.core.isolation import programme_of
from host_api.core.jobs.run_table import JsonObject
from host_api.core.personal_data import PersonalData
from host_api.core.programmes import InProgramme
from host_api.services.cards.card_number import masked
from host_api.services.cards.models import Card, CardTransition
from host_api.services.cards.reassignment import block_all

_ERASING = "erasing"


async def _export(session: AnySession, _cipher: FieldCipher, member_id: int) -> JsonObject:
    cards = await session.scalars(select(Card).where(Card.member_id == member_id).order_by(Card.id))
    listed: list[JsonValue] = [
        {
            "id": card.id,
            "masked_number": masked(card.first_six, card.last_four),
            "card_type": card.card_type,
            "status": card.status,
            "created_at": card.created_at.isoformat(),
        }
        for card in cards
    ]
    return {"cards": listed} if listed else {}


async def _erase(session: WriteSession, cipher: FieldCipher, member_id: int) -> list[InProgramme]:
    caller = system_caller(_ERASING, programme_of(session.sync_session))
    cards = await block_all(session, cipher, caller, member_id)
    transitions = await session.scalars(
        select(CardTransition).where(CardTransition.card_id.in_([card.id for card in cards]))
    )
    rows: list[InProgramme] = [*cards]
    for transition in transitions:
        transition.note = None
        rows.append(transition)
    return rows


PERSONAL_DATA = PersonalData(
    name="cards",
    title="Cards",
    title_fa="کارت‌ها",
    kept="The cards' numbers, blocked for ever, so that none is issued a second time.",
    kept_fa="شمارهٔ کارت‌ها که برای همیشه مسدود می‌مانند تا دوباره صادر نشوند.",
    export=_export,
    erase=_erase,
)
