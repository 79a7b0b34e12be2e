"""Start the terminal: `micropython main.py CONFIG`.

Compiling a module needs several times the heap it keeps. So the large ones come first, while there is room,
and what their compilation left behind is collected before the next.
"""

import gc
import sys

import terminal.transactions.flow

gc.collect()

import terminal.links.link  # noqa: E402

gc.collect()

from terminal.hal import unix as hal  # noqa: E402

gc.collect()

import asyncio  # noqa: E402

import terminal.devices.track2  # noqa: E402, F401
from terminal.system.app import App  # noqa: E402

gc.collect()


TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any


def _fatal(_: object, context: "dict[str, Any]") -> None:
    # A task that died must not leave a terminal that looks alive: end, and let the supervisor start it again.
    fault = context["exception"]
    if not isinstance(fault, SystemExit):
        sys.print_exception(fault, sys.stderr)  # type: ignore[arg-type]  # the stubs want their own stream
    sys.exit(0 if isinstance(fault, SystemExit) else 1)


async def _main(config_path: str) -> None:
    asyncio.get_event_loop().set_exception_handler(_fatal)
    board = hal.make(config_path)
    version = sys.implementation.version
    board.log("started", vm="%s %d.%d.%d" % (sys.implementation.name, version[0], version[1], version[2]))
    await App(board).run()


def start(config_path: str) -> None:
    """Run the terminal whose settings are at `config_path` until its board is switched off."""
    asyncio.run(_main(config_path))


if __name__ == "__main__":
    start(sys.argv[1])
