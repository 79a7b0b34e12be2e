"""Which way to the switch is tried next. Decides only; who connects tells what came of it."""

from terminal.constant import const

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable

# A link that lived shorter counts as another failure: a route that flaps is no route.
_STEADY_MS = const(20000)


class Route:
    """One way to the switch: what carries it, where to, and what is put on top.

    Args:
        over: network (Ethernet or Wi-Fi, whatever the board has) or modem.
        host: of the switch, or of the MQTT broker.
        port: likewise.
        server_name: under TLS, the name in the server's certificate; empty for no TLS.
        mqtt: whether frames travel as MQTT messages.
    """

    def __init__(self, over: str, host: str, port: int, *, server_name: str = "", mqtt: bool = False) -> None:
        self.over = over
        self.host = host
        self.port = port
        self.server_name = server_name
        self.mqtt = mqtt


class RouteChooser:
    """Fails over to the next route after `tries`, and comes back to the first after a while.

    Args:
        routes: in order of preference, at least one.
        tries: how often one is tried before the next.
        return_after_ms: how long another route serves before the first is tried again beside it.
        ticks_ms: monotonic milliseconds, wrapping.
        ticks_since: milliseconds from one of its ticks to now.
    """

    def __init__(
        self,
        routes: "list[Route]",
        *,
        tries: int,
        return_after_ms: int,
        ticks_ms: "Callable[[], int]",
        ticks_since: "Callable[[int], int]",
    ) -> None:
        self.index = 0
        self._routes = routes
        self._tries = tries
        self._return_after_ms = return_after_ms
        self._ticks_ms = ticks_ms
        self._ticks_since = ticks_since
        self._failures = 0
        self._first_seen = ticks_ms()

    @property
    def current(self) -> Route:
        """The route to use."""
        return self._routes[self.index]

    @property
    def first(self) -> Route:
        """The route that is liked best."""
        return self._routes[0]

    def ended(self, signed_on: bool, lived_ms: int) -> bool:
        """A link over the current route came to nothing, or was lost after `lived_ms`.

        Returns True where the next route is to be tried at once: another, and not the first once more.
        """
        if signed_on and lived_ms >= _STEADY_MS:
            self._failures = 0
            return False
        self._failures += 1
        if self._failures < self._tries or len(self._routes) == 1:
            return False
        self._failures = 0
        if self.index == 0:
            self._first_seen = self._ticks_ms()
        self.index = (self.index + 1) % len(self._routes)
        return self.index != 0

    def wants_first(self) -> bool:
        """Whether to see if the first route is there again; not beside a call, where both need the modem."""
        if self.index == 0 or (self.current.over == "modem" and self.first.over == "modem"):
            return False
        return self._ticks_since(self._first_seen) >= self._return_after_ms

    def first_is_back(self, there: bool) -> None:
        """What the look at the first route found; if it then fails all the same, the next follows at once."""
        self._first_seen = self._ticks_ms()
        if there:
            self.index = 0
            self._failures = self._tries - 1
