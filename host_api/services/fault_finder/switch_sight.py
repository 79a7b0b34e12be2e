"""What the switch's operations port tells of its own state, and of letters that a partner refused."""

import asyncio
from datetime import datetime
from pathlib import Path
from typing import Final

import httpx2
from pydantic import BaseModel, ConfigDict, ValidationError

from host_api.services.fault_finder.kinds import FaultKind
from host_api.services.fault_finder.sightings import Sighting

_TIMEOUT_S: Final = 10.0
_LETTERS_AT_ONCE: Final = 500
_PLACE: Final = "switch"
_LONGEST_CODE: Final = 60


class _Status(BaseModel):
    model_config = ConfigDict(extra="ignore")

    ready: bool
    reasons: list[str]


class _Letter(BaseModel):
    model_config = ConfigDict(extra="ignore")

    number: int
    terminal: str
    kind: str
    queued_at: datetime
    reason: str


class _Letters(BaseModel):
    model_config = ConfigDict(extra="ignore")

    link: str
    letters: list[_Letter]


async def sightings_of_switch(operations_url: str, token_path: Path, now: datetime) -> list[Sighting]:
    """What stands in the switch's way now, and its dead letters; each obstacle is one sighting an hour."""
    try:
        token = (await asyncio.to_thread(token_path.read_text, "ascii")).strip()
        async with httpx2.AsyncClient(
            base_url=operations_url,
            headers={"Authorization": f"Bearer {token}"},
            timeout=httpx2.Timeout(_TIMEOUT_S),
            trust_env=False,
        ) as client:
            status = _Status.model_validate_json((await _get(client, "/status")).content)
            found = [_obstacle(reason, now) for reason in status.reasons]
            return found + await _dead_letters(client)
    except (OSError, ValueError, httpx2.HTTPError, ValidationError) as error:
        return [_hourly(FaultKind.SWITCH_UNREACHABLE, type(error).__name__, now)]


async def _get(client: httpx2.AsyncClient, path: str) -> httpx2.Response:
    answer = await client.get(path)
    answer.raise_for_status()
    return answer


async def _dead_letters(client: httpx2.AsyncClient) -> list[Sighting]:
    answer = await client.get("/dead-letters", params={"limit": _LETTERS_AT_ONCE})
    if answer.status_code == 404:  # it has no partner
        return []
    answer.raise_for_status()
    found = _Letters.model_validate_json(answer.content)
    return [
        Sighting(
            FaultKind.DEAD_LETTER,
            found.link[:_LONGEST_CODE],
            f"{letter.kind}: {letter.reason}"[:_LONGEST_CODE],
            letter.queued_at,
            f"letter:{letter.number}",
            terminal_id=letter.terminal[:8],
        )
        for letter in found.letters
    ]


def _obstacle(reason: str, now: datetime) -> Sighting:
    return _hourly(FaultKind.SWITCH_OBSTACLE, reason[:_LONGEST_CODE], now)


def _hourly(kind: FaultKind, cause: str, now: datetime) -> Sighting:
    return Sighting(kind, _PLACE, cause, now, f"hour:{now:%Y%m%d%H}")
