"""The page, its files, the handbook's paragraphs, and the socket between a page and its terminal."""

import asyncio
import json
from contextlib import suppress
from html import escape
from pathlib import Path
from typing import Final

from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import HTMLResponse, JSONResponse, PlainTextResponse, RedirectResponse, Response
from starlette.routing import Route, WebSocketRoute
from starlette.websockets import WebSocket, WebSocketDisconnect, WebSocketDisconnected

from protocol.spec import load_spec
from simulator.screen.hall import Hall, HallFull, Visit
from simulator.screen.handbook import Handbook, handbook_page
from simulator.screen.orders import OrderFault, read_order
from simulator.screen.station import Station
from simulator.virtual_terminal import TerminalFault

PAGE = Path(__file__).with_name("page")
LANGUAGES: Final = ("fa", "en")
_DIRECTIONS = {"fa": "rtl", "en": "ltr"}
_TYPES = {
    ".css": "text/css",
    ".js": "text/javascript",
    ".svg": "image/svg+xml",
    ".woff2": "font/woff2",
}
_REFUSED = 1008
_GONE = 1011
# What Starlette raises where the page has gone: as one reads, and where a send had found it out before.
_GONE_AWAY = (WebSocketDisconnect, WebSocketDisconnected)


def create_application(hall: Hall, language: str) -> Starlette:
    """The application; `language` is that of the first page."""
    files = _files()
    pages = {each: _page(each) for each in LANGUAGES}
    handbook = Handbook(load_spec("vafa"), handbook_page())

    async def first(_: Request) -> Response:
        return RedirectResponse(f"/{language}", status_code=303)

    async def persian(_: Request) -> Response:
        return HTMLResponse(pages["fa"])

    async def english(_: Request) -> Response:
        return HTMLResponse(pages["en"])

    async def file(request: Request) -> Response:
        found = files.get(request.path_params["path"])
        if found is None:
            return PlainTextResponse("no such file\n", status_code=404)
        content, kind = found
        return Response(content, media_type=kind)

    async def paragraph(request: Request) -> Response:
        found = handbook.paragraph(request.path_params["topic"], request.query_params.get("mti"))
        if found is None:
            return PlainTextResponse("no such paragraph\n", status_code=404)
        return JSONResponse(found)

    async def terminal(socket: WebSocket) -> None:
        await socket.accept()
        wanted = socket.query_params.get("language", language)
        try:
            async with hall.visit(wanted if wanted in LANGUAGES else language) as (visit, station):
                await _serve(socket, visit, station)
        except HallFull:
            await _leave(socket, "full")
        except TerminalFault as fault:
            await _leave(socket, "failed", str(fault).splitlines()[-1])
        except OSError as error:
            await _leave(socket, "failed", error.strerror or type(error).__name__)

    return Starlette(
        routes=[
            Route("/", first),
            Route("/fa", persian),
            Route("/en", english),
            Route("/page/{path:path}", file),
            Route("/handbook/{topic}", paragraph),
            WebSocketRoute("/terminal", terminal),
        ]
    )


async def _serve(socket: WebSocket, visit: Visit, station: Station) -> None:
    """Until the page goes, or does not keep up."""
    tasks = [
        asyncio.create_task(_tell(socket, visit)),
        asyncio.create_task(_listen(socket, station)),
        asyncio.create_task(visit.has_fallen_behind.wait()),
    ]
    try:
        done, _ = await asyncio.wait(tasks, return_when=asyncio.FIRST_COMPLETED)
    finally:
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)
    for task in done:
        task.result()
    if visit.has_fallen_behind.is_set():
        await _leave(socket, "behind")


async def _tell(socket: WebSocket, visit: Visit) -> None:
    with suppress(*_GONE_AWAY):
        while True:
            await socket.send_text(await visit.news())


async def _listen(socket: WebSocket, station: Station) -> None:
    with suppress(*_GONE_AWAY):
        while True:
            try:
                order = read_order(await socket.receive_text())
            except (OrderFault, KeyError):  # KeyError: bytes instead of a text
                continue
            # A terminal that stops meanwhile is told of by its state.
            with suppress(TerminalFault, OSError):
                await station.obey(order)


async def _leave(socket: WebSocket, why: str, detail: str = "") -> None:
    with suppress(*_GONE_AWAY):
        await socket.send_text(json.dumps({"event": "gone", "why": why, "detail": detail}))
        await socket.close(_REFUSED if why == "full" else _GONE)


def _files() -> dict[str, tuple[bytes, str]]:
    """Everything that pages may fetch, by path; nothing else of the disk can be asked for."""
    return {
        path.relative_to(PAGE).as_posix(): (path.read_bytes(), _TYPES[path.suffix])
        for path in sorted(PAGE.rglob("*"))
        if path.suffix in _TYPES
    }


def _page(language: str) -> str:
    """The page in a language: the template with its texts, and those that its script needs."""
    texts: dict[str, dict[str, str]] = json.loads((PAGE / "texts.json").read_text("utf-8"))
    template = (PAGE / "index.html").read_text("utf-8")
    told = {key: text[language] for key, text in texts.items()}
    for key, text in told.items():
        template = template.replace("{{" + key + "}}", escape(text))
    data = json.dumps(told, ensure_ascii=False).replace("<", "\\u003c")
    template = template.replace("{{data}}", data)
    return template.replace("{{lang}}", language).replace("{{dir}}", _DIRECTIONS[language])
