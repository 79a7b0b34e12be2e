"""Sends the outbox to the switch, in order, over one host link."""

import asyncio
import logging
from collections.abc import Callable
from dataclasses import dataclass
from enum import StrEnum
from pathlib import Path

from sqlalchemy.exc import SQLAlchemyError

from host_api.core import outbox
from host_api.core.backoff import Backoff
from host_api.core.database import Database
from host_api.core.outbox import OutboxRow, OutboxState
from host_api.core.switch_link import LinkFault, SwitchLink
from protocol.dialect import NetworkCode, ResponseCode
from protocol.faults import ProtocolFault
from protocol.message import Message
from protocol.security.key_text import read_key_text
from protocol.security.keys import derive_terminal_key
from protocol.security.mac import Mac
from protocol.spec import load_spec

_log = logging.getLogger(__name__)

_BATCH_ROWS = 100
_POLL_S = 1.0
_ECHO_AFTER_IDLE_S = 30.0
# A record answered with 96 so often in a row is itself the trouble, and rows behind it wait.
_MALFUNCTION_ATTEMPTS = 8
_HOST_KEY_GENERATION = 1

_ACCEPTED = {ResponseCode.APPROVED.value, ResponseCode.RECORD_REPLACED.value}
# Answers that speak of the link or of the switch's state, not of the record: the same row is sent again.
_ABOUT_THE_LINK = {
    ResponseCode.NOT_PERMITTED_TO_TERMINAL.value,
    ResponseCode.SECURITY_VIOLATION.value,
    ResponseCode.RESPONSE_TOO_LATE.value,
    ResponseCode.SWITCH_INOPERATIVE.value,
}


class HostLinkState(StrEnum):
    """How the host link stands."""

    NOT_CONFIGURED = "not_configured"
    CONNECTING = "connecting"
    CONNECTED = "connected"


@dataclass(frozen=True, slots=True)
class HostLinkSettings:
    """Where the switch is and how this host proves who it is."""

    endpoint: tuple[str, int]
    host_id: str
    master_key_path: Path
    connect_timeout_s: float = 5.0
    response_timeout_s: float = 15.0


class OutboxWorker:
    """Keeps one host link and empties a programme's outbox through it, one row in flight.

    A row whose answer is lost is sent again unchanged; several workers on one database are therefore
    harmless, since the switch answers a repeat with the stored reply.

    Parameters:
        programme_id: whose switch the link leads to.
        link_settings: None leaves the worker idle, and rows wait.
        backoff: how long to wait after a failure of link or database.
    """

    def __init__(
        self,
        database: Database,
        programme_id: int,
        link_settings: HostLinkSettings | None,
        *,
        new_backoff: Callable[[], Backoff] = Backoff,
        idle_poll_s: float = _POLL_S,
    ) -> None:
        self._database = database
        self._programme_id = programme_id
        self._link_settings = link_settings
        self._backoff = new_backoff()
        self._idle_poll_s = idle_poll_s
        self._work = asyncio.Event()
        self._malfunctions = 0
        self.link_state = HostLinkState.CONNECTING if link_settings else HostLinkState.NOT_CONFIGURED
        self.last_error: str | None = None

    def wake(self) -> None:
        """Look at the outbox now rather than at the next poll."""
        self._work.set()

    async def run(self) -> None:
        """Work until cancelled."""
        if self._link_settings is None:
            return
        while True:
            try:
                async with await self._open_link(self._link_settings) as link:
                    self.link_state, self.last_error = HostLinkState.CONNECTED, None
                    _log.info("host link: signed on as %s", self._link_settings.host_id)
                    await self._serve(link, self._link_settings.host_id)
            except (LinkFault, SQLAlchemyError) as error:
                text = str(error) if isinstance(error, LinkFault) else f"database: {type(error).__name__}"
                if text != self.last_error:
                    _log.warning("host link: %s", text)
                self.last_error = text
            finally:
                self.link_state = HostLinkState.CONNECTING
            await self._backoff.sleep()

    async def _open_link(self, settings: HostLinkSettings) -> SwitchLink:
        try:
            master, _ = read_key_text(settings.master_key_path.read_text("ascii"))
            key = derive_terminal_key(master, settings.host_id, _HOST_KEY_GENERATION)
        except OSError as error:
            raise LinkFault(f"master key file {settings.master_key_path}: {error.strerror}") from None
        except ValueError:
            raise LinkFault(
                f"master key file {settings.master_key_path} does not hold 64 hex digits"
            ) from None
        return await SwitchLink.open(
            settings.endpoint,
            settings.host_id,
            Mac(key),
            connect_timeout_s=settings.connect_timeout_s,
            response_timeout_s=settings.response_timeout_s,
        )

    async def _serve(self, link: SwitchLink, host_id: str) -> None:
        loop = asyncio.get_running_loop()
        last_used = loop.time()
        while True:
            self._work.clear()
            async with self._database.reading(self._programme_id) as session:
                rows = await outbox.next_waiting(session, _BATCH_ROWS)
            for row in rows:
                await self._send(link, row, host_id)
                self._backoff.reset()
                last_used = loop.time()
            if rows:
                continue
            self._backoff.reset()
            if link.is_closed:
                raise LinkFault("the switch closed the link")
            if loop.time() - last_used >= _ECHO_AFTER_IDLE_S:
                await link.network_management(NetworkCode.ECHO)
                last_used = loop.time()
            try:
                await asyncio.wait_for(self._work.wait(), self._idle_poll_s)
            except TimeoutError:
                continue

    async def _send(self, link: SwitchLink, row: OutboxRow, host_id: str) -> None:
        try:
            answer = await link.exchange(file_action_message(row, host_id))
            code = answer.text(39)
        except ProtocolFault as fault:
            # The record can't even be written as a message: it would stop every row behind it.
            _log.error("outbox row %d can't be encoded: %s", row.id, fault)
            code = fault.response_code
            await self._finish(row, OutboxState.REFUSED, code)
            return
        except LinkFault:
            await self._count_attempt(row)
            raise
        is_malfunction = code == ResponseCode.SYSTEM_MALFUNCTION.value
        self._malfunctions = self._malfunctions + 1 if is_malfunction else 0
        if code in _ACCEPTED:
            await self._finish(row, OutboxState.DONE, code)
        elif code in _ABOUT_THE_LINK or (is_malfunction and self._malfunctions < _MALFUNCTION_ATTEMPTS):
            await self._count_attempt(row)
            raise LinkFault(f"the switch answered a record with response code {code}")
        else:
            _log.warning(
                "outbox row %d (%s %d) refused with %s", row.id, row.subject_kind, row.subject_id, code
            )
            await self._finish(row, OutboxState.REFUSED, code)

    async def _finish(self, row: OutboxRow, state: OutboxState, code: str) -> None:
        async with self._database.writing(self._programme_id) as session:
            await outbox.finish(session, row.id, state, code)

    async def _count_attempt(self, row: OutboxRow) -> None:
        async with self._database.writing(self._programme_id) as session:
            await outbox.count_attempt(session, row.id)


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
