"""HTTP of the stories, for whoever may view.

    GET  /console/transactions?…                       a list, newest first
    POST /console/transactions/by-card                 the same: {"card_number": "…"}, and what else is asked
    GET  /console/transactions/POSITION                the story; the position is the RRN
    GET  /console/transactions/POSITION/links?after=   more of the later entries that name it

A list is asked for by `rrn`; by `terminal_id` with or without `stan`; by `card_reference`, `member_number` or
`partner_rrn`; each with or without `day` (YYYY-MM-DD of the programme's time zone) or `from_ms` and
`until_ms`; or by a time alone. A card's whole number is turned into its token at once, and neither kept nor
logged. An answer reads a bounded part of the journal: `next` goes on where it ended, as `before`, and may be
there though nothing was found.
"""

import asyncio
import json
import logging
import re
from collections.abc import Awaitable, Callable
from datetime import date
from typing import Final, NamedTuple

from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Route

from protocol.spec import SpecDocument
from switch.console.story.criteria import ALWAYS_MS, Card, Criteria
from switch.console.story.links import Subject, later_links
from switch.console.story.messages import messages_of
from switch.console.story.rows import row_of
from switch.console.story.search import LIMIT_MAX, Found, Match, search
from switch.console.story.segments import Segments
from switch.console.story.story import Read, Story, later_document, story_of
from switch.journal.entries import EntryFault, unpack
from switch.journal.faults import JournalCorrupt, JournalFault, PositionGone
from switch.journal.format import RawEntry
from switch.keyring import Keyring
from switch.ledger.state import State
from switch.logs import ACTIONS_LOGGER, fields
from switch.operations.access import unauthorised
from switch.operations.feed import JournalFeed
from switch.operations.query import number_of
from switch.rules.local_time import clock_of, ordinal_of

_LOG = logging.getLogger("switch.console")
_ACTIONS = logging.getLogger(ACTIONS_LOGGER)

READERS_MAX: Final = 4
_LIMIT: Final = 50
_POSITION_MAX: Final = (1 << 56) - 1
_NUMBER_MAX: Final = 10**12 - 1
_STAN_MAX: Final = 999_999
_STANS: Final = 1_000_000
_BODY_BYTES_MAX: Final = 4096
_BODY_TIMEOUT_S: Final = 5.0
_MS_PER_S: Final = 1000
_TERMINAL_ID: Final = re.compile(r"[\x21-\x7e]{1,8}")
_PARTNER_RRN: Final = re.compile(r"[0-9A-Za-z]{1,12}")
_CARD_NUMBER: Final = re.compile(r"[0-9]{1,19}")
_ASKED: Final = frozenset(
    {
        "rrn",
        "terminal_id",
        "stan",
        "card_reference",
        "member_number",
        "partner_rrn",
        "day",
        "from_ms",
        "until_ms",
        "limit",
        "before",
    }
)

Endpoint = Callable[[Request], Awaitable[Response]]


class _Refused(Exception):  # noqa: N818  (an answer, not an error of ours)
    def __init__(self, status: int, text: str) -> None:
        self.status = status
        super().__init__(text)


class _Asked(NamedTuple):
    """A question; `key_max` of a cursor is that of `Criteria`."""

    criteria: Criteria
    limit: int
    before: int | None
    rrn: int | None = None


