"""What the club lets be sent: by topic, and for all topics."""

from collections.abc import Collection
from typing import Final

from sqlalchemy import select

from host_api.core.database import AnySession, ReadSession, WriteSession
from host_api.core.default_rows import insert_missing
from host_api.core.errors import Problem
from host_api.core.listing import Page, read_rows
from host_api.core.locking import check_version, etag
from host_api.services.messages.states import Channel, Purpose
from host_api.services.messages.topics.listing import MessageTopicQuery
from host_api.services.messages.topics.models import MessagePolicy, MessageTopic
from host_api.services.messages.topics.schemas import (
    MessagePolicyRead,
    MessagePolicyWrite,
    MessageTopicRead,
    MessageTopicWrite,
)

_POLICY: Final = {**MessagePolicyWrite().model_dump(), "version": 1}


class MessageTopicNotFound(Problem):
    """The club has decided nothing for this topic."""

    status = 404
    code = "message-topic-not-found"
    title = "Topic not found"
    title_fa = "موضوع پیام پیدا نشد"
    detail = "Nothing is decided for this topic: its messages go out by SMS, at once."
    detail_fa = "برای این موضوع چیزی تعیین نشده است: پیام‌هایش خودکار با پیامک می‌رود."


async def put(session: WriteSession, code: str, wanted: MessageTopicWrite) -> MessageTopicRead:
    """Decide what holds for a topic; the last word stands."""
    values = wanted.model_dump(mode="json", exclude={"code"})
    await insert_missing(session, MessageTopic, [{"code": code, **values, "version": 1}])
    row = (
        await session.scalars(select(MessageTopic).where(MessageTopic.code == code).with_for_update())
    ).one()
    for name, value in values.items():
        setattr(row, name, value)
    await session.flush()
    return shown(row)


async def read(session: AnySession, code: str) -> MessageTopicRead:
    """A topic.

    Raises:
        MessageTopicNotFound
    """
    row = (await of_codes(session, [code])).get(code)
    if row is None:
        raise MessageTopicNotFound
    return shown(row)


async def read_page(session: ReadSession, query: MessageTopicQuery) -> Page[MessageTopicRead]:
    """A page of topics."""
    rows, next_cursor = await read_rows(session, select(MessageTopic), query)
    return Page(items=[shown(row) for row in rows], next_cursor=next_cursor)


async def of_codes(session: AnySession, codes: Collection[str]) -> dict[str, MessageTopic]:
    """What is decided for topics, by code."""
    rows = await session.scalars(select(MessageTopic).where(MessageTopic.code.in_(codes)))
    return {row.code: row for row in rows}


async def promotional_codes(session: AnySession) -> set[str]:
    """The topics of promotional messages."""
    return set(
        await session.scalars(
            select(MessageTopic.code).where(MessageTopic.purpose == Purpose.PROMOTIONAL.value)
        )
    )


def channels_of(topic: MessageTopic | None) -> list[Channel]:
    """By which channels a topic's messages may go, the best first."""
    return [Channel.SMS] if topic is None else [Channel(each) for each in topic.channels]


async def policy(session: AnySession) -> MessagePolicy:
    """The policy in force."""
    return await session.scalar(select(MessagePolicy)) or MessagePolicy(**_POLICY)


async def change_policy(
    session: WriteSession, if_match: str, wanted: MessagePolicyWrite
) -> tuple[MessagePolicyRead, str]:
    """Put another policy in force; it and its ETag.

    Raises:
        ChangedMeanwhile
    """
    await insert_missing(session, MessagePolicy, [_POLICY])
    row = (await session.scalars(select(MessagePolicy).with_for_update())).one()
    check_version(row, if_match)
    for name, value in wanted.model_dump().items():
        setattr(row, name, value)
    await session.flush()
    return shown_policy(row), etag(row)


def shown_policy(row: MessagePolicy) -> MessagePolicyRead:
    """The policy as it is shown."""
    return MessagePolicyRead.model_validate(
        {name: getattr(row, name) for name in MessagePolicyRead.model_fields}
    )


def shown(row: MessageTopic) -> MessageTopicRead:
    """A topic as it is shown."""
    return MessageTopicRead.model_validate(
        {name: getattr(row, name) for name in MessageTopicRead.model_fields}
    )
