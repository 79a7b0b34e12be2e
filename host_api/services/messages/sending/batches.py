"""One batch: taken under a lease, judged, and settled by what the gateway answered."""

import secrets
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Final

from sqlalchemy import Table, bindparam, select, update

from host_api.core.database import WriteSession
from host_api.core.encryption.field_cipher import FieldCipher
from host_api.core.events.emission import Subject, emit
from host_api.services.messages.events import MESSAGE_READY, MessageReady
from host_api.services.messages.gateways.adapter import SEND_AT_ONCE, Answer, OutgoingMessage, Verdict
from host_api.services.messages.gateways.models import MessageGateway
from host_api.services.messages.gateways.sms_parts import sms_size
from host_api.services.messages.inbox import logic as inbox
from host_api.services.messages.models import WaitingText
from host_api.services.messages.sending.judging import Judged, judge
from host_api.services.messages.states import Channel, MessageState

# Longer than a batch takes with all its time-outs.
LEASE: Final = timedelta(minutes=10)
RETRY_DELAYS: Final = tuple(timedelta(minutes=minutes) for minutes in (1, 5, 30, 120, 360))
FIRST_QUESTION: Final = timedelta(minutes=1)
_UNANSWERED: Final = Answer(Verdict.UNREACHABLE, failure="no-answer")

_TABLE: Final = WaitingText.__table__
_EMPTY: Final = {"receiver_sealed": None, "text_sealed": None, "text_plain": None, "values": None}


@dataclass(frozen=True, slots=True)
class Batch:
    """Messages that are to be sent now, under one lease."""

    lease: str
    by_channel: Mapping[Channel, Sequence[OutgoingMessage]]
    attempts: Mapping[int, int]
    taken: int


async def take(
    session: WriteSession,
    cipher: FieldCipher,
    gateways: Mapping[Channel, MessageGateway],
    now: datetime,
) -> Batch:
    """Take what is due, as many as go in a batch; inboxes and webhooks have theirs with the transaction."""
    channels = [channel.value for channel in (*gateways, Channel.INBOX, Channel.WEBHOOK)]
    rows = list(
        await session.scalars(
            select(WaitingText)
            .where(
                WaitingText.state == MessageState.WAITING.value,
                WaitingText.due_at <= now,
                WaitingText.expires_at > now,
                WaitingText.channel.in_(channels),
            )
            .order_by(WaitingText.due_at, WaitingText.id)
            .limit(SEND_AT_ONCE)
            .with_for_update(skip_locked=True)
        )
    )
    lease = secrets.token_hex(8)
    judged = await judge(session, cipher, rows, now)
    outgoing: dict[Channel, list[OutgoingMessage]] = {}
    changes: list[dict[str, object]] = []
    delivered: list[Judged] = []
    for each in judged:
        channel = Channel(each.row.channel)
        if each.due_at is not None:
            changes.append({**_kept(each.row), "due_at": each.due_at})
        elif each.drop is not None:
            changes.append({**_kept(each.row), "state": MessageState.DROPPED.value, "failure": each.drop})
        elif each.outgoing is not None and channel in gateways:
            outgoing.setdefault(channel, []).append(each.outgoing)
            changes.append(
                {
                    **_kept(each.row),
                    "state": MessageState.SENDING.value,
                    "lease": lease,
                    "leased_until": now + LEASE,
                    "gateway_id": gateways[channel].id,
                    "attempts": each.row.attempts + 1,
                }
            )
        elif each.outgoing is not None:
            delivered.append(each)
    attempts = {row.id: row.attempts + 1 for row in rows}
    await _change_taken(session, changes)
    await _deliver_here(session, cipher, delivered, now)
    for row in rows:
        session.expunge(row)
    return Batch(lease, outgoing, attempts, len(rows))


async def settle(
    session: WriteSession,
    batch: Batch,
    answers: Mapping[int, Answer],
    *,
    gateways: Mapping[Channel, MessageGateway],
    repeatable: frozenset[Channel],
    now: datetime,
) -> None:
    """Write down what the gateways answered; what they may have sent without answering is doubtful."""
    changes = [
        _settled(
            message,
            channel,
            answers.get(message.id) or (_UNANSWERED if channel in repeatable else None),
            rials_per_part=gateways[channel].rials_per_part,
            attempts=batch.attempts[message.id],
            now=now,
        )
        for channel, messages in batch.by_channel.items()
        for message in messages
    ]
    if not changes:
        return
    names = [name for name in changes[0] if name not in ("row_id", "is_ended")]
    for is_ended in (True, False):
        rows = [change for change in changes if change["is_ended"] is is_ended]
        if rows:
            statement = (
                update(_table())
                .where(_TABLE.c.id == bindparam("row_id"), _TABLE.c.lease == bindparam("old_lease"))
                .values(
                    {name: bindparam(f"new_{name}") for name in names},
                )
                .values({"lease": None, "leased_until": None, **(_EMPTY if is_ended else {})})
            )
            connection = await session.connection()
            await connection.execute(
                statement,
                [
                    {
                        "row_id": row["row_id"],
                        "old_lease": batch.lease,
                        **{f"new_{name}": row[name] for name in names},
                    }
                    for row in rows
                ],
            )


