"""`import simulator` is cheap, offers what it says, and devices of a loop serve programs without one."""

import asyncio
import subprocess
import sys
import threading
from types import TracebackType
from typing import Self

import pytest

import simulator
from simulator.event_loop_thread import Blocking, EventLoopThread

CHEAP = """
import sys
before = set(sys.modules)
import simulator
assert "VirtualSwitch" in dir(simulator)
heavy = {"asyncio", "pydantic", "cryptography", "protocol", "switch", "simulator.scripts"}
print(sorted(heavy & (set(sys.modules) - before)), len(set(sys.modules) - before))
"""


def test_the_import_loads_nothing() -> None:
    done = subprocess.run([sys.executable, "-c", CHEAP], capture_output=True, text=True, check=True)
    heavy, count = done.stdout.rsplit(" ", 1)
    assert heavy == "[]" and int(count) < 15


@pytest.mark.parametrize("name", simulator.__all__)
def test_everything_that_is_offered_is_there(name: str) -> None:
    found = getattr(simulator, name)
    assert found.__doc__ and getattr(simulator, name) is found
    assert found.__name__ == name


def test_what_is_not_offered_is_an_attribute_error() -> None:
    with pytest.raises(AttributeError, match="VirtualSwitc"):
        simulator.VirtualSwitc  # type: ignore[attr-defined]  # noqa: B018
    assert sorted(simulator.__all__) == simulator.__all__
    assert set(simulator.__all__) <= set(dir(simulator))


class Bell(Blocking):
    """A device that can be rung, and may be broken."""

    def __init__(self, *, broken: bool = False) -> None:
        self.rings = 0
        self.gone = False
        self._broken = broken

    async def __aenter__(self) -> Self:
        if self._broken:
            raise OSError("broken")
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, fault: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.gone = True

    async def ring(self) -> int:
        self.rings += 1
        return self.rings

    async def ring_by_itself(self) -> int:
        return self.call(self.ring())


def test_a_device_serves_with_and_without_a_loop() -> None:
    async def scenario() -> None:
        async with Bell() as bell:
            assert await bell.ring() == 1
        assert bell.gone

    asyncio.run(scenario())
    with Bell() as bell:
        assert bell.call(bell.ring()) == 1
        with pytest.raises(RuntimeError, match="wait for itself"):
            bell.call(bell.ring_by_itself())
        with pytest.raises(TimeoutError):
            bell.call(asyncio.sleep(5), timeout_s=0.02)
    assert bell.gone
    with pytest.raises(RuntimeError, match="not entered"):
        bell.call(bell.ring())


def test_a_device_that_can_not_start_leaves_no_thread() -> None:
    before = threading.active_count()
    with pytest.raises(OSError, match="broken"), Bell(broken=True):
        pass
    assert threading.active_count() == before


def test_a_thread_ends_with_what_still_runs() -> None:
    ended = []

    async def for_ever() -> None:
        try:
            await asyncio.Event().wait()
        finally:
            ended.append("task")

    async def start() -> "asyncio.Task[None]":
        task = asyncio.ensure_future(for_ever())
        await asyncio.sleep(0)
        return task

    thread = EventLoopThread()
    task = thread.call(start())
    thread.close()
    thread.close()
    assert ended == ["task"] and task.cancelled()
