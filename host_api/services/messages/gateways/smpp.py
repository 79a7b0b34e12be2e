"""SMS by SMPP 3.4: one transceiver session while a job works; receipts come in over the same session."""

import asyncio
import logging
import time
from collections.abc import Mapping, Sequence
from typing import Final

from aiosmpplib import (
    ESME,
    AbstractHook,
    DeliverSm,
    PhoneNumber,
    SmppCommandStatus,
    SmppMessage,
    SubmitSm,
    SubmitSmResp,
)

from host_api.core.outgoing.addresses import AddressPolicy
from host_api.core.outgoing.checked_connections import ConnectionRefused, permitted_addresses
from host_api.services.messages.gateways.adapter import Answer, OutgoingMessage, Verdict, unreachable
from host_api.services.messages.gateways.schemas import SmppSettings

_BATCH_S: Final = 60.0
_BIND_S: Final = 10.0
# An SMSC sends the receipts that wait for us as soon as we are bound.
_LISTEN_S: Final = 2.0
_STOP_S: Final = 5.0
_MOST_RECEIPTS: Final = 10_000
_LOST: Final = frozenset({"EXPIRED", "DELETED", "UNDELIV", "REJECTD"})
_BUSY: Final = frozenset({SmppCommandStatus.ESME_RTHROTTLED, SmppCommandStatus.ESME_RMSGQFUL})


class _Ear(AbstractHook):
    """Keeps what the session hears."""

    def __init__(self) -> None:
        self.answers: dict[int, Answer] = {}
        self.receipts: dict[str, bool] = {}
        self.heard = asyncio.Event()

    async def sending(self, smpp_message: SmppMessage, pdu: bytes, client_id: str) -> None:
        """Nothing is kept of what goes out."""

    async def received(self, smpp_message: SmppMessage | None, pdu: bytes, client_id: str) -> None:
        """An answer to a message, or a receipt."""
        if isinstance(smpp_message, DeliverSm):
            if smpp_message.is_receipt() and len(self.receipts) < _MOST_RECEIPTS:
                self._keep_receipt(smpp_message)
        elif isinstance(smpp_message, SubmitSmResp) and smpp_message.log_id.isdigit():
            self._answer(int(smpp_message.log_id), smpp_message)
        self.heard.set()

    async def send_error(self, smpp_message: SmppMessage, error: Exception, client_id: str) -> None:
        """A message that can't be written is refused; one that had no answer in time is left without."""
        if isinstance(smpp_message, SubmitSm) and isinstance(error, ValueError):
            self.answers[int(smpp_message.log_id)] = Answer(Verdict.REFUSED, failure="unwritable")
        self.heard.set()

    def _answer(self, message_id: int, response: SubmitSmResp) -> None:
        status = response.command_status
        if status == SmppCommandStatus.ESME_ROK:
            self.answers[message_id] = Answer(Verdict.ACCEPTED, response.message_id[:64])
        else:
            verdict = Verdict.UNREACHABLE if status in _BUSY else Verdict.REFUSED
            self.answers[message_id] = Answer(verdict, failure=f"smpp-{int(status):x}")

    def _keep_receipt(self, message: DeliverSm) -> None:
        try:
            receipt = message.parse_receipt()
        except ValueError:
            return
        provider_id, state = str(receipt.get("id", "")), str(receipt.get("stat", ""))
        if state == "DELIVRD":
            self.receipts[provider_id] = True
        elif state in _LOST:
            self.receipts[provider_id] = False


class Smpp:
    """The adapter; an SMSC takes each submission for a new message."""

    is_repeatable = False

    def __init__(self, policy: AddressPolicy, settings: SmppSettings, password: str) -> None:
        self._policy = policy
        self._settings = settings
        self._password = password
        self._ear = _Ear()
        self._esme: ESME | None = None
        self._session: asyncio.Task[None] | None = None

    async def close(self) -> None:
        """Unbind."""
        if self._esme is None or self._session is None:
            return
        writer = self._esme._writer
        try:
            async with asyncio.timeout(_STOP_S):
                await self._esme.stop()
        except TimeoutError:
            pass
        self._session.cancel()
        await asyncio.gather(self._session, return_exceptions=True)
        if writer is not None:
            writer.close()
            await asyncio.gather(writer.wait_closed(), return_exceptions=True)
        self._esme = self._session = None

    async def send(self, messages: Sequence[OutgoingMessage]) -> Mapping[int, Answer]:
        """Submit all, and wait for the answers; what has none might have gone out."""
        esme = await self._bound()
        if esme is None:
            return unreachable(messages, "connection")
        source = PhoneNumber(self._settings.sender)
        for message in messages:
            await esme.broker.enqueue(
                SubmitSm(
                    short_message=message.text,
                    source=source,
                    destination=PhoneNumber(message.address.removeprefix("+")),
                    log_id=str(message.id),
                )
            )
        wanted = {message.id for message in messages}
        until_s = time.monotonic() + _BATCH_S
        while wanted - self._ear.answers.keys() and (left_s := until_s - time.monotonic()) > 0:
            self._ear.heard.clear()
            try:
                async with asyncio.timeout(left_s):
                    await self._ear.heard.wait()
            except TimeoutError:
                break
        # What was submitted and had no answer has no verdict: whoever sends it again may send it twice.
        return {
            message_id: answer
            for message_id in wanted
            if (answer := self._ear.answers.pop(message_id, None)) is not None
        }

    async def ask(self, provider_ids: Sequence[str]) -> Mapping[str, bool]:
        """All receipts that have come in, also of others."""
        wanted = set(provider_ids)
        if await self._bound() is not None:
            until_s = time.monotonic() + _LISTEN_S
            while wanted - self._ear.receipts.keys() and (left_s := until_s - time.monotonic()) > 0:
                self._ear.heard.clear()
                try:
                    async with asyncio.timeout(left_s):
                        await self._ear.heard.wait()
                except TimeoutError:
                    break
        heard, self._ear.receipts = self._ear.receipts, {}
        return heard

    async def _bound(self) -> ESME | None:
        if self._esme is not None and self._session is not None and not self._session.done():
            return self._esme
        try:
            addresses = await permitted_addresses(self._policy, self._settings.host, self._settings.port)
        except ConnectionRefused:
            return None
        esme = ESME(
            smsc_host=addresses[0],
            smsc_port=self._settings.port,
            system_id=self._settings.system_id,
            password=self._password,
            hook=self._ear,
            # What it logs has texts and numbers in it.
            log_level=logging.CRITICAL,
            log_handler=logging.NullHandler(),
            socket_timeout=_BIND_S,
        )
        self._esme, self._session = esme, asyncio.create_task(esme.start())
        try:
            async with asyncio.timeout(_BIND_S):
                await esme._bound.wait()
        except TimeoutError:
            await self.close()
            return None
        return esme
