"""HTTP of the actions, for people who have logged in.

    GET  /console/actions            what whoever asks may order, which orders stand, what came of the last
    POST /console/actions/{name}     {"arguments": {…}}: what would happen, and a code that confirms it
    POST /console/actions/{name}     {"arguments": {…}, "confirmation": code}: does it

A code holds for a minute, once, and only for the session, the action and the arguments that it was given for.
"""

import asyncio
import hashlib
import json
import logging
import secrets
import time
from typing import Annotated, Final

from pydantic import BaseModel, ConfigDict, Field, ValidationError
from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Route

from switch.console.access.door import Door
from switch.console.access.roles import Role
from switch.console.access.sessions import Session
from switch.console.actions.confirmations import VALID_S, Confirmations, NotConfirmed, Question
from switch.console.actions.controls import Controls
from switch.console.actions.declaration import ACTIONS, BY_NAME, Action, FieldKind
from switch.console.actions.execution import Execution, Order
from switch.console.actions.plan import Fact, Refused
from switch.console.story.titles import words
from switch.logs import ACTIONS_LOGGER, fields

_ACTIONS = logging.getLogger(ACTIONS_LOGGER)

TERMINALS_TOLD_MAX: Final = 200
_BODY_BYTES_MAX: Final = 4096
_BODY_TIMEOUT_S: Final = 5.0
_PLANNING_MAX: Final = 2
_MS_PER_S: Final = 1000


class _Body(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True, strict=True)

    arguments: Annotated[
        dict[Annotated[str, Field(max_length=32)], Annotated[str, Field(max_length=64)]],
        Field(max_length=8),
    ] = {}
    confirmation: Annotated[str, Field(min_length=1, max_length=64)] | None = None


class ActionEndpoints:
    """Of one switch."""

    def __init__(self, door: Door, controls: Controls) -> None:
        self._door = door
        self._controls = controls
        self._execution = Execution(controls)
        self._confirmations = Confirmations(lambda: secrets.token_urlsafe(16))
        self._planning = asyncio.Semaphore(_PLANNING_MAX)
        # What is asked may hold a card number: only a digest of it is kept meanwhile.
        self._key = secrets.token_bytes(32)

    def routes(self) -> list[Route]:
        """Of all of them."""
        return [
            Route("/console/actions", self._list),
            Route("/console/actions/{name}", self._order, methods=["POST"]),
        ]

    async def stop(self) -> None:
        """Give up what is under way."""
        await self._execution.stop()

    async def _list(self, request: Request) -> Response:
        refusal = self._door.refusal(request, Role.VIEWER)
        session = self._door.session(request)
        if refusal is not None or session is None:
            return refusal or _error(401, "log in first")
        orders = self._controls.state.orders
        links = [status.name for status in self._controls.gate.statuses()]
        return JSONResponse(
            {
                "actions": [_action(each, links) for each in ACTIONS if session.user.rank >= each.role],
                "standing": {
                    "closed_links": sorted(orders.closed_links),
                    "closed_terminals": sorted(orders.closed_terminals)[:TERMINALS_TOLD_MAX],
                    "closed_terminals_count": len(orders.closed_terminals),
                    "blocked_cards_count": len(orders.blocked_cards),
                    "is_draining": self._controls.is_draining(),
                },
                "orders": [carried.document() for carried in reversed(self._execution.remembered)],
            }
        )

    async def _order(self, request: Request) -> Response:
        action = BY_NAME.get(request.path_params["name"])
        refusal = self._door.refusal(request, Role.VIEWER if action is None else action.role)
        session = self._door.session(request)
        if refusal is not None or session is None:
            return refusal or _error(401, "log in first")
        if action is None:
            return _error(404, "there is no such action")
        try:
            body = await _body(request)
            arguments = _checked(action, body.arguments)
            question = Question(session.csrf, action.name, self._digest(arguments))
            if body.confirmation is None:
                return await self._ask(action, arguments, question)
            return await self._carry_out(request, session, question, body.confirmation)
        except Refused as refused:
            return _error(refused.status, str(refused))

    async def _ask(self, action: Action, arguments: dict[str, str], question: Question) -> Response:
        if self._planning.locked():
            raise Refused(503, "others are being asked just now; try again")
        async with self._planning:
            plan = await action.plan(self._controls, arguments)
        code = self._confirmations.ask(question, plan, time.monotonic())
        return JSONResponse(
            {
                "action": action.name,
                "title": words(action.title),
                "explained": words(action.explained),
                "is_grave": action.is_grave,
                "arguments": dict(plan.arguments),
                "facts": [_fact(fact) for fact in plan.facts],
                "confirmation": code,
                "valid_ms": int(VALID_S * _MS_PER_S),
            }
        )

    async def _carry_out(self, request: Request, session: Session, question: Question, code: str) -> Response:
        client = "" if request.client is None else request.client.host
        try:
            plan, basis = self._confirmations.take(question, code, time.monotonic())
        except NotConfirmed:
            person = session.user.name
            _ACTIONS.warning(
                "order %s not confirmed", question.action, extra=fields(person=person, client=client)
            )
            raise Refused(
                409, "this confirmation is unknown, used, too old, or of another order; ask again"
            ) from None
        user = session.user
        carried = await self._execution.carry_out(
            Order(user.name, user.role, question.action, plan, basis, client)
        )
        return JSONResponse(carried.document())

    def _digest(self, arguments: dict[str, str]) -> bytes:
        text = json.dumps(arguments, sort_keys=True).encode()
        return hashlib.blake2b(text, key=self._key, digest_size=32).digest()


