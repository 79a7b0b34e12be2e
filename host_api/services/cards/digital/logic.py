"""Codes that stand for a card: made, shown, looked up, ended.

A terminal takes nothing but digits from a bar code or a QR code, so a code for a phone's screen is a number
that nobody can guess, which the switch knows as the card for a minute or two; a screenshot is worth nothing
afterwards. It has the card's reference, so what is done with it is the card's.
"""

import re
import secrets
from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import Final

from sqlalchemy import select

from host_api.core import outbox
from host_api.core.clock import utc_now
from host_api.core.database import AnySession, WriteSession, conflict_as
from host_api.core.encryption.field_cipher import FieldCipher
from host_api.core.iran.number_fault import NumberFault
from host_api.core.iran.phone_numbers import parse_mobile_number
from host_api.core.linear_barcode import ean_check_digit
from host_api.core.outbox import NumberedRecord, SubjectKind
from host_api.core.persian_text import fold_digits
from host_api.services.cards import logic as cards
from host_api.services.cards import repository
from host_api.services.cards.card_number import new_card_number
from host_api.services.cards.digital.images import Symbology
from host_api.services.cards.digital.models import CODE_NUMBER, CardCode
from host_api.services.cards.digital.problems import (
    CardNotUsable,
    CodeNotFound,
    NotDigital,
    PhoneTaken,
    PhoneWanted,
)
from host_api.services.cards.digital.schemas import (
    CodeKind,
    LookupRead,
    MomentCodeRead,
    PhoneCardRead,
    StaticCodeRead,
)
from host_api.services.cards.models import NUMBER, Card
from host_api.services.cards.problems import CardNotFound
from host_api.services.cards.products import logic as products
from host_api.services.cards.products.logic import PHONE_CARD_TYPE
from host_api.services.cards.products.models import CardProduct
from host_api.services.cards.products.schemas import Medium, StaticCode
from host_api.services.cards.record import record_of
from host_api.services.cards.states import CardStatus
from host_api.services.members import logic as members
from protocol.dialect import FileUpdateCode, Tag

# Longer than cards' numbers, so no code is a card's number.
_MOMENT_DIGITS: Final = 19
# GS1 General Specifications, 1.4: for use within a company.
_EAN_PREFIX: Final = "29"
_EAN_FREE_DIGITS: Final = 10
_SCHEME: Final = "vafa:"
_DRAWS: Final = 8
_SEPARATORS: Final = re.compile(r"[\s-]+")


async def make_moment_code(session: WriteSession, cipher: FieldCipher, card_id: int) -> MomentCodeRead:
    """A fresh code for a phone's screen; the one before ends.

    Raises:
        CardNotFound, CardNotUsable, NotDigital
    """
    card, product = await _usable(session, card_id)
    if Medium.DIGITAL not in product.media:
        raise NotDigital
    before = await session.scalars(
        select(CardCode).where(CardCode.card_id == card_id, CardCode.kind == CodeKind.MOMENT.value)
    )
    await end(session, cipher, list(before))
    expires_at = utc_now() + timedelta(seconds=product.moment_code_s)
    number = await _free(session, cipher, [new_card_number(digits=_MOMENT_DIGITS) for _ in range(_DRAWS)])
    code = await _add(session, cipher, CodeKind.MOMENT, number, card=card, expires_at=expires_at)
    return MomentCodeRead(
        id=code.id,
        payload=f"{_SCHEME}{number}",
        expires_at=expires_at,
        image=f"/v1/cards/{card_id}/moment-codes/{code.id}/image",
    )


async def moment_payload(session: AnySession, cipher: FieldCipher, card_id: int, code_id: int) -> str:
    """What a live code for a screen holds.

    Raises:
        CodeNotFound
    """
    code = await session.get(CardCode, code_id)
    if code is None or code.card_id != card_id or code.kind != CodeKind.MOMENT or not _is_live(code):
        raise CodeNotFound
    return f"{_SCHEME}{CODE_NUMBER.open(cipher, code)}"


