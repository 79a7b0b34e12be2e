"""What stands against moving things from one record to another."""

from collections.abc import Collection

from host_api.core.clock import utc_now
from host_api.core.database import AnySession
from host_api.core.ledger.open_requests import open_requests
from host_api.services.cards import reassignment
from host_api.services.member_merging import repository
from host_api.services.member_merging.schemas import ConflictCode, RecordActKind
from host_api.services.members.schemas import MemberStatus, MemberSummary
from host_api.services.transactions.holdings import holdings_of

TEXTS = {
    ConflictCode.FROM_NOT_ACTIVE: (
        "The record that gives is blocked, and can move nothing",
        "رکورد مبدأ مسدود است و چیزی از آن جابه‌جا نمی‌شود.",
    ),
    ConflictCode.TO_NOT_ACTIVE: ("The record that receives is blocked", "رکورد مقصد مسدود است."),
    ConflictCode.FROM_MERGED: (
        "The record that gives went into another already",
        "رکورد مبدأ پیش‌تر در دیگری ادغام شده است.",
    ),
    ConflictCode.TO_MERGED: (
        "The record that receives went into another already",
        "رکورد مقصد پیش‌تر در دیگری ادغام شده است.",
    ),
    ConflictCode.UNITS_OWED: (
        "The record that gives owes units; settle that first",
        "رکورد مبدأ بدهکار است؛ نخست تسویه کنید.",
    ),
    ConflictCode.HOLDS_OPEN: (
        "A hold of the record that gives is open; complete or void it first",
        "مبلغ بلوکه‌شده‌ای از رکورد مبدأ باز است؛ نخست تکمیل یا لغو کنید.",
    ),
    ConflictCode.REQUESTS_OPEN: (
        "Movements of one of the records are on their way to the switch",
        "جابه‌جایی‌هایی از یکی از رکوردها در راه سوئیچ است.",
    ),
    ConflictCode.ACT_OPEN: (
        "Another merge or split of one of the records is under way",
        "ادغام یا تفکیک دیگری از یکی از رکوردها در جریان است.",
    ),
    ConflictCode.CARDS_ELSEWHERE: (
        "A chosen card isn't one of the record that gives",
        "یکی از کارت‌های منتخب از رکورد مبدأ نیست.",
    ),
}


async def conflicts_of(
    session: AnySession,
    kind: RecordActKind,
    from_member: MemberSummary,
    to_member: MemberSummary,
    *,
    card_ids: Collection[int] = (),
    act_id: int | None = None,
) -> list[ConflictCode]:
    """All that stands against an act.

    Parameters:
        card_ids: those of a split.
        act_id: the act itself, where it has been asked for.
    """
    found = _of_records(kind, from_member, to_member)
    holdings = await holdings_of(session, from_member.id, utc_now())
    if kind is RecordActKind.MERGE and any(amount < 0 for amount in holdings.spendable.values()):
        found.append(ConflictCode.UNITS_OWED)
    if holdings.open_holds and (kind is RecordActKind.MERGE or card_ids):
        found.append(ConflictCode.HOLDS_OPEN)
    if await open_requests(session, from_member.id) or await open_requests(session, to_member.id):
        found.append(ConflictCode.REQUESTS_OPEN)
    if await repository.is_under_way(session, (from_member.id, to_member.id), act_id):
        found.append(ConflictCode.ACT_OPEN)
    if not set(card_ids) <= set(await reassignment.ids_of(session, from_member.id)):
        found.append(ConflictCode.CARDS_ELSEWHERE)
    return found


def is_taking_back(kind: RecordActKind, from_member: MemberSummary, to_member: MemberSummary) -> bool:
    """Whether a split gives back to a record that went into this one."""
    return kind is RecordActKind.SPLIT and to_member.merged_into == from_member.id


def _of_records(
    kind: RecordActKind, from_member: MemberSummary, to_member: MemberSummary
) -> list[ConflictCode]:
    found = []
    if from_member.merged_into is not None:
        found.append(ConflictCode.FROM_MERGED)
    elif from_member.status is not MemberStatus.ACTIVE:
        found.append(ConflictCode.FROM_NOT_ACTIVE)
    if is_taking_back(kind, from_member, to_member):
        return found
    if to_member.merged_into is not None:
        found.append(ConflictCode.TO_MERGED)
    elif to_member.status is not MemberStatus.ACTIVE:
        found.append(ConflictCode.TO_NOT_ACTIVE)
    return found
