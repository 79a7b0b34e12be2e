"""Deliveries to a real receiver, whatever it does and whoever kills the workers."""

import asyncio
import json
import random
from collections.abc import Callable
from contextlib import AsyncExitStack
from dataclasses import replace
from datetime import timedelta
from itertools import count

import pytest
from sqlalchemy import func, select, update

from host_api.core.clock import utc_now
from host_api.core.events.models import Event
from host_api.core.outgoing.addresses import AddressPolicy
from host_api.core.programmes import FIRST_PROGRAMME, Programme
from host_api.services.webhooks import logic
from host_api.services.webhooks.models import DeliveryState, Webhook, WebhookAttempt, WebhookDelivery
from host_api.services.webhooks.replay import replay
from host_api.services.webhooks.retry_schedule import RetrySchedule
from host_api.services.webhooks.schemas import ReplayParked
from tests.host_api.eventually import eventually
from tests.host_api.webhook_receiver import Receiver
from tests.host_api.webhooks.conftest import QUICK, Bench

pytestmark = pytest.mark.anyio

ONE_MORE = RetrySchedule(delays=(timedelta(milliseconds=5),))


async def _states(bench: Bench) -> dict[str, int]:
    async with bench.database.reading(FIRST_PROGRAMME) as session:
        rows = await session.execute(
            select(WebhookDelivery.state, func.count()).group_by(WebhookDelivery.state)
        )
        return {str(state): count for state, count in rows}


async def _until(bench: Bench, state: DeliveryState, count: int, timeout_s: float = 60) -> None:
    async def is_so() -> bool:
        return (await _states(bench)).get(state.value, 0) == count

    await eventually(is_so, timeout_s)


async def _delivered(bench: Bench) -> int:
    return (await _states(bench)).get(DeliveryState.DELIVERED.value, 0)


async def _attempts(bench: Bench) -> list[tuple[int, int | None, str | None]]:
    async with bench.database.reading(FIRST_PROGRAMME) as session:
        rows = await session.scalars(select(WebhookAttempt).order_by(WebhookAttempt.id))
        return [(row.number, row.status, row.error) for row in rows]


async def _webhook(bench: Bench) -> Webhook:
    async with bench.database.reading(FIRST_PROGRAMME) as session:
        return (await session.scalars(select(Webhook))).one()


async def test_an_event_arrives_signed_with_the_subscribers_headers(bench: Bench) -> None:
    async with Receiver() as receiver:
        receiver_host = f"127.0.0.1:{receiver.port}"
        issued = await bench.subscribe(receiver.url, "member.joined", headers={"Authorization": "Bearer x1"})
        (event_id,) = await bench.emit(1)
        async with bench.running(bench.worker()):
            await _until(bench, DeliveryState.DELIVERED, 1)
    (message,) = receiver.received
    assert message.verify(issued.secret) == json.loads(message.body)
    content = json.loads(message.body)
    assert (content["id"], content["type"], content["sequence"]) == (event_id, "member.joined", 1)
    assert content["data"] == {"member_id": 0, "tier": "gold", "joined_via": "office"}
    assert content["subject"] == {"kind": "member", "id": "0"}
    assert message.message_id == event_id
    assert message.headers["authorization"] == "Bearer x1"
    assert message.headers["host"] == receiver_host
    assert await _attempts(bench) == [(1, 204, None)]


async def test_only_what_is_asked_for_is_delivered(bench: Bench) -> None:
    async with Receiver() as wanting, Receiver() as other:
        await bench.subscribe(wanting.url, "member.joined", "card.issued")
        await bench.subscribe(other.url, "card.issued")
        ids = await bench.emit(3)
        async with bench.running(bench.worker()):
            await _until(bench, DeliveryState.DELIVERED, 3)
    assert sorted(wanting.accepted) == sorted(ids)
    assert other.received == []


def _at_first(fate: str) -> Callable[[int], str]:
    return lambda count: fate if count == 1 else "ok"


async def test_a_failed_attempt_is_logged_and_repeated(bench: Bench) -> None:
    expected: dict[str, tuple[int | None, str]] = {
        "500": (500, "status"),
        "redirect": (307, "redirect"),
        "hang up": (None, "bad_answer"),
        "garbage": (None, "bad_answer"),
        "half": (None, "bad_answer"),
        "silent": (None, "timeout"),
    }
    async with AsyncExitStack() as stack:
        receivers = [await stack.enter_async_context(Receiver(_at_first(fate))) for fate in expected]
        for receiver in receivers:
            await bench.subscribe(receiver.url)
        (event_id,) = await bench.emit(1)
        async with bench.running(bench.worker(replace(QUICK, attempt_timeout_s=1.5))):
            await _until(bench, DeliveryState.DELIVERED, len(expected))
    async with bench.database.reading(FIRST_PROGRAMME) as session:
        rows = list(await session.scalars(select(WebhookAttempt).order_by(WebhookAttempt.id)))
    for number, (receiver, outcome) in enumerate(zip(receivers, expected.values(), strict=True), start=1):
        attempts = [(row.number, row.status, row.error) for row in rows if row.webhook_id == number]
        assert attempts[0] == (1, *outcome)
        assert attempts[-1] == (len(attempts), 204, None)
        assert {message.message_id for message in receiver.received} == {event_id}
        assert {message.path for message in receiver.received} == {"/events"}
        assert len({message.body for message in receiver.received}) == 1


