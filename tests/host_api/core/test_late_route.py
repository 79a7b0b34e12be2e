"""Operations are completed when they are first asked for, and are then what FastAPI makes of them."""

import httpx2
import pytest
from fastapi import APIRouter, FastAPI
from fastapi.exceptions import FastAPIError

from host_api.core.late_route import LateRoute

pytestmark = pytest.mark.anyio


async def test_only_what_is_asked_for_is_completed() -> None:
    router = APIRouter(prefix="/things", tags=["some things"], route_class=LateRoute)

    @router.get("/{number}")
    async def read(number: int) -> dict[str, int]:
        return {"number": number}

    @router.delete("/{number}")
    async def delete(number: int) -> None:
        return None

    application = FastAPI()
    application.router.routes.extend(router.routes)
    transport = httpx2.ASGITransport(app=application)
    async with httpx2.AsyncClient(transport=transport, base_url="http://api") as client:
        assert (await client.get("/v1/things/5")).json() == {"number": 5}
        assert (await client.get("/v1/things/five")).status_code == 422
        assert (await client.post("/v1/things/5")).status_code == 405
    asked, other = router.routes
    assert "dependant" in vars(asked)
    assert "dependant" not in vars(other)
    assert [
        route.operation_id or route.unique_id for route in (asked, other) if isinstance(route, LateRoute)
    ] == [
        "some_things.read",
        "some_things.delete",
    ]
    with pytest.raises(AttributeError, match="nothing"):
        getattr(asked, "nothing")  # noqa: B009


def test_a_wrong_declaration_is_noticed_with_the_first_look() -> None:
    router = APIRouter(route_class=LateRoute)

    @router.get("/things")
    async def read(things: object = LateRoute) -> LateRoute:
        raise NotImplementedError

    with pytest.raises(FastAPIError, match="Invalid args for response field"):
        FastAPI(routes=router.routes).openapi()


def test_looking_for_what_python_may_ask_of_any_object_loses_nothing() -> None:
    router = APIRouter(route_class=LateRoute)

    @router.get("/things")
    async def read() -> None:
        return None

    (route,) = router.routes
    assert isinstance(route, LateRoute)
    with pytest.raises(AttributeError, match="__wrapped__"):
        getattr(route, "__wrapped__")  # noqa: B009
    assert route.response_class is not None
