"""A TLS handshake over the modem's UART and one exchange: processor time, longest block, heap."""

import asyncio
import gc

from blocks import watch
from terminal.hal import qemu


async def _run() -> None:
    board = qemu.make()
    gc.collect()
    before = gc.mem_alloc()
    stream = board.start_tls(await board.open_link("", 0), board.settings["server_name"])
    reply = bytearray(64)
    watch.start()
    stream.write(b"hello")
    await stream.drain()
    count = await stream.readinto(reply)
    await asyncio.sleep_ms(0)
    busy_us, longest_us = watch.busy_us, watch.longest_us
    peak = gc.mem_alloc() - before
    gc.collect()
    print("reply", bytes(reply[:count]).decode())
    print("tls", busy_us, longest_us, peak, gc.mem_alloc() - before)
    watch.reset()
    for _ in range(8):
        stream.write(b"hello")
        await stream.drain()
        await stream.readinto(reply)
    print("exchange", watch.busy_us // 8)
    stream.close()


asyncio.run(_run())
