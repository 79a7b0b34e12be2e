"""Fills a host API's database with a club: members with a mobile number and a card, and what they bought."""

import asyncio
import random
from collections.abc import Iterator
from datetime import timedelta
from typing import Final, NamedTuple

from host_api.core.clock import utc_now
from host_api.core.database import Database
from host_api.core.encryption.field_cipher import FieldCipher
from host_api.core.encryption.vault import Vault
from host_api.core.outbox import OutboxRow, OutboxState, SubjectKind
from host_api.core.programmes import FIRST_PROGRAMME
from host_api.core.schema_migration import prepare_database
from host_api.core.settings import Settings
from host_api.core.tables import Base
from host_api.services.cards.card_number import CARD_NUMBER_PREFIX, check_digit
from host_api.services.cards.models import NUMBER, Card
from host_api.services.cards.products import logic as products
from host_api.services.cards.products.logic import DEFAULT_CODE
from host_api.services.cards.states import CardStatus
from host_api.services.members.identities.kinds import BuiltIn
from host_api.services.members.identities.models import VALUE, MemberIdentity
from host_api.services.members.models import Member, MemberNumber
from protocol.dialect import FileName, FileUpdateCode
from tools.bench import host_api_ledger as ledger
from tools.bench.bulk_load import BulkLoad, Row, Tell, bulk_load

_ASKED_FOR: Final = 2_000
_PEOPLE_AT_ONCE: Final = 50_000
_JOINING: Final = timedelta(days=1_000)
_FIRST_NAMES: Final = [
    "محمد",
    "علی",
    "زهرا",
    "فاطمه",
    "حسین",
    "رضا",
    "مریم",
    "سارا",
    "مهدی",
    "امیر",
    "نرگس",
    "لیلا",
    "حسن",
    "پریسا",
    "سعید",
    "نیلوفر",
    "کاوه",
    "آرش",
    "شیرین",
    "مینا",
]
_FAMILY_NAMES: Final = [
    "محمدی",
    "احمدی",
    "حسینی",
    "رضایی",
    "کریمی",
    "مرادی",
    "جعفری",
    "رحیمی",
    "قاسمی",
    "اکبری",
    "صادقی",
    "ابراهیمی",
    "نوری",
    "حیدری",
    "عباسی",
    "موسوی",
    "شریفی",
    "کاظمی",
    "سلیمانی",
    "یوسفی",
    "طاهری",
    "باقری",
    "ملکی",
    "فرهادی",
    "زارعی",
]
_TIERS: Final = ("initial",) * 6 + ("silver",) * 3 + ("gold",)
_ACTIVITIES: Final = ("active", "active", "new", "lapsing")


class Club(NamedTuple):
    """Active members to be asked for, each another one, and how many transactions there are."""

    member_ids: list[int]
    mobiles: list[str]
    card_numbers: list[str]
    names: list[str]
    transactions: int


def fill(settings: Settings, members: int, transactions: int, tell: Tell = lambda line: None) -> Club:
    """Migrate an empty database and write the club; the same one every time, up to now."""
    cipher, product_id = asyncio.run(_prepare(settings))
    people: list[type[Base]] = [Member, MemberIdentity, Card, OutboxRow]
    tables = [Base.metadata.tables[model.__tablename__] for model in (*people, *ledger.tables())]
    with bulk_load(settings.sqlalchemy_url, tell) as load:
        load.drop_indexes(tables)
        _write_people(load, cipher, product_id, members)
        _write_outbox(load, members)
        ledger.write_ledger(load, members, transactions)
        load.make_indexes(tables)
        ledger.write_sums(load)
    choose = random.Random(1)
    active = [number for number in range(1, members + 1) if not _is_blocked(number)]
    chosen = choose.sample(active, min(_ASKED_FOR, len(active)))
    return Club(
        chosen,
        [_mobile(member) for member in chosen],
        [_card_number(member) for member in chosen],
        [_name(member) for member in chosen],
        transactions,
    )


async def _prepare(settings: Settings) -> tuple[FieldCipher, int]:
    """The cipher, and the product of the cards."""
    database = Database(settings.sqlalchemy_url)
    await prepare_database(database, settings)
    vault = Vault(database, settings.keyring_path)
    await vault.open()
    async with database.writing(FIRST_PROGRAMME) as session:
        product = await products.lock(session, DEFAULT_CODE)
    await database.dispose()
    return vault.cipher, product.id


