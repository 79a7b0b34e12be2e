"""The parameters of the way to the switch, checked once at start."""

from terminal.links.route import Route
from terminal.system.config import ConfigFault, number_setting, text_setting

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Mapping

_ROUTES_LIMIT = 4
_ROUTE_SETTINGS = ("over", "host", "port", "tls", "server_name", "mqtt")


class LinkSettings:
    """Routes and limits by name.

    Without `routes` there is one: `switch_host` and `switch_port`, under TLS where `tls_ca_file` is set.

    Args:
        settings: as read from the board's store.

    Raises:
        ConfigFault: a parameter is missing or out of range.
    """

    def __init__(self, settings: "Mapping[str, object]") -> None:
        self.routes = _routes(settings)
        self.route_tries = number_setting(settings, "route_tries", 3, 1, 100)
        self.route_return_ms = number_setting(settings, "route_return_ms", 300000, 50, 86400000)
        # 0 messages: no session keys.
        self.session_key_messages = number_setting(settings, "session_key_messages", 1000, 0, 1000000)
        self.session_key_minutes = number_setting(settings, "session_key_minutes", 60, 1, 1440)
        self.mqtt_keep_alive_s = number_setting(settings, "mqtt_keep_alive_s", 60, 1, 3600)
        self.mqtt_username = text_setting(settings, "mqtt_username", 0, 64)
        self.modem_apn = text_setting(settings, "modem_apn", 0, 63)
        terminal_id = text_setting(settings, "terminal_id", 8, 8)
        for route in self.routes:
            if route.mqtt and not plain(terminal_id):
                raise ConfigFault("terminal_id must be letters and digits for MQTT")
            if route.server_name and not settings.get("tls_ca_file"):
                raise ConfigFault("tls_ca_file is missing")
            if route.over == "modem" and not printable(self.modem_apn + route.host):
                raise ConfigFault("modem_apn and host must be plain text")


def plain(text: str) -> bool:
    """Letters and digits only, so that it can be a level of an MQTT topic."""
    return all(
        "0" <= character <= "9" or "A" <= character <= "Z" or "a" <= character <= "z" for character in text
    )


def printable(text: str) -> bool:
    """Whether a modem takes it between quotation marks."""
    return all(" " <= character <= "~" and character != '"' for character in text)


def _routes(settings: "Mapping[str, object]") -> "list[Route]":
    listed = settings.get("routes")
    if listed is None:
        listed = [
            {
                "host": settings.get("switch_host"),
                "port": settings.get("switch_port"),
                "tls": bool(settings.get("tls_ca_file")),
            }
        ]
    if not isinstance(listed, list) or not 1 <= len(listed) <= _ROUTES_LIMIT:
        raise ConfigFault("routes must be a list of one to %d" % _ROUTES_LIMIT)
    return [_route(entry, settings) for entry in listed]


def _route(entry: object, settings: "Mapping[str, object]") -> Route:
    if not isinstance(entry, dict):
        raise ConfigFault("routes must hold objects")
    for name in entry:
        if name not in _ROUTE_SETTINGS:
            raise ConfigFault("routes know no " + str(name))
    for name in ("tls", "mqtt"):
        if not isinstance(entry.get(name, False), bool):
            raise ConfigFault(name + " must be true or false")
    over = entry.get("over", "network")
    if over not in ("network", "modem"):
        raise ConfigFault("over must be network or modem")
    host = text_setting(entry, "host", 1, 253)
    port = number_setting(entry, "port", 0, 1, 65535)
    server_name = ""
    if entry.get("tls"):
        server_name = (
            text_setting(entry, "server_name", 0, 253)
            or text_setting(settings, "tls_server_name", 0, 253)
            or host
        )
    return Route(over, host, port, server_name=server_name, mqtt=bool(entry.get("mqtt")))
