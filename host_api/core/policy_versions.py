"""Policies in versions: none is changed or deleted, a later one takes its place.

What was decided under a version names it, and so can be told and computed again for ever.
"""

from datetime import datetime
from typing import TypeVar

from sqlalchemy import String, select
from sqlalchemy.orm import Mapped, mapped_column

from host_api.core.access.caller import Caller
from host_api.core.clock import utc_now
from host_api.core.database import AnySession, WriteSession
from host_api.core.errors import Problem
from host_api.core.tables import Identifier, Instant


class PolicyVersion:
    """Base of rows that are one version of a programme's policy; the id is the version's number."""

    id: Mapped[Identifier]
    valid_from: Mapped[Instant]
    created_at: Mapped[Instant]
    created_by: Mapped[str] = mapped_column(String(100))


PolicyT = TypeVar("PolicyT", bound=PolicyVersion)


class PolicyMissing(Problem):
    """No version of the policy is in force."""

    status = 409
    code = "policy-missing"
    title = "No policy in force"
    title_fa = "سیاستی برقرار نیست"
    detail = "The club has no policy for this that is in force and open; make a version of it first."
    detail_fa = "باشگاه برای این کار سیاستی برقرار و باز ندارد؛ نخست نسخه‌ای از آن بسازید."


class PolicyInThePast(Problem):
    """A version would have been in force before it was made."""

    status = 422
    code = "policy-in-the-past"
    title = "Policy begins in the past"
    title_fa = "آغاز سیاست در گذشته است"
    detail = "A version is valid from now or later: what was decided stays as it was."
    detail_fa = "هر نسخه از اکنون یا پس از آن معتبر است: آنچه تصمیم گرفته شده تغییر نمی‌کند."
    field = "valid_from"


async def in_force(session: AnySession, kind: type[PolicyT], now: datetime) -> PolicyT:
    """The version that holds at `now`: of those that have begun the one that began last.

    Raises:
        PolicyMissing
    """
    found = await session.scalar(
        select(kind).where(kind.valid_from <= now).order_by(kind.valid_from.desc(), kind.id.desc()).limit(1)
    )
    if found is None:
        raise PolicyMissing
    return found


async def keep_version(
    session: WriteSession, version: PolicyVersion, caller: Caller, valid_from: datetime | None
) -> None:
    """Add a version, valid from now unless told otherwise.

    Raises:
        PolicyInThePast
    """
    now = utc_now()
    if valid_from is not None and valid_from < now:
        raise PolicyInThePast
    version.valid_from, version.created_at, version.created_by = valid_from or now, now, caller.name
    session.add(version)
    await session.flush()
