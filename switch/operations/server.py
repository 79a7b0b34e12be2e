"""The HTTP server of the operations port, in the switch's own loop."""

import contextlib
import socket
from collections.abc import Iterator

import uvicorn
from starlette.applications import Starlette

from switch.gate.link_plan import Address

_BACKLOG = 128
# Besides feed readers: probes, scrapers, and sixteen people whose browsers open six connections each.
_OTHERS_MAX = 128


class OperationsServer(uvicorn.Server):
    """Leaves signals to the switch: it has to drain before the operations port may go."""

    def __init__(self, app: Starlette, feed_readers_max: int) -> None:
        super().__init__(
            uvicorn.Config(
                app,
                log_config=None,
                access_log=False,
                lifespan="off",
                http="h11",
                ws="none",
                loop="none",
                limit_concurrency=feed_readers_max + _OTHERS_MAX,
                timeout_graceful_shutdown=1,
            )
        )

    @contextlib.contextmanager
    def capture_signals(self) -> Iterator[None]:
        yield


def listen_for_operations(address: Address) -> socket.socket:
    """A listening socket. Raises OSError."""
    found = socket.socket(socket.AF_INET, socket.SOCK_STREAM)
    found.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    try:
        found.bind(address)
        found.listen(_BACKLOG)
    except OSError:
        found.close()
        raise
    found.setblocking(False)
    return found
