"""How one joins the club and its sub-clubs."""

from sqlalchemy import select

from host_api.core.clock import utc_now
from host_api.core.database import AnySession, ReadSession, WriteSession, conflict_as
from host_api.core.listing import Page, read_rows
from host_api.core.locking import check_version
from host_api.core.persian_text import name_key
from host_api.services.joining.listing import PolicyQuery
from host_api.services.joining.models import JoiningPolicy
from host_api.services.joining.problems import PolicyContradicts, PolicyNotFound, PolicyTaken
from host_api.services.joining.schemas import (
    FormField,
    JoiningPolicyCreate,
    JoiningPolicyRead,
    JoiningPolicyUpdate,
    PolicyKind,
    Way,
)


async def create(session: WriteSession, wanted: JoiningPolicyCreate) -> JoiningPolicy:
    """Say how one joins the club or a sub-club.

    Raises:
        PolicyTaken, PolicyContradicts
    """
    policy = JoiningPolicy(
        club_level=wanted.club_level or "",
        kind=wanted.kind.value,
        ways=[way.value for way in wanted.ways],
        fee_rials=wanted.fee_rials,
        required_fields=[field.value for field in wanted.required_fields],
        required_agreements=wanted.required_agreements,
        needs_approval=wanted.needs_approval,
        sms_keyword=_keyword(wanted.sms_keyword),
        created_at=utc_now(),
    )
    _check(policy)
    session.add(policy)
    async with conflict_as(PolicyTaken()):
        await session.flush()
    return policy


async def find(session: AnySession, policy_id: int) -> JoiningPolicy:
    """One policy.

    Raises:
        PolicyNotFound
    """
    policy = await session.get(JoiningPolicy, policy_id)
    if policy is None:
        raise PolicyNotFound
    return policy


async def of_club(session: AnySession, club_level: str | None) -> JoiningPolicy:
    """The policy of the club (None) or a sub-club.

    Raises:
        PolicyNotFound
    """
    policy: JoiningPolicy | None = await session.scalar(
        select(JoiningPolicy).where(JoiningPolicy.club_level == (club_level or ""))
    )
    if policy is None:
        raise PolicyNotFound
    return policy


async def with_keyword(session: AnySession, word: str) -> JoiningPolicy | None:
    """The policy that a message with this first word means."""
    keyword = _keyword(word)
    if keyword is None:
        return None
    found: JoiningPolicy | None = await session.scalar(
        select(JoiningPolicy).where(JoiningPolicy.sms_keyword == keyword)
    )
    return found


async def read_page(session: ReadSession, query: PolicyQuery) -> Page[JoiningPolicyRead]:
    """A page of policies."""
    rows, next_cursor = await read_rows(session, select(JoiningPolicy), query)
    return Page(items=[shown(row) for row in rows], next_cursor=next_cursor)


async def change(
    session: WriteSession, policy_id: int, if_match: str, wanted: JoiningPolicyUpdate
) -> JoiningPolicy:
    """Change what is given.

    Raises:
        PolicyNotFound, ChangedMeanwhile, PolicyTaken, PolicyContradicts
    """
    policy = await session.get(JoiningPolicy, policy_id, with_for_update=True)
    if policy is None:
        raise PolicyNotFound
    check_version(policy, if_match)
    given = wanted.model_dump(mode="json", exclude_unset=True)
    for name, value in given.items():
        if name == "sms_keyword":
            policy.sms_keyword = _keyword(wanted.sms_keyword)
        elif value is not None:
            setattr(policy, name, value)
    _check(policy)
    async with conflict_as(PolicyTaken()):
        await session.flush()
    return policy


def shown(row: JoiningPolicy) -> JoiningPolicyRead:
    """The policy as it is shown."""
    return JoiningPolicyRead(
        id=row.id,
        club_level=row.club_level or None,
        kind=PolicyKind(row.kind),
        ways=[Way(way) for way in row.ways],
        fee_rials=row.fee_rials,
        required_fields=[FormField(field) for field in row.required_fields],
        required_agreements=row.required_agreements,
        needs_approval=row.needs_approval,
        sms_keyword=row.sms_keyword,
        created_at=row.created_at,
    )


def _keyword(word: str | None) -> str | None:
    """A keyword as it is compared: however it is written, on whatever keyboard."""
    return (name_key(word) or None) if word is not None else None


def _check(policy: JoiningPolicy) -> None:
    is_asking = policy.fee_rials or policy.required_fields or policy.needs_approval
    if policy.kind == PolicyKind.OPEN and is_asking:
        raise PolicyContradicts
    if Way.SMS in policy.ways and (
        policy.sms_keyword is None
        or set(policy.required_fields) - {FormField.MOBILE.value}
        or policy.required_agreements
    ):
        raise PolicyContradicts
