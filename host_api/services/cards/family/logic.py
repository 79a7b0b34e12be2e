"""Supplementary cards: issue within a household, and their limits."""

from sqlalchemy import select

from host_api.core.access.caller import Caller
from host_api.core.database import AnySession, ReadSession, WriteSession
from host_api.core.encryption.field_cipher import FieldCipher
from host_api.core.errors import Problem
from host_api.core.listing import Page, read_rows
from host_api.core.locking import check_version
from host_api.services.cards import logic as cards
from host_api.services.cards import repository
from host_api.services.cards.family.listing import FamilyCardQuery
from host_api.services.cards.family.models import FamilyCard
from host_api.services.cards.family.schemas import (
    FamilyCardChange,
    FamilyCardCreate,
    FamilyCardIssued,
    FamilyCardRead,
    FamilyRelation,
)
from host_api.services.cards.problems import CardNotFound
from host_api.services.cards.products import logic as products
from host_api.services.cards.schemas import CardCreate, CardIssue, CardRead
from host_api.services.members import logic as members


class NotForFamilies(Problem):
    """The product is not made for supplementary cards."""

    status = 409
    code = "card-product-not-for-families"
    title = "Not a family product"
    title_fa = "این محصول کارت خانواده نیست"
    detail = "Cards of this product can't be supplementary cards."
    detail_fa = "کارت‌های این محصول نمی‌تواند کارت خانواده باشد."
    field = "card_type"


class NotOneHousehold(Problem):
    """The two members share no household."""

    status = 409
    code = "not-one-household"
    title = "Not one household"
    title_fa = "از یک خانوار نیستند"
    detail = "The principal member has no household, or the holder belongs to another."
    detail_fa = "عضو اصلی خانواری ندارد یا دارندهٔ کارت از خانوار دیگری است."
    field = "holder_member_id"


async def create(
    session: WriteSession, cipher: FieldCipher, caller: Caller, member_id: int, wanted: FamilyCardCreate
) -> FamilyCardIssued:
    """Issue a supplementary card of a member's household.

    Raises:
        members.MemberNotFound, NotOneHousehold, NotForFamilies, and what the issue of a card raises.
    """
    principal = await members.read(session, member_id)
    holder_id = wanted.holder_member_id or member_id
    holder = principal if holder_id == member_id else await members.read(session, holder_id)
    if principal.household is None or holder.household != principal.household:
        raise NotOneHousehold
    if not (await products.lock(session, wanted.card_type)).is_family_allowed:
        raise NotForFamilies
    number = None
    card: CardRead
    if wanted.from_stock or wanted.number is not None:
        taken = CardIssue(
            member_id=holder_id,
            number=wanted.number,
            card_type=wanted.card_type,
            branch_id=wanted.branch_id,
        )
        card = await cards.issue(session, cipher, caller, taken)
    else:
        made = CardCreate(member_id=holder_id, card_type=wanted.card_type, branch_id=wanted.branch_id)
        issued = await cards.create(session, cipher, caller, made)
        card, number = CardRead.model_validate(issued.model_dump(exclude={"number"})), issued.number
    family_card = FamilyCard(
        id=card.id,
        principal_member_id=member_id,
        relation=wanted.relation.value,
        limit_per_purchase=wanted.limit_per_purchase,
        limit_per_day=wanted.limit_per_day,
        limit_per_month=wanted.limit_per_month,
    )
    session.add(family_card)
    await session.flush()
    return FamilyCardIssued(**_read(family_card, card).model_dump(), number=number)


async def change(
    session: WriteSession, card_id: int, wanted: FamilyCardChange, if_match: str
) -> FamilyCardRead:
    """Change a supplementary card's limits.

    Raises:
        CardNotFound, ChangedMeanwhile
    """
    family_card = await session.get(FamilyCard, card_id)
    if family_card is None:
        raise CardNotFound
    check_version(family_card, if_match)
    for name in wanted.model_fields_set:
        setattr(family_card, name, getattr(wanted, name))
    await session.flush()
    return _read(family_card, await cards.read(session, card_id))


async def read(session: AnySession, card_id: int) -> FamilyCardRead:
    """One supplementary card.

    Raises:
        CardNotFound
    """
    family_card = await session.get(FamilyCard, card_id)
    if family_card is None:
        raise CardNotFound
    return _read(family_card, await cards.read(session, card_id))


async def read_page(session: ReadSession, query: FamilyCardQuery) -> Page[FamilyCardRead]:
    """A page of supplementary cards."""
    rows, next_cursor = await read_rows(session, select(FamilyCard), query)
    found = await repository.find_many(session, [row.id for row in rows])
    by_id = {card.id: card for card in await cards.read_all(session, found)}
    return Page(items=[_read(row, by_id[row.id]) for row in rows], next_cursor=next_cursor)


def _read(family_card: FamilyCard, card: CardRead) -> FamilyCardRead:
    return FamilyCardRead(
        card=card,
        principal_member_id=family_card.principal_member_id,
        relation=FamilyRelation(family_card.relation),
        limit_per_purchase=family_card.limit_per_purchase,
        limit_per_day=family_card.limit_per_day,
        limit_per_month=family_card.limit_per_month,
        version=family_card.version,
    )
