"""Sends the bank's requests to the switch, many at a time, until each is over."""

import asyncio
import logging
import random
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass
from datetime import timedelta

from sqlalchemy.exc import SQLAlchemyError

from host_api.core.access.caller import system_caller
from host_api.core.audit import audit_as
from host_api.core.backoff import Backoff
from host_api.core.clock import utc_now
from host_api.core.database import Database, WriteSession
from host_api.core.encryption.envelope import SealFault, SealFaultReason
from host_api.core.encryption.field_cipher import FieldCipher
from host_api.core.host_link.link import LinkFault
from host_api.core.host_link.pool import HostLinkPool
from host_api.core.ledger import bank
from host_api.core.ledger.outcomes import Handlers, OutcomeBoard
from host_api.core.ledger.requests import CARD_NUMBER, LedgerRequest, message_of
from host_api.core.ledger.states import RequestState, after_answer
from protocol.faults import ProtocolFault
from protocol.message import Message

_log = logging.getLogger(__name__)

_BATCH_REQUESTS = 64
_HANDLER_TRIED_AGAIN_S = 15
_POLL_S = 1.0
# Beyond the longest exchange: time to write its answer down.
_LEASE_MARGIN_S = 5.0
_REPEAT_FIRST_S = 0.2
_REPEAT_LIMIT_S = 15.0


@dataclass(frozen=True, slots=True)
class _Sent:
    """A message that was sent, and its answer; None where there was none, or it was too late to send it.

    `state` and `sendings` are the row's when it was taken up: an answer counts only while they are so still.
    """

    request_id: int
    service: str
    state: RequestState
    sendings: int
    answer: Message | None
    cannot_be_written: bool = False