def _mobile(member_id: int) -> str:
    return f"+989{member_id:09d}"


def _card_number(member_id: int) -> str:
    payload = f"{CARD_NUMBER_PREFIX}{member_id:011d}"
    return payload + check_digit(payload)


def _name(member_id: int) -> str:
    first = _FIRST_NAMES[member_id * 7 % len(_FIRST_NAMES)]
    return f"{first} {_FAMILY_NAMES[member_id // 3 % len(_FAMILY_NAMES)]} {member_id % 97}"


def _is_blocked(member_id: int) -> bool:
    return member_id % 101 == 0


def _write_people(load: BulkLoad, cipher: FieldCipher, product_id: int, members: int) -> None:
    for start in range(1, members + 1, _PEOPLE_AT_ONCE):
        ids = range(start, min(start + _PEOPLE_AT_ONCE, members + 1))
        load.put(Base.metadata.tables["members"], _MEMBER, _members(ids, members))
        load.put(Base.metadata.tables["member_identities"], _IDENTITY, _identities(cipher, ids))
        load.put(Base.metadata.tables["cards"], _CARD, _cards(cipher, product_id, ids))
        load.tell(f"{ids[-1]:,} of {members:,} members")
    for model in (Member, MemberNumber, MemberIdentity, Card):
        load.count_on(model.__tablename__, members)


_MEMBER: Final = (
    *("id", "programme_id", "name", "tier", "status", "created_at", "joined_via", "activity", "version"),
)


def _members(ids: range, members: int) -> Iterator[Row]:
    now = utc_now()
    for number in ids:
        joined_at = now - _JOINING * (1 - number / members)
        status = "blocked" if _is_blocked(number) else "active"
        activity = _ACTIVITIES[number // 10 % len(_ACTIVITIES)]
        tier = _TIERS[number % len(_TIERS)]
        yield (number, FIRST_PROGRAMME, _name(number), tier, status, joined_at, "office", activity, 1)


_IDENTITY: Final = (
    *("id", "programme_id", "member_id", "kind", "is_unique", "created_at", "value_sealed", "value_index"),
)


def _identities(cipher: FieldCipher, ids: range) -> Iterator[Row]:
    now, kind = utc_now(), BuiltIn.MOBILE.value
    for number in ids:
        sealed = VALUE.sealed_bytes(cipher, FIRST_PROGRAMME, number, _mobile(number))
        index = VALUE.index_bytes(cipher, FIRST_PROGRAMME, _mobile(number))
        yield (number, FIRST_PROGRAMME, number, kind, False, now, sealed, index)


_CARD: Final = (
    *("id", "programme_id", "reference", "number_sealed", "number_index", "first_six", "last_four"),
    *("product_id", "card_type", "member_id", "status", "feed_position", "created_at", "issued_at"),
)


def _cards(cipher: FieldCipher, product_id: int, ids: range) -> Iterator[Row]:
    now = utc_now()
    for number in ids:
        text = _card_number(number)
        sealed = NUMBER.sealed_bytes(cipher, FIRST_PROGRAMME, number, text)
        index = NUMBER.index_bytes(cipher, FIRST_PROGRAMME, text)
        yield (
            *(number, FIRST_PROGRAMME, number, sealed, index, text[:6], text[-4:]),
            *(product_id, DEFAULT_CODE, number, CardStatus.ACTIVE.value, 0, now, now),
        )


def _write_outbox(load: BulkLoad, members: int) -> None:
    """The records of members and cards, which the switch has long had."""
    at = load.instant("1767225600000")
    for place, (kind, file_name) in enumerate(
        ((SubjectKind.MEMBER, FileName.MEMBER), (SubjectKind.CARD, FileName.CARD))
    ):
        columns = {
            "id": f"n + {place * members}",
            "programme_id": f"{FIRST_PROGRAMME}",
            "subject_kind": f"'{kind.value}'",
            "subject_id": "n",
            "file_name": f"'{file_name.value}'",
            "update_code": f"'{FileUpdateCode.ADD_OR_REPLACE.value}'",
            "record": "'{}'",
            "created_at": at,
            "sent_at": at,
            "state": f"'{OutboxState.DONE.value}'",
            "attempts": "1",
            "response_code": "'00'",
            "finished_at": at,
        }
        load.put_series(OutboxRow.__tablename__, columns, 1, members)
    load.count_on(OutboxRow.__tablename__, 2 * members)
