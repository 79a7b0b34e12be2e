"""What became of a request, and who is told: the service that asked, and whoever waits for it."""

import asyncio
from collections.abc import Awaitable, Callable, Iterable, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass
from typing import Protocol

from host_api.core.database import Database, WriteSession
from host_api.core.ledger.requests import LedgerRequest
from host_api.core.ledger.states import RequestState

_LOOK_AGAIN_S = 0.5


@dataclass(frozen=True, slots=True)
class Outcome:
    """A request that is over.

    Parameters:
        response_code: field 39; None where its time ran out before it was ever sent.
        rrn: of the approved transaction, also of one that was then reversed, where the switch told it.
        balances: what the holder could spend afterwards, by account type of the purse.
        told: tags of field 48 that hold nothing personal, as DF01 (points earned).
    """

    request_id: int
    service: str
    reference: str
    kind: str
    state: RequestState
    amount: int
    purse: int
    member_id: int | None
    response_code: str | None
    rrn: str | None
    balances: Mapping[str, int]
    told: Mapping[str, str]


class OutcomeHandler(Protocol):
    """A service's part: called once for each of its requests, in the transaction that ends them.

    Of many that end together it takes rows that other outcomes change too, as a stock, in the order of
    their ids, so that no two workers wait for each other. It doesn't commit. What it raises undoes the ends
    too, and each outcome comes again in a transaction of its own; where that raises, the request goes on,
    and the outcome comes again later. A DOUBTFUL one comes a second time when reconciliation has found out
    what became of it.
    """

    async def __call__(self, session: WriteSession, outcomes: Sequence[Outcome], /) -> None:
        """Go on with whatever waited for `outcomes`, which are in the order in which they were asked for."""
        ...


def one_by_one(handle: Callable[[WriteSession, Outcome], Awaitable[None]]) -> OutcomeHandler:
    """A handler of a service whose outcomes have nothing to do with each other."""

    async def handle_all(session: WriteSession, outcomes: Sequence[Outcome], /) -> None:
        for outcome in outcomes:
            await handle(session, outcome)

    return handle_all


Handlers = Mapping[str, OutcomeHandler]


def outcome_of(row: LedgerRequest) -> Outcome:
    """The outcome of a row that is over."""
    return Outcome(
        request_id=row.id,
        service=row.service,
        reference=row.reference,
        kind=row.kind,
        state=RequestState(row.state),
        amount=row.amount,
        purse=row.purse,
        member_id=row.member_id,
        response_code=row.response_code,
        rrn=row.rrn,
        balances=row.balances or {},
        told=row.told or {},
    )


class OutcomeBoard:
    """Where endpoints of this process wait for outcomes, whichever process brings them about."""

    def __init__(self, database: Database) -> None:
        self._database = database
        self._waiting: dict[int, set[asyncio.Event]] = {}

    def post(self, request_ids: Iterable[int]) -> None:
        """These requests are over: have those who wait for them look."""
        for request_id in request_ids:
            for posted in self._waiting.get(request_id, ()):
                posted.set()

    async def outcome(self, programme_id: int, request_id: int, timeout_s: float) -> Outcome | None:
        """The outcome of a request, None if it isn't over within the time.

        Its transaction must be committed: nothing is over before.
        """
        posted = asyncio.Event()
        self._waiting.setdefault(request_id, set()).add(posted)
        try:
            return await self._outcome(programme_id, request_id, timeout_s, posted)
        finally:
            waiting = self._waiting[request_id]
            waiting.discard(posted)
            if not waiting:
                del self._waiting[request_id]

    async def _outcome(
        self, programme_id: int, request_id: int, timeout_s: float, posted: asyncio.Event
    ) -> Outcome | None:
        loop = asyncio.get_running_loop()
        until = loop.time() + timeout_s
        while True:
            posted.clear()
            async with self._database.reading(programme_id) as session:
                row = await session.get(LedgerRequest, request_id)
            if row is None:
                return None
            if not RequestState(row.state).is_open:
                return outcome_of(row)
            left_s = until - loop.time()
            if left_s <= 0:
                return None
            with suppress(TimeoutError):
                # Another process may have ended it, and posts nothing here.
                async with asyncio.timeout(min(left_s, _LOOK_AGAIN_S)):
                    await posted.wait()