async def take_over(session: WriteSession, repeatable_gateway_ids: Sequence[int], now: datetime) -> int:
    """What a batch that was cut off had: sent again where the gateway sends each once, else doubtful."""
    lapsed = (WaitingText.state == MessageState.SENDING.value, WaitingText.leased_until < now)
    again = await session.execute(
        update(WaitingText)
        .where(*lapsed, WaitingText.gateway_id.in_(repeatable_gateway_ids))
        .values(state=MessageState.WAITING.value, lease=None, leased_until=None, due_at=now)
        .execution_options(synchronize_session=False)
    )
    doubtful = await session.execute(
        update(WaitingText)
        .where(*lapsed)
        .values(state=MessageState.DOUBTFUL.value, lease=None, leased_until=None, is_waiting=False, **_EMPTY)
        .execution_options(synchronize_session=False)
    )
    return int(getattr(again, "rowcount", 0)) + int(getattr(doubtful, "rowcount", 0))


def _table() -> Table:
    if not isinstance(_TABLE, Table):
        raise TypeError("messages are in a table")
    return _TABLE


def _kept(row: WaitingText) -> dict[str, object]:
    return {
        "row_id": row.id,
        "state": row.state,
        "failure": row.failure,
        "due_at": row.due_at,
        "lease": None,
        "leased_until": None,
        "gateway_id": row.gateway_id,
        "attempts": row.attempts,
    }


async def _change_taken(session: WriteSession, changes: Sequence[Mapping[str, object]]) -> None:
    if not changes:
        return
    connection = await session.connection()
    names = [name for name in changes[0] if name != "row_id"]
    for is_dropped in (False, True):
        rows = [
            {"row_id": change["row_id"], **{f"new_{name}": change[name] for name in names}}
            for change in changes
            if (change["state"] == MessageState.DROPPED.value) is is_dropped
        ]
        if rows:
            ended = {"is_waiting": False, **_EMPTY} if is_dropped else {}
            await connection.execute(
                update(_table())
                .where(_TABLE.c.id == bindparam("row_id"))
                .values({name: bindparam(f"new_{name}") for name in names} | ended),
                rows,
            )


async def _deliver_here(
    session: WriteSession, cipher: FieldCipher, delivered: Sequence[Judged], now: datetime
) -> None:
    """Into inboxes, and to webhooks by an event."""
    posts = []
    for each in delivered:
        row, outgoing = each.row, each.outgoing
        if outgoing is None or row.member_id is None:
            continue
        if row.channel == Channel.INBOX.value:
            posts.append(inbox.Post(row.member_id, row.topic, outgoing.subject, outgoing.text))
        else:
            emit(
                session,
                MESSAGE_READY,
                Subject("member", row.member_id),
                MessageReady(message_id=row.id, member_id=row.member_id, topic=row.topic),
            )
    await inbox.post(session, cipher, posts, now)
    for channel, state in ((Channel.INBOX, MessageState.DELIVERED), (Channel.WEBHOOK, MessageState.SENT)):
        ids = [each.row.id for each in delivered if each.row.channel == channel.value]
        if ids:
            # A webhook's receiver reads the text by the message's id, until it is of no use.
            ended = {"is_waiting": False, **_EMPTY} if channel is Channel.INBOX else {}
            await session.execute(
                update(WaitingText)
                .where(WaitingText.id.in_(ids))
                .values(state=state.value, sent_at=now, due_at=None, **ended)
                .execution_options(synchronize_session=False)
            )


def _settled(
    message: OutgoingMessage,
    channel: Channel,
    answer: Answer | None,
    *,
    rials_per_part: int,
    attempts: int,
    now: datetime,
) -> dict[str, object]:
    state, due_at, is_ended = MessageState.DOUBTFUL, None, True
    sent_at: datetime | None = None
    parts = sms_size(message.text).parts if channel is Channel.SMS else 1
    cost: int | None = None
    if answer is not None and answer.verdict is Verdict.ACCEPTED:
        state, sent_at = MessageState.SENT, now
        due_at = now + FIRST_QUESTION if answer.provider_id and channel is Channel.SMS else None
        cost = parts * rials_per_part if answer.cost_rials is None else answer.cost_rials
    elif answer is not None and answer.verdict is Verdict.UNREACHABLE:
        if attempts <= len(RETRY_DELAYS):
            state, due_at, is_ended = MessageState.WAITING, now + RETRY_DELAYS[attempts - 1], False
        else:
            state = MessageState.FAILED
    elif answer is not None:
        state = MessageState.FAILED
    return {
        "row_id": message.id,
        "is_ended": is_ended,
        "state": state.value,
        "due_at": due_at,
        "is_waiting": not is_ended,
        "sent_at": sent_at,
        "provider_id": None if answer is None else answer.provider_id,
        "parts": parts,
        "cost_rials": cost,
        "failure": None if answer is None or answer.failure is None else answer.failure[:24],
    }
