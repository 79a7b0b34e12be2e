"""From a board to a terminal at work."""

import asyncio
import sys

from terminal.system.app import App

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any

    from terminal.hal.contract import Board


def start(board: "Board") -> None:
    """Run the terminal on `board` until it is switched off.

    Raises:
        SystemExit: it was switched off (code 0), or a task died (code 1).
    """
    asyncio.run(_run(board))


async def _run(board: "Board") -> None:
    asyncio.get_event_loop().set_exception_handler(_fatal)
    version = sys.implementation.version
    board.log("started", vm="%s %d.%d.%d" % (sys.implementation.name, version[0], version[1], version[2]))
    await App(board).run()


def _fatal(_: object, context: "dict[str, Any]") -> None:
    # A task that died must not leave a terminal that looks alive: end, and let the supervisor start it again.
    fault = context["exception"]
    if not isinstance(fault, SystemExit):
        sys.print_exception(fault, sys.stderr)  # type: ignore[arg-type]  # the stubs want their own stream
    sys.exit(0 if isinstance(fault, SystemExit) else 1)
