"""Versions of the policy of paid notices."""

from sqlalchemy import select

from host_api.core.access.caller import Caller
from host_api.core.clock import utc_now
from host_api.core.database import AnySession, ReadSession, WriteSession
from host_api.core.listing import Page, read_rows
from host_api.core.policy_versions import PolicyMissing, in_force, keep_version
from host_api.services.paid_notices.listing import PaidNoticePolicyQuery
from host_api.services.paid_notices.models import PaidNoticePolicy
from host_api.services.paid_notices.schemas import PaidNoticePolicyCreate, PaidNoticePolicyRead


async def create(
    session: WriteSession, caller: Caller, wanted: PaidNoticePolicyCreate
) -> PaidNoticePolicyRead:
    """Add a version.

    Raises:
        PolicyInThePast
    """
    version = PaidNoticePolicy(**wanted.model_dump(exclude={"valid_from"}))
    await keep_version(session, version, caller, wanted.valid_from)
    return PaidNoticePolicyRead.model_validate(version)


async def open_one(session: AnySession) -> PaidNoticePolicy:
    """The version in force, where it is open.

    Raises:
        PolicyMissing
    """
    version = await in_force(session, PaidNoticePolicy, utc_now())
    if not version.is_open:
        raise PolicyMissing
    return version


async def read_page(session: ReadSession, query: PaidNoticePolicyQuery) -> Page[PaidNoticePolicyRead]:
    """A page of versions."""
    rows, next_cursor = await read_rows(session, select(PaidNoticePolicy), query)
    return Page(items=[PaidNoticePolicyRead.model_validate(row) for row in rows], next_cursor=next_cursor)
