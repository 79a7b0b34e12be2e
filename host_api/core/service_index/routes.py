"""The endpoint of the index, and its page for people."""

from typing import Annotated

from fastapi import APIRouter, Query, Request
from fastapi.responses import HTMLResponse, Response

from host_api.core.errors import Language, preferred_language
from host_api.core.idempotency import ServiceRoute
from host_api.core.service_index import page
from host_api.core.service_index.reading import all_services, read_services
from host_api.core.service_index.schemas import ServiceList
from host_api.core.status import Reading, RuntimeDependency

index_router = APIRouter(tags=["status"], route_class=ServiceRoute)
page_router = APIRouter(include_in_schema=False)


@index_router.get("/services", summary="List the services")
async def list_services(work: Reading, runtime: RuntimeDependency) -> ServiceList:
    """Every service with its modules, operations, jobs, events of a day, and how it stands. `/services` shows
    the same to people."""
    return ServiceList(items=await read_services(work.session, runtime))


@page_router.get("/services")
async def services_page(request: Request, lang: Annotated[Language | None, Query()] = None) -> HTMLResponse:
    """The page: what the services are stands in it, how they stand its script asks with the reader's key."""
    language = lang or preferred_language(request.headers.get("accept-language", "fa"))
    return HTMLResponse(page.services_page(all_services(), language), headers=page.HEADERS)


@page_router.get("/services/{name}")
async def page_part(name: Annotated[page.Part, page.InPath]) -> Response:
    """Style and script of the page."""
    return Response(page.part(name), media_type=page.MEDIA_TYPES[name], headers=page.HEADERS)
