"""Merchants and their branches."""

import secrets
from collections.abc import Sequence

from sqlalchemy import select
from sqlalchemy.orm import joinedload

from host_api.core.clock import utc_now
from host_api.core.database import AnySession, ReadSession, WriteSession, conflict_as
from host_api.core.encryption.field_cipher import FieldCipher
from host_api.core.errors import Problem
from host_api.core.events.emission import Subject, emit
from host_api.core.iran.sheba import bank_of_sheba
from host_api.core.listing import Page, read_rows, read_rows_after
from host_api.core.locking import check_version
from host_api.services.guilds import logic as guilds
from host_api.services.merchants import places, repository
from host_api.services.merchants.branch_schemas import (
    BranchRead,
    BranchStatus,
    Location,
    OpeningHours,
)
from host_api.services.merchants.events import (
    MERCHANT_REGISTERED,
    MERCHANT_STATUS_CHANGED,
    MerchantRegistered,
    MerchantStatusChanged,
)
from host_api.services.merchants.listing import BranchQuery, MerchantFilters, MerchantQuery
from host_api.services.merchants.models import CONTACT, SHEBA, Branch, Merchant
from host_api.services.merchants.schemas import (
    Contact,
    ContactRead,
    MerchantCreate,
    MerchantPrivateRead,
    MerchantRead,
    MerchantStatus,
    MerchantUpdate,
)
from host_api.services.sectors.logic import Sector

MICRODEGREES = 1_000_000


class MerchantNotFound(Problem):
    """No merchant has this id."""

    status = 404
    code = "merchant-not-found"
    title = "Merchant not found"
    title_fa = "پذیرنده پیدا نشد"
    detail = "There is no merchant with this id."
    detail_fa = "پذیرنده‌ای با این شناسه وجود ندارد."


class MerchantIdTaken(Problem):
    """Another merchant has the card acceptor id."""

    status = 409
    code = "merchant-id-taken"
    title = "Merchant id taken"
    title_fa = "کد پذیرنده تکراری است"
    detail = "Another merchant has this merchant id already."
    detail_fa = "پذیرندهٔ دیگری با همین کد ثبت شده است."
    field = "merchant_id"


class BranchNotFound(Problem):
    """No branch has this id."""

    status = 404
    code = "branch-not-found"
    title = "Branch not found"
    title_fa = "شعبه پیدا نشد"
    detail = "There is no branch with this id."
    detail_fa = "شعبه‌ای با این شناسه وجود ندارد."


class MerchantClosed(Problem):
    """What is closed stays so, and nothing opens there."""

    status = 409
    code = "merchant-closed"
    title = "Merchant closed"
    title_fa = "پذیرنده بسته شده است"
    detail = "This merchant has been closed, for good; register another one."
    detail_fa = "این پذیرنده برای همیشه بسته شده است؛ پذیرندهٔ دیگری ثبت کنید."


async def create_merchant(session: WriteSession, cipher: FieldCipher, wanted: MerchantCreate) -> Merchant:
    """Store a new merchant.

    Raises:
        MerchantIdTaken, guilds.GuildNotFound
    """
    merchant_id = wanted.merchant_id or f"V{secrets.randbelow(10**14):014d}"
    if await repository.is_merchant_id_taken(session, merchant_id):
        raise MerchantIdTaken
    await _require_guild(session, wanted.guild)
    merchant = Merchant(
        merchant_id=merchant_id,
        name=wanted.name,
        status=MerchantStatus.ACTIVE.value,
        guild=wanted.guild,
        sector=wanted.sector,
        created_at=utc_now(),
    )
    async with conflict_as(MerchantIdTaken()):
        await repository.add(session, merchant)
    if wanted.sheba is not None:
        SHEBA.seal(cipher, merchant, wanted.sheba)
    if wanted.contact is not None:
        CONTACT.seal(cipher, merchant, _written(wanted.contact))
    emit(
        session,
        MERCHANT_REGISTERED,
        Subject("merchant", merchant.id),
        MerchantRegistered(id=merchant.id, merchant_id=merchant.merchant_id),
    )
    await session.flush()
    return merchant


async def _require_guild(session: AnySession, code: str | None) -> None:
    if code is not None:
        await guilds.require(session, code)


async def change_merchant(
    session: WriteSession, cipher: FieldCipher, key: int, if_match: str, wanted: MerchantUpdate
) -> Merchant:
    """Change a merchant; where that concerns its terminals, their records follow.

    Raises:
        MerchantNotFound, ChangedMeanwhile, MerchantClosed, guilds.GuildNotFound
    """
    merchant = await repository.lock_merchant(session, key)
    if merchant is None:
        raise MerchantNotFound
    check_version(merchant, if_match)
    before = _known_of(merchant)
    if wanted.status is not None and wanted.status != merchant.status:
        if merchant.status == MerchantStatus.CLOSED:
            raise MerchantClosed
        merchant.status = wanted.status.value
        changed = MerchantStatusChanged(id=key, merchant_id=merchant.merchant_id, status=wanted.status)
        emit(session, MERCHANT_STATUS_CHANGED, Subject("merchant", key), changed)
    if wanted.name is not None:
        merchant.name = wanted.name
    given = wanted.model_fields_set
    if "guild" in given and wanted.guild != merchant.guild:
        await _require_guild(session, wanted.guild)
        merchant.guild = wanted.guild
    if "sector" in given:
        merchant.sector = wanted.sector
    if "sheba" in given:
        SHEBA.seal(cipher, merchant, wanted.sheba)
    if "contact" in given:
        CONTACT.seal(cipher, merchant, None if wanted.contact is None else _written(wanted.contact))
    await session.flush()
    if _known_of(merchant) != before:
        await places.tell_followers(session, await repository.branch_ids(session, key))
    return merchant


