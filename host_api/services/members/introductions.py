"""Whom members have introduced, for services that count it of many members at once."""

from sqlalchemy import Subquery, func, select

from host_api.core.tehran_time import UtcPeriod
from host_api.services.members.models import Member
from host_api.services.members.schemas import MemberStatus


def introduced_by_many(period: UtcPeriod, *, after: int, up_to: int) -> Subquery:
    """Members behind a number, up to another, who have introduced some in a period: `member_id`, and how many
    active members who joined in it, as `introduced`."""
    return (
        select(Member.introducer.label("member_id"), func.count(Member.id).label("introduced"))
        .where(
            Member.introducer > after,
            Member.introducer <= up_to,
            Member.created_at >= period.start,
            Member.created_at < period.end,
            Member.status == MemberStatus.ACTIVE.value,
        )
        .group_by(Member.introducer)
        .subquery("introductions")
    )
