"""GET /totals: what all holders have in sum, and at which position of the journal."""

import asyncio
import logging
from typing import Final

from starlette.requests import Request
from starlette.responses import JSONResponse, Response

from protocol.ledger_totals import LedgerTotals
from switch.journal.entries import EntryFault
from switch.journal.faults import JournalFault
from switch.ledger.state import State
from switch.ledger.totals import TotalsWalk
from switch.operations.access import Access, unauthorised
from switch.operations.feed import JournalFeed

_LOG = logging.getLogger("switch.operations")

_DURABLE_TIMEOUT_MS: Final = 5000


class TotalsEndpoint:
    """For whoever holds the token, one asker at a time: it reads every account, in small slices."""

    def __init__(self, state: State, feed: JournalFeed, access: Access) -> None:
        self._state = state
        self._feed = feed
        self._access = access
        self._one_at_a_time = asyncio.Lock()

    async def get(self, request: Request) -> Response:
        """A document of `protocol.ledger_totals`; its position is on the disk, and so in the feed."""
        if not self._access.holds_token(request):
            return unauthorised()
        if self._one_at_a_time.locked():
            return _later("totals are being made for another")
        async with self._one_at_a_time:
            walk = TotalsWalk(self._state)
            try:
                walk.step()
                while not walk.is_done:
                    await asyncio.sleep(0)
                    walk.step()
            except (JournalFault, EntryFault, OSError) as fault:
                _LOG.error("totals can't be made: %s", fault)
                return JSONResponse({"error": "journal can't be read"}, status_code=500)
        await self._feed.wait_beyond(walk.position - 1, _DURABLE_TIMEOUT_MS)
        if self._feed.durable_position < walk.position:
            return _later("the journal is not on the disk yet")
        return JSONResponse(self._document(walk).model_dump(mode="json"))

    def _document(self, walk: TotalsWalk) -> LedgerTotals:
        totals = [
            {"holder": kind.name.lower(), "purse": self._feed.purse(purse), "amount": amount}
            for (kind, purse), amount in sorted(walk.sums.items())
            if amount
        ]
        return LedgerTotals.model_validate({"position": walk.position, "totals": totals})


def _later(why: str) -> Response:
    return JSONResponse({"error": why}, status_code=503, headers={"Retry-After": "1"})
