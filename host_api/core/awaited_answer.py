"""An answer that waits for what its request has set going, once that is committed."""

import logging
from collections.abc import Awaitable, Callable
from typing import Any

from pydantic import BaseModel
from sqlalchemy.exc import SQLAlchemyError
from starlette.responses import JSONResponse
from starlette.types import Receive, Scope, Send

_log = logging.getLogger(__name__)

Final = Callable[[], Awaitable[BaseModel | None]]


def pending_response(
    model: type[BaseModel], told: str = "The switch has not decided yet: look again at `Location`"
) -> dict[int | str, dict[str, Any]]:
    """The `responses` of an endpoint whose answer may come later: 202 with `model`, and what that means."""
    return {202: {"model": model, "description": told}}


class AwaitedAnswer(JSONResponse):
    """201 with what `final` gives within its own bound of time, or 202 with `pending` where that is None.

    The endpoint returns it with its transaction still open; it waits after the commit and before it is sent,
    and holds no connection of the database meanwhile. What an idempotency key keeps is the 202, whose
    `Location` tells where to look.
    """

    def __init__(self, pending: BaseModel, *, location: str, final: Final) -> None:
        super().__init__(pending.model_dump(mode="json"), 202, headers={"Location": location})
        self._final = final

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Wait, then answer."""
        try:
            final = await self._final()
        except SQLAlchemyError as error:
            _log.warning("could not look for an outcome: %s", type(error).__name__)
            final = None
        if final is not None:
            self.status_code = 201
            self.body = self.render(final.model_dump(mode="json"))
            self.headers["Content-Length"] = str(len(self.body))
        await super().__call__(scope, receive, send)
