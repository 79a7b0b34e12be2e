"""Affiliate links: clicks that are counted up to a bound, and customers who came by them.

Whom a customer came by is the referral network's to know: an attribution registers the marketer's referrer
code there, by the network's own conditions, and keeps which click it was.
"""

import hashlib
from datetime import date, datetime, timedelta
from typing import Final

from sqlalchemy import delete, select
from sqlalchemy.dialects import postgresql, sqlite

from host_api.core.access.caller import Caller
from host_api.core.clock import utc_now
from host_api.core.database import AnySession, ReadSession, WriteSession, conflict_as
from host_api.core.isolation import programme_of
from host_api.core.listing import Page, read_rows
from host_api.core.locking import check_version, etag
from host_api.core.tehran_time import tehran_date
from host_api.services.marketers.affiliate_schemas import (
    LONGEST_WINDOW_DAYS,
    AffiliateAttributionCreate,
    AffiliateAttributionRead,
    AffiliateClickCreate,
    AffiliateClickRead,
    AffiliateDayRead,
    AffiliateLinkCreate,
    AffiliateLinkRead,
    AffiliateLinkUpdate,
)
from host_api.services.marketers.listing import (
    AffiliateAttributionQuery,
    AffiliateDayQuery,
    AffiliateLinkQuery,
)
from host_api.services.marketers.logic import find
from host_api.services.marketers.models import (
    AffiliateAttribution,
    AffiliateClick,
    AffiliateDay,
    AffiliateLink,
    Marketer,
)
from host_api.services.marketers.problems import (
    AffiliateCodeTaken,
    AffiliateLinkNotFound,
    AttributedAlready,
    NoClickInWindow,
)
from host_api.services.members.succession import survivor_of
from host_api.services.referral_network import registrations
from host_api.services.referral_network.schemas import CodeRegistration

_DIGEST_BYTES: Final = 16


async def create(session: WriteSession, wanted: AffiliateLinkCreate) -> tuple[AffiliateLinkRead, str]:
    """Make a link; it and its ETag.

    Raises:
        MarketerNotFound, AffiliateCodeTaken
    """
    await find(session, wanted.marketer_id)
    row = AffiliateLink(**wanted.model_dump(), is_active=True, created_at=utc_now())
    async with conflict_as(AffiliateCodeTaken()):
        session.add(row)
        await session.flush()
    return shown(row), etag(row)


async def change(
    session: WriteSession, link_id: int, wanted: AffiliateLinkUpdate, if_match: str
) -> tuple[AffiliateLinkRead, str]:
    """Change a link; it and its ETag.

    Raises:
        AffiliateLinkNotFound, ChangedMeanwhile
    """
    row = await session.get(AffiliateLink, link_id, with_for_update=True)
    if row is None:
        raise AffiliateLinkNotFound
    check_version(row, if_match)
    for name, value in wanted.model_dump(exclude_none=True).items():
        setattr(row, name, value)
    await session.flush()
    return shown(row), etag(row)


async def read(session: AnySession, link_id: int) -> tuple[AffiliateLinkRead, str]:
    """A link, and its ETag.

    Raises:
        AffiliateLinkNotFound
    """
    row = await session.get(AffiliateLink, link_id)
    if row is None:
        raise AffiliateLinkNotFound
    return shown(row), etag(row)


async def read_page(session: ReadSession, query: AffiliateLinkQuery) -> Page[AffiliateLinkRead]:
    """A page of links."""
    rows, next_cursor = await read_rows(session, select(AffiliateLink), query)
    return Page(items=[shown(row) for row in rows], next_cursor=next_cursor)


async def click(session: WriteSession, wanted: AffiliateClickCreate, now: datetime) -> AffiliateClickRead:
    """Count a visitor's first click of a day, within the link's bound.

    Raises:
        AffiliateLinkNotFound
    """
    link = await session.scalar(
        select(AffiliateLink).where(AffiliateLink.code == wanted.code, AffiliateLink.is_active)
    )
    if link is None:
        raise AffiliateLinkNotFound
    visitor, day = _digest(wanted.visitor), await _lock_day(session, link.id, tehran_date(now))
    known = await session.scalar(
        select(AffiliateClick.id).where(
            AffiliateClick.link_id == link.id,
            AffiliateClick.day == day.day,
            AffiliateClick.visitor == visitor,
        )
    )
    is_counted = known is None and day.clicks < link.most_clicks_a_day
    if is_counted:
        day.clicks += 1
        session.add(AffiliateClick(link_id=link.id, day=day.day, visitor=visitor, clicked_at=now))
    elif known is None:
        day.uncounted += 1
    await session.flush()
    return AffiliateClickRead(target_url=link.target_url, is_counted=is_counted)


