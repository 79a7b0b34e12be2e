"""Sends the outbox to the switch, in order, over the host's links."""

import asyncio
import logging
from collections.abc import Callable, Sequence
from contextlib import suppress
from dataclasses import dataclass
from itertools import takewhile

from sqlalchemy.exc import SQLAlchemyError

from host_api.core import outbox
from host_api.core.backoff import Backoff
from host_api.core.database import Database
from host_api.core.encryption.envelope import SealFault, SealFaultReason
from host_api.core.encryption.field_cipher import FieldCipher
from host_api.core.host_link.link import LinkFault
from host_api.core.host_link.pool import HostLinkPool
from host_api.core.outbox import OutboxRow, OutboxState, opened_record
from protocol.dialect import FileUpdateCode, ResponseCode
from protocol.faults import ProtocolFault
from protocol.message import Message
from protocol.spec import load_spec

_log = logging.getLogger(__name__)

# As many are read, and under way together at most.
_BATCH_ROWS = 256
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


@dataclass(slots=True)
class _Sent:
    """What became of a row that was sent, or can't be.

    Attributes:
        state: None where it waits and is sent again.
        code: the response code that it is closed with, or because of which it waits.
        fault: why it waits.
    """

    row: OutboxRow
    state: OutboxState | None
    code: str | None = None
    fault: LinkFault | None = None


