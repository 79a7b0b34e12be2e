"""Asks the switch's operations port how the terminals are (`GET /terminals/health`)."""

import asyncio
from pathlib import Path
from typing import Final

import httpx2
from pydantic import BaseModel, Field, ValidationError

from host_api.services.terminals.switch_health import SwitchRefusesToken, SwitchUnreachable, ToldHealth

_PAGE: Final = 1000
# The switch keeps 20,000 terminals.
_PAGES_MAX: Final = 24
_PAGE_BYTES_MAX: Final = 2 * 1024 * 1024
_TIMEOUT: Final = httpx2.Timeout(10.0, connect=3.0)


class _HealthPage(BaseModel):
    terminals: list[ToldHealth] = Field(max_length=_PAGE)


async def read_health(operations_url: str, token_path: Path) -> dict[str, ToldHealth]:
    """What all terminals told last.

    Returns:
        By terminal id; a switch that has started anew knows nobody until they echo.

    Raises:
        SwitchUnreachable, SwitchRefusesToken
    """
    headers = await asyncio.to_thread(_headers, token_path)
    told: dict[str, ToldHealth] = {}
    after = ""
    async with httpx2.AsyncClient(
        base_url=operations_url, timeout=_TIMEOUT, headers=headers, trust_env=False
    ) as client:
        for _ in range(_PAGES_MAX):
            page = await _read_page(client, after)
            told |= {health.terminal: health for health in page}
            if len(page) < _PAGE or page[-1].terminal <= after:
                break
            after = page[-1].terminal
    return told


async def _read_page(client: httpx2.AsyncClient, after: str) -> list[ToldHealth]:
    body = bytearray()
    try:
        async with client.stream(
            "GET", "/terminals/health", params={"after": after, "limit": _PAGE}
        ) as answer:
            if answer.status_code in (401, 403):
                raise SwitchRefusesToken
            if answer.status_code != 200:
                raise SwitchUnreachable
            async for piece in answer.aiter_bytes():
                body += piece
                if len(body) > _PAGE_BYTES_MAX:
                    raise SwitchUnreachable
        return _HealthPage.model_validate_json(bytes(body)).terminals
    except (httpx2.HTTPError, ValidationError):
        raise SwitchUnreachable from None


def _headers(token_path: Path) -> dict[str, str]:
    try:
        return {"Authorization": f"Bearer {token_path.read_text('ascii').strip()}"}
    except (OSError, ValueError):
        return {}  # on its own machine the switch asks for none
