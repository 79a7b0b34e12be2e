"""Sends requests and reads answers for the generated operations, over httpx2."""

from collections.abc import AsyncIterator, Awaitable, Callable, Generator, Mapping, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass
from datetime import date, datetime, time
from enum import Enum
from typing import Generic, Self, TypeVar
from urllib.parse import quote
from uuid import UUID

import httpx2
from pydantic import TypeAdapter, ValidationError

from host_api.client.faults import AnswerNotUnderstood, Problem
from host_api.client.records import Page, ProblemDocument, Record

AnswerT = TypeVar("AnswerT")
ItemT = TypeVar("ItemT")

Plain = str | int | float | bool | datetime | date | time | UUID
Query = Mapping[str, Plain | Sequence[Plain] | None]
Headers = Mapping[str, Plain | None]

_FIRST_ERROR_STATUS = 400
_KEY, _TOKEN = "X-API-Key", "Authorization"


@dataclass(frozen=True, slots=True)
class Upload:
    """A file to be sent."""

    name: str
    content: bytes
    media_type: str = "application/octet-stream"


class Listing(Generic[ItemT]):
    """A list that is read when it is awaited, which gives one page, or iterated, which gives every item.

    Each page is asked for once all items of the one before have been taken.
    """

    def __init__(self, read_page: Callable[[str | None], Awaitable[Page[ItemT]]], cursor: str | None) -> None:
        self._read_page = read_page
        self._cursor = cursor

    def __await__(self) -> Generator[object, None, Page[ItemT]]:
        """The page."""
        return self._read_page(self._cursor).__await__()

    async def __aiter__(self) -> AsyncIterator[ItemT]:
        """All items of the page and of those behind it."""
        cursor = self._cursor
        while True:
            page = await self._read_page(cursor)
            for item in page.items:
                yield item
            cursor = page.next_cursor
            if cursor is None:
                return


class Download:
    """Content that is fetched when it is awaited, which gives all of it, or iterated, which gives parts."""

    def __init__(self, stream: Callable[[], AsyncIterator[bytes]]) -> None:
        self._stream = stream

    def __await__(self) -> Generator[object, None, bytes]:
        """The whole content."""
        return self._whole().__await__()

    def __aiter__(self) -> AsyncIterator[bytes]:
        """The content as it comes."""
        return self._stream()

    async def _whole(self) -> bytes:
        return b"".join([part async for part in self])