async def test_an_answer_without_end_is_cut_short(bench: Bench) -> None:
    async with Receiver(lambda count: "huge") as receiver:
        await bench.subscribe(receiver.url)
        await bench.emit(1)
        async with bench.running(bench.worker()):
            await _until(bench, DeliveryState.DELIVERED, 1)
            await eventually(lambda: receiver.sent_bytes > 0)
    assert receiver.connections == 1
    assert receiver.sent_bytes < 50_000_000  # what fits into the sockets' buffers, not what it would send


async def test_nobody_there_is_a_failed_attempt(bench: Bench) -> None:
    async with Receiver() as receiver:
        url = receiver.url
    await bench.subscribe(url)
    await bench.subscribe("https://no-such-host.invalid/")
    await bench.emit(1)
    async with bench.running(bench.worker(replace(QUICK, schedule=ONE_MORE))):
        await _until(bench, DeliveryState.PARKED, 2)
    assert sorted(await _attempts(bench)) == [
        (1, None, "connection"),
        (1, None, "name_unknown"),
        (2, None, "connection"),
        (2, None, "name_unknown"),
    ]


async def test_a_name_is_checked_by_what_it_resolves_to(bench: Bench) -> None:
    async with Receiver() as receiver:
        # Written as one number the loopback address is no address to a reader, but is to the resolver.
        await bench.subscribe(f"https://2130706433:{receiver.port}/")
        await bench.subscribe(receiver.url)
        await bench.emit(1)
        strict = replace(QUICK, policy=AddressPolicy(private=True), schedule=ONE_MORE)
        async with bench.running(bench.worker(strict)):
            await _until(bench, DeliveryState.PARKED, 2)
    assert {error for _, _, error in await _attempts(bench)} == {"address_refused"}
    assert receiver.connections == 0


async def test_given_up_deliveries_are_parked_and_replayed(bench: Bench) -> None:
    async with Receiver(lambda count: "500") as receiver:
        issued = await bench.subscribe(receiver.url)
        ids = await bench.emit(2)
        async with bench.running(bench.worker(replace(QUICK, schedule=ONE_MORE))):
            await _until(bench, DeliveryState.PARKED, 2)
            assert len(receiver.received) == 4
            receiver.fate = lambda count: "ok"
            async with bench.database.writing(FIRST_PROGRAMME) as session:
                assert await replay(session, issued.id, ReplayParked(what="parked")) == 2
            await _until(bench, DeliveryState.DELIVERED, 2)
    assert sorted(receiver.accepted) == sorted(ids)
    assert (await _webhook(bench)).failures_in_row == 0


@pytest.mark.parametrize("seed", [1, 2])
async def test_workers_killed_at_random_points_lose_nothing(bench: Bench, seed: int) -> None:
    source = random.Random(seed)
    fates = ["ok", "500", "hang up", "silent"]
    async with Receiver(lambda count: source.choices(fates, [6, 2, 1, 1])[0]) as receiver:
        issued = await bench.subscribe(receiver.url)
        ids = await bench.emit(25)
        quick = replace(QUICK, lease_for=timedelta(seconds=0.3), attempt_timeout_s=2.0)
        async with asyncio.timeout(90):
            for life in count():
                seen, settled = len(receiver.received), await _delivered(bench)
                if settled == len(ids):
                    break

                # However slow the machine is, each life sends something, each second one settles something.
                async def has_worked(life: int = life, seen: int = seen, settled: int = settled) -> bool:
                    delivered = await _delivered(bench)
                    return delivered > settled or (life % 2 == 0 and len(receiver.received) > seen)

                async with bench.running(bench.worker(quick), bench.worker(quick)):
                    await eventually(has_worked)
                    await asyncio.sleep(source.uniform(0.0, 0.05))
    assert set(receiver.accepted) == set(ids)
    assert {message.message_id for message in receiver.received} == set(ids)
    for message in receiver.received[::5]:
        assert message.verify(issued.secret)["id"] == message.message_id
    bodies = {(message.message_id, message.body) for message in receiver.received}
    assert len(bodies) == 25


async def test_two_workers_share_without_doubling(bench: Bench) -> None:
    async with Receiver() as receiver:
        await bench.subscribe(receiver.url)
        ids = await bench.emit(30)
        async with bench.running(bench.worker(), bench.worker()):
            await _until(bench, DeliveryState.DELIVERED, 30)
    assert sorted(receiver.accepted) == sorted(ids)


async def test_a_slow_receiver_holds_up_nobody_else(bench: Bench) -> None:
    async with Receiver(lambda count: "silent") as slow, Receiver() as quick:
        await bench.subscribe(slow.url)
        await bench.subscribe(quick.url)
        await bench.emit(12)
        async with bench.running(bench.worker(replace(QUICK, concurrency=6))):
            await eventually(lambda: len(quick.accepted) == 12)
        assert len(slow.received) <= 4  # its share of the attempts at one time


