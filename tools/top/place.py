"""Where a switch is watched, and what may be sent there."""

import ssl
from ipaddress import ip_address
from pathlib import Path
from typing import NamedTuple
from urllib.parse import urlsplit

from tools.top.fault import TopFault

_TOKEN_BYTES_MAX = 4096


class Place(NamedTuple):
    """`url` has no slash at its end; without a `token` only this machine's own switch may answer."""

    url: str
    token: str | None
    tls: ssl.SSLContext | None


def place(url: str, token_file: Path | None, ca_file: Path | None, *, own_token_file: Path) -> Place:
    """Check all of it. Raises TopFault.

    Parameters:
        own_token_file: taken for a switch of this machine where no other is named and it is there.
    """
    try:
        parts = urlsplit(url)
        host, _ = parts.hostname, parts.port
    except ValueError:
        parts, host = urlsplit(""), None
    if parts.scheme not in ("http", "https") or not host:
        raise TopFault("no URL like http://HOST:PORT or https://HOST:PORT")
    if parts.username is not None or parts.password is not None or parts.query or parts.fragment:
        raise TopFault("a URL with a user, query or fragment: the token comes from --token-file")
    is_own = _is_own(host)
    if token_file is None and is_own and own_token_file.is_file():
        token_file = own_token_file
    token = None if token_file is None else _token(token_file)
    if token is not None and parts.scheme == "http" and not is_own:
        raise TopFault("another machine: the token goes there over https:// only")
    return Place(url.rstrip("/"), token, _tls(ca_file) if parts.scheme == "https" else None)


def _is_own(host: str) -> bool:
    if host == "localhost":
        return True
    try:
        return ip_address(host).is_loopback
    except ValueError:
        return False


def _token(path: Path) -> str:
    try:
        with path.open("rb") as file:
            content = file.read(_TOKEN_BYTES_MAX).decode("ascii").strip()
    except OSError as error:
        raise TopFault(f"{path}: {error.strerror}") from None
    except UnicodeDecodeError:
        raise TopFault(f"{path}: no ASCII text") from None
    if not content or not content.isprintable():
        raise TopFault(f"{path}: no token")
    return content


def _tls(ca_file: Path | None) -> ssl.SSLContext:
    """The system's issuers, or those of a file; names are checked."""
    try:
        return ssl.create_default_context(cafile=None if ca_file is None else str(ca_file))
    except (OSError, ssl.SSLError) as error:
        raise TopFault(f"{ca_file}: {error.strerror or 'no certificates'}") from None
