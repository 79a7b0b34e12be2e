"""Requests that are sound but for one value, which is of the kind that breaks programs."""

import json
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from urllib.parse import quote, urlencode

from tests.host_api.contract_api import ContractApi

JSON = "application/json"

HOSTILE: tuple[object, ...] = (
    "\0",
    "a\0b",
    "a\nb",
    "\ud800",
    "\U0001f600" * 70,
    "\ufdfa" * 60,  # one character that folds to eighteen
    "\u202e",
    "x" * 300,
    "",
    "-1",
    "1e5",
    "NaN",
    "' OR 1=1 --",
    "%00",
    "9999-12-31T23:59:59.999999-14:00",
    "0001-01-01T00:00:00+14:00",
    "2026-02-30",
    "24:00",
    10**30,
    -(10**30),
    2**63,
    -1,
    0,
    1.5,
    1e308,
    float("inf"),
    float("nan"),
    True,
    None,
    [],
    {},
    [[[[]]]],
    ["\0"],
    [2**63],
    {"\0": "\ud800"},
)
_BODIES = (
    b"\xff",
    b"[" * 3000 + b"]" * 3000,
    b'{"a":' * 12_000,
    b"null",
    b"[]",
    b'"x"',
    b"{",
    b"",
    b'{"name":"\xc3\x28"}',
    b'{"a":1,"a":2}',
    b'{"a":1' + b"0" * 5000 + b"}",
)
_TYPES = (
    b"text/plain",
    b"application/xml",
    b"application/json; charset=utf-16",
    b"multipart/form-data",
    b"multipart/form-data; boundary=x",
    b"application/x-www-form-urlencoded",
    b"\xff",
    b"x" * 500,
)
_HEADERS = ("Accept-Language", "X-Request-Id", "Authorization", "Accept", "Cookie", "Range", "If-None-Match")
_HEADER_VALUES = (b"\xff\xfe", b"x" * 20_000, b"", b"Bearer " + b"a" * 5000, b"en;q=nan, fa;q=inf", b"*")


@dataclass(frozen=True)
class Hostile:
    """One request; `path` is the operation's, `address` where it goes."""

    method: str
    path: str
    address: str
    content: bytes | None = None
    headers: Mapping[str, bytes] = field(default_factory=dict)

    @property
    def raw_headers(self) -> list[tuple[bytes, bytes]]:
        """The headers as they are sent."""
        return [(name.encode(), value) for name, value in self.headers.items()]


def hostile_requests(api: ContractApi) -> Iterator[Hostile]:
    """All of them, in a fixed order."""
    for path, operations in api.paths.items():
        for method, operation in operations.items():
            yield from _of_operation(api, path, method.upper(), operation)


def _of_operation(
    api: ContractApi, path: str, method: str, operation: dict[str, object]
) -> Iterator[Hostile]:
    address = _address(api, path)
    headers, content = _sound(api, operation)
    schema = _body_schema(api, operation)
    if schema is not None:
        example = schema.get("example", {})
        for name in schema.get("properties", {}):  # type: ignore[attr-defined]
            for value in HOSTILE:
                body = json.dumps({**example, name: value}).encode()  # type: ignore[dict-item]
                yield Hostile(method, path, address, body, headers)
        for raw in _BODIES:
            yield Hostile(method, path, address, raw, headers)
        for media_type in _TYPES:
            yield Hostile(method, path, address, content, {**headers, "content-type": media_type})
    for entry in operation.get("parameters", []):  # type: ignore[attr-defined]
        for value in HOSTILE:
            if isinstance(value, list | dict | bool) or value is None:
                continue
            text = str(value).encode("utf-8", "surrogatepass")
            if entry["in"] == "header":
                # A client that is one sends no such header.
                sent = {**headers, entry["name"]: text.replace(b"\0", b"").replace(b"\n", b"")}
                yield Hostile(method, path, address, content, sent)
            elif entry["in"] == "path":
                yield Hostile(method, path, _address(api, path, entry["name"], text), content, headers)
            else:
                query = urlencode({entry["name"]: text})
                yield Hostile(method, path, f"{address}?{query}&{query}", content, headers)
                yield Hostile(method, path, f"{address}?{query}", content, headers)
        if entry["in"] == "query":
            yield Hostile(method, path, f"{address}?{entry['name']}=%ff", content, headers)
    if method == "GET":
        for name in _HEADERS:
            for sent_value in _HEADER_VALUES:
                yield Hostile(method, path, address, None, {**headers, name: sent_value})


def _address(api: ContractApi, path: str, hostile: str = "", value: bytes = b"") -> str:
    def filled(match: re.Match[str]) -> str:
        if match[1] == hostile:
            return quote(value, safe="") or "%20"
        return quote(str((api.known_in(path, match[1]) or [1])[0]), safe="")

    return re.sub(r"\{([^}]*)\}", filled, path)


def _sound(api: ContractApi, operation: dict[str, object]) -> tuple[dict[str, bytes], bytes | None]:
    """Headers and body that the operation takes."""
    parameters: list[dict[str, object]] = operation.get("parameters", [])  # type: ignore[assignment]
    headers = {"If-Match": b'"1"'} if any(entry["name"] == "If-Match" for entry in parameters) else {}
    schema = _body_schema(api, operation)
    if schema is None:
        return headers, None
    return headers | {"content-type": JSON.encode()}, json.dumps(schema.get("example", {})).encode()


def _body_schema(api: ContractApi, operation: dict[str, object]) -> dict[str, object] | None:
    body: dict[str, dict[str, dict[str, dict[str, str]]]] = operation.get("requestBody", {})  # type: ignore[assignment]
    if JSON not in body.get("content", {}):
        return None
    schema = body["content"][JSON]["schema"]
    components: dict[str, dict[str, dict[str, object]]] = api.document["components"]  # type: ignore[assignment]
    reference = schema.get("$ref") or schema["allOf"][0]["$ref"]  # type: ignore[index]
    return components["schemas"][reference.rpartition("/")[2]]
