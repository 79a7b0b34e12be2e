"""The pure cores of a link, made of an operator's settings and what the queue file holds."""

from collections.abc import Callable
from dataclasses import asdict
from typing import NamedTuple

from protocol.spec import SpecDocument
from switch.upstream.correlation import Correlation
from switch.upstream.forward_plan import ForwardPlan
from switch.upstream.forwarder import Forwarder
from switch.upstream.memory import Memory
from switch.upstream.mux import STAN_MAX, Multiplexer, MuxPlan
from switch.upstream.saf_types import Loaded
from switch.upstream.settings import UpstreamDocument
from switch.upstream.store_and_forward import QueuePlan, StoreAndForward
from switch.upstream.terminals import Terminals
from switch.upstream.translation import PinKey
from switch.upstream.wire import Wire


class Parts(NamedTuple):
    """The cores of one link."""

    mux: Multiplexer
    queue: StoreAndForward
    memory: Memory
    forwarder: Forwarder

    def status(self, now_ms: int) -> dict[str, int | str]:
        """What there is and what has happened."""
        return {
            "phase": self.mux.phase.name.lower(),
            "in_flight": self.mux.in_flight,
            "open": self.forwarder.open,
            "remembered": len(self.memory),
            "queue_depth": self.queue.depth,
            "queue_under_way": self.queue.under_way,
            "queue_dead": self.queue.dead_depth,
            "queue_age_ms": self.queue.age_ms(now_ms),
            **{f"link_{name}": number for name, number in asdict(self.mux.counts).items()},
            **{f"queue_{name}": number for name, number in asdict(self.queue.counts).items()},
            **{
                f"forward_{name}": number
                for name, number in asdict(self.forwarder.counts).items()
                if name != "codes"
            },
        }


def assemble(
    document: UpstreamDocument,
    spec: SpecDocument,
    terminals: Terminals,
    loaded: Loaded,
    *,
    pin_key: PinKey,
    chance: Callable[[], float],
) -> Parts:
    """Connect them. `chance` gives numbers from 0 up to 1."""
    queue_part = document.queue
    mux = Multiplexer(
        MuxPlan(
            in_flight_max=document.in_flight_max + queue_part.window,
            late_kept_max=document.late_kept_max,
            connect_timeout_s=document.connect_timeout_s,
            sign_on_timeout_s=document.sign_on_timeout_s,
            echo_interval_s=document.echo_interval_s,
            echo_timeout_s=document.echo_timeout_s,
            first_wait_s=document.first_wait_s,
            longest_wait_s=document.longest_wait_s,
        ),
        Wire(spec, terminals.by_id),
        Correlation(document.correlation),
        chance,
        _last_stan(loaded, chance),
    )
    queue = StoreAndForward(
        QueuePlan(
            depth_max=queue_part.depth_max,
            window=queue_part.window,
            attempts_max=queue_part.attempts_max,
            first_wait_s=queue_part.first_wait_s,
            longest_wait_s=queue_part.longest_wait_s,
            done_codes_of_advices=queue_part.done_codes_of_advices,
            done_codes_of_reversals=queue_part.done_codes_of_reversals,
            retry_codes=queue_part.retry_codes,
        ),
        loaded.items,
        chance,
    )
    memory = Memory(loaded.rows, loaded.floors, queue_part.remembered_max)
    forwarder = Forwarder(
        plan=ForwardPlan(
            document.name,
            document.in_flight_max,
            document.reply_timeout_s,
            queue_part.reply_timeout_s,
            queue_part.retry_codes,
        ),
        mux=mux,
        queue=queue,
        memory=memory,
        terminals=terminals,
        pin_key=pin_key,
        pending=loaded.pending,
        next_number=loaded.next_number,
    )
    return Parts(mux, queue, memory, forwarder)


def _last_stan(loaded: Loaded, chance: Callable[[], float]) -> int:
    """Advices keep the time of their sale: only a new STAN makes a new one of the same second another."""
    stans = (row.stan for row in reversed(loaded.rows) if row.stan)
    return next(stans, int(chance() * STAN_MAX))
