"""The sending job: topics, consent, quiet hours, caps, retries, receipts, and a process that is killed."""

import asyncio
import os
import signal
import sys
import time
from collections.abc import AsyncIterator
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from sqlalchemy import event, func, select, update

from host_api.core.access.caller import system_caller
from host_api.core.clock import utc_now
from host_api.core.database import Database
from host_api.core.encryption.field_cipher import FieldCipher
from host_api.core.errors import ValidationFailed
from host_api.core.outgoing.addresses import AddressPolicy
from host_api.core.programmes import FIRST_PROGRAMME
from host_api.core.settings import Settings
from host_api.services.members import logic as members
from host_api.services.members.schemas import MemberCreate, MemberData
from host_api.services.messages.broadcasts import logic as broadcasts
from host_api.services.messages.broadcasts.job import QUEUEING
from host_api.services.messages.broadcasts.schemas import BroadcastCreate
from host_api.services.messages.consent import logic as consent
from host_api.services.messages.consent.schemas import SuppressionSource
from host_api.services.messages.gateways import logic as gateways
from host_api.services.messages.gateways.schemas import MessageGatewayCreate, SmsRestSettings
from host_api.services.messages.inbox import logic as inbox
from host_api.services.messages.logic import send_sealed, tell_member, tell_members
from host_api.services.messages.member_text import MemberText, Telling
from host_api.services.messages.models import WaitingText
from host_api.services.messages.sending.batches import LEASE, RETRY_DELAYS
from host_api.services.messages.sending.job import SENDING
from host_api.services.messages.sending.quiet_hours import end_of_quiet
from host_api.services.messages.states import Channel, MessageState, Purpose
from host_api.services.messages.templates import logic as templates
from host_api.services.messages.templates.schemas import MessageTemplateCreate
from host_api.services.messages.topics import logic as topics
from host_api.services.messages.topics.schemas import MessagePolicyWrite, MessageTopicWrite
from tests.amounts import many
from tests.host_api.core.jobs.working_jobs import Runners, tools_on
from tests.host_api.services.messages.sms_provider import SmsProvider, sms_provider

pytestmark = pytest.mark.anyio

_CALLER = system_caller("test", FIRST_PROGRAMME)


class _Bench:
    """A club with a provider, whose job the test runs."""

    def __init__(self, runners: Runners, provider: SmsProvider) -> None:
        self.runners = runners
        self.provider = provider
        self.database = runners.database
        self.cipher: FieldCipher = runners.tools.vault.cipher

    async def member(self, number: int, name: str = "سارا") -> int:
        async with self.database.writing(FIRST_PROGRAMME) as session:
            wanted = MemberCreate.model_validate({"name": name, "mobile": f"0912{number:07}"})
            return (await members.create(session, self.cipher, wanted)).id

    async def topic(self, code: str = "news", **others: object) -> None:
        wanted = {"title": "News", "title_fa": "خبر", "purpose": Purpose.PROMOTIONAL, **others}
        async with self.database.writing(FIRST_PROGRAMME) as session:
            await topics.put(session, code, MessageTopicWrite.model_validate(wanted))

    async def policy(self, **values: object) -> None:
        async with self.database.writing(FIRST_PROGRAMME) as session:
            version = (await topics.policy(session)).version
            await topics.change_policy(session, str(version), MessagePolicyWrite.model_validate(values))

    async def tell(self, member_id: int, reference: str, topic: str = "news") -> None:
        async with self.database.writing(FIRST_PROGRAMME) as session:
            await tell_member(
                session, member_id, topic=topic, reference=reference, text_fa="سلام", text_en="hi"
            )

    async def send(self) -> None:
        await self.runners.enqueue(SENDING.name)
        await self.runners.work_off(self.runners.new())

    async def states(self) -> dict[str, tuple[str, str | None]]:
        """State and failure of each message, by reference."""
        async with self.database.reading(FIRST_PROGRAMME) as session:
            rows = await session.scalars(select(WaitingText))
            return {row.reference: (row.state, row.failure) for row in rows}


