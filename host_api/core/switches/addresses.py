"""How settings write where a switch is and as whom this host comes to it."""

from typing import Annotated

from pydantic import AfterValidator, StringConstraints

DEFAULT_HOST_ID = "HOST0001"
DEFAULT_LINKS = 2
MOST_LINKS = 16


def _check_address(value: str) -> str:
    host, _, port = value.rpartition(":")
    if not host or not port.isascii() or not port.isdigit() or not 0 < int(port) < 65536:
        raise ValueError("it must look like 127.0.0.1:5000")
    return value


def _check_url(value: str) -> str:
    if not value.startswith(("http://", "https://")):
        raise ValueError("it must start with http:// or https://")
    return value.rstrip("/")


SwitchAddress = Annotated[str, StringConstraints(max_length=300), AfterValidator(_check_address)]
OperationsUrl = Annotated[str, StringConstraints(max_length=300), AfterValidator(_check_url)]
HostId = Annotated[str, StringConstraints(pattern=r"^[A-Z0-9]{8}$")]


def endpoint_of(address: str) -> tuple[str, int]:
    """Host and port of a `SwitchAddress`."""
    host, _, port = address.rpartition(":")
    return host.strip("[]"), int(port)
