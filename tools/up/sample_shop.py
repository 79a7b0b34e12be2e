"""The sample shop: a merchant with a terminal, a member with a card, made through the host API."""

import asyncio
from types import TracebackType
from typing import Self, cast

import httpx2

TERMINAL_ID = "SAMPLE01"
MERCHANT_ID = "SAMPLE"
KEY_GENERATION = 1
CARD_NUMBER = "9364000000000001"
MERCHANT_NAME_FA = "فروشگاه نمونه"
MERCHANT_NAME_EN = "Sample Shop"

_REQUEST_TIMEOUT_S = 60.0
_POLL_S = 0.02

Record = dict[str, object]


class ClubFault(Exception):  # noqa: N818
    """The host API did not do what was asked; one line for the user."""


class Club:
    """A client of the host API with just what the sample shop needs."""

    def __init__(self, base_url: str, api_key: str) -> None:
        self._client = httpx2.AsyncClient(
            base_url=base_url, headers={"X-API-Key": api_key}, timeout=_REQUEST_TIMEOUT_S, trust_env=False
        )

    async def __aenter__(self) -> Self:
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, traceback: TracebackType | None
    ) -> None:
        await self._client.aclose()

    async def open_sample_shop(self, timeout_s: float) -> None:
        """Make the sample records where they are missing, and wait until the switch knows them all."""
        if await self._get(f"/v1/terminals/{TERMINAL_ID}") is None:
            merchant = await self._merchant()
            branch = await self._create(f"/v1/merchants/{merchant}/branches", {"name": "شعبهٔ نمونه"})
            member = await self._create("/v1/members", {"name": "عضو نمونه"})
            await self._create("/v1/cards", {"member_id": _id(member), "number": CARD_NUMBER}, may_exist=True)
            # Last, so that a terminal that exists means that all the rest does.
            await self._create(
                "/v1/terminals",
                {"terminal_id": TERMINAL_ID, "branch_id": _id(branch), "key_generation": KEY_GENERATION},
            )
        await self._until_the_switch_knows(timeout_s)

    async def until_projected(self, position: int, timeout_s: float) -> None:
        """Wait until the projection has taken the journal up to this position."""
        reached = -1
        try:
            async with asyncio.timeout(timeout_s):
                while True:
                    reached = await self._feed_position()
                    if reached >= position:
                        return
                    await asyncio.sleep(_POLL_S)
        except TimeoutError:
            raise ClubFault(f"the projection is at {reached}, the journal at {position}") from None

    async def projected_transactions(self) -> int:
        """How many transactions the projection holds."""
        count = 0
        cursor: object = ""
        while cursor is not None:
            parameters = {"limit": "200"} | ({"cursor": str(cursor)} if cursor else {})
            page = cast(Record, await self._get("/v1/transactions", parameters))
            count += len(cast("list[Record]", page["items"]))
            cursor = page["next_cursor"]
        return count

    async def _merchant(self) -> int:
        created = await self._create(
            "/v1/merchants", {"merchant_id": MERCHANT_ID, "name": MERCHANT_NAME_FA}, may_exist=True
        )
        if created is not None:
            return _id(created)
        page = cast(Record, await self._get("/v1/merchants", {"limit": "200"}))
        for merchant in cast("list[Record]", page["items"]):
            if merchant["merchant_id"] == MERCHANT_ID:
                return _id(merchant)
        raise ClubFault(f"merchant {MERCHANT_ID} is taken and yet not listed")

    async def _until_the_switch_knows(self, timeout_s: float) -> None:
        waiting: object = None
        try:
            async with asyncio.timeout(timeout_s):
                while True:
                    outbox = cast(Record, cast(Record, await self._get("/v1/status"))["outbox"])
                    terminal = cast(Record, await self._get(f"/v1/terminals/{TERMINAL_ID}"))
                    waiting = outbox["waiting"]
                    if terminal["switch_state"] == "refused":
                        raise ClubFault(f"the switch refused the sample terminal: {terminal}")
                    if waiting == 0 and terminal["switch_state"] == "active":
                        return
                    await asyncio.sleep(_POLL_S)
        except TimeoutError:
            raise ClubFault(f"{waiting} records have not reached the switch") from None

    async def _feed_position(self) -> int:
        feed = cast(Record, cast(Record, await self._get("/v1/status"))["feed"])
        return cast(int, feed["position"])

    async def _get(self, path: str, parameters: dict[str, str] | None = None) -> Record | None:
        response = await self._client.get(path, params=parameters)
        if response.status_code == httpx2.codes.NOT_FOUND:
            return None
        return _record(response)

    async def _create(self, path: str, body: Record, *, may_exist: bool = False) -> Record | None:
        """The created record, or None where it existed and that is expected."""
        response = await self._client.post(path, json=body)
        if may_exist and response.status_code == httpx2.codes.CONFLICT:
            return None
        return _record(response)


def _record(response: httpx2.Response) -> Record:
    if response.is_error:
        raise ClubFault(
            f"{response.request.method} {response.url.path}: {response.status_code} {response.text}"
        )
    return cast(Record, response.json())


def _id(record: Record | None) -> int:
    return cast(int, cast(Record, record)["id"])