@pytest.fixture
async def bench(settings: Settings, database: Database) -> AsyncIterator[_Bench]:
    tools = replace(await tools_on(database, settings), addresses=AddressPolicy(loopback=True))
    runners = Runners(tools, SENDING, QUEUEING)
    # Behind whatever a test queues by the real clock, however slow the machine is.
    runners.clock.now = utc_now() + timedelta(minutes=30)
    async with sms_provider() as provider:
        found = _Bench(runners, provider)
        await found.policy(quiet_from_minute=None, quiet_until_minute=None)
        async with database.writing(FIRST_PROGRAMME) as session:
            await gateways.create(
                session,
                found.cipher,
                MessageGatewayCreate(
                    name="خط",
                    settings=SmsRestSettings(url=provider.url, sender="10008000"),
                    secret="s3cret",
                    rials_per_part=100,
                ),
            )
        yield found


@pytest.mark.parametrize(
    ("hour", "until_hour"), [(21, None), (22, 28), (23, 28), (0, 4), (3, 4), (4, None), (12, None)]
)
def test_quiet_hours_go_over_midnight_in_tehran(hour: int, until_hour: int | None) -> None:
    # 01:30 to 07:30 in Tehran are 22:00 to 04:00 in UTC.
    day = datetime(2026, 11, 22, tzinfo=UTC)
    end = end_of_quiet(day + timedelta(hours=hour), 90, 450)
    assert end == (None if until_hour is None else day + timedelta(hours=until_hour))
    assert end_of_quiet(day + timedelta(hours=hour), None, 450) is None
    over_midnight = end_of_quiet(day + timedelta(hours=19), 22 * 60, 8 * 60)  # 22:30
    assert over_midnight == day + timedelta(hours=28, minutes=30)


async def test_a_message_is_sent_and_its_receipt_asked_for(bench: _Bench) -> None:
    member_id = await bench.member(1)
    await bench.tell(member_id, "1")
    await bench.send()
    assert [text for _, text in bench.provider.sent.values()] == ["سلام"]
    assert await bench.states() == {"1": ("sent", None)}
    bench.runners.clock.turn(minutes=2)
    await bench.send()
    async with bench.database.reading(FIRST_PROGRAMME) as session:
        row = (await session.scalars(select(WaitingText))).one()
    assert (row.state, row.cost_rials, row.parts, row.text_plain) == ("delivered", 120, 1, None)
    assert len(bench.provider.sent) == 1


async def test_a_failed_try_is_repeated_and_given_up(bench: _Bench) -> None:
    await bench.tell(await bench.member(1), "1")
    bench.provider.failing = [503] * (len(RETRY_DELAYS) + 1)
    for delay in RETRY_DELAYS:
        await bench.send()
        assert await bench.states() == {"1": ("waiting", "gateway-503")}
        calls = bench.provider.calls
        await bench.send()
        assert bench.provider.calls == calls  # not before its time
        bench.runners.clock.now += delay
    await bench.send()
    assert await bench.states() == {"1": ("failed", "gateway-503")}