async def attribute(
    session: WriteSession, caller: Caller, wanted: AffiliateAttributionCreate, now: datetime
) -> AffiliateAttributionRead:
    """Have a new member be the customer of whose link they clicked last.

    Raises:
        AttributedAlready, NoClickInWindow, and those of `registrations.register`
    """
    known = await session.scalar(
        select(AffiliateAttribution.id).where(AffiliateAttribution.member_id == wanted.member_id)
    )
    if known is not None:
        raise AttributedAlready
    clicked, link, marketer = await _last_click(session, _digest(wanted.visitor), now)
    introducer = await survivor_of(session, marketer.member_id)
    code = await registrations.code_of(session, introducer)
    await registrations.register(
        session, caller, CodeRegistration(member_id=wanted.member_id, code=code.code)
    )
    row = AffiliateAttribution(
        link_id=link.id, member_id=wanted.member_id, clicked_at=clicked.clicked_at, attributed_at=now
    )
    async with conflict_as(AttributedAlready()):
        session.add(row)
        await session.flush()
    (await _lock_day(session, link.id, tehran_date(now))).attributions += 1
    await session.flush()
    return _attribution(row)


async def read_days(session: ReadSession, query: AffiliateDayQuery) -> Page[AffiliateDayRead]:
    """A page of days of links."""
    rows, next_cursor = await read_rows(session, select(AffiliateDay), query)
    return Page(
        items=[
            AffiliateDayRead(
                id=row.id,
                link_id=row.link_id,
                day=row.day,
                clicks=row.clicks,
                uncounted=row.uncounted,
                attributions=row.attributions,
            )
            for row in rows
        ],
        next_cursor=next_cursor,
    )


async def read_attributions(
    session: ReadSession, query: AffiliateAttributionQuery
) -> Page[AffiliateAttributionRead]:
    """A page of attributions."""
    rows, next_cursor = await read_rows(session, select(AffiliateAttribution), query)
    return Page(items=[_attribution(row) for row in rows], next_cursor=next_cursor)


async def forget_clicks(session: WriteSession, now: datetime, limit: int) -> int:
    """Delete the oldest clicks that no window reaches back to; how many."""
    ids = list(
        await session.scalars(
            select(AffiliateClick.id)
            .where(AffiliateClick.clicked_at < now - timedelta(days=LONGEST_WINDOW_DAYS))
            .order_by(AffiliateClick.clicked_at)
            .limit(limit)
        )
    )
    await session.execute(
        delete(AffiliateClick).where(AffiliateClick.id.in_(ids)).execution_options(synchronize_session=False)
    )
    return len(ids)


async def _last_click(
    session: AnySession, visitor: str, now: datetime
) -> tuple[AffiliateClick, AffiliateLink, Marketer]:
    rows = await session.execute(
        select(AffiliateClick, AffiliateLink, Marketer)
        .join(AffiliateLink, AffiliateLink.id == AffiliateClick.link_id)
        .join(Marketer, Marketer.id == AffiliateLink.marketer_id)
        .where(
            AffiliateClick.visitor == visitor,
            AffiliateClick.clicked_at > now - timedelta(days=LONGEST_WINDOW_DAYS),
            AffiliateLink.is_active,
            Marketer.is_active,
        )
        .order_by(AffiliateClick.clicked_at.desc(), AffiliateClick.id.desc())
        .limit(LONGEST_WINDOW_DAYS)
    )
    for clicked, link, marketer in rows:
        if clicked.clicked_at + timedelta(days=link.window_days) > now:
            return clicked, link, marketer
    raise NoClickInWindow


async def _lock_day(session: WriteSession, link_id: int, day: date) -> AffiliateDay:
    """A link's day, behind which the link's clicks queue."""
    of_day = select(AffiliateDay).where(AffiliateDay.link_id == link_id, AffiliateDay.day == day)
    row = await session.scalar(of_day.with_for_update())
    if row is None:
        is_sqlite = session.get_bind().dialect.name == "sqlite"
        statement = (sqlite.insert if is_sqlite else postgresql.insert)(AffiliateDay)
        await session.execute(
            statement.values(
                programme_id=programme_of(session.sync_session),
                link_id=link_id,
                day=day,
                clicks=0,
                uncounted=0,
                attributions=0,
            ).on_conflict_do_nothing()
        )
        row = (await session.scalars(of_day.with_for_update())).one()
    return row


def _digest(visitor: str) -> str:
    return hashlib.blake2b(visitor.encode(), digest_size=_DIGEST_BYTES).hexdigest()


def shown(row: AffiliateLink) -> AffiliateLinkRead:
    """A link as the API tells of it."""
    return AffiliateLinkRead(
        id=row.id,
        marketer_id=row.marketer_id,
        code=row.code,
        title=row.title,
        target_url=row.target_url,
        window_days=row.window_days,
        most_clicks_a_day=row.most_clicks_a_day,
        is_active=row.is_active,
        created_at=row.created_at,
    )


def _attribution(row: AffiliateAttribution) -> AffiliateAttributionRead:
    return AffiliateAttributionRead(
        id=row.id,
        link_id=row.link_id,
        member_id=row.member_id,
        clicked_at=row.clicked_at,
        attributed_at=row.attributed_at,
    )
