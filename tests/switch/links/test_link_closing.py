"""Links that an operator closes and opens, in both roles; and orders while the disk stands still."""

import asyncio
from pathlib import Path

from switch.gate.exchange import Now
from switch.journal.entries import MaintenanceEntry
from tests.switch.links.conftest import Run
from tests.switch.links.running_gate import (
    LIMITS,
    PLAIN,
    RunningGate,
    connected,
    eventually,
    furnish,
    listening,
    next_of,
    purchase,
)
from tests.switch.links.test_link_dialling import dialled


class Heard:
    """What a commit tells."""

    def __init__(self) -> None:
        self.times = 0

    def deliver(self, _: list[bytes]) -> None:
        self.times += 1


def test_what_came_in_is_answered_before_a_closed_link_ends(run: Run, tmp_path: Path) -> None:
    async def main() -> None:
        async with RunningGate(tmp_path) as switch:
            address = switch.addresses["terminals"]
            await furnish(address)
            async with connected(address) as peer, connected(address) as idle:
                await peer.sign_on()
                switch.journal.moves.clear()
                peer.send(purchase(), purchase())
                await eventually(lambda: switch.status().decided == 2)
                switch.gate.close_link("terminals")
                assert await idle.is_closed()
                assert switch.status().phase == "closed"
                switch.journal.moves.set()
                assert [(await peer.receive()).fields[39] for _ in range(2)] == ["00", "00"]
                assert await peer.is_closed()
            async with connected(address) as late:
                assert await late.is_closed()
            assert switch.status().turned_away == 1
            switch.gate.open_link("terminals")
            async with connected(address) as again:
                await again.sign_on()
                assert await again.code(purchase()) == "00"
            assert switch.status().phase == "listening"

    run(main())


def test_a_closed_link_is_not_dialled(run: Run, tmp_path: Path) -> None:
    async def main() -> None:
        async with (
            listening() as (address, arrived),
            RunningGate(tmp_path, [PLAIN, dialled(address)]) as switch,
        ):
            await furnish(switch.addresses["terminals"])
            peer = await next_of(arrived)
            await peer.sign_on()
            switch.gate.close_link("north")
            assert await peer.is_closed()
            await eventually(lambda: switch.status("north").phase == "resting")
            opened = switch.status("north").opened
            # Longer than the longest wait before it would be dialled again.
            await asyncio.sleep(0.3)
            assert arrived.empty() and switch.status("north").opened == opened
            async with connected(switch.addresses["terminals"]) as other:
                await other.sign_on()
                assert await other.code(purchase()) == "00", "another link doesn't suffer"
            switch.gate.open_link("north")
            peer = await next_of(arrived)
            await peer.sign_on()

    run(main())


def test_links_that_are_closed_at_the_start_stay_so(run: Run, tmp_path: Path) -> None:
    async def main() -> None:
        async with listening() as (address, arrived):
            switch = RunningGate(tmp_path, [PLAIN, dialled(address)])
            # A name that is no longer in the settings does no harm.
            addresses = await switch.gate.open(switch.commit, [PLAIN, dialled(address)], {"north", "gone"})
            try:
                async with connected(addresses["terminals"]) as peer:
                    await peer.sign_on("HOST0001")
                assert arrived.empty() and switch.status("north").opened == 0
                switch.gate.open_link("north")
                await next_of(arrived)
            finally:
                await switch.__aexit__()

    run(main())


def test_an_order_is_not_taken_while_the_disk_stands_still(run: Run, tmp_path: Path) -> None:
    async def main() -> None:
        async with RunningGate(tmp_path, limits=LIMITS._replace(queue_age_max_ms=50)) as switch:
            heard = Heard()

            def write(now: Now) -> None:
                switch.exchange.journal(MaintenanceEntry(now.epoch_ms, (), (), ()))

            position = switch.state.position
            assert switch.gate.order(write, heard)
            await eventually(lambda: heard.times == 1)
            assert switch.journal.last_position == position + 1
            switch.journal.moves.clear()
            assert switch.gate.order(write, heard)
            taken = position + 2

            def is_refused() -> bool:
                nonlocal taken
                is_taken = switch.gate.order(write, heard)
                taken += is_taken
                return not is_taken

            await eventually(is_refused)
            assert switch.state.position == taken and heard.times == 1
            switch.journal.moves.set()
            await eventually(lambda: switch.journal.last_position == taken)

    run(main())
