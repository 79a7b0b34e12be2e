"""A switch in one event loop: replay, serve, drain."""

import asyncio
import contextlib
import gc
import json
import logging
import signal
import socket
import sys
import time
from collections.abc import Callable

from protocol.spec import load_spec
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
from switch.journal.entries import RuleTableEntry
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
from switch.operations.totals import TotalsEndpoint
from switch.outfit import SetupFault, file_desk, gate_limits, host_record
from switch.publication.candidate import candidate_of
from switch.publication.readiness import make_tables_ready
from switch.replay import open_journal
from switch.rules.compiler import load_rules
from switch.rules.local_time import iso_date
from switch.secret_files import read_feed_token, read_master_key
from switch.settings import TERMINALS_LINK, SwitchSettings
from switch.snapshot.keeper import SnapshotKeeper
from switch.upstream.link import Upstream
from switch.upstream.recovery import forwarded_behind
from switch.upstream.settings import UpstreamFault, load_upstream

_LOG = logging.getLogger("switch")

_COLLECTOR_THRESHOLDS = (50_000, 20, 20)

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

    async def run(self) -> int:
        """Serve until a signal or a failure; returns the exit code."""
        try:
            return await self._serve()
        finally:
            if self._upstream is not None:
                await self._upstream.close()
            self._journal.close()

    async def _serve(self) -> int:
        self._adopt_rules()
        self._cut_over()
        make_tables_ready(self._state.tables, self._exchange.make_ready, time.time_ns() // 1_000_000)
        _calm_collector()
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
            listening = await self._gate.open(commit, self._links)
        except LinksFault:
            commit.stop()
            operations_socket.close()
            raise
        if self._upstream is not None:
            self._upstream.start()
        self._watch(commit)
        server = self._operations(feed)
        operations = self._loop.create_task(server.serve(sockets=[operations_socket]))
        operations.add_done_callback(lambda _: self._stopped.set())
        for number in (signal.SIGTERM, signal.SIGINT):
            self._loop.add_signal_handler(number, self._end)
        hung_up = asyncio.Event()
        self._loop.add_signal_handler(signal.SIGHUP, lambda: self._hang_up(hung_up))
        besides = [self._loop.create_task(self._reload_certificates(hung_up))]
        if self._settings.snapshot_segments:
            besides.append(self._loop.create_task(self._snapshots().run()))
        address = operations_socket.getsockname()
        self._is_ready = True
        self._announce(listening, f"{address[0]}:{address[1]}")
        await self._stopped.wait()
        self._is_ready = False
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
        with contextlib.suppress(asyncio.CancelledError):
            await operations
        return EXIT_DRAINED if self._failure is None else EXIT_FAILED

    def _group_commit(self, on_durable: Callable[[int], None]) -> GroupCommit:
        disk = disk_thread(self._system) if self._state.stores.engine is Engine.COMPILED else None
        return GroupCommit(self._journal, self._loop, self._counters, on_durable, self._fail, disk=disk)

    async def _drain(self, commit: GroupCommit) -> None:
        """Answer what has come in, as far as it is taken in time."""
        _LOG.info("draining")
        try:
            async with asyncio.timeout(self._settings.drain_timeout_s):
                await self._gate.drain()
                if self._upstream is not None:
                    await self._upstream.drain()
                await commit.drained()
        except TimeoutError:
            _LOG.warning("some links did not take their replies; closed")

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
        return OperationsServer(
            operations_app(
                FeedEndpoint(feed, self._access, readers_max).get,
                Sight(self._counters, self._status, self._obstacles),
                DeadLetterEndpoints(self._upstream, self._spec, self._access),
                CandidateEndpoint(self._candidate, self._access),
                self._access,
                fleet=FleetEndpoint(self._health, self._access),
                totals=TotalsEndpoint(self._state, feed, self._access).get,
            ),
            readers_max,
        )

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

    def _adopt_rules(self) -> None:
        """Journal the configured rules where they aren't the ones in force. Runs before anybody is served.

        What a host has published stays in force: a restart is no order to go back.
        """
        in_force = self._state.tables.newest
        if self._rules.packed == in_force.table.packed:
            return
        if in_force.is_published:
            if self._settings.rules_file is not None:
                _LOG.warning(
                    "the rule file is not in force: a host published rule table %d", in_force.version
                )
            return
        now_ms = time.time_ns() // 1_000_000
        version = self._state.rule_table_version + 1
        self._exchange.journal(RuleTableEntry(now_ms, version, self._rules.packed))
        self._journal.commit(self._exchange.take_staged(), now_ms)
        _LOG.info("rule table %d in force, %d rules", version, len(self._rules.rules))

    def _cut_over(self) -> None:
        """End a business day that ran out while the switch was down. Runs before anybody is served."""
        now_ms = time.time_ns() // 1_000_000
        self._exchange.cut_over(now_ms)
        staged = self._exchange.take_staged()
        if staged:
            self._journal.commit(staged, now_ms)

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
        return {
            "engine": self._state.stores.engine.value,
            "links": len(self._gate.links),
            "business_date": iso_date(self._state.business.open_day.day),
            "position": self._state.position,
            "durable_position": self._journal.last_position,
            "rule_table_version": self._state.rule_table_version,
            "rule_table_digest": self._state.rule_table.digest,
            "cards": len(self._state.cards),
            "members": len(self._state.members),
            "terminals": len(self._state.terminals),
            "accounts": len(self._state.accounts),
            **self._upstream_status(),
        }

    def _upstream_status(self) -> dict[str, int | str | bool]:
        if self._upstream is None:
            return {}
        return {f"upstream_{name}": value for name, value in self._upstream.status().items()}

    def _watch(self, commit: GroupCommit) -> None:
        watch_process(self._counters, self._logs)
        watch_state(self._counters, self._state)
        watch_candidate(self._counters, self._candidate)
        watch_journal(self._counters, self._journal, self._settings.journal_directory)
        watch_gate(self._counters, self._gate, commit)
        watch_partner(self._counters, self._upstream)
        self._counters.watch(lambda: {Metric.READY: int(not self._obstacles())})

    def _obstacles(self) -> list[Obstacle]:
        if isinstance(self._failure, OSError):
            return [Obstacle.JOURNAL_FAILED]
        if self._failure is not None:
            return [Obstacle.FAILED]
        if self._is_ready:
            return []
        return [Obstacle.DRAINING if self._stopped.is_set() else Obstacle.STARTING]

    def _announce(self, listening: dict[str, str], operations: str) -> None:
        ready = {"ready": "switch", "terminals": listening[TERMINALS_LINK], "operations": operations}
        sys.stdout.write(json.dumps({**ready, "listening": listening}) + "\n")
        sys.stdout.flush()


def _calm_collector() -> None:
    """What is there now stays: the collector needn't look at it again, nor often at what comes, of which
    hardly anything is in a cycle."""
    gc.collect()
    gc.freeze()
    gc.set_threshold(*_COLLECTOR_THRESHOLDS)
