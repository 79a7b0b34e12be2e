"""A switch in one event loop: replay, serve, drain."""

import asyncio
import contextlib
import json
import logging
import signal
import socket
import sys
import time
from collections.abc import Callable

from protocol.spec import load_spec
from switch.before_serving import adopt_rules, end_old_day
from switch.collector import calm_collector
from switch.console.access.door import Door
from switch.console.access.roles import Role
from switch.console.actions.controls import Controls
from switch.console.alarms.plan import load_plan
from switch.console.assembly import Console
from switch.console.story.endpoints import StoryEndpoints
from switch.controlling_terminal import has_controlling_terminal
from switch.fleet.health import HealthBook
from switch.gate.commit import GroupCommit
from switch.gate.echo import EchoWriter
from switch.gate.exchange import Exchange
from switch.gate.late_replies import LateReplies
from switch.gate.link_plan import Address, LinksFault
from switch.gate.server import Gate
from switch.gate.shedding import Shedder
from switch.gate.tls import reload_contexts
from switch.journal.disk import disk_thread
from switch.journal.faults import PositionGone
from switch.journal.format import RawEntry
from switch.journal.reader import read_after
from switch.journal.system import OPERATING_SYSTEM, System
from switch.keyring import Keyring
from switch.ledger.stores import Engine
from switch.logs import SwitchHandler
from switch.metrics.catalogue import Metric
from switch.metrics.store import Metrics
from switch.operations.access import Access
from switch.operations.app import FeedEndpoint, Sight, operations_app
from switch.operations.candidate import CandidateEndpoint
from switch.operations.dead_letters import DeadLetterEndpoints
from switch.operations.feed import JournalFeed
from switch.operations.fleet import FleetEndpoint
from switch.operations.gauges import (
    watch_candidate,
    watch_gate,
    watch_journal,
    watch_partner,
    watch_process,
    watch_state,
)
from switch.operations.readiness import Obstacle
from switch.operations.server import OperationsServer, listen_for_operations
from switch.operations.status import status_of
from switch.operations.totals import TotalsEndpoint
from switch.outfit import SetupFault, file_desk, gate_limits, host_record
from switch.publication.candidate import candidate_of
from switch.publication.readiness import make_tables_ready
from switch.replay import open_journal
from switch.rules.compiler import load_rules
from switch.secret_files import read_feed_token, read_master_key
from switch.settings import TERMINALS_LINK, SwitchSettings
from switch.snapshot.keeper import SnapshotKeeper
from switch.upstream.link import Upstream
from switch.upstream.recovery import forwarded_behind
from switch.upstream.settings import UpstreamFault, load_upstream

_LOG = logging.getLogger("switch")

EXIT_DRAINED = 0
EXIT_FAILED = 4


