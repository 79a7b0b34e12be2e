"""The load of the host API: prepared requests, in turn and again from the first."""

from itertools import cycle

from tools.bench.load.http_loop import request_bytes, run_loop
from tools.bench.load.plan import ApiLoad, LoadResult


def run_requests(plan: ApiLoad) -> LoadResult:
    """Do it. Raises LoadFault or OSError."""
    host = plan.address.rpartition(":")[0]
    headers = {"X-API-Key": plan.key_file.read_text("ascii").strip()}
    prepared = cycle(
        [request_bytes(plan.method, target, host, headers, body) for target, body in plan.requests]
    )
    return run_loop(plan, prepared.__next__)
