"""GET /terminals/health?after=&limit=: what terminals told of themselves in their last echo."""

from typing import Final

from starlette.requests import Request
from starlette.responses import JSONResponse, Response

from switch.fleet.health import HealthBook
from switch.operations.access import Access, unauthorised
from switch.operations.query import number_in_query

PAGE_MAX: Final = 1000
_TERMINAL_ID_CHARACTERS_MAX: Final = 8


class FleetEndpoint:
    """For this machine, and whoever holds the token."""

    def __init__(self, book: HealthBook, access: Access) -> None:
        self._book = book
        self._access = access

    async def get(self, request: Request) -> Response:
        """By terminal id, those behind `after`; the last of a full page is the next `after`."""
        if not self._access.may_look(request):
            return unauthorised()
        after = request.query_params.get("after", "")
        try:
            limit = number_in_query(request, "limit", PAGE_MAX, PAGE_MAX)
            if len(after) > _TERMINAL_ID_CHARACTERS_MAX:
                raise ValueError("after: a terminal id has up to 8 characters")
        except ValueError as fault:
            return JSONResponse({"error": str(fault)}, status_code=422)
        return JSONResponse(
            {
                "count": len(self._book),
                "terminals": [
                    {"terminal": terminal_id, "at_ms": health.at_ms, **health.told}
                    for terminal_id, health in self._book.page(after, limit)
                ],
            }
        )