async def make_static_code(session: WriteSession, cipher: FieldCipher, card_id: int) -> StaticCodeRead:
    """The lasting code of a card, as its product has it; an EAN-13 gets its number now.

    Raises:
        CardNotFound, CardNotUsable, NotDigital
    """
    card, product = await _usable(session, card_id)
    if product.static_code == StaticCode.EAN_13:
        await ensure_ean(session, cipher, card)
    symbology, payload = await static_payload(session, cipher, card_id)
    image = f"/v1/cards/{card_id}/static-code/image"
    return StaticCodeRead(symbology=symbology, payload=payload, image=image)


async def ensure_ean(session: WriteSession, cipher: FieldCipher, card: Card) -> None:
    """Give a card an EAN-13 number where it has none; terminals take it once the card is active."""
    if await _ean_of(session, card.id) is None:
        drawn = [f"{_EAN_PREFIX}{secrets.randbelow(10**_EAN_FREE_DIGITS):010d}" for _ in range(_DRAWS)]
        number = await _free(session, cipher, [payload + ean_check_digit(payload) for payload in drawn])
        await _add(session, cipher, CodeKind.EAN_13, number, card=card)


async def static_payload(session: AnySession, cipher: FieldCipher, card_id: int) -> tuple[Symbology, str]:
    """The kind and content of a card's lasting code.

    Raises:
        CardNotFound, NotDigital, CodeNotFound: an EAN-13 that was not made yet.
    """
    card = await repository.find(session, card_id)
    if card is None:
        raise CardNotFound
    kind = StaticCode((await products.find(session, card.product_id)).static_code)
    if kind is StaticCode.NONE:
        raise NotDigital
    if kind is StaticCode.EAN_13:
        code = await _ean_of(session, card_id)
        number = None if code is None else CODE_NUMBER.open(cipher, code)
    else:
        number = NUMBER.open(cipher, card)
    if number is None:
        raise CodeNotFound
    return Symbology(kind.value), f"{_SCHEME}{number}" if kind is StaticCode.QR else number


async def make_phone_card(session: WriteSession, cipher: FieldCipher, member_id: int) -> PhoneCardRead:
    """Have a member's mobile number serve as a card; a number from before ends.

    Raises:
        members.MemberNotFound, PhoneWanted, PhoneTaken
    """
    member = await members.read_whole(session, cipher, member_id)
    if member.mobile is None:
        raise PhoneWanted
    digits = member.mobile.removeprefix("+")
    kept = [code for code in await _phones_of(session, member_id) if CODE_NUMBER.open(cipher, code) == digits]
    if not kept:
        if await repository.numbers_taken(session, cipher, [digits]):
            raise PhoneTaken
        await end(session, cipher, await _phones_of(session, member_id))
        async with conflict_as(PhoneTaken()), session.begin_nested():
            await _add(session, cipher, CodeKind.PHONE, digits, member_id=member_id)
    return PhoneCardRead(member_id=member_id, masked_phone=f"{'*' * (len(digits) - 2)}{digits[-2:]}")


async def end_phone_card(session: WriteSession, cipher: FieldCipher, member_id: int) -> None:
    """Have a member's mobile number serve as a card no more.

    Raises:
        CodeNotFound
    """
    phones = await _phones_of(session, member_id)
    if not phones:
        raise CodeNotFound
    await end(session, cipher, phones)


async def forget_phones(session: WriteSession, cipher: FieldCipher, member_id: int) -> None:
    """The same, where a number may serve as a card or not."""
    await end(session, cipher, await _phones_of(session, member_id))