async def _body(request: Request) -> _Body:
    if request.headers.get("content-type", "").partition(";")[0].strip().lower() != "application/json":
        raise Refused(415, "the body is application/json")
    found = b""
    try:
        async with asyncio.timeout(_BODY_TIMEOUT_S):
            async for part in request.stream():
                found += part
                if len(found) > _BODY_BYTES_MAX:
                    raise Refused(413, f"a body has at most {_BODY_BYTES_MAX} bytes")
    except TimeoutError:
        raise Refused(408, "the body did not come in time") from None
    try:
        return _Body.model_validate_json(found)
    except ValidationError as fault:
        # Not where, as a name may be anything, and not what: it may be a card number.
        first = fault.errors(include_url=False, include_context=False, include_input=False)[0]
        raise Refused(422, f"body: {first['msg']}") from None


def _checked(action: Action, given: dict[str, str]) -> dict[str, str]:
    """The arguments that were given and are not empty. Raises Refused."""
    known = {field.name: field for field in action.fields}
    if given.keys() - known.keys():
        raise Refused(422, f"{action.name} takes {', '.join(known) or 'no arguments'}")
    for field in action.fields:
        if not field.accepts(given.get(field.name, "")):
            raise Refused(422, f"{field.name} is missing or can't be so")
    return {name: text for name, text in given.items() if text}


def _action(action: Action, links: list[str]) -> dict[str, object]:
    options = [{"value": name, "title": {"en": name, "fa": name}} for name in links]
    return {
        "name": action.name,
        "role": action.role.label,
        "is_grave": action.is_grave,
        "title": words(action.title),
        "explained": words(action.explained),
        "fields": [
            {
                "name": field.name,
                "kind": field.kind.value,
                "title": words(field.title),
                "pattern": field.pattern,
                "maximum": field.maximum,
                "required": field.is_required,
                **({"options": options} if field.kind is FieldKind.LINK else {}),
            }
            for field in action.fields
        ],
    }


def _fact(fact: Fact) -> dict[str, object]:
    return {"name": fact.name, "title": words(fact.title), "value": fact.value}


def _error(status: int, text: str) -> Response:
    return JSONResponse({"error": text}, status_code=status)