async def test_a_webhook_that_fails_too_long_is_switched_off_and_told_of(bench: Bench) -> None:
    impatient = RetrySchedule(
        (timedelta(milliseconds=1),) * 50, failures_to_switch_off=3, failing_to_switch_off=timedelta()
    )
    async with Receiver(lambda count: "500") as broken, Receiver() as watching:
        await bench.subscribe(broken.url, "member.joined")
        await bench.subscribe(watching.url, "webhook.switched_off")
        await bench.emit(1)
        async with bench.running(bench.worker(replace(QUICK, schedule=impatient))):
            await eventually(lambda: len(watching.accepted) == 1)
            await bench.emit(1)
            await eventually(lambda: _is_published(bench, 3))
    assert json.loads(watching.received[0].body)["data"] == {
        "webhook_id": 1,
        "reason": "failures",
        "failures": 3,
    }
    assert len(broken.received) == 3
    async with bench.database.reading(FIRST_PROGRAMME) as session:
        webhook = await session.get(Webhook, 1)
        assert webhook is not None
        assert (webhook.is_active, webhook.switched_off_reason, webhook.version) == (False, "failures", 3)


async def _is_published(bench: Bench, sequence: int) -> bool:
    async with bench.database.reading(FIRST_PROGRAMME) as session:
        return await session.scalar(select(func.max(Event.sequence))) == sequence


async def test_an_address_that_is_gone_is_switched_off_at_once(bench: Bench) -> None:
    async with Receiver(lambda count: "410") as receiver:
        await bench.subscribe(receiver.url, "member.joined")
        await bench.emit(1)

        async def is_off() -> bool:
            return not (await _webhook(bench)).is_active

        async with bench.running(bench.worker()):
            await eventually(is_off)
    assert (await _webhook(bench)).switched_off_reason == "gone"
    assert len(receiver.received) == 1


async def test_a_wish_to_come_later_is_kept(bench: Bench) -> None:
    async with Receiver(lambda count: "503") as receiver:
        await bench.subscribe(receiver.url)
        await bench.emit(1)

        async def is_put_off() -> bool:
            async with bench.database.reading(FIRST_PROGRAMME) as session:
                delivery = (await session.scalars(select(WebhookDelivery))).one_or_none()
            return delivery is not None and delivery.due_at > utc_now() + timedelta(minutes=50)

        async with bench.running(bench.worker()):
            await eventually(is_put_off)
    assert len(receiver.received) == 1


async def test_programmes_get_their_own_events(bench: Bench) -> None:
    async with bench.database.writing() as session:
        session.add(Programme(id=2, code="b", name="b", mode="live", status="active", created_at=utc_now()))
    async with Receiver() as receiver:
        await bench.subscribe(receiver.url)
        await bench.emit(1, programme_id=2)
        (mine,) = await bench.emit(1)
        async with bench.running(bench.worker()):
            await _until(bench, DeliveryState.DELIVERED, 1)
            async with bench.database.reading(2) as session:
                assert await session.scalar(select(func.count(WebhookDelivery.id))) == 0
    assert receiver.accepted == [mine]


async def test_a_webhook_deleted_in_mid_attempt_leaves_no_trace(bench: Bench) -> None:
    async with Receiver(lambda count: "silent" if count == 1 else "ok") as receiver:
        await bench.subscribe(receiver.url)
        await bench.emit(1)
        worker = bench.worker(replace(QUICK, attempt_timeout_s=0.4))
        async with bench.running(worker):
            await eventually(lambda: len(receiver.received) == 1)
            async with bench.database.writing(FIRST_PROGRAMME) as session:
                await logic.delete(session, 1, "2")
            await bench.subscribe(receiver.url)
            await bench.emit(1)
            await _until(bench, DeliveryState.DELIVERED, 1)
            await eventually(lambda: not worker._flights)
        assert worker.last_error is None
    async with bench.database.reading(FIRST_PROGRAMME) as session:
        assert list(await session.scalars(select(WebhookAttempt.webhook_id))) == [2]


async def test_old_events_go_with_their_deliveries_and_attempts(bench: Bench) -> None:
    async with Receiver() as receiver:
        await bench.subscribe(receiver.url)
        await bench.emit(2)
        async with bench.running(bench.worker()):
            await _until(bench, DeliveryState.DELIVERED, 2)
        async with bench.database.writing(FIRST_PROGRAMME) as session:
            await session.execute(
                update(Event).where(Event.sequence == 1).values(at=utc_now() - timedelta(days=31))
            )

        async def is_forgotten() -> bool:
            async with bench.database.reading(FIRST_PROGRAMME) as session:
                counts = [await session.scalar(select(func.count(table.id))) for table in tables]
            return counts == [1, 1, 1]

        tables = (Event, WebhookDelivery, WebhookAttempt)
        async with bench.running(bench.worker(replace(QUICK, forget_every_s=0.0))):
            await eventually(is_forgotten)