async def find_merchant(session: AnySession, key: int) -> Merchant:
    """One merchant, as a row with its version.

    Raises:
        MerchantNotFound
    """
    merchant = await repository.find_merchant(session, key)
    if merchant is None:
        raise MerchantNotFound
    return merchant


async def read_merchant(session: AnySession, key: int) -> MerchantRead:
    """One merchant.

    Raises:
        MerchantNotFound
    """
    return shown_merchant(await find_merchant(session, key))


async def read_private(session: AnySession, cipher: FieldCipher, key: int) -> MerchantPrivateRead:
    """What is kept sealed of a merchant: the account to which it is paid, and whom to call.

    Raises:
        MerchantNotFound
    """
    merchant = await find_merchant(session, key)
    sheba, contact = SHEBA.open(cipher, merchant), CONTACT.open(cipher, merchant)
    bank = None if sheba is None else bank_of_sheba(sheba)
    return MerchantPrivateRead(
        id=key,
        sheba=sheba,
        bank=None if bank is None else bank.name,
        bank_fa=None if bank is None else bank.name_fa,
        contact=None if contact is None else ContactRead.model_validate_json(contact),
    )


async def read_merchant_page(session: ReadSession, query: MerchantQuery) -> Page[MerchantRead]:
    """A page of merchants."""
    merchants, next_cursor = await read_rows(session, select(Merchant), query)
    return Page(items=[shown_merchant(merchant) for merchant in merchants], next_cursor=next_cursor)


async def read_merchants_after(
    session: AnySession, query: MerchantFilters, cursor: str | None, limit: int
) -> tuple[list[MerchantRead], str | None]:
    """Up to `limit` merchants after `cursor`, and the cursor of those behind them."""
    merchants, next_cursor = await read_rows_after(session, select(Merchant), query, cursor, limit)
    return [shown_merchant(merchant) for merchant in merchants], next_cursor


async def find_branch(session: AnySession, branch_id: int) -> Branch:
    """One branch, as a row with its version.

    Raises:
        BranchNotFound
    """
    branch = await repository.find_branch(session, branch_id)
    if branch is None:
        raise BranchNotFound
    return branch


async def read_branch(session: AnySession, branch_id: int) -> BranchRead:
    """One branch.

    Raises:
        BranchNotFound
    """
    return shown_branch(await find_branch(session, branch_id))


async def read_branch_page(session: ReadSession, query: BranchQuery) -> Page[BranchRead]:
    """A page of branches."""
    branches, next_cursor = await read_rows(
        session, select(Branch).options(joinedload(Branch.merchant)), query
    )
    return Page(items=[shown_branch(branch) for branch in branches], next_cursor=next_cursor)


async def branch_ids_of(session: AnySession, merchant_key: int) -> Sequence[int]:
    """All branches of a merchant, by number."""
    return await repository.branch_ids(session, merchant_key)


def shown_merchant(merchant: Merchant) -> MerchantRead:
    """A merchant as the API tells of it."""
    return MerchantRead(
        id=merchant.id,
        merchant_id=merchant.merchant_id,
        name=merchant.name,
        status=MerchantStatus(merchant.status),
        guild=merchant.guild,
        sector=None if merchant.sector is None else Sector(merchant.sector),
        has_settlement_account=merchant.sheba_sealed is not None,
        has_contact=merchant.contact_sealed is not None,
        created_at=merchant.created_at,
    )


def shown_branch(branch: Branch) -> BranchRead:
    """A branch, read with its merchant, as the API tells of it."""
    latitude, longitude = branch.latitude_microdegrees, branch.longitude_microdegrees
    location = None
    if latitude is not None and longitude is not None:
        location = Location(latitude=latitude / MICRODEGREES, longitude=longitude / MICRODEGREES)
    return BranchRead(
        id=branch.id,
        merchant=branch.merchant_key,
        merchant_id=branch.merchant.merchant_id,
        branch_number=branch.branch_number,
        name=branch.name,
        status=BranchStatus(branch.status),
        city=branch.city,
        city_code=branch.city_code,
        address=branch.address,
        location=location,
        opening_hours=[OpeningHours.model_validate(hours) for hours in branch.opening_hours],
        tags=branch.tags,
        created_at=branch.created_at,
    )


def _known_of(merchant: Merchant) -> tuple[str | None, ...]:
    """What terminals' records have of a merchant."""
    return merchant.status, merchant.guild, merchant.sector


def _written(contact: Contact) -> str:
    return contact.model_dump_json(exclude_none=True)