class StoryEndpoints:
    """Reads the journal in threads, a bounded number of questions at a time.

    Args:
        may_view: whether whoever asks may look at transactions.
    """

    def __init__(
        self,
        state: State,
        feed: JournalFeed,
        keyring: Keyring,
        spec: SpecDocument,
        may_view: Callable[[Request], bool],
    ) -> None:
        self._state = state
        self._segments = Segments(feed.index, lambda: feed.durable_position)
        self._naming = feed.naming
        self._keyring = keyring
        self._spec = spec
        self._may_view = may_view
        self._readers = asyncio.Semaphore(READERS_MAX)

    def routes(self) -> list[Route]:
        """Of all of them."""
        return [
            Route("/console/transactions", self._guarded(self._list)),
            Route("/console/transactions/by-card", self._guarded(self._by_card), methods=["POST"]),
            Route("/console/transactions/{position}", self._guarded(self._story)),
            Route("/console/transactions/{position}/links", self._guarded(self._links)),
        ]

    def _guarded(self, endpoint: Endpoint) -> Endpoint:
        async def serve(request: Request) -> Response:
            if not self._may_view(request):
                return unauthorised()
            if self._readers.locked():
                return JSONResponse(
                    {"error": "too many are searching"}, status_code=503, headers={"Retry-After": "1"}
                )
            async with self._readers:
                try:
                    return await endpoint(request)
                except _Refused as refused:
                    return JSONResponse({"error": str(refused)}, status_code=refused.status)
                except PositionGone as gone:
                    return JSONResponse({"error": str(gone)}, status_code=410)
                except (JournalFault, EntryFault, OSError) as fault:
                    _LOG.error("transactions can't be read: %s", fault)
                    return JSONResponse({"error": "journal can't be read"}, status_code=500)

        return serve

    async def _list(self, request: Request) -> Response:
        asked = self._asked(dict(request.query_params), None)
        _note("transactions searched", request, by=",".join(sorted(request.query_params)))
        return await self._answer(asked)

    async def _by_card(self, request: Request) -> Response:
        body = await _body(request)
        number = body.pop("card_number", "")
        if not _CARD_NUMBER.fullmatch(number):
            raise _Refused(422, "card_number is 1 to 19 digits")
        token = self._keyring.card_token(number)
        card = self._state.cards.get(token)
        asked = self._asked(body, Card(token, None if card is None else card.reference))
        _note("transactions searched", request, by="card")
        return await self._answer(asked)

    async def _story(self, request: Request) -> Response:
        subject, raw = await self._subject(request)
        batch = await asyncio.to_thread(self._segments.batch_of, raw.position)
        later = await later_links(self._segments, subject, raw.position)
        _note("transaction shown", request, position=raw.position)
        story = story_of(Read(raw, subject.entry, batch, later), self._state, self._naming, self._spec)
        return await asyncio.to_thread(_rendered, story, self._spec)

    async def _links(self, request: Request) -> Response:
        after = _number(request.query_params.get("after", "0"), "after", _POSITION_MAX)
        subject, _ = await self._subject(request)
        return JSONResponse(later_document(await later_links(self._segments, subject, after)))

    async def _subject(self, request: Request) -> tuple[Subject, RawEntry]:
        position = _number(request.path_params["position"], "position", _POSITION_MAX)
        try:
            raw = await asyncio.to_thread(self._segments.at, position)
        except JournalCorrupt:
            # What was decided may still be in memory; the story then tells of the damage.
            raw = self._state.recent.find(position)
            if raw is None:
                raise
        if raw is None:
            first = self._segments.first_position
            raise _Refused(404, f"there is no such position, or it was removed; the first is {first}")
        # In a thread: a rule table's entry is large.
        return Subject(position, (await asyncio.to_thread(_matches, [raw]))[0].entry), raw

    async def _answer(self, asked: _Asked) -> Response:
        if asked.rrn is not None:
            raw = await asyncio.to_thread(self._segments.at, asked.rrn)
            matches = [] if raw is None else _matches([raw])
            kept = [match for match in matches if asked.criteria.holds_for(match.entry)]
            return await self._told(Found(kept, len(matches), asked.rrn, None), None)
        criteria = asked.criteria
        if criteria.stan is not None and asked.before is None:
            positions, floor = self._remembered(criteria.terminal_id, criteria.stan)
            raws = [await asyncio.to_thread(self._segments.at, position) for position in positions]
            matches = [match for match in _matches(raws) if criteria.holds_for(match.entry)]
            if matches or not floor:
                behind = self._segments.durable_position + 1 if floor else None
                return await self._told(Found(matches, len(raws), 0, behind), floor)
            criteria = criteria._replace(key_max=floor)
        return await self._told(
            await search(self._segments, criteria, asked.before, asked.limit), criteria.key_max
        )

    def _remembered(self, terminal_id: str, stan: int) -> tuple[list[int], int]:
        """Positions of a terminal's remembered requests with a STAN, newest first, at most LIMIT_MAX; and the
        greatest key that was forgotten, 0 where none was."""
        window = self._state.window(terminal_id)
        if window is None:
            return [], 0
        content = window.content()
        positions = [
            place >> 1
            for key, place in zip(content.keys, content.places, strict=True)
            if key % _STANS == stan and place >> 1
        ]
        return sorted(positions, reverse=True)[:LIMIT_MAX], content.floor

    async def _told(self, found: Found, key_max: int | None) -> Response:
        return await asyncio.to_thread(_listed, found, key_max, self._segments.first_position)

    def _asked(self, given: dict[str, str], card: Card | None) -> _Asked:
        """The question that parameters ask."""
        if not _ASKED.issuperset(given):
            raise _Refused(422, f"parameters are {', '.join(sorted(_ASKED))}")

        def number(name: str, maximum: int) -> int | None:
            return _number(given[name], name, maximum) if name in given else None

        terminal_id, partner_rrn = given.get("terminal_id", ""), given.get("partner_rrn", "")
        if "terminal_id" in given and not _TERMINAL_ID.fullmatch(terminal_id):
            raise _Refused(422, "terminal_id is 1 to 8 characters")
        if "partner_rrn" in given and not _PARTNER_RRN.fullmatch(partner_rrn):
            raise _Refused(422, "partner_rrn is 1 to 12 digits or letters")
        if "stan" in given and not terminal_id:
            raise _Refused(422, "stan is asked together with terminal_id")
        reference = number("card_reference", _NUMBER_MAX)
        if card is not None and reference is not None:
            raise _Refused(422, "card_reference is not asked together with card_number")
        from_ms, until_ms = self._span(given)
        before, key_max = _cursor(given.get("before"))
        criteria = Criteria(
            terminal_id=terminal_id,
            stan=number("stan", _STAN_MAX),
            key_max=key_max,
            card=card if reference is None else Card(reference=reference),
            member_number=number("member_number", _NUMBER_MAX),
            partner_rrn=partner_rrn,
            from_ms=from_ms,
            until_ms=until_ms,
        )
        rrn = number("rrn", _NUMBER_MAX)
        if rrn is None and not criteria.is_rare and not criteria.has_span:
            raise _Refused(422, "name an rrn, a terminal_id, a card, a member or a time")
        limit = number("limit", LIMIT_MAX)
        return _Asked(criteria, max(1, _LIMIT if limit is None else limit), before, rrn)

    def _span(self, given: dict[str, str]) -> tuple[int, int]:
        from_ms = _number(given.get("from_ms", "0"), "from_ms", ALWAYS_MS)
        until_ms = _number(given.get("until_ms", str(ALWAYS_MS)), "until_ms", ALWAYS_MS)
        if "day" not in given:
            return from_ms, until_ms
        try:
            day = ordinal_of(date.fromisoformat(given["day"]))
            clock = clock_of(self._state.rule_table.programme.time_zone)
            begin_ms, end_ms = (clock.midnight_s(ordinal) * _MS_PER_S for ordinal in (day, day + 1))
        except (ValueError, OverflowError):
            raise _Refused(422, "day is a date, YYYY-MM-DD") from None
        return max(from_ms, begin_ms), min(until_ms, max(end_ms, 0))