class Switch:
    """A switch in one event loop, from replay to drain."""

    def __init__(
        self,
        settings: SwitchSettings,
        loop: asyncio.AbstractEventLoop,
        logs: SwitchHandler,
        system: System = OPERATING_SYSTEM,
    ) -> None:
        self._settings = settings
        self._system = system
        self._loop = loop
        self._logs = logs
        master_key = read_master_key(settings.master_key_file)
        self._keyring = Keyring(master_key)
        self._access = Access(read_feed_token(settings.feed_token_file))
        self._rules = load_rules(settings.rules_file)
        self._links = settings.planned_links()
        self._counters = Metrics()
        self._stopped = asyncio.Event()
        self._signalled = asyncio.Event()
        self._failure: Exception | None = None
        self._had_terminal = has_controlling_terminal()
        self._is_ready = False
        self._is_draining = False
        self._state, self._journal = open_journal(settings, self._keyring, host_record(settings), system)
        self._state.find_older = self._find_entry
        self._spec = spec = load_spec("vafa")
        late = LateReplies(self._state, self._fail)
        self._upstream = self._partner(master_key, late)
        self._health = HealthBook()
        self._candidate = candidate_of(settings.candidate_rules_file, settings.candidate_one_of)
        self._exchange = Exchange(
            spec,
            self._state,
            self._keyring,
            self._counters,
            cut_over_minute=settings.cut_over_minute,
            forwarding=self._upstream,
            candidate=self._candidate,
            downloads=file_desk(settings.downloads_directory),
            health=self._health,
        )
        self._gate = Gate(
            self._exchange,
            shedder=Shedder(spec, self._state, self._keyring, self._upstream),
            echoes=EchoWriter(spec, self._state, self._keyring),
            counters=self._counters,
            limits=gate_limits(settings),
            loop=loop,
            on_failure=self._fail,
            forwarding=self._upstream,
            late=late,
        )
        self._console = Console(
            load_plan(settings.alarms_file),
            Door(self._access, settings.console_users_file, self._keyring.console_key),
            self._counters,
            settings.journal_directory,
            state=self._state,
            spec=spec,
            fleet=self._health,
            gate=self._gate,
            partner=self._upstream,
            obstacles=self._obstacles,
        )

    async def run(self) -> int:
        """Serve until a signal or a failure; returns the exit code."""
        try:
            return await self._serve()
        finally:
            if self._upstream is not None:
                await self._upstream.close()
            self._console.door.close()
            self._journal.close()

    async def _serve(self) -> int:
        adopt_rules(self._rules, self._settings.rules_file, self._state, self._exchange, self._journal)
        end_old_day(self._exchange, self._journal)
        make_tables_ready(self._state.tables, self._exchange.make_ready, time.time_ns() // 1_000_000)
        calm_collector()
        feed = JournalFeed(
            self._journal.index, self._state.merchants, self._journal.last_position, self._purse_name
        )

        def on_durable(position: int) -> None:
            feed.advance(position)
            if self._upstream is not None:
                self._upstream.durable(position)
            self._gate.schedule()

        if self._upstream is not None:
            self._upstream.recover(lambda position: forwarded_behind(self._journal, position))
        operations_socket = self._listen_for_operations()
        commit = self._group_commit(on_durable)
        try:
            listening = await self._gate.open(commit, self._links, self._state.orders.closed_links)
        except LinksFault:
            commit.stop()
            operations_socket.close()
            raise
        if self._upstream is not None:
            self._upstream.start()
        self._watch(commit, feed)
        snapshots = self._snapshots()
        self._console.take(self._controls(commit, snapshots))
        server = self._operations(feed)
        operations = self._loop.create_task(server.serve(sockets=[operations_socket]))
        operations.add_done_callback(lambda _: self._stopped.set())
        hung_up = self._hear_signals()
        besides = [self._loop.create_task(self._reload_certificates(hung_up))]
        if self._settings.snapshot_segments:
            besides.append(self._loop.create_task(snapshots.run()))
        self._is_ready = True
        self._announce(listening, operations_socket)
        await self._stopped.wait()
        self._is_ready = False
        await self._console.let_go()
        if self._failure is None:
            await self._drain(commit)
        self._gate.abort()
        commit.stop()
        feed.stop()
        for task in besides:
            task.cancel()
        if self._failure is not None:
            await self._show_failure()
        server.should_exit = True
        await asyncio.gather(*besides, return_exceptions=True)
        await self._console.stop(has_failed=self._failure is not None)
        with contextlib.suppress(asyncio.CancelledError):
            await operations
        return EXIT_DRAINED if self._failure is None else EXIT_FAILED

    def _group_commit(self, on_durable: Callable[[int], None]) -> GroupCommit:
        disk = disk_thread(self._system) if self._state.stores.engine is Engine.COMPILED else None
        return GroupCommit(self._journal, self._loop, self._counters, on_durable, self._fail, disk=disk)

    async def _drain(self, commit: GroupCommit) -> bool:
        """Answer what has come in; False where not all was taken in time, and so closed."""
        _LOG.info("draining")
        try:
            async with asyncio.timeout(self._settings.drain_timeout_s):
                await self._gate.drain()
                if self._upstream is not None:
                    await self._upstream.drain()
                await commit.drained()
        except TimeoutError:
            _LOG.warning("some links did not take their replies; closed")
            self._gate.abort()
            return False
        return True

    def _controls(self, commit: GroupCommit, snapshots: SnapshotKeeper) -> Controls:
        async def drain() -> bool:
            self._is_draining = True
            return await self._drain(commit)

        return Controls(
            state=self._state,
            exchange=self._exchange,
            gate=self._gate,
            journal=self._journal,
            keyring=self._keyring,
            snapshots=snapshots,
            journal_directory=self._settings.journal_directory,
            rules_file=self._settings.rules_file,
            drain=drain,
            is_draining=lambda: self._is_draining,
            now_ms=lambda: time.time_ns() // 1_000_000,
        )

    def _partner(self, master_key: bytes, late: LateReplies) -> Upstream | None:
        """The switch that decides a partner's cards, where there is one."""
        path = self._settings.upstream_file
        if path is None:
            return None
        document = load_upstream(path)
        if document.name in [link.name for link in self._links]:
            raise UpstreamFault(f"upstream file {path}: {document.name} is the name of a link")
        return Upstream(
            document,
            spec=self._spec,
            master_key=master_key,
            pin_key=self._keyring.pin_key,
            books=late,
            loop=self._loop,
        )

    def _listen_for_operations(self) -> socket.socket:
        address = Address(str(self._settings.operations_address), self._settings.operations_port)
        try:
            return listen_for_operations(address)
        except OSError as error:
            raise SetupFault(f"operations port {address}: {error.strerror}") from None

    def _snapshots(self) -> SnapshotKeeper:
        return SnapshotKeeper(
            self._settings.journal_directory,
            self._journal.index,
            segments=self._settings.snapshot_segments,
            journal_days=self._settings.journal_days,
            log_level=self._settings.log_level,
            log_format=self._settings.log_format,
        )

    def _operations(self, feed: JournalFeed) -> OperationsServer:
        readers_max = self._settings.feed_readers_max
        door = self._console.door
        stories = StoryEndpoints(
            self._state, feed, self._keyring, self._spec, lambda request: door.may(request, Role.VIEWER)
        )
        return OperationsServer(
            operations_app(
                FeedEndpoint(feed, self._access, readers_max).get,
                Sight(self._counters, self._status, self._obstacles),
                DeadLetterEndpoints(self._upstream, self._spec, self._access),
                CandidateEndpoint(self._candidate, self._access),
                self._access,
                fleet=FleetEndpoint(self._health, self._access),
                totals=TotalsEndpoint(self._state, feed, self._access).get,
                console=[*self._console.routes(), *stories.routes()],
            ),
            readers_max,
        )

    def _hear_signals(self) -> asyncio.Event:
        """End when told to; the event is set when new certificates are asked for."""
        for number in (signal.SIGTERM, signal.SIGINT):
            self._loop.add_signal_handler(number, self._end)
        hung_up = asyncio.Event()
        self._loop.add_signal_handler(signal.SIGHUP, lambda: self._hang_up(hung_up))
        return hung_up

    def _hang_up(self, asked: asyncio.Event) -> None:
        """SIGHUP asks for new certificates, unless it tells that the terminal was closed."""
        if self._had_terminal and not has_controlling_terminal():
            self._end()
        else:
            asked.set()

    async def _reload_certificates(self, asked: asyncio.Event) -> None:
        """Whenever it is asked for; what comes meanwhile is asked once."""
        while True:
            await asked.wait()
            asked.clear()
            contexts = self._gate.tls_contexts()
            if self._upstream is not None and self._upstream.tls is not None:
                contexts[self._upstream.name] = self._upstream.tls
            await reload_contexts(contexts)

    def _find_entry(self, position: int) -> RawEntry | None:
        journal = self._journal
        if not 1 <= position <= journal.last_position:
            return None
        try:
            return read_after(journal.index, position - 1, journal.last_position, 1)[0]
        except PositionGone:
            return None

    def _purse_name(self, code: int) -> str | None:
        purse = self._state.rule_table.purses.get(code)
        return None if purse is None else purse.name

    def _end(self) -> None:
        self._stopped.set()
        self._signalled.set()

    async def _show_failure(self) -> None:
        """Let whoever asks for the switch's health hear why it is about to go."""
        with contextlib.suppress(TimeoutError):
            async with asyncio.timeout(self._settings.failure_shown_s):
                await self._signalled.wait()

    def _fail(self, error: Exception) -> None:
        """Stop authorising at once: no reply leaves any more."""
        if self._failure is not None:
            return
        self._failure = error
        self._is_ready = False
        self._gate.abort()
        if isinstance(error, OSError):
            _LOG.critical(
                "journal write failed, authorising stopped: %s: %s",
                self._settings.journal_directory,
                error.strerror,
            )
        else:
            _LOG.critical("authorising stopped", exc_info=error)
        self._stopped.set()

    def _status(self) -> dict[str, int | str | bool]:
        return status_of(self._state, self._journal, self._gate, self._upstream)

    def _watch(self, commit: GroupCommit, feed: JournalFeed) -> None:
        watch_process(self._counters, self._logs)
        watch_state(self._counters, self._state)
        watch_candidate(self._counters, self._candidate)
        watch_journal(self._counters, self._journal, self._settings.journal_directory)
        watch_gate(self._counters, self._gate, commit)
        watch_partner(self._counters, self._upstream)
        self._counters.watch(feed.readers.readings)
        self._counters.watch(lambda: {Metric.READY: int(not self._obstacles())})
        self._console.start(self._loop)

    def _obstacles(self) -> list[Obstacle]:
        if isinstance(self._failure, OSError):
            return [Obstacle.JOURNAL_FAILED]
        if self._failure is not None:
            return [Obstacle.FAILED]
        if self._stopped.is_set() or self._is_draining:
            return [Obstacle.DRAINING]
        return [] if self._is_ready else [Obstacle.STARTING]

    def _announce(self, listening: dict[str, str], operations_socket: socket.socket) -> None:
        host, port = operations_socket.getsockname()
        operations = f"{host}:{port}"
        ready = {"ready": "switch", "terminals": listening[TERMINALS_LINK], "operations": operations}
        sys.stdout.write(json.dumps({**ready, "listening": listening}) + "\n")
        sys.stdout.flush()
