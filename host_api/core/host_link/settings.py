"""Where the switch is and how this host proves who it is."""

from dataclasses import dataclass
from enum import StrEnum
from pathlib import Path


class HostLinkState(StrEnum):
    """How the host's links stand: connected where at least one is open."""

    NOT_CONFIGURED = "not_configured"
    CONNECTING = "connecting"
    CONNECTED = "connected"


@dataclass(frozen=True, slots=True)
class HostLinkSettings:
    """Of all links of a pool.

    Parameters:
        links: how many are kept open.
        in_flight: so many requests may wait for their answers on one link.
        response_timeout_s: how long to wait for an answer. A switch that fails over is silent for ten
        seconds.
        echo_after_s: a link that was silent so long is tried by an echo.
    """

    endpoint: tuple[str, int]
    host_id: str
    master_key_path: Path
    links: int = 2
    in_flight: int = 32
    connect_timeout_s: float = 5.0
    response_timeout_s: float = 15.0
    echo_after_s: float = 30.0
