"""HTTP of the alarms.

    GET  /console/alarms                     those that are raised, the mutes, and the receivers
    GET  /console/alarms/rules               every rule
    GET  /console/alarms/history?limit=      what happened, newest first
    POST /console/alarms/acknowledge         {"rule", "subject", "note"}
    POST /console/alarms/mute                {"rule", "subject", "for_s", "note"}: for_s 0 until it is cleared
    POST /console/alarms/unmute              {"rule", "subject", "note"}

Viewers read, operators act. `subject` null in a mute means every subject of the rule. Bodies are JSON and say
so, which no form of another site can.
"""

import logging
from collections.abc import Awaitable, Callable
from typing import Annotated, Final, Protocol, TypeVar

from pydantic import BaseModel, ConfigDict, Field, ValidationError
from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Route

from switch.console.access.roles import Role
from switch.console.alarms.desk import (
    HISTORY_MAX,
    NOTE_CHARACTERS_MAX,
    PERSON_CHARACTERS_MAX,
    NotSo,
    Standing,
)
from switch.console.alarms.records import Record
from switch.console.alarms.rules import Rule
from switch.console.alarms.watch import AlarmWatch
from switch.console.alarms.wording import unit_of
from switch.logs import ACTIONS_LOGGER, fields
from switch.operations.query import number_in_query

_LOG = logging.getLogger(ACTIONS_LOGGER)

MUTE_S_MAX: Final = 30 * 86_400
_BODY_BYTES_MAX: Final = 4096


class Guard(Protocol):
    """Who asks."""

    def may(self, request: Request, role: Role, /) -> bool:
        """Whether whoever asks has a role or one above."""

    def person(self, request: Request, /) -> str:
        """The name of whoever asks; "" where it isn't known."""


_Text = Annotated[str, Field(pattern=r"^[^\x00-\x1f\x7f]*$")]


class _Body(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True, strict=True)

    rule: Annotated[_Text, Field(max_length=32)]
    note: Annotated[_Text, Field(max_length=NOTE_CHARACTERS_MAX)] = ""
    person: Annotated[_Text, Field(max_length=PERSON_CHARACTERS_MAX)] = ""


class _Acknowledgement(_Body):
    subject: Annotated[_Text, Field(max_length=64)]


class _Unmute(_Body):
    subject: Annotated[_Text, Field(max_length=64)] | None


class _Mute(_Unmute):
    for_s: Annotated[int, Field(ge=0, le=MUTE_S_MAX)]


_AnyBody = TypeVar("_AnyBody", bound=_Body)
_Endpoint = Callable[[Request], Awaitable[Response]]


class _Refused(Exception):  # noqa: N818  (an answer, not an error of ours)
    def __init__(self, status: int, text: str) -> None:
        self.status = status
        super().__init__(text)


