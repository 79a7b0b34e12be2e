"""From a board to a terminal at work: what every board's main calls.

An import within an import takes stack, of which a board has little. So what lies deep is imported first.
"""

import asyncio
import sys

import terminal.devices.track2
import terminal.links.link
import terminal.transactions.flow  # noqa: F401
from terminal.system.app import App

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any

    from terminal.hal.contract import Board


def start(board: "Board") -> None:
    """Run the terminal on `board` until it is switched off.

    Raises:
        SystemExit: it was switched off (code 0), a task died (1), or it is to be started anew (75).
    """
    asyncio.run(_run(board))


async def _run(board: "Board") -> None:
    asyncio.get_event_loop().set_exception_handler(_fatal)
    version = sys.implementation.version
    board.log("started", vm="%s %d.%d.%d" % (sys.implementation.name, version[0], version[1], version[2]))
    if board.settings.get("update_key"):
        _put_parameters_in_force(board)
    if board.service or board.case_is_open():
        from terminal.system.service import serve  # noqa: PLC0415  (not a terminal that sells)

        await serve(board)
    await App(board).run()


def _put_parameters_in_force(board: "Board") -> None:
    from terminal.loading import UPDATE_MODULES, let_go  # noqa: PLC0415  (not every terminal has such a key)
    from terminal.system.update.stores import put_in_force  # noqa: PLC0415

    put_in_force(board)
    let_go(UPDATE_MODULES)


def _fatal(_: object, context: "dict[str, Any]") -> None:
    # A task that died must not leave a terminal that looks alive: end, and let the supervisor start it again.
    fault = context["exception"]
    if isinstance(fault, SystemExit):
        raise fault
    sys.print_exception(fault, sys.stderr)  # type: ignore[arg-type]  # the stubs want their own stream
    sys.exit(1)