class LedgerWorker:
    """Takes up what is due, sends it over the pool's links, and ends what is answered.

    Killed anywhere it leaves rows that the next process goes on with: each is on the database before its
    message leaves. Several workers on one database share the work; a request that two of them send is one
    request to the switch, and the first to write its answer down ends it.

    Parameters:
        programme_id: whose switch the links lead to.
        handlers: what each service does with the outcomes of its requests, by the service's name.
        board: where endpoints wait.
        cipher: gives what opens card numbers, once it is there.
        lease_margin_s: how long after an exchange's longest time another worker may take a row up.
        repeat_limit_s: the longest wait between two sendings of a message.
    """

    def __init__(
        self,
        database: Database,
        programme_id: int,
        links: HostLinkPool,
        handlers: Handlers,
        board: OutcomeBoard,
        *,
        cipher: Callable[[], FieldCipher],
        new_backoff: Callable[[], Backoff] = Backoff,
        idle_poll_s: float = _POLL_S,
        lease_margin_s: float = _LEASE_MARGIN_S,
        repeat_limit_s: float = _REPEAT_LIMIT_S,
    ) -> None:
        self._database = database
        self._programme_id = programme_id
        self._links = links
        self._handlers = handlers
        self._board = board
        self._cipher = cipher
        self._new_backoff = new_backoff
        self._idle_poll_s = idle_poll_s
        self._lease = timedelta(seconds=links.response_timeout_s + lease_margin_s)
        self._repeat_limit_s = repeat_limit_s
        self._work = asyncio.Event()
        self._under_way: set[asyncio.Task[None]] = set()
        self._sent: asyncio.Queue[_Sent] = asyncio.Queue(maxsize=max(1, links.capacity))
        self.last_error: str | None = None

    def wake(self) -> None:
        """Look for requests now rather than at the next poll."""
        self._work.set()

    async def settle(self, request_id: int, state: RequestState, rrn: str | None) -> bool:
        """End a doubtful request as the journal has it, and hand that outcome over; whether that was done."""
        async with self._database.writing(self._programme_id) as session:
            self._sign(session)
            row = (await bank.lock(session, [request_id])).get(request_id)
            if row is None or row.state != RequestState.DOUBTFUL:
                return False
            row.rrn = rrn
            try:
                async with session.begin_nested():
                    await bank.end(session, [(row, state)], self._handlers)
            except bank.NotHandedOver as fault:
                _note_failure(request_id, fault)
                await session.refresh(row)
                return False
        return True

    async def run(self) -> None:
        """Work until cancelled."""
        if not self._links.is_configured:
            return
        try:
            async with asyncio.TaskGroup() as group:
                group.create_task(self._take_up_for_ever())
                group.create_task(self._write_down_for_ever())
        finally:
            for task in self._under_way:
                task.cancel()
            await asyncio.gather(*self._under_way, return_exceptions=True)

    async def _take_up_for_ever(self) -> None:
        backoff = self._new_backoff()
        while True:
            self._work.clear()
            try:
                room = self._links.capacity - len(self._under_way)
                taken = await self._take_up(min(room, _BATCH_REQUESTS)) if room > 0 else 0
                backoff.reset()
                self.last_error = None
            except SQLAlchemyError as error:
                self._note(error)
                await backoff.sleep()
                continue
            if taken == _BATCH_REQUESTS:
                continue
            with suppress(TimeoutError):
                async with asyncio.timeout(self._idle_poll_s):
                    await self._work.wait()

    async def _take_up(self, limit: int) -> int:
        """Take up to `limit` requests up and send them; how many there were."""
        async with self._database.reading(self._programme_id) as session:
            if not await bank.has_due(session, utc_now()):
                return 0
        is_linked = self._links.open_links > 0
        async with self._database.writing(self._programme_id) as session:
            rows, late = await bank.take_up(session, limit=limit, lease=self._lease, is_linked=is_linked)
        for row in late:
            await self._sent.put(_Sent(row.id, row.service, RequestState.WAITING, row.sendings, None))
        for row in rows:
            task = asyncio.create_task(self._send(row))
            self._under_way.add(task)
            task.add_done_callback(self._is_back)
        return len(rows) + len(late)

    def _is_back(self, task: asyncio.Task[None]) -> None:
        # What is answered is written down next; only then is there more to take up, and not one by one.
        self._under_way.discard(task)
        if not task.cancelled() and (error := task.exception()) is not None:
            _log.error("a request was not sent", exc_info=error)  # it is taken up again when its lease ends

    async def _send(self, row: LedgerRequest) -> None:
        answer: Message | None = None
        cannot_be_written = False
        try:
            number = CARD_NUMBER.open(self._cipher(), row)
            answer = await self._links.exchange(message_of(row, self._links.host_id, number))
        except LinkFault as fault:
            _log.info("request %d has no answer: %s", row.id, fault)
        except ProtocolFault as fault:
            _log.error("request %d can't be encoded: %s", row.id, fault)
            cannot_be_written = True
        except SealFault as fault:
            _log.error("request %d: its card number can't be opened: %s", row.id, fault)
            cannot_be_written = fault.reason is not SealFaultReason.KEY  # which may only not be loaded yet
        await self._sent.put(
            _Sent(
                row.id,
                row.service,
                RequestState(row.state),
                row.sendings,
                answer,
                cannot_be_written=cannot_be_written,
            )
        )

    async def _write_down_for_ever(self) -> None:
        backoff = self._new_backoff()
        while True:
            batch = [await self._sent.get()]
            while len(batch) < _BATCH_REQUESTS and not self._sent.empty():
                batch.append(self._sent.get_nowait())
            for group in _by_service(batch):
                try:
                    ended = await self._write_down(group)
                except SQLAlchemyError as error:
                    # The rows stand as they were: their messages are sent again when the leases end.
                    self._note(error)
                    await backoff.sleep()
                    continue
                backoff.reset()
                self._board.post(ended)
            self._work.set()  # some must be repeated, and what ended may have asked for more

    async def _write_down(self, group: list[_Sent]) -> list[int]:
        """Write answers of one service down, and the lack of them; ids of the requests that are over.

        All in one transaction; where the service can't go on, each in its own, so that one holds up none.
        """
        try:
            return await self._write_together(group)
        except bank.NotHandedOver as fault:
            if len(group) == 1:
                _note_failure(group[0].request_id, fault)
                await self._write_together(group, is_handed_over=False)
                return []
        return [request_id for sent in group for request_id in await self._write_down([sent])]

    async def _write_together(self, group: list[_Sent], *, is_handed_over: bool = True) -> list[int]:
        """Write answers down in one transaction; ids of the requests that are over.

        Parameters:
            is_handed_over: False keeps the answers only: the outcomes are to come again.

        Raises:
            NotHandedOver: nothing was written.
        """
        ends: list[tuple[LedgerRequest, RequestState]] = []
        async with self._database.writing(self._programme_id) as session:
            self._sign(session)
            rows = await bank.lock(session, [sent.request_id for sent in group])
            for sent in group:
                row = rows.get(sent.request_id)
                # Somebody else has ended it, or begun to take it back.
                if row is None or row.state != sent.state:
                    continue
                after = self._after(row, sent)
                if after is not None:
                    ends.append((row, after))
            if is_handed_over:
                await bank.end(session, ends, self._handlers)
                return [row.id for row, _ in ends]
            for row, _ in ends:
                row.next_attempt_at = utc_now() + timedelta(seconds=_HANDLER_TRIED_AGAIN_S)
        return []

    def _after(self, row: LedgerRequest, sent: _Sent) -> RequestState | None:
        """The state that ends the row; None where its message is to be sent again."""
        if sent.state is RequestState.WAITING:
            return RequestState.DECLINED
        if sent.cannot_be_written:
            return RequestState.DECLINED if sent.state is RequestState.SENT else RequestState.DOUBTFUL
        code = None if sent.answer is None else _noted(row, sent.answer)
        if code is not None:
            after = after_answer(sent.state, code)
            if after is RequestState.DOUBTFUL:
                _log.warning("request %d is doubtful: answered %s", row.id, code)
            if after is not None:
                return after
        if row.sendings == sent.sendings:
            delay_s = min(self._repeat_limit_s, _REPEAT_FIRST_S * 2.0 ** min(sent.sendings - 1, 30))
            row.next_attempt_at = utc_now() + timedelta(seconds=delay_s * random.uniform(0.5, 1.0))
        return None

    def _sign(self, session: WriteSession) -> None:
        """What outcome handlers change is audited in the ledger's name."""
        audit_as(session, system_caller("ledger", self._programme_id))

    def _note(self, error: SQLAlchemyError) -> None:
        text = f"database: {type(error).__name__}"
        if text != self.last_error:
            _log.warning("ledger: %s", text)
        self.last_error = text


def _by_service(batch: list[_Sent]) -> list[list[_Sent]]:
    """A batch in parts of one service each, as no transaction is to hold the rows of two."""
    parts: dict[str, list[_Sent]] = {}
    for sent in batch:
        parts.setdefault(sent.service, []).append(sent)
    return list(parts.values())


def _note_failure(request_id: int, fault: bank.NotHandedOver) -> None:
    _log.error("%s can't go on after request %d ended", fault, request_id, exc_info=fault.__cause__)


def _noted(row: LedgerRequest, answer: Message) -> str | None:
    """Field 39 of an answer that is kept in the row; None where it can't be read, which is no answer."""
    try:
        bank.note_answer(row, answer)
    except (ProtocolFault, TypeError) as fault:
        _log.error("the answer to request %d can't be read: %s", row.id, fault)
        return None
    return answer.text(39)
