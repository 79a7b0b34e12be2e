"""Asks the operations port of one switch: its stream of events, and pages of JSON."""

import contextlib
from collections.abc import AsyncGenerator, Iterator
from types import TracebackType
from typing import Final, Self, TypeVar

import httpx2
from pydantic import BaseModel, ValidationError

from tools.top.documents import FieldsPage
from tools.top.event_stream import EventStream, ServerEvent, StreamFault
from tools.top.fault import TopFault
from tools.top.place import Place

# Ten frames come in a second; a stream that is silent for so long is no stream any more.
_SILENCE_S: Final = 5.0
_ANSWER_S: Final = 5.0
_PAGE_BYTES_MAX: Final = 8 << 20
_STREAM_PATH: Final = "/console/stream"
# Of no time at all, for the names of a frame's numbers.
_FIELDS_PATH: Final = "/console/history?from_s=0&until_s=0&points=1"
_STREAM_HEADERS: Final = {"Accept": "text/event-stream", "Accept-Encoding": "identity"}
_REASON_CHARACTERS_MAX: Final = 200

_Document = TypeVar("_Document", bound=BaseModel)


class ConsoleClient:
    """In one event loop; close it by leaving `async with`."""

    def __init__(self, where: Place) -> None:
        self._url = where.url
        headers = {} if where.token is None else {"Authorization": f"Bearer {where.token}"}
        self._client = httpx2.AsyncClient(
            timeout=httpx2.Timeout(_ANSWER_S, read=_SILENCE_S),
            limits=httpx2.Limits(max_connections=4),
            # No proxy may come between.
            trust_env=False,
            headers=headers,
            verify=True if where.tls is None else where.tls,
        )

    async def __aenter__(self) -> Self:
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        await self._client.aclose()

    async def fields(self) -> list[str]:
        """The names of a frame's numbers, in their order. Raises TopFault."""
        return (await self.page(_FIELDS_PATH, FieldsPage)).fields

    async def events(self) -> AsyncGenerator[ServerEvent, None]:
        """Events until the stream ends; an end is a fault too. Raises TopFault."""
        with self._faults():
            async with self._client.stream(
                "GET", self._url + _STREAM_PATH, headers=_STREAM_HEADERS
            ) as response:
                if response.status_code != httpx2.codes.OK:
                    await self._refuse(response)
                if response.headers.get("content-type", "").partition(";")[0] != "text/event-stream":
                    raise TopFault("no events come: is that a switch's operations port?")
                stream = EventStream()
                async for data in response.aiter_bytes():
                    for event in stream.feed(data):
                        yield event
        raise TopFault("the switch has ended the stream")

    async def page(self, path: str, kind: type[_Document]) -> _Document:
        """One page. Raises TopFault."""
        with self._faults():
            async with self._client.stream("GET", self._url + path) as response:
                if response.status_code != httpx2.codes.OK:
                    await self._refuse(response)
                content = bytearray()
                async for data in response.aiter_bytes():
                    content += data
                    if len(content) > _PAGE_BYTES_MAX:
                        raise TopFault(f"{path} is too long")
        try:
            return kind.model_validate_json(bytes(content))
        except ValidationError:
            raise TopFault(f"{path} is not as this software knows it") from None

    @contextlib.contextmanager
    def _faults(self) -> Iterator[None]:
        try:
            yield
        except httpx2.TimeoutException:
            raise TopFault("the switch does not answer") from None
        except (httpx2.HTTPError, httpx2.InvalidURL) as error:
            raise TopFault(f"no switch there: {_line(str(error)) or type(error).__name__}") from None
        except StreamFault as fault:
            raise TopFault(str(fault)) from None

    async def _refuse(self, response: httpx2.Response) -> None:
        code = response.status_code
        if code in (httpx2.codes.UNAUTHORIZED, httpx2.codes.FORBIDDEN):
            raise TopFault("the switch wants its feed token: --token-file")
        if code == httpx2.codes.SERVICE_UNAVAILABLE:
            raise TopFault("the switch lets no more watch it at present")
        raise TopFault(f"{code} is answered: is that a switch's operations port?")


def _line(text: str) -> str:
    """Of whatever a library or a peer says, one short line without control over the screen."""
    return "".join(char if char.isprintable() else " " for char in text)[:_REASON_CHARACTERS_MAX]
