"""Asks a running switch about its dead letters, and has it revive or discard them."""

from collections.abc import Iterator
from typing import TypeVar

import httpx2
from pydantic import BaseModel, ConfigDict, ValidationError

# Longer than the switch itself waits for its disk.
TIMEOUT_S = 15.0
_PAGE = 1000


class LettersFault(Exception):  # noqa: N818  (not an error in the program)
    """The switch can't be asked, or refuses; the text is one line for the operator."""


class Letter(BaseModel):
    """A dead letter; see `switch.operations.dead_letters`."""

    number: int
    terminal: str
    kind: str
    mti: str
    amount: int
    queued_at: str
    attempts: int
    reason: str


class Title(BaseModel):
    """A name in both languages."""

    en: str
    fa: str


class Part(BaseModel):
    """A field of a message, or what it is made of; a `value` is masked."""

    path: str
    title: Title | None
    value: str | None = None
    parts: tuple["Part", ...] = ()

    def leaves(self) -> Iterator["Part"]:
        """What it holds at the bottom, in order."""
        if not self.parts:
            yield self
        for part in self.parts:
            yield from part.leaves()


class ShownMessage(BaseModel):
    """A message, masked; `model_extra` has the rest of its document."""

    model_config = ConfigDict(extra="allow")

    fields: tuple[Part, ...]


class WholeLetter(Letter):
    """A dead letter with its message."""

    message: ShownMessage


class _Page(BaseModel):
    count: int
    letters: tuple[Letter, ...]


class _Answer(BaseModel):
    error: str


_Model = TypeVar("_Model", bound=BaseModel)


class LettersClient:
    """Speaks to one operations port, with the token of the switch's feed."""

    def __init__(self, url: str, token: str) -> None:
        self._url = url.rstrip("/")
        # No proxy may come between.
        self._client = httpx2.Client(
            timeout=TIMEOUT_S, trust_env=False, headers={"Authorization": f"Bearer {token}"}
        )

    def close(self) -> None:
        """Close the connection."""
        self._client.close()

    def all(self) -> Iterator[Letter]:
        """All dead letters, oldest first. Raises LettersFault, as every method does."""
        after = 0
        while True:
            page = self._read(_Page, f"?after={after}&limit={_PAGE}")
            yield from page.letters
            if len(page.letters) < _PAGE:
                return
            after = page.letters[-1].number

    def one(self, number: int) -> WholeLetter:
        """A dead letter with its message."""
        return self._read(WholeLetter, f"/{number}")

    def revive(self, number: int) -> None:
        """Have it sent once more."""
        self._call("POST", f"/{number}/revive", None)

    def discard(self, number: int, reason: str) -> None:
        """Give it up."""
        self._call("POST", f"/{number}/discard", {"reason": reason})

    def _read(self, model: type[_Model], path: str) -> _Model:
        try:
            return model.model_validate_json(self._call("GET", path, None))
        except ValidationError:
            raise LettersFault(f"{self._url}/dead-letters is not a switch's") from None

    def _call(self, method: str, path: str, body: dict[str, str] | None) -> bytes:
        try:
            response = self._client.request(method, f"{self._url}/dead-letters{path}", json=body)
        except (httpx2.HTTPError, httpx2.InvalidURL) as error:
            raise LettersFault(f"no switch at {self._url}: {error or type(error).__name__}") from None
        if response.status_code == 200:
            return response.content
        if response.status_code == 401:
            raise LettersFault(f"{self._url} wants its own feed token: --token-file")
        try:
            told = _Answer.model_validate_json(response.content).error
        except ValidationError:
            told = f"{self._url}/dead-letters answered {response.status_code}: is that a switch?"
        raise LettersFault(told)