async def test_who_wants_nothing_gets_codes_alone(bench: _Bench) -> None:
    first, second, third = [await bench.member(number) for number in (1, 2, 3)]
    await bench.topic(day_most=1)
    await bench.topic("bills", purpose=Purpose.SERVICE)
    async with bench.database.writing(FIRST_PROGRAMME) as session:
        await consent.suppress(session, bench.cipher, Channel.SMS, "09120000001", SuppressionSource.SMS)
        await consent.change_consent(session, _CALLER, second, Channel.SMS, is_allowed=False)
    for reference, member_id, topic in (
        ("stopped", first, "bills"),
        ("unwilling", second, "news"),
        ("bill", second, "bills"),
        ("one", third, "news"),
        ("two", third, "news"),
    ):
        await bench.tell(member_id, reference, topic)
    async with bench.database.writing(FIRST_PROGRAMME) as session:
        await send_sealed(
            session,
            bench.cipher,
            first,
            topic="code",
            reference="code",
            text="۱۲۳۴",
            expires_at=bench.runners.clock.now + timedelta(minutes=5),
        )
    await bench.send()
    assert await bench.states() == {
        "stopped": ("dropped", "suppressed"),
        "unwilling": ("dropped", "no-consent"),
        "bill": ("sent", None),
        "one": ("sent", None),
        "two": ("dropped", "capped"),
        "code": ("sent", None),
    }
    await bench.tell(third, "three")
    await bench.send()
    assert (await bench.states())["three"] == ("dropped", "capped")
    bench.runners.clock.turn(days=2)
    async with bench.database.writing(FIRST_PROGRAMME) as session:
        await consent.allow(session, bench.cipher, Channel.SMS, "09120000001")
    await bench.tell(third, "four")
    await bench.tell(first, "started", "bills")
    await bench.send()
    states = await bench.states()
    assert (states["four"][0], states["started"][0]) == ("sent", "sent")


async def test_in_quiet_hours_promotion_waits_and_what_serves_goes(bench: _Bench) -> None:
    member_id = await bench.member(1)
    await bench.topic()
    await bench.topic("bills", purpose=Purpose.SERVICE)
    bench.runners.clock.now = (utc_now() + timedelta(days=1)).replace(hour=19, minute=0)  # 22:30 in Tehran
    await bench.policy(quiet_from_minute=22 * 60, quiet_until_minute=8 * 60)
    await bench.tell(member_id, "1")
    await bench.tell(member_id, "bill", "bills")
    async with bench.database.writing(FIRST_PROGRAMME) as session:
        await send_sealed(
            session,
            bench.cipher,
            member_id,
            topic="code",
            reference="code",
            text="1",
            expires_at=bench.runners.clock.now + timedelta(minutes=2),
        )
    await bench.send()
    assert await bench.states() == {"1": ("waiting", None), "bill": ("sent", None), "code": ("sent", None)}
    bench.runners.clock.turn(hours=9, minutes=31)
    await bench.send()
    assert (await bench.states())["1"] == ("sent", None)


async def test_a_topic_by_hand_waits_and_the_inbox_is_a_channel(bench: _Bench) -> None:
    member_id = await bench.member(1)
    await bench.topic(is_automatic=False)
    await bench.topic("letters", channels=["email", "inbox"], purpose=Purpose.SERVICE)
    await bench.tell(member_id, "held")
    await bench.tell(member_id, "letter", "letters")
    await bench.send()
    assert await bench.states() == {"held": ("held", None), "letter": ("delivered", None)}
    async with bench.database.reading(FIRST_PROGRAMME) as session:
        (letter,) = await inbox.of_member(session, bench.cipher, member_id)
        assert (letter.subject, letter.text) == ("خبر", "سلام")
    assert not bench.provider.sent


async def test_a_template_is_checked_and_a_broadcast_is_written_for_each(bench: _Bench) -> None:
    ids = [await bench.member(number, name) for number, name in ((1, "سارا"), (2, "علی"))]
    await bench.topic()
    async with bench.database.writing(FIRST_PROGRAMME) as session:
        for wrong in ({"text": "{nobody}"}, {"text": "{"}, {"text_fa": "س" * 300}):
            with pytest.raises(ValidationFailed):
                await templates.create(session, _CALLER, _template(**wrong))
        await templates.create(session, _CALLER, _template())
        with pytest.raises(ValidationFailed):
            await broadcasts.create(session, _CALLER, BroadcastCreate(title="x", template="sale"))
        await broadcasts.create(
            session,
            _CALLER,
            BroadcastCreate(title="x", template="sale", values={"percent": 20}, member_ids=ids),
        )
    await bench.runners.work_off(bench.runners.new())
    assert sorted(bench.provider.sent.values()) == [
        ("+989120000001", "سارا، ۲۰ درصد"),
        ("+989120000002", "علی، ۲۰ درصد"),
    ]


