"""Calls of the served API that check the status and give the parsed body."""

from tests.host_api.running_api import RunningApi


async def post(api: RunningApi, path: str, body: object, status: int = 201) -> dict[str, object]:
    answer = await api.client.post(path, json=body)
    assert answer.status_code == status, answer.text
    result: dict[str, object] = answer.json()
    return result


async def get(api: RunningApi, path: str, **query: object) -> dict[str, object]:
    answer = await api.client.get(path, params={name: str(value) for name, value in query.items()})
    assert answer.status_code == 200, answer.text
    result: dict[str, object] = answer.json()
    return result


def items_of(page: dict[str, object]) -> list[dict[str, object]]:
    items = page["items"]
    assert isinstance(items, list)
    return items
