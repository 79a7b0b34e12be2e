"""A card's record as the switch has it, and the records of the codes that stand for the card."""

from collections.abc import Sequence
from typing import Final

from sqlalchemy import select

from host_api.core import outbox
from host_api.core.bulk.row_numbers import number_new_rows
from host_api.core.database import WriteSession
from host_api.core.encryption.field_cipher import FieldCipher
from host_api.core.outbox import NumberedRecord, SubjectKind
from host_api.services.cards.digital.models import CODE_NUMBER, CardCode
from host_api.services.cards.models import NUMBER, Card
from host_api.services.cards.products.logic import GIFT_CARD_TYPE
from host_api.services.cards.states import CardStatus
from protocol.dialect import FileUpdateCode, Tag

_STATUS_ON_SWITCH: Final = {
    CardStatus.NEW: "N",
    CardStatus.ACTIVE: "A",
    CardStatus.BLOCKED: "B",
    CardStatus.EXPIRED: "B",
    CardStatus.REPLACED: "B",
}


async def send(session: WriteSession, cipher: FieldCipher, cards: Sequence[Card]) -> None:
    """Put the records of cards on their way to the switch as the cards are now, in this order.

    Whoever changes a card's state or its member calls this in the same transaction. Codes that stand for a
    card go with it.

    Raises:
        SealFault: key or damaged.
    """
    await number_new_rows(session)
    await session.flush()
    codes = await _codes_of(session, cards)
    own, of_codes = [], []
    for card in cards:
        status = CardStatus(card.status)
        if status is CardStatus.ORDERED:
            continue
        number = NUMBER.open(cipher, card)
        if number is None:
            raise ValueError("a card without a number can't be sent")
        own.append(record_of(card, number))
        of_codes += [
            record_of(card, _number_of(cipher, code), is_code=True) for code in codes.get(card.id, ())
        ]
    await outbox.enqueue_numbered(session, cipher, SubjectKind.CARD, own)
    await outbox.enqueue_numbered(session, cipher, SubjectKind.CARD_CODE, of_codes)


def record_of(card: Card, number: str, *, is_code: bool = False) -> NumberedRecord:
    """The card's record under a number: its own or a code's."""
    status = CardStatus(card.status)
    on_switch = _STATUS_ON_SWITCH.get(status)
    # Without a holder the switch knows only stock and gift cards; a code is good for an active card only.
    has_holder = card.member_id is not None or card.card_type == GIFT_CARD_TYPE
    if on_switch is None or (on_switch == "B" and not has_holder) or (is_code and on_switch != "A"):
        return NumberedRecord(card.id, number, {}, FileUpdateCode.DELETE)
    record = {
        Tag.MEMBER_NUMBER.value: f"{card.member_id or 0:012d}",
        Tag.STATUS.value: on_switch,
        Tag.CARD_TYPE.value: card.card_type,
        Tag.CARD_REFERENCE.value: f"{card.reference:012d}",
    }
    if card.expires_on is not None:
        record[Tag.EXPIRES_ON.value] = f"{card.expires_on:%Y%m%d}"
    return NumberedRecord(card.id, number, record)


async def _codes_of(session: WriteSession, cards: Sequence[Card]) -> dict[int, list[CardCode]]:
    found: dict[int, list[CardCode]] = {}
    rows = await session.scalars(
        select(CardCode).where(CardCode.card_id.in_([card.id for card in cards])).order_by(CardCode.id)
    )
    for code in rows:
        if code.card_id is not None:
            found.setdefault(code.card_id, []).append(code)
    return found


def _number_of(cipher: FieldCipher, code: CardCode) -> str:
    number = CODE_NUMBER.open(cipher, code)
    if number is None:
        raise ValueError("a code without a number can't be sent")
    return number