class OutboxWorker:
    """Empties a programme's outbox.

    Rows whose order doesn't matter are sent together: they are of one file, of different subjects, and under
    different card numbers. What stands behind them waits until each of them is answered. Once an answer was
    missing, rows go one by one until one has arrived.

    A row whose answer is lost is sent again unchanged; several workers on one database are therefore
    harmless, since the switch answers a repeat with the stored reply.

    Parameters:
        programme_id: whose switch the links lead to.
        links: closed for good, they leave the worker idle, and rows wait.
        cipher: gives what opens card numbers and sealed values of records, once it is there.
        new_backoff: how long to wait after a failure of link or database.
    """

    def __init__(
        self,
        database: Database,
        programme_id: int,
        links: HostLinkPool,
        cipher: Callable[[], FieldCipher],
        *,
        new_backoff: Callable[[], Backoff] = Backoff,
        idle_poll_s: float = _POLL_S,
    ) -> None:
        self._database = database
        self._programme_id = programme_id
        self._links = links
        self._cipher = cipher
        self._backoff = new_backoff()
        self._idle_poll_s = idle_poll_s
        self._work = asyncio.Event()
        self._stuck_row_id = 0
        self._passing_faults = 0
        self._is_careful = False
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
            if rows := await self._stamped():
                await self._send(rows)
            self._went_well()
            if rows:
                continue
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

    async def _send(self, waiting: Sequence[OutboxRow]) -> None:
        """Send the first of the waiting rows, and those that may go with it.

        Raises:
            LinkFault: one of them has to be sent again.
        """
        together, unwritable = self._together(waiting[:1] if self._is_careful else waiting)
        answers = await self._links.exchange_all([message for _, message in together])
        sent = unwritable + [
            self._read(row, answer) for (row, _), answer in zip(together, answers, strict=True)
        ]
        sent.sort(key=lambda one: one.row.id)
        self._give_up_stuck(sent)
        await self._settle(sent)
        fault = next((one.fault for one in sent if one.fault is not None), None)
        self._is_careful = fault is not None
        if fault is not None:
            raise fault

    def _together(self, waiting: Sequence[OutboxRow]) -> tuple[list[tuple[OutboxRow, Message]], list[_Sent]]:
        """The longest run of rows whose order doesn't matter, with their messages; and those that have none.

        Raises:
            LinkFault: the first can't be sent yet.
        """
        together: list[tuple[OutboxRow, Message]] = []
        unwritable: list[_Sent] = []
        seen: set[tuple[str, int] | str] = set()
        for row in waiting:
            subject = (row.subject_kind, row.subject_id)
            if row.file_name != waiting[0].file_name or subject in seen:
                break
            try:
                message = file_action_message(row, self._links.host_id, self._cipher())
            except SealFault as fault:
                if fault.reason is SealFaultReason.KEY:  # another process sealed it; the key is loaded soon
                    if together or unwritable:
                        break
                    raise LinkFault("the key of a record has not been loaded") from None
                _log.error("outbox row %d: it can't be opened: %s", row.id, fault)
                unwritable.append(_Sent(row, OutboxState.REFUSED, ResponseCode.FORMAT_ERROR))
            else:
                number = message.text(2) if 2 in message.fields else None
                if number in seen:
                    break
                if number is not None:
                    seen.add(number)
                together.append((row, message))
            seen.add(subject)
        return together, unwritable

    def _read(self, row: OutboxRow, answer: Message | LinkFault | ProtocolFault) -> _Sent:
        if isinstance(answer, LinkFault):
            return _Sent(row, None, fault=answer)
        if isinstance(answer, ProtocolFault):
            # The record can't even be written as a message: it would stop every row behind it.
            _log.error("outbox row %d can't be encoded: %s", row.id, answer)
            return _Sent(row, OutboxState.REFUSED, answer.response_code)
        code = answer.text(39)
        is_gone = row.update_code == FileUpdateCode.DELETE and code == ResponseCode.RECORD_NOT_FOUND
        if code in _ACCEPTED or is_gone:
            return _Sent(row, OutboxState.DONE, code)
        if code in _ABOUT_THE_LINK or code in _PASSING:
            fault = LinkFault(f"the switch answered a record with response code {code}")
            return _Sent(row, None, code, fault)
        return _Sent(row, OutboxState.REFUSED, code)

    def _give_up_stuck(self, sent: Sequence[_Sent]) -> None:
        """Refuse the first row that waits where the switch has failed on it too often in a row."""
        first = next((one for one in sent if one.state is None), None)
        if first is None or (first.code is not None and first.code not in _PASSING):
            self._passing_faults = 0
            return
        if first.code is None:  # there was no answer, which says nothing of the row
            return
        self._passing_faults = self._passing_faults + 1 if first.row.id == self._stuck_row_id else 1
        self._stuck_row_id = first.row.id
        if self._passing_faults == _PASSING_FAULTS:
            first.state, first.fault = OutboxState.REFUSED, None

    async def _settle(self, sent: Sequence[_Sent]) -> None:
        """Write down what became of the rows, in one transaction."""
        closed: dict[tuple[OutboxState, str], list[int]] = {}
        waiting = [one.row.id for one in sent if one.state is None]
        forgotten = [
            one.row.id
            for one in sent
            if one.state is None and one.code == ResponseCode.DUPLICATE_TRANSMISSION
        ]
        for one in sent:
            if one.state is not None and one.code is not None:
                closed.setdefault((one.state, one.code), []).append(one.row.id)
            if one.state is OutboxState.REFUSED:
                _log.warning(
                    "outbox row %d (%s %d) refused with %s",
                    one.row.id,
                    one.row.subject_kind,
                    one.row.subject_id,
                    one.code,
                )
        async with self._database.writing(self._programme_id) as session:
            for (state, code), row_ids in closed.items():
                await outbox.finish(session, row_ids, state, code)
            if waiting:
                await outbox.count_attempts(session, waiting)
            if forgotten:
                await outbox.forget_stamps(session, forgotten)


def file_action_message(row: OutboxRow, host_id: str, cipher: FieldCipher) -> Message:
    """The 0300 of an outbox row, the same each time it is built.

    Raises:
        SealFault: the card number or a value of the record can't be opened.
    """
    message = Message(
        "0300",
        {
            7: row.transmitted_at,
            11: row.stan,
            41: host_id,
            91: row.update_code,
            101: row.file_name,
            120: {tag: _wire_value(tag, text) for tag, text in opened_record(row, cipher).items()},
        },
    )
    card_number = outbox.CARD_NUMBER.open(cipher, row)
    if card_number is not None:
        message.fields[2] = card_number
    return message


def _wire_value(tag: str, text: str) -> str | bytes:
    known = load_spec("vafa").tags.get(tag)
    return bytes.fromhex(text) if known is not None and known.kind == "b" else text
