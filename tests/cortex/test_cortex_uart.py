"""The UARTs' rings: a fast sender and a slow reader lose nothing."""

import asyncio
import random

from firmware.rig.cortex import machine
from tests.cortex.conftest import RUN_TIMEOUT_S
from tests.cortex.images import rings_image

COUNT = 8192


def test_nothing_is_lost_when_the_rings_are_full() -> None:
    sent = random.Random(1).randbytes(COUNT)
    received = bytearray()

    async def peer(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        writer.write(sent)
        while data := await reader.read(4096):
            received.extend(data)
        writer.close()
        await writer.wait_closed()

    async def scenario() -> tuple[int | None, bytes]:
        async with await asyncio.start_server(peer, "127.0.0.1", 0) as server:
            process = await asyncio.create_subprocess_exec(
                *machine(rings_image(), lines=[server.sockets[0].getsockname()]),
                stdin=asyncio.subprocess.PIPE,
                stdout=asyncio.subprocess.PIPE,
            )
            said, _ = await asyncio.wait_for(process.communicate(), RUN_TIMEOUT_S)
            await asyncio.gather(*(asyncio.all_tasks() - {asyncio.current_task()}))
            return process.returncode, said

    assert asyncio.run(scenario()) == (0, b"done 0\r\n")
    assert bytes(received) == sent