class AlarmEndpoints:
    """Of one switch."""

    def __init__(self, watch: AlarmWatch, guard: Guard) -> None:
        self._watch = watch
        self._guard = guard

    def routes(self) -> list[Route]:
        """Of all of them."""
        viewer, operator = Role.VIEWER, Role.OPERATOR
        return [
            Route("/console/alarms", self._guarded(self._list, viewer)),
            Route("/console/alarms/rules", self._guarded(self._rules, viewer)),
            Route("/console/alarms/history", self._guarded(self._history, viewer)),
            Route(
                "/console/alarms/acknowledge", self._guarded(self._acknowledge, operator), methods=["POST"]
            ),
            Route("/console/alarms/mute", self._guarded(self._mute, operator), methods=["POST"]),
            Route("/console/alarms/unmute", self._guarded(self._unmute, operator), methods=["POST"]),
        ]

    def _guarded(self, endpoint: _Endpoint, role: Role) -> _Endpoint:
        async def serve(request: Request) -> Response:
            if not self._guard.may(request, role):
                return JSONResponse({"error": "not permitted"}, status_code=403)
            try:
                return await endpoint(request)
            except _Refused as refused:
                return JSONResponse({"error": str(refused)}, status_code=refused.status)
            except NotSo as fault:
                return JSONResponse({"error": str(fault)}, status_code=409)

        return serve

    async def _list(self, _: Request) -> Response:
        watch = self._watch
        desk = watch.desk
        standing = sorted(desk.standing.values(), key=_by_severity)
        return JSONResponse(
            {
                "now_ms": watch.now_ms(),
                "alarms": [self._standing(each) for each in standing],
                "mutes": [mute._asdict() for mute in desk.mutes.values()],
                "receivers": [receiver._asdict() for receiver in watch.delivered()],
            }
        )

    async def _rules(self, _: Request) -> Response:
        return JSONResponse({"rules": [_rule(rule) for rule in self._watch.rules]})

    async def _history(self, request: Request) -> Response:
        try:
            limit = number_in_query(request, "limit", 100, HISTORY_MAX)
        except ValueError as fault:
            raise _Refused(422, str(fault)) from None
        newest = list(self._watch.desk.history)[::-1][:limit]
        return JSONResponse({"history": [self._watch.wording.happening(record) for record in newest]})

    async def _acknowledge(self, request: Request) -> Response:
        body = await _body(request, _Acknowledgement)
        record = self._watch.acknowledge(body.rule, body.subject, self._person(request, body), body.note)
        return _done(record, request)

    async def _mute(self, request: Request) -> Response:
        body = await _body(request, _Mute)
        if self._watch.rule(body.rule) is None:
            raise _Refused(404, "there is no such rule")
        key = (body.rule, body.subject)
        return _done(self._watch.mute(key, self._person(request, body), body.note, body.for_s), request)

    async def _unmute(self, request: Request) -> Response:
        body = await _body(request, _Unmute)
        key = (body.rule, body.subject)
        return _done(self._watch.unmute(key, self._person(request, body), body.note), request)

    def _person(self, request: Request, body: _Body) -> str:
        """Whoever has logged in acts under no other name."""
        return self._guard.person(request) or body.person

    def _standing(self, standing: Standing) -> dict[str, object]:
        watch, raised, seen = self._watch, standing.raised, standing.acknowledged
        key = (raised.rule, raised.subject or "")
        return {
            **watch.wording.texts(raised.rule),
            "rule": raised.rule,
            "subject": raised.subject,
            "severity": raised.severity,
            "raised_ms": raised.at_ms,
            "raised_value": raised.value,
            "value": watch.value(standing),
            "is_muted": watch.desk.is_muted(key, watch.now_ms()),
            "acknowledged": None
            if seen is None
            else {"at_ms": seen.at_ms, "person": seen.person, "note": seen.note},
        }


async def _body(request: Request, kind: type[_AnyBody]) -> _AnyBody:
    if request.headers.get("content-type", "").partition(";")[0].strip().lower() != "application/json":
        raise _Refused(415, "the body is application/json")
    found = b""
    async for part in request.stream():
        found += part
        if len(found) > _BODY_BYTES_MAX:
            raise _Refused(413, f"a body has at most {_BODY_BYTES_MAX} bytes")
    try:
        return kind.model_validate_json(found)
    except ValidationError as fault:
        first = fault.errors(include_url=False, include_context=False, include_input=False)[0]
        where = ".".join(str(step) for step in first["loc"])
        raise _Refused(422, f"{where or 'body'}: {first['msg']}") from None


def _done(record: Record, request: Request) -> Response:
    client = "" if request.client is None else request.client.host
    _LOG.info(
        "alarm %s",
        record.what.value,
        extra=fields(
            alarm=record.rule,
            subject=record.subject,
            person=record.person,
            note=record.note,
            until_ms=record.until_ms,
            client=client,
        ),
    )
    return JSONResponse(record._asdict())


def _rule(rule: Rule) -> dict[str, object]:
    return {
        **rule.model_dump(mode="json", exclude={"signal", "of", "enabled"}),
        "signal": rule.signal.value.name,
        "of": None if rule.of is None else rule.of.value.name,
        "per": rule.signal.value.subject.value if rule.apart else "",
        "unit": unit_of(rule),
    }


def _by_severity(standing: Standing) -> tuple[int, int]:
    """The worst first, then the newest."""
    order = ("critical", "warning", "notice")
    raised = standing.raised
    return order.index(raised.severity) if raised.severity in order else len(order), -raised.at_ms