def _template(**others: str) -> MessageTemplateCreate:
    values = {"text": "{name}, {percent}%", "text_fa": "{name}، {percent} درصد", **others}
    return MessageTemplateCreate.model_validate(
        {"code": "sale", "topic": "news", "variables": ["percent"], **values}
    )


async def test_statements_do_not_grow_with_messages(bench: _Bench) -> None:
    await _fill(bench, 40)
    few = await _statements(bench)
    await _fill(bench, 400)
    assert await _statements(bench) <= few


async def _statements(bench: _Bench) -> int:
    counted: list[str] = []
    engine = bench.database.engine.sync_engine

    def count(_connection: object, _cursor: object, statement: str, *_others: object) -> None:
        counted.append(statement)

    event.listen(engine, "before_cursor_execute", count)
    try:
        await bench.send()
    finally:
        event.remove(engine, "before_cursor_execute", count)
    return len(counted)


async def _fill(bench: _Bench, number: int) -> None:
    """So many further members with a message each."""
    async with bench.database.writing(FIRST_PROGRAMME) as session:
        first = 1 + (await session.scalar(select(func.count()).select_from(WaitingText)) or 0)
        wanted = [
            MemberData.model_validate({"name": "عضو", "mobile": f"0912{each:07}"})
            for each in range(first, first + number)
        ]
        ids = await members.create_many(session, bench.cipher, wanted)
        await tell_members(
            session,
            [Telling(each, "news", str(each), MemberText(f"شمارهٔ {each}", f"number {each}")) for each in ids],
        )


async def test_a_killed_process_loses_and_doubles_nothing(bench: _Bench, settings: Settings) -> None:
    number = many(4_000)
    for first in range(0, number, 1_000):
        await _fill(bench, min(1_000, number - first))
    bench.provider.stop_at = number // 3
    process = await asyncio.create_subprocess_exec(
        sys.executable,
        "-m",
        "tests.host_api.services.messages.sending_process",
        settings.model_dump_json(),
        env={**os.environ, "PYTHONPATH": str(Path.cwd())},
    )
    ended = asyncio.create_task(process.wait())
    killed = asyncio.create_task(bench.provider.stopped.wait())
    try:
        await asyncio.wait({ended, killed}, timeout=300, return_when=asyncio.FIRST_COMPLETED)
    finally:
        if process.returncode is None:
            process.send_signal(signal.SIGKILL)
        await ended
        killed.cancel()
    async with bench.database.reading(FIRST_PROGRAMME) as session:
        left = await session.scalar(
            select(func.count())
            .select_from(WaitingText)
            .where(WaitingText.state.in_([MessageState.WAITING.value, MessageState.SENDING.value]))
        )
    assert left  # it was killed in the midst of its work
    bench.runners.clock.now = utc_now() + LEASE + timedelta(minutes=30)
    began_s, sent = time.monotonic(), len(bench.provider.sent)
    await bench.send()
    rate = (number - sent) / (time.monotonic() - began_s)
    print(f"{number} messages, {rate:.0f} a second after the kill")
    assert {state for state, _ in (await bench.states()).values()} == {"sent"}
    assert len({receiver for receiver, _ in bench.provider.sent.values()}) == number
    assert len(bench.provider.sent) == number


async def test_what_a_gateway_may_have_sent_is_not_sent_again(bench: _Bench) -> None:
    await bench.tell(await bench.member(1), "1")
    async with bench.database.writing(FIRST_PROGRAMME) as session:
        await session.execute(
            update(WaitingText).values(
                state=MessageState.SENDING.value,
                gateway_id=99,  # one that is not active any more
                lease="gone",
                leased_until=utc_now() - timedelta(seconds=1),
            )
        )
    await bench.send()
    assert await bench.states() == {"1": ("doubtful", None)}
    assert not bench.provider.sent
