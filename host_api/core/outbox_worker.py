"""Sends the outbox to the switch, in order, over the host's links."""

import asyncio
import logging
from collections.abc import Callable, Sequence
from contextlib import suppress
from itertools import takewhile

from sqlalchemy.exc import SQLAlchemyError

from host_api.core import outbox
from host_api.core.backoff import Backoff
from host_api.core.database import Database
from host_api.core.host_link.link import LinkFault
from host_api.core.host_link.pool import HostLinkPool
from host_api.core.outbox import OutboxRow, OutboxState
from protocol.dialect import ResponseCode
from protocol.faults import ProtocolFault
from protocol.message import Message
from protocol.spec import load_spec

_log = logging.getLogger(__name__)

_BATCH_ROWS = 100
_POLL_S = 1.0
# A record that gets such an answer so often in a row is itself the trouble, and rows behind it wait.
_PASSING_FAULTS = 8

_ACCEPTED = {ResponseCode.APPROVED.value, ResponseCode.RECORD_REPLACED.value}
# Answers that speak of the link or of the switch's state, not of the record: the same row is sent again.
_ABOUT_THE_LINK = {
    ResponseCode.NOT_PERMITTED_TO_TERMINAL.value,
    ResponseCode.SECURITY_VIOLATION.value,
    ResponseCode.RESPONSE_TOO_LATE.value,
    ResponseCode.SWITCH_INOPERATIVE.value,
}
_PASSING = {ResponseCode.SYSTEM_MALFUNCTION.value, ResponseCode.DUPLICATE_TRANSMISSION.value}


class OutboxWorker:
    """Empties a programme's outbox, one row in flight.

    A row whose answer is lost is sent again unchanged; several workers on one database are therefore
    harmless, since the switch answers a repeat with the stored reply.

    Parameters:
        programme_id: whose switch the links lead to.
        links: closed for good, they leave the worker idle, and rows wait.
        new_backoff: how long to wait after a failure of link or database.
    """

    def __init__(
        self,
        database: Database,
        programme_id: int,
        links: HostLinkPool,
        *,
        new_backoff: Callable[[], Backoff] = Backoff,
        idle_poll_s: float = _POLL_S,
    ) -> None:
        self._database = database
        self._programme_id = programme_id
        self._links = links
        self._backoff = new_backoff()
        self._idle_poll_s = idle_poll_s
        self._work = asyncio.Event()
        self._passing_faults = 0
        self._last_error: str | None = None

    @property
    def last_error(self) -> str | None:
        """Why a record waits."""
        return self._last_error or self._links.last_error

    def wake(self) -> None:
        """Look at the outbox now rather than at the next poll."""
        self._work.set()

    async def run(self) -> None:
        """Work until cancelled."""
        if not self._links.is_configured:
            return
        while True:
            try:
                await self._links.wait_open()
                await self._serve()
            except (LinkFault, SQLAlchemyError) as error:
                text = str(error) if isinstance(error, LinkFault) else f"database: {type(error).__name__}"
                if text != self._last_error:
                    _log.warning("outbox: %s", text)
                self._last_error = text
            await self._backoff.sleep()

    async def _serve(self) -> None:
        while True:
            self._work.clear()
            rows = await self._stamped()
            for row in rows:
                await self._send(row)
                self._went_well()
            if rows:
                continue
            self._went_well()
            with suppress(TimeoutError):
                async with asyncio.timeout(self._idle_poll_s):
                    await self._work.wait()

    def _went_well(self) -> None:
        self._last_error = None
        self._backoff.reset()

    async def _stamped(self) -> Sequence[OutboxRow]:
        """The oldest rows, each with its transmission time on the database."""
        rows = await self._next_waiting()
        new = [row.id for row in rows if row.sent_at is None]
        if not new:
            return rows
        async with self._database.writing(self._programme_id) as session:
            await outbox.stamp(session, new)
        # Another worker may have taken a stamp back; what stands behind that row waits with it.
        return list(takewhile(lambda row: row.sent_at is not None, await self._next_waiting()))

    async def _next_waiting(self) -> Sequence[OutboxRow]:
        async with self._database.reading(self._programme_id) as session:
            return await outbox.next_waiting(session, _BATCH_ROWS)

    async def _send(self, row: OutboxRow) -> None:
        try:
            answer = await self._links.exchange(file_action_message(row, self._links.host_id))
            code = answer.text(39)
        except ProtocolFault as fault:
            # The record can't even be written as a message: it would stop every row behind it.
            _log.error("outbox row %d can't be encoded: %s", row.id, fault)
            await self._finish(row, OutboxState.REFUSED, fault.response_code)
            return
        except LinkFault:
            await self._count_attempt(row)
            raise
        is_passing = code in _PASSING
        self._passing_faults = self._passing_faults + 1 if is_passing else 0
        if code in _ACCEPTED:
            await self._finish(row, OutboxState.DONE, code)
        elif code in _ABOUT_THE_LINK or (is_passing and self._passing_faults < _PASSING_FAULTS):
            await self._count_attempt(row, is_forgotten=code == ResponseCode.DUPLICATE_TRANSMISSION)
            raise LinkFault(f"the switch answered a record with response code {code}")
        else:
            _log.warning(
                "outbox row %d (%s %d) refused with %s", row.id, row.subject_kind, row.subject_id, code
            )
            await self._finish(row, OutboxState.REFUSED, code)

    async def _finish(self, row: OutboxRow, state: OutboxState, code: str) -> None:
        async with self._database.writing(self._programme_id) as session:
            await outbox.finish(session, row.id, state, code)

    async def _count_attempt(self, row: OutboxRow, *, is_forgotten: bool = False) -> None:
        async with self._database.writing(self._programme_id) as session:
            await outbox.count_attempt(session, row.id)
            if is_forgotten:
                await outbox.forget_stamp(session, row.id)


def file_action_message(row: OutboxRow, host_id: str) -> Message:
    """The 0300 of an outbox row, the same each time it is built."""
    message = Message(
        "0300",
        {
            7: row.transmitted_at,
            11: row.stan,
            41: host_id,
            91: row.update_code,
            101: row.file_name,
            120: {tag: _wire_value(tag, text) for tag, text in row.record.items()},
        },
    )
    if row.card_number is not None:
        message.fields[2] = row.card_number
    return message


def _wire_value(tag: str, text: str) -> str | bytes:
    known = load_spec("vafa").tags.get(tag)
    return bytes.fromhex(text) if known is not None and known.kind == "b" else text
