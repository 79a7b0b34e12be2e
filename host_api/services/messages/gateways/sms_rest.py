"""SMS by REST as Kavenegar has it: `v1/{key}/sms/send.json` and `status.json`.

The key stands in the path, so no URL is ever told. `localid` is the message's id: the gateway sends each once
however often it is asked, so that a batch that was cut off can be sent again.
"""

import asyncio
import json
import ssl
from collections.abc import Mapping, Sequence
from typing import Final
from urllib.parse import quote, urlencode

import httpcore2

from host_api.core.outgoing.addresses import AddressPolicy, UrlRefused
from host_api.core.outgoing.checked_connections import CheckedBackend, ConnectionRefused
from host_api.services.messages.gateways.adapter import Answer, OutgoingMessage, Verdict, unreachable

_RECEIVERS_AT_ONCE: Final = 200
_CONNECTIONS: Final = 8
_CALL_S: Final = 20.0
_CONNECT_S: Final = 5.0
_LARGEST_ANSWER_BYTES: Final = 1_000_000
# Of the gateway's own codes: what another try may change, as no credit, busy, too fast.
_TRY_AGAIN: Final = frozenset({402, 409, 418, 429, 451, 500, 502, 503, 504})
_ARRIVED: Final = frozenset({10})
_LOST: Final = frozenset({6, 11, 13, 14, 100})
_REFUSED: Final = frozenset({6, 13, 14})


class SmsRest:
    """The adapter.

    Parameters:
        url: where `v1/` begins.
        certificates: what to trust; None for the system's certificate authorities.
    """

    is_repeatable = True

    def __init__(
        self,
        policy: AddressPolicy,
        url: str,
        key: str,
        sender: str,
        *,
        certificates: ssl.SSLContext | None = None,
    ) -> None:
        self._policy = policy
        self._base = f"{url.rstrip('/')}/v1/{quote(key, safe='')}/sms/"
        self._sender = sender
        self._turns = asyncio.Semaphore(_CONNECTIONS)
        self._pool = httpcore2.AsyncConnectionPool(
            ssl_context=certificates or ssl.create_default_context(),
            max_connections=_CONNECTIONS,
            max_keepalive_connections=_CONNECTIONS,
            keepalive_expiry=30.0,
            network_backend=CheckedBackend(policy),
        )

    async def close(self) -> None:
        """Close what is open."""
        await self._pool.aclose()

    async def send(self, messages: Sequence[OutgoingMessage]) -> Mapping[int, Answer]:
        """One call for each text, with all who get it."""
        by_text: dict[str, list[OutgoingMessage]] = {}
        for message in messages:
            by_text.setdefault(message.text, []).append(message)
        groups = [
            same[first : first + _RECEIVERS_AT_ONCE]
            for same in by_text.values()
            for first in range(0, len(same), _RECEIVERS_AT_ONCE)
        ]
        answers: dict[int, Answer] = {}
        for part in await asyncio.gather(*(self._send(group) for group in groups)):
            answers.update(part)
        return answers

    async def ask(self, provider_ids: Sequence[str]) -> Mapping[str, bool]:
        """Whether messages arrived."""
        status, entries = await self._call("status.json", {"messageid": ",".join(provider_ids)})
        if status != 200:
            return {}
        found: dict[str, bool] = {}
        for entry in entries:
            state = entry.get("status")
            if state in _ARRIVED or state in _LOST:
                found[str(entry.get("messageid"))] = state in _ARRIVED
        return found

    async def _send(self, group: Sequence[OutgoingMessage]) -> dict[int, Answer]:
        status, entries = await self._call(
            "send.json",
            {
                "receptor": ",".join(message.address for message in group),
                "localid": ",".join(str(message.id) for message in group),
                "message": group[0].text,
                "sender": self._sender,
            },
        )
        if isinstance(status, str):
            return unreachable(group, status)
        if status != 200:
            if status in _TRY_AGAIN:
                return unreachable(group, f"gateway-{status}")
            if len(group) > 1:  # one receiver that it can't send to spoils the call
                half = len(group) // 2
                return {**await self._send(group[:half]), **await self._send(group[half:])}
            return {group[0].id: Answer(Verdict.REFUSED, failure=f"gateway-{status}")}
        if len(entries) != len(group):
            return unreachable(group, "bad-answer")
        return {message.id: _answer(entry) for message, entry in zip(group, entries, strict=True)}

    async def _call(
        self, operation: str, form: Mapping[str, str]
    ) -> tuple[int | str, list[dict[str, object]]]:
        """The gateway's code and entries; a text instead of the code where there was no answer."""
        url = self._base + operation
        try:
            self._policy.check_url(url)
            async with self._turns, asyncio.timeout(_CALL_S):
                body = urlencode(form).encode()
                async with self._pool.stream(
                    "POST",
                    url,
                    headers=[("content-type", "application/x-www-form-urlencoded")],
                    content=body,
                    extensions={"timeout": {"connect": _CONNECT_S}},
                ) as response:
                    received = b""
                    async for chunk in response.aiter_stream():
                        received += chunk
                        if len(received) > _LARGEST_ANSWER_BYTES:
                            return "bad-answer", []
                    return _read(response.status, received)
        except (UrlRefused, ConnectionRefused):
            return "address-refused", []
        except (TimeoutError, httpcore2.TimeoutException):
            return "timeout", []
        except (httpcore2.NetworkError, httpcore2.ProtocolError, OSError):
            return "connection", []


def _read(http_status: int, body: bytes) -> tuple[int | str, list[dict[str, object]]]:
    try:
        content = json.loads(body)
        status = content["return"]["status"]
        entries = content.get("entries") or []
    except (ValueError, KeyError, TypeError, AttributeError, RecursionError):
        return (http_status, []) if http_status != 200 else ("bad-answer", [])
    if not isinstance(status, int) or not isinstance(entries, list):
        return "bad-answer", []
    return status, [entry for entry in entries if isinstance(entry, dict)]


def _answer(entry: Mapping[str, object]) -> Answer:
    cost, state = entry.get("cost"), entry.get("status")
    provider_id = str(entry.get("messageid", ""))[:64]
    if state in _REFUSED:
        return Answer(Verdict.REFUSED, provider_id, failure=f"status-{state}")
    return Answer(Verdict.ACCEPTED, provider_id or None, cost if isinstance(cost, int) else None)
