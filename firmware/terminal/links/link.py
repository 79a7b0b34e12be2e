"""The way to the switch: choose a route, hold a conversation, keep it alive and its keys fresh."""

import asyncio

from terminal.constant import const
from terminal.links.backoff import Backoff
from terminal.links.carrier import Carriers
from terminal.links.conversation import FORGOTTEN, Conversation
from terminal.links.route import RouteChooser
from terminal.links.settings import LinkSettings
from terminal.security.sealer import Sealer
from terminal.transactions import events

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable

    from terminal.hal.contract import Board
    from terminal.links.conversation import Answer
    from terminal.system.clock import Clock
    from terminal.system.config import Config
    from terminal.system.health import Health
    from terminal.transactions.request import Fields

_MINUTE_MS = const(60000)


class Link:
    """The one link of this terminal. `is_heard` is true once the switch has answered an echo.

    Args:
        board: opens streams, gives random numbers, settings and the key slot.
        config: terminal and timeouts.
        clock: set from the switch's time at sign-on.
        next_stan: gives trace numbers.
        notify: told `events.ONLINE` after sign-on and `events.OFFLINE` when the link is lost.
        refused: told why a server's certificate is not trusted: issuer, expired, name or certificate.
        version: the firmware's name, sent at sign-on.
        health: told with each echo; failures of the link are counted there.

    Raises:
        ConfigFault: a parameter of the routes is wrong.
    """

    def __init__(
        self,
        board: "Board",
        config: "Config",
        clock: "Clock",
        *,
        next_stan: "Callable[[], int]",
        notify: "Callable[[int], None]",
        refused: "Callable[[str], None]",
        version: str,
        health: "Health",
    ) -> None:
        self.is_heard = False
        self.dropped: "dict[str, int]" = {}
        self.sealer = Sealer(board.secure, config.terminal_id)
        self._board = board
        self._config = config
        self._settings = LinkSettings(board.settings)
        self._clock = clock
        self._next_stan = next_stan
        self._notify = notify
        self._refused = refused
        self._version = version
        self._health = health
        self._backoff = Backoff(config.backoff_first_ms, config.backoff_limit_ms, board.random)
        self._carriers = Carriers(board, config, self._settings)
        self._routes = RouteChooser(
            self._settings.routes,
            tries=self._settings.route_tries,
            return_after_ms=self._settings.route_return_ms,
            ticks_ms=board.ticks_ms,
            ticks_since=board.ticks_since,
        )
        self._turn = asyncio.Lock()
        self._attention = asyncio.Event()
        self._conversation: "Conversation | None" = None
        self._online = False
        self._messages = 0
        self._key_since = 0

    def health(self) -> "dict[str, object]":
        """What a health record says of the link: route, kind of carrier, key, the modem's signal in dBm."""
        route = self._routes.current
        return {
            "online": self._online,
            "route": self._routes.index,
            "over": route.over,
            "tls": bool(route.server_name),
            "mqtt": route.mqtt,
            "key_id": self.sealer.key_id,
            "signal_dbm": self._carriers.signal_dbm,
            "dropped": self.dropped,
        }

    async def run(self) -> None:
        """Hold the link for ever."""
        while True:
            began = self._board.ticks_ms()
            try:
                signed_on = await self._session()
            except MemoryError:
                # What takes the heap now may be over the next time; the terminal must not end of it.
                signed_on = False
                self._failed("memory")
            if self._carriers.spare:
                self._routes.first_is_back(True)
            elif not self._routes.ended(signed_on, self._board.ticks_since(began)):
                await asyncio.sleep_ms(self._backoff.wait_ms())

    async def exchange(self, mti: str, fields: "Fields", payload: bytes, timeout_ms: int) -> "Answer | None":
        """Send a request and wait for its verified answer, as (payload, type, fields).

        It goes under the present key, whatever key sealed the payload. None when there was no answer in time,
        or the link went down: the request may or may not have arrived.
        """
        async with self._turn:
            began = self._board.ticks_ms()
            answer = await self._ask(mti, fields, payload, timeout_ms)
            if answer and answer[2][39] in FORGOTTEN and await self._restored():
                left_ms = timeout_ms - self._board.ticks_since(began)
                if left_ms > 0:
                    answer = await self._ask(mti, fields, payload, left_ms)
            if self._key_is_old():
                self._attention.set()
            return answer

    async def _ask(self, mti: str, fields: "Fields", payload: bytes, timeout_ms: int) -> "Answer | None":
        conversation = self._conversation
        if conversation is None:
            return None
        self._messages += 1
        return await conversation.ask(mti, fields, payload, timeout_ms)

    async def _restored(self) -> bool:
        conversation = self._conversation
        if conversation is None:
            return False
        self._key_is_new()
        return await conversation.restore(bool(self._settings.session_key_messages))

    async def _session(self) -> bool:
        try:
            stream = await self._carriers.open(self._routes.current, self._routes.index)
        except (OSError, asyncio.TimeoutError):
            self._failed("connect")
            return False
        conversation = Conversation(
            stream,
            self._board,
            self._config,
            self._clock,
            sealer=self.sealer,
            next_stan=self._next_stan,
            version=self._version,
            health=self._health,
            on_drop=self._count,
            on_lost=self._lost,
        )
        signed_on = False
        try:
            if not await conversation.sign_on():
                self._failed("sign_on")
            elif self._settings.session_key_messages and not await conversation.change_key():
                self._failed("key_change")
            else:
                signed_on = True
                self._board.log("signed_on", **self.health())
                self._key_is_new()
                self._backoff.succeeded()
                self._conversation = conversation
                self._online = True
                self._notify(events.ONLINE)
                await self._keep(conversation)
        finally:
            self._conversation = None
            await conversation.close()
        return signed_on

    def _failed(self, phase: str) -> None:
        self._health.link_failures += 1
        reason = self._carriers.refusal
        if reason:
            self._board.log("link_refused", reason=reason, route=self._routes.index)
            self._refused(reason)
        self._board.log("link_failed", phase=phase, route=self._routes.index)

    async def _keep(self, conversation: Conversation) -> None:
        with_session = bool(self._settings.session_key_messages)
        while not conversation.lost:
            waited = False
            try:
                await asyncio.wait_for(self._attention.wait(), self._config.echo_interval_ms / 1000)
            except asyncio.TimeoutError:
                waited = True
            self._attention.clear()
            if conversation.lost:
                return
            if self._key_is_old():
                async with self._turn:
                    if not await conversation.change_key():
                        return
                    self._key_is_new()
            elif waited and self._routes.wants_first():
                if await self._carriers.look_for(self._routes.first):
                    # A sale on its way comes to its end first.
                    async with self._turn:
                        self._lost()
                        self._conversation = None
                    return
                self._routes.first_is_back(False)
            elif waited and not self._turn.locked():
                async with self._turn:
                    self._health.signal_dbm = self._carriers.signal_dbm or None
                    if not await conversation.echo(with_session):
                        return
                    self.is_heard = True

    def _key_is_old(self) -> bool:
        if not self._settings.session_key_messages:
            return False
        if self._messages >= self._settings.session_key_messages:
            return True
        return self._board.ticks_since(self._key_since) >= self._settings.session_key_minutes * _MINUTE_MS

    def _key_is_new(self) -> None:
        self._messages = 0
        self._key_since = self._board.ticks_ms()

    def _count(self, reason: str) -> None:
        self.dropped[reason] = self.dropped.get(reason, 0) + 1
        self._board.log("dropped", reason=reason, count=self.dropped[reason])

    def _lost(self) -> None:
        if self._online:
            self._online = False
            self._health.link_failures += 1
            self._board.log("link_down", dropped=self.dropped)
            self._notify(events.OFFLINE)
        self._attention.set()
