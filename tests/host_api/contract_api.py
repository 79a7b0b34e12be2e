"""The API served from a thread, with something of everything in it, for tests that call it synchronously."""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from functools import partial

from anyio.from_thread import start_blocking_portal

from host_api.core.feed_projection import apply_batch
from host_api.core.programmes import FIRST_PROGRAMME
from host_api.core.runtime import Runtime
from host_api.services.catalogue import projectors
from protocol.feed import FEED_EVENT
from tests.host_api.feed_peer import transaction
from tests.host_api.people import add_user
from tests.host_api.running_api import RunningApi, running_api

Json = dict[str, "Json"] | list["Json"] | str | int | float | bool | None
Operations = dict[str, dict[str, dict[str, object]]]

# In this order: each may name what an earlier one made.
RECORDS: tuple[tuple[str, object], ...] = (
    ("/v1/members", {"name": "Sara", "mobile": "09123456789"}),
    ("/v1/members", {"name": "Reza"}),
    ("/v1/cards", {"member_id": 1}),
    ("/v1/merchants", {"merchant_id": "SHOP01", "name": "Corner"}),
    ("/v1/merchants/1/branches", {"name": "One"}),
    ("/v1/terminals", {"terminal_id": "TERM0001", "branch_id": 1}),
    (
        "/v1/points/adjustments",
        {"direction": "credit", "member_id": 1, "amount": 5, "reason_code": "other", "reason": "gift"},
    ),
    ("/v1/reconciliations", None),
    ("/v1/webhooks", {"url": "https://shop.example/", "event_types": ["*"]}),
    ("/v1/roles", {"name": "Desk", "permissions": ["members:read"]}),
    ("/v1/api-keys", {"name": "shop", "permissions": ["members:read"]}),
)


@dataclass
class ContractApi:
    """The served API.

    Attributes:
        headers: of the caller.
        known: what is there, by the name of a field or parameter; of `id` and `name` by the whole address.
    """

    base_url: str
    headers: dict[str, str]
    document: dict[str, object]
    known: dict[str, list[str | int]] = field(default_factory=dict)

    @property
    def paths(self) -> Operations:
        """Operations by path and method."""
        paths: Operations = self.document["paths"]  # type: ignore[assignment]
        return paths

    def known_in(self, path: str, name: str) -> list[str | int]:
        """What is there for the parameter `name` of an address."""
        collection = path.partition("{")[0].rstrip("/")
        return self.known.get(f"{collection}/{{{name}}}") or self.known.get(name) or []


async def _filled(api: RunningApi, transactions: int) -> ContractApi:
    for path, body in RECORDS:
        answer = await api.client.post(path, json=body)
        assert answer.is_success, (path, answer.text)
    files = {"file": ("members.csv", b"name\nOmid\n", "text/csv")}
    assert (await api.client.post("/v1/files", files=files)).is_success
    await add_user(api.runtime, "omid")
    lines = [transaction(position, member=1) for position in range(1, transactions + 1)]
    if lines:
        events = [FEED_EVENT.validate_python(line) for line in lines]
        await apply_batch(api.runtime.database, FIRST_PROGRAMME, projectors(), 0, events)
    document = (await api.client.get("/openapi.json")).json()
    own = api.client.headers["X-API-Key"]
    filled = ContractApi(api.base_url, {"X-API-Key": own}, document)
    for path, operations in filled.paths.items():
        if "get" in operations and "{" not in path and not path.endswith("/export"):
            answer = await api.client.get(path)
            if answer.headers["content-type"] != "application/json":
                continue
            listed = answer.json()
            _learn(filled.known, path, listed if isinstance(listed, list) else listed.get("items", []))
    # The key that calls is not to be revoked.
    filled.known["key_id"] = [key for key in filled.known["key_id"] if key not in own.split("_")]
    return filled


def _learn(known: dict[str, list[str | int]], path: str, items: list[dict[str, object]]) -> None:
    singular = path.rsplit("/", 1)[-1].removesuffix("s").replace("-", "_")
    for item in items[:3]:
        for name, value in item.items():
            if not isinstance(value, str | int) or isinstance(value, bool):
                continue
            if name in {"id", "name"}:
                known.setdefault(f"{path}/{{{name}}}", []).append(value)
            if name == "id":
                known.setdefault(f"{singular}_id", []).append(value)
            elif name == "rrn" or name.endswith("_id"):
                known.setdefault(name, []).append(value)


@contextmanager
def serving(runtime: Runtime, *, transactions: int = 3) -> Iterator[ContractApi]:
    """Serve `runtime`, whose database is prepared, in a thread until the block ends.

    Parameters:
        transactions: so many are projected, where no feed is followed.
    """
    with start_blocking_portal() as portal, portal.wrap_async_context_manager(running_api(runtime)) as api:
        yield portal.call(partial(_filled, api, transactions))
