"""The load of the plain design: purchases as JSON."""

import json
import random

from tools.bench import switch_club as club
from tools.bench.load.http_loop import request_bytes, run_loop
from tools.bench.load.plan import LoadResult, PostLoad
from tools.bench.rule_workload import AMOUNT_MAX

_STAN_MAX = 999_999


def run_posts(plan: PostLoad) -> LoadResult:
    """Do it. Raises LoadFault or OSError."""
    requests = _Requests(plan)
    bodies: list[bytes] = []
    result = run_loop(plan, requests.next, bodies.append)
    return result.model_copy(update={"points": sum(int(json.loads(body)["points"]) for body in bodies)})


class _Requests:
    """Requests of fresh identities, made when they are sent: far cheaper than their answers."""

    def __init__(self, plan: PostLoad) -> None:
        self._choose = random.Random(plan.seed)
        self._cards = plan.cards
        self._host = plan.address.rpartition(":")[0]
        self._made = 0

    def next(self) -> bytes:
        self._made += 1
        body = json.dumps(
            {
                "terminal": club.terminal_id(self._made % club.TERMINALS),
                "stan": self._made % _STAN_MAX + 1,
                "transmitted_s": self._made // _STAN_MAX,
                "card": club.card_number(int(self._choose.random() * self._cards)),
                "amount": int(self._choose.random() * AMOUNT_MAX),
            }
        )
        return request_bytes("POST", "/purchases", self._host, {}, body)
