from collections import deque

from switch.gate.exchange import Now
from switch.gate.forwarding import Forwarding
from switch.gate.link import LinkState
from switch.keyring import Keyring
from switch.ledger.state import State
from switch.metrics.store import Metrics
from switch.rules.table import RuleTable

class FlatDesk:
    def __init__(
        self, state: State, keyring: Keyring, metrics: Metrics, forwarding: Forwarding | None
    ) -> None: ...
    def prepare(self, table: RuleTable, version: int) -> None: ...
    def serve(
        self,
        link: LinkState,
        frames: deque[bytes],
        limit: int,
        now: Now,
        staged: list[bytes],
        replies: list[bytes],
    ) -> int: ...
