"""What a load process reads on standard input and writes on standard output: a line of JSON each."""

from pathlib import Path
from typing import Literal

from pydantic import BaseModel, ConfigDict

from tools.bench.load.percentiles import Latency


class _Form(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True)


class LinkLoad(_Form):
    """Purchases over `links` links, which share the `terminals` among them.

    Closed loop: each link keeps `in_flight` requests on their way. Open loop, where `rate_per_s` is above 0:
    requests leave by the clock, whatever comes back. At most `messages` are prepared; a closed loop ends
    early when they run out. `measured_s` seconds count, after `warm_up_s` that don't.
    """

    kind: Literal["links"] = "links"
    address: str
    process_id: int
    processor: int | None
    transmitted_s: int
    seed: int
    cards: int
    terminals: int
    links: int
    in_flight: int = 0
    rate_per_s: int = 0
    messages: int
    warm_up_s: float
    measured_s: float
    drain_timeout_s: float
    answers_file: Path


class HttpLoop(_Form):
    """HTTP connections that stay open, one request in flight on each."""

    address: str
    process_id: int
    processor: int | None
    connections: int
    warm_up_s: float
    measured_s: float
    drain_timeout_s: float


class PostLoad(HttpLoop):
    """Purchases as JSON to the plain design."""

    kind: Literal["posts"] = "posts"
    seed: int
    cards: int


class ApiLoad(HttpLoop):
    """Requests to the host API: targets and bodies, with the key in a file."""

    kind: Literal["api"] = "api"
    key_file: Path
    method: Literal["GET", "POST"]
    requests: list[tuple[str, str]]


class LoadResult(_Form):
    """What came of it, all requests of the load together; rates are those of the measured time.

    `points` are those that the replies say were earned. `lost` were sent and never answered. `answered_share`
    tells how much of an open loop's schedule was answered within a bound of its time, and `latency` is that
    of the answered ones, from the scheduled time. `send_late_p99_ms` is how late the load itself was.
    """

    sent: int
    answered: int
    approved: int
    declined: int
    shed: int
    lost: int
    points: int
    per_s: float
    processor_us: float
    latency: Latency | None = None
    answered_share: float = 1.0
    send_late_p99_ms: float = 0.0