def _listed(found: Found, key_max: int | None, first_position: int) -> Response:
    cursor = None if found.next_before is None else str(found.next_before)
    if cursor is not None and key_max:
        cursor += f"-{key_max}"
    return JSONResponse(
        {
            "transactions": [row_of(position, entry) for position, entry in found.matches],
            "read": found.read,
            "back_to": found.back_to,
            "first_position": first_position,
            "next": cursor,
        }
    )


def _rendered(story: Story, spec: SpecDocument) -> Response:
    messages = None if story.written is None else messages_of(story.written, spec)
    return JSONResponse({**story.told, "messages": messages})


def _number(text: str, name: str, maximum: int) -> int:
    try:
        return number_of(text, name, maximum)
    except ValueError as fault:
        raise _Refused(422, str(fault)) from None


def _matches(raws: list[RawEntry | None] | list[RawEntry]) -> list[Match]:
    return [Match(raw.position, unpack(raw.kind, raw.version, raw.body)) for raw in raws if raw is not None]


def _cursor(text: str | None) -> tuple[int | None, int | None]:
    """Position to go on before, and the greatest key that is still to be told."""
    if text is None:
        return None, None
    position, dash, key = text.partition("-")
    return (
        _number(position, "before", _POSITION_MAX),
        _number(key, "before", _POSITION_MAX) if dash else None,
    )


async def _body(request: Request) -> dict[str, str]:
    """A JSON object of texts. No error says what was in it: it may hold a card number."""
    body = b""
    try:
        async with asyncio.timeout(_BODY_TIMEOUT_S):
            async for part in request.stream():
                body += part
                if len(body) > _BODY_BYTES_MAX:
                    raise _Refused(413, f"a body has at most {_BODY_BYTES_MAX} bytes")
    except TimeoutError:
        raise _Refused(408, "the body did not come") from None
    try:
        found = json.loads(body)
    except (ValueError, RecursionError):
        found = None
    if not isinstance(found, dict) or not all(isinstance(value, str) for value in found.values()):
        raise _Refused(422, 'the body is an object of texts, {"card_number": "…"}')
    return found


def _note(what: str, request: Request, **more: int | str) -> None:
    client = "" if request.client is None else request.client.host
    _ACTIONS.info(what, extra=fields(**more, client=client))
