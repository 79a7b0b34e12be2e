"""Carrying orders out: into the journal, then into effect, both in one go of the event loop.

What an order changes of the state is in its entry, so that a crash leaves both or neither. Of work that takes
its time the journal has the beginning before it begins; where it lacks the end, the process has died over it.
"""

import asyncio
import logging
from collections import deque
from collections.abc import Callable
from typing import Final, NamedTuple

from switch.console.actions.controls import Controls
from switch.console.actions.plan import Change, Plan, Refused, WorkFailed
from switch.console.story.titles import Words, words
from switch.gate.exchange import Now
from switch.journal.entries import OrderEntry, Outcome
from switch.logs import ACTIONS_LOGGER, fields

_LOG = logging.getLogger("switch.console")
_ACTIONS = logging.getLogger(ACTIONS_LOGGER)

REMEMBERED_MAX: Final = 50
_DURABLE_TIMEOUT_S: Final = 5.0
_MALFUNCTION: Final = Words(
    "a fault of the switch's own; the log tells more", "خطای خود سوئیچ؛ گزارش را ببینید"
)
_VOID: Final = Words(
    "what it rested on has changed meanwhile; nothing was done",
    "آنچه بر آن استوار بود دگرگون شده است؛ کاری انجام نشد",
)
_NO_WORDS: Final = Words("", "")


class Order(NamedTuple):
    """A confirmed order. `basis` is what the plan rested on when it was told."""

    person: str
    role: str
    action: str
    plan: Plan
    basis: tuple[object, ...]
    client: str


class Carried(NamedTuple):
    """What came of an order. `began` is the position with which a lengthy one began, 0 for another."""

    position: int
    at_ms: int
    person: str
    action: str
    arguments: dict[str, str]
    outcome: str
    told: Words
    began: int

    def document(self) -> dict[str, object]:
        """As JSON."""
        return {**self._asdict(), "told": words(self.told)}


class _Durable:
    """Hears when an entry is on the disk."""

    def __init__(self) -> None:
        self.reached: asyncio.Future[None] = asyncio.get_running_loop().create_future()

    def deliver(self, _: list[bytes]) -> None:
        if not self.reached.done():
            self.reached.set_result(None)


class Execution:
    """In the event loop's thread. `remembered` are the last orders, newest last; the journal has all."""

    def __init__(self, controls: Controls) -> None:
        self._controls = controls
        self._under_way: dict[str, asyncio.Task[None]] = {}
        self.remembered: deque[Carried] = deque(maxlen=REMEMBERED_MAX)

    async def stop(self) -> None:
        """Give up what is under way."""
        tasks = list(self._under_way.values())
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)

    async def carry_out(self, order: Order) -> Carried:
        """What came of it, once that is on the disk; of a lengthy order that it began. Raises Refused."""
        plan = order.plan
        if order.action in self._under_way:
            raise Refused(409, "this is under way already")
        if plan.basis() != order.basis:
            raise Refused(409, _VOID.en)
        if plan.work is None:
            return await self._journal(order, Outcome.DONE, plan.change)

        def begin(_: int) -> Change:
            plan.begin()
            return Change()

        # The place is taken before anything is awaited.
        began: asyncio.Future[Carried] = asyncio.get_running_loop().create_future()
        task = asyncio.create_task(self._work(order, began))
        self._under_way[order.action] = task
        task.add_done_callback(lambda _: self._under_way.pop(order.action))
        try:
            carried = await self._journal(order, Outcome.BEGUN, begin)
        except BaseException:
            # The disk may still get the beginning: an order without an end came to nothing.
            task.cancel()
            raise
        began.set_result(carried)
        return carried

    async def _work(self, order: Order, beginning: "asyncio.Future[Carried]") -> None:
        began = await beginning
        plan = order.plan
        assert plan.work is not None  # noqa: S101  (who calls has looked)
        try:
            await plan.work()
            outcome, told = Outcome.DONE, _NO_WORDS
        except WorkFailed as failed:
            outcome, told = Outcome.FAILED, failed.told
        except Exception:
            _LOG.exception("an order could not be carried out")
            outcome, told = Outcome.FAILED, _MALFUNCTION
        # From here to the entry nothing is awaited.
        if outcome is Outcome.DONE and plan.basis() != order.basis:
            outcome, told = Outcome.FAILED, _VOID
        make = plan.change if outcome is Outcome.DONE else lambda _: Change(told=told)
        try:
            await self._journal(order, outcome, make, began.position)
        except Refused as refused:
            _LOG.error("the end of an order is not in the journal: %s", refused)

    async def _journal(
        self, order: Order, outcome: Outcome, make: Callable[[int], Change], began: int = 0
    ) -> Carried:
        """Raises Refused where the disk doesn't keep up."""
        controls, durable = self._controls, _Durable()
        found: list[Carried] = []

        def write(now: Now) -> None:
            change = make(now.epoch_ms)
            for entry, packed in change.entries:
                controls.exchange.journal(entry, packed)
            controls.exchange.journal(
                OrderEntry(
                    at_ms=now.epoch_ms,
                    person=order.person,
                    role=order.role,
                    order=order.action,
                    arguments=order.plan.arguments,
                    outcome=outcome,
                    told=change.told.en,
                    began=began,
                    effect=change.effect,
                    subject=change.subject,
                    number=change.number,
                )
            )
            change.after()
            found.append(_carried(controls.state.position, now.epoch_ms, order, outcome, change.told, began))

        if not controls.gate.order(write, durable):
            raise Refused(503, "the disk does not keep up; nothing was done")
        carried = found[0]
        self._note(order, carried)
        try:
            async with asyncio.timeout(_DURABLE_TIMEOUT_S):
                await durable.reached
        except TimeoutError:
            raise Refused(503, "ordered, but not on the disk yet: it does not keep up") from None
        return carried

    def _note(self, order: Order, carried: Carried) -> None:
        self.remembered.append(carried)
        _ACTIONS.info(
            "order %s %s",
            order.action,
            carried.outcome,
            extra=fields(
                person=order.person,
                role=order.role,
                client=order.client,
                position=carried.position,
                told=carried.told.en,
                **carried.arguments,
            ),
        )


def _carried(position: int, at_ms: int, order: Order, outcome: Outcome, told: Words, began: int) -> Carried:  # noqa: PLR0917
    arguments = dict(order.plan.arguments)
    return Carried(position, at_ms, order.person, order.action, arguments, outcome.name.lower(), told, began)
