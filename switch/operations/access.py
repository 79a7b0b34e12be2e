"""Who may look: this machine, and whoever holds the token."""

import hmac
from ipaddress import ip_address

from starlette.requests import Request
from starlette.responses import JSONResponse, Response


class Access:
    """The token of the operations port."""

    def __init__(self, token: str) -> None:
        self._authorisation = f"Bearer {token}".encode()

    def holds_token(self, request: Request) -> bool:
        """Whether the request brings the token."""
        given = request.headers.get("authorization", "").encode("latin-1")
        return hmac.compare_digest(given, self._authorisation)

    def may_look(self, request: Request) -> bool:
        """Whether it comes from this machine, or brings the token."""
        return _is_local(request) or self.holds_token(request)


def unauthorised() -> Response:
    """The answer to everybody else."""
    return JSONResponse({"error": "unauthorised"}, status_code=401, headers={"WWW-Authenticate": "Bearer"})


def _is_local(request: Request) -> bool:
    if request.client is None:
        return False
    try:
        return ip_address(request.client.host).is_loopback
    except ValueError:
        return False
