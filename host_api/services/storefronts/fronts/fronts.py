"""Storefronts: opened by sellers, shown once a second person has approved them."""

from collections.abc import Iterable
from typing import Final

from sqlalchemy import select

from host_api.core.access.caller import Caller
from host_api.core.clock import utc_now
from host_api.core.database import AnySession, ReadSession, WriteSession
from host_api.core.encryption.field_cipher import FieldCipher
from host_api.core.files.file_table import find_file
from host_api.core.files.media_types import MediaType
from host_api.core.files.references import FileUse, refers_to_files
from host_api.core.listing import Page, read_rows
from host_api.core.locking import check_version
from host_api.core.second_person import NeedsSecondPerson, asked_by, decide
from host_api.services.sellers import logic as sellers
from host_api.services.storefronts.fronts.listing import StorefrontQuery
from host_api.services.storefronts.fronts.models import CONTACT, Storefront, StorefrontGood
from host_api.services.storefronts.fronts.problems import (
    StorefrontClosed,
    StorefrontNotFound,
    StorefrontPictureNotFound,
)
from host_api.services.storefronts.fronts.schemas import (
    ShownDecision,
    StorefrontCreate,
    StorefrontRead,
    StorefrontUpdate,
)
from host_api.services.storefronts.fronts.states import ShowState

_PICTURES: Final = (MediaType.PNG.value, MediaType.JPEG.value)
_LOOKED_AT: Final = ("name", "description", "file_ids")


async def open_front(
    session: WriteSession, cipher: FieldCipher, caller: Caller, wanted: StorefrontCreate
) -> Storefront:
    """Ask for a storefront to be shown.

    Raises:
        SellerNotFound, SellerNotActive, StorefrontPictureNotFound
    """
    await sellers.find_active(session, wanted.seller_id)
    await check_pictures(session, wanted.file_ids)
    row = Storefront(
        **wanted.model_dump(exclude={"contact"}), **asked_by(caller), state=ShowState.ASKED.value
    )
    session.add(row)
    await session.flush()
    if wanted.contact is not None:
        CONTACT.seal(cipher, row, wanted.contact)
        await session.flush()
    return row


async def change(  # noqa: PLR0917
    session: WriteSession,
    cipher: FieldCipher,
    caller: Caller,
    storefront_id: int,
    if_match: str,
    wanted: StorefrontUpdate,
) -> Storefront:
    """Change a storefront; what members see of it is looked at again.

    Raises:
        StorefrontNotFound, StorefrontClosed, StorefrontPictureNotFound, ChangedMeanwhile
    """
    row = await session.get(Storefront, storefront_id, with_for_update=True)
    if row is None:
        raise StorefrontNotFound
    check_version(row, if_match)
    if row.state == ShowState.CLOSED:
        raise StorefrontClosed
    await check_pictures(session, wanted.file_ids or ())
    values = wanted.model_dump(exclude_none=True, exclude={"contact", "is_closed"})
    apply(row, values, caller, _LOOKED_AT)
    if wanted.contact is not None:
        CONTACT.seal(cipher, row, wanted.contact)
    if wanted.is_closed:
        row.state = ShowState.CLOSED.value
    await session.flush()
    return row


async def decide_front(
    session: WriteSession, caller: Caller, storefront_id: int, state: ShowState
) -> Storefront:
    """Have it shown or not, as the second person.

    Raises:
        StorefrontNotFound, AlreadyDecided, OwnAct
    """
    row = await session.get(Storefront, storefront_id, with_for_update=True)
    if row is None:
        raise StorefrontNotFound
    decide(row, state, caller)
    await session.flush()
    return row


async def find(session: AnySession, storefront_id: int) -> Storefront:
    """One storefront.

    Raises:
        StorefrontNotFound
    """
    row = await session.get(Storefront, storefront_id)
    if row is None:
        raise StorefrontNotFound
    return row


async def find_unclosed(session: AnySession, storefront_id: int) -> Storefront:
    """One to which its active seller may add something.

    Raises:
        StorefrontNotFound, StorefrontClosed, SellerNotActive
    """
    row = await find(session, storefront_id)
    if row.state == ShowState.CLOSED:
        raise StorefrontClosed
    await sellers.find_active(session, row.seller_id)
    return row


async def read_page(session: ReadSession, query: StorefrontQuery) -> Page[StorefrontRead]:
    """A page of storefronts."""
    rows, next_cursor = await read_rows(session, select(Storefront), query)
    return Page(items=[shown(row) for row in rows], next_cursor=next_cursor)


def apply(
    row: Storefront | StorefrontGood, values: dict[str, object], caller: Caller, looked_at: Iterable[str]
) -> None:
    """Set values; where one of those that are looked at is another now, a second person decides again."""
    is_other = any(name in values and getattr(row, name) != values[name] for name in looked_at)
    for name, value in values.items():
        setattr(row, name, value)
    if is_other:
        row.state = ShowState.ASKED.value
        row.decided_by = row.decided_by_name = row.decided_at = None
        for column, value in asked_by(caller).items():
            setattr(row, column, value)


async def check_pictures(session: AnySession, file_ids: Iterable[int]) -> None:
    """Raises: StorefrontPictureNotFound."""
    for file_id in set(file_ids):
        file = await find_file(session, file_id, now=utc_now())
        if file is None or file.media_type not in _PICTURES:
            raise StorefrontPictureNotFound


def decision(row: NeedsSecondPerson) -> ShownDecision:
    """Who asked and who decided."""
    return ShownDecision(
        state=ShowState(row.state),
        asked_by=row.asked_by_name,
        asked_at=row.asked_at,
        decided_by=row.decided_by_name,
        decided_at=row.decided_at,
    )


def shown(row: Storefront) -> StorefrontRead:
    """A storefront as callers see it."""
    return StorefrontRead(
        **decision(row).model_dump(),
        id=row.id,
        seller_id=row.seller_id,
        name=row.name,
        description=row.description,
        file_ids=row.file_ids,
        confirm_hours=row.confirm_hours,
        deliver_days=row.deliver_days,
        return_days=row.return_days,
    )


@refers_to_files
async def _uses_of_file(session: AnySession, file_id: int) -> list[FileUse]:
    fronts = await session.execute(select(Storefront.id, Storefront.file_ids).order_by(Storefront.id))
    goods = await session.execute(
        select(StorefrontGood.id, StorefrontGood.file_ids).order_by(StorefrontGood.id)
    )
    return [
        *(
            FileUse("storefront", f"It is a picture of storefront {number}", f"تصویر ویترین {number} است.")
            for number, file_ids in fronts
            if file_id in file_ids
        ),
        *(
            FileUse(
                "storefront-good", f"It is a picture of goods {number}", f"تصویر کالای {number} ویترین است."
            )
            for number, file_ids in goods
            if file_id in file_ids
        ),
    ]