async def look_up(session: AnySession, cipher: FieldCipher, text: str) -> LookupRead:
    """Whose card, code or phone number it is.

    Raises:
        CodeNotFound
    """
    try:
        phone = parse_mobile_number(text).removeprefix("+")
    except NumberFault:
        pass
    else:
        member_id = await repository.member_of_phone(session, cipher, phone)
        if member_id is not None:
            return LookupRead(member_id=member_id, card=None)
    digits = _SEPARATORS.sub("", fold_digits(text))
    if digits[: len(_SCHEME)].lower() == _SCHEME:
        digits = digits[len(_SCHEME) :]
    if not (digits.isascii() and digits.isdigit()):
        raise CodeNotFound
    card = await repository.by_number(session, cipher, digits, live_at=utc_now())
    if card is None:
        raise CodeNotFound
    return LookupRead(member_id=card.member_id, card=await cards.read(session, card.id))


async def end(session: WriteSession, cipher: FieldCipher, codes: Sequence[CardCode]) -> None:
    """Delete codes, here and on the switch."""
    gone = []
    for code in codes:
        number = CODE_NUMBER.open(cipher, code)
        if number is not None:
            subject_id = code.card_id or code.member_id or 0
            gone.append(NumberedRecord(subject_id, number, {}, FileUpdateCode.DELETE))
        await session.delete(code)
    await session.flush()
    await outbox.enqueue_numbered(session, cipher, SubjectKind.CARD_CODE, gone)


async def send_due(session: WriteSession, cipher: FieldCipher, codes: Sequence[CardCode]) -> None:
    """Send the records of codes whose cards a terminal has changed."""
    found = await repository.find_many(session, [code.card_id for code in codes if code.card_id is not None])
    cards_by_id = {card.id: card for card in found}
    records = []
    for code in codes:
        card, number = cards_by_id.get(code.card_id or 0), CODE_NUMBER.open(cipher, code)
        if card is not None and number is not None:
            records.append(record_of(card, number, is_code=True))
        code.is_due = False
    await outbox.enqueue_numbered(session, cipher, SubjectKind.CARD_CODE, records)


async def _usable(session: WriteSession, card_id: int) -> tuple[Card, CardProduct]:
    card = await repository.lock(session, card_id)
    if card is None:
        raise CardNotFound
    if card.status != CardStatus.ACTIVE:
        raise CardNotUsable
    return card, await products.find(session, card.product_id)


async def _ean_of(session: AnySession, card_id: int) -> CardCode | None:
    found: CardCode | None = await session.scalar(
        select(CardCode).where(CardCode.card_id == card_id, CardCode.kind == CodeKind.EAN_13.value)
    )
    return found


async def _phones_of(session: AnySession, member_id: int) -> list[CardCode]:
    return list(
        await session.scalars(
            select(CardCode).where(CardCode.member_id == member_id, CardCode.kind == CodeKind.PHONE.value)
        )
    )


def _is_live(code: CardCode) -> bool:
    return code.expires_at is None or code.expires_at > utc_now()


async def _free(session: AnySession, cipher: FieldCipher, drawn: Sequence[str]) -> str:
    taken = await repository.numbers_taken(session, cipher, drawn)
    return next(number for number in drawn if number not in taken)


async def _add(
    session: WriteSession,
    cipher: FieldCipher,
    kind: CodeKind,
    number: str,
    *,
    card: Card | None = None,
    member_id: int | None = None,
    expires_at: datetime | None = None,
) -> CardCode:
    code = CardCode(
        kind=kind.value,
        card_id=None if card is None else card.id,
        member_id=member_id,
        created_at=utc_now(),
        expires_at=expires_at,
        is_due=False,
    )
    session.add(code)
    await session.flush()
    CODE_NUMBER.seal(cipher, code, number)
    await session.flush()
    if card is not None:
        if card.status != CardStatus.ACTIVE:
            return code
        sent = record_of(card, number, is_code=True)
    else:
        record = {
            Tag.MEMBER_NUMBER.value: f"{member_id or 0:012d}",
            Tag.STATUS.value: "A",
            Tag.CARD_TYPE.value: PHONE_CARD_TYPE,
            Tag.CARD_REFERENCE.value: f"{0:012d}",
        }
        sent = NumberedRecord(member_id or 0, number, record)
    await outbox.enqueue_numbered(session, cipher, SubjectKind.CARD_CODE, [sent])
    return code
