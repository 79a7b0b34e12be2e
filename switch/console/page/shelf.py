"""The page's files, read once. They hold no secret: everybody may have them."""

import hashlib
import json
from importlib.resources import files
from importlib.resources.abc import Traversable
from typing import Final, NamedTuple

from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Route

from protocol.spec import SpecDocument

# The browser itself enforces that the page loads nothing from elsewhere, and sends nothing there.
HEADERS: Final = {
    "Content-Security-Policy": (
        "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self'; connect-src 'self'; "
        "form-action 'none'; base-uri 'none'; frame-ancestors 'none'; require-trusted-types-for 'script'; "
        "trusted-types 'none'"
    ),
    "Cross-Origin-Opener-Policy": "same-origin",
    "Cross-Origin-Resource-Policy": "same-origin",
    "Permissions-Policy": "camera=(), geolocation=(), microphone=()",
    "Referrer-Policy": "no-referrer",
    "X-Content-Type-Options": "nosniff",
    # Asked for again every time, and answered 304 as long as it is the same.
    "Cache-Control": "no-cache",
}
_TYPES: Final = {
    "css": "text/css; charset=utf-8",
    "html": "text/html; charset=utf-8",
    "js": "text/javascript; charset=utf-8",
    "json": "application/json",
    "svg": "image/svg+xml",
    "txt": "text/plain; charset=utf-8",
}
_INDEX: Final = "index.html"
_CODES: Final = "codes.json"


class _File(NamedTuple):
    content: bytes
    headers: dict[str, str]


class Shelf:
    """All of them, by their path under /console/page."""

    def __init__(self, spec: SpecDocument) -> None:
        found = dict(_read(files(__package__).joinpath("files"), ""))
        found[_CODES] = _codes(spec)
        self._files = {name: _file(name, content) for name, content in found.items()}

    def routes(self) -> list[Route]:
        """The page, and its parts."""
        return [Route("/console", self._index), Route("/console/page/{name:path}", self._part)]

    async def _index(self, request: Request) -> Response:
        return self._answer(request, _INDEX)

    async def _part(self, request: Request) -> Response:
        return self._answer(request, request.path_params["name"])

    def _answer(self, request: Request, name: str) -> Response:
        file = self._files.get(name)
        if file is None:
            return JSONResponse({"error": "there is no such file"}, status_code=404)
        if file.headers["ETag"] in request.headers.get("if-none-match", ""):
            return Response(status_code=304, headers=file.headers)
        return Response(file.content, headers=file.headers)


def _read(directory: Traversable, prefix: str) -> list[tuple[str, bytes]]:
    found = []
    for entry in directory.iterdir():
        if entry.is_dir():
            found += _read(entry, f"{prefix}{entry.name}/")
        elif entry.name.rpartition(".")[2] in _TYPES:
            found.append((prefix + entry.name, entry.read_bytes()))
    return found


def _file(name: str, content: bytes) -> _File:
    digest = hashlib.sha256(content).hexdigest()[:32]
    kind = _TYPES[name.rpartition(".")[2]]
    return _File(content, {**HEADERS, "Content-Type": kind, "ETag": f'"{digest}"'})


def _codes(spec: SpecDocument) -> bytes:
    """Titles of the response codes in both languages."""
    titles = {code: known.title.model_dump() for code, known in spec.response_codes.items()}
    return json.dumps(titles, ensure_ascii=False, separators=(",", ":")).encode()