class Transport:
    """Calls over one HTTP client.

    Parameters:
        http: has the base URL, and the credential unless one is given.
        credential: the headers that tell who calls, in place of the HTTP client's own.
    """

    def __init__(self, http: httpx2.AsyncClient, credential: Mapping[str, str] | None = None) -> None:
        self.http = http
        self._credential = credential

    async def call(
        self,
        method: str,
        path: str,
        answer: TypeAdapter[AnswerT],
        *,
        query: Query | None = None,
        headers: Headers | None = None,
        body: Record | None = None,
        form: Record | None = None,
        files: Mapping[str, Upload] | None = None,
    ) -> AnswerT:
        """Send a request and read its answer.

        Raises:
            Problem, AnswerNotUnderstood, httpx2.HTTPError
        """
        request = self._request(method, path, query=query, headers=headers, body=body, form=form, files=files)
        response = await self.http.send(request)
        self._raise_problem(response)
        try:
            result = answer.validate_json(response.content or b"null")
        except ValidationError as error:
            # The error's own text repeats what was received.
            places = {".".join(str(part) for part in fault["loc"]) or "it" for fault in error.errors()}
            raise AnswerNotUnderstood(
                f"{method} {path}: not as documented: {', '.join(sorted(places))}"
            ) from None
        if isinstance(result, Record) and (etag := response.headers.get("etag")):
            result.with_etag(etag)
        return result

    def listing(
        self,
        path: str,
        page: TypeAdapter[Page[ItemT]],
        *,
        query: Query,
        cursor: str | None,
        headers: Headers | None = None,
    ) -> Listing[ItemT]:
        """The list at `path`."""

        async def read_page(cursor: str | None) -> Page[ItemT]:
            return await self.call("GET", path, page, query={**query, "cursor": cursor}, headers=headers)

        return Listing(read_page, cursor)

    def download(
        self, method: str, path: str, *, query: Query | None = None, headers: Headers | None = None
    ) -> Download:
        """The content at `path`."""

        async def stream() -> AsyncIterator[bytes]:
            request = self._request(method, path, query=query, headers=headers)
            response = await self.http.send(request, stream=True)
            try:
                if response.status_code >= _FIRST_ERROR_STATUS:
                    await response.aread()
                    self._raise_problem(response)
                async for part in response.aiter_bytes():
                    yield part
            finally:
                await response.aclose()

        return Download(stream)

    def _request(
        self,
        method: str,
        path: str,
        *,
        query: Query | None = None,
        headers: Headers | None = None,
        body: Record | None = None,
        form: Record | None = None,
        files: Mapping[str, Upload] | None = None,
    ) -> httpx2.Request:
        sent_headers = {name: _text(value) for name, value in (headers or {}).items() if value is not None}
        content: bytes | None = None
        if body is not None:
            content = body.model_dump_json(exclude_unset=True).encode()
            sent_headers["Content-Type"] = "application/json"
        request = self.http.build_request(
            method,
            path,
            params=[
                (name, _text(value)) for name, values in (query or {}).items() for value in _each(values)
            ],
            headers=sent_headers,
            content=content,
            data=None
            if form is None
            else form.model_dump(mode="json", exclude_unset=True, exclude_none=True),
            files=None
            if files is None
            else {name: (file.name, file.content, file.media_type) for name, file in files.items()},
        )

        if self._credential is not None:
            for name in (_KEY, _TOKEN):
                request.headers.pop(name, None)
            request.headers.update(self._credential)
        return request

    def _raise_problem(self, response: httpx2.Response) -> None:
        if response.status_code < _FIRST_ERROR_STATUS:
            return
        try:
            document = ProblemDocument.model_validate_json(response.content)
        except ValidationError:
            raise AnswerNotUnderstood(f"{response.status_code} without problem details") from None
        raise Problem.told(document, response.headers)


class Connection:
    """Base of the generated client: the operations are its attributes, by their tags.

    Parameters:
        http: has the base URL, and the credential unless one is given.
        credential: the headers that tell who calls, in place of the HTTP client's own.
    """

    def __init__(self, http: httpx2.AsyncClient, credential: Mapping[str, str] | None = None) -> None:
        self._transport = Transport(http, credential)

    def as_caller(self, *, api_key: str | None = None, access_token: str | None = None) -> Self:
        """The same connections in another's name, or in nobody's."""
        return type(self)(self._transport.http, _credential(api_key, access_token))

    @classmethod
    @asynccontextmanager
    async def open(
        cls,
        base_url: str,
        *,
        api_key: str | None = None,
        access_token: str | None = None,
        language: str = "en",
        timeout_s: float = 30.0,
    ) -> AsyncIterator[Self]:
        """A client of its own HTTP client, with a key, with the token of a login, or with neither.

        Parameters:
            language: `en` or `fa`, in which problems tell what is wrong.
        """
        headers = {"Accept-Language": language} | _credential(api_key, access_token)
        async with httpx2.AsyncClient(base_url=base_url, headers=headers, timeout=timeout_s) as http:
            yield cls(http)


def in_path(value: Plain) -> str:
    """A parameter as it stands in a path."""
    return quote(_text(value), safe="")


def _credential(api_key: str | None, access_token: str | None) -> dict[str, str]:
    headers = {} if api_key is None else {_KEY: api_key}
    return headers if access_token is None else headers | {_TOKEN: f"Bearer {access_token}"}


def _each(values: Plain | Sequence[Plain] | None) -> Sequence[Plain]:
    if values is None:
        return []
    return [values] if isinstance(values, Plain) else values


def _text(value: Plain) -> str:
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, datetime | date | time):
        return value.isoformat()
    return str(value.value if isinstance(value, Enum) else value)
