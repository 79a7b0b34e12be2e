"""A switch process: replay, serve, drain."""

import asyncio
import contextlib
import gc
import json
import logging
import signal
import socket
import sys
import time
from collections.abc import Iterator
from importlib.util import find_spec
from pathlib import Path

import uvicorn
from pydantic import ValidationError

from protocol.security.keys import MASTER_KEY_BYTES
from protocol.spec import load_spec
from switch.gate.commit import GroupCommit
from switch.gate.echo import EchoWriter
from switch.gate.exchange import Exchange
from switch.gate.link_plan import LinksFault
from switch.gate.server import Gate, GateLimits
from switch.gate.shedding import Shedder
from switch.journal.entries import EntryFault, RuleTableEntry, unpack
from switch.journal.faults import JournalFault, JournalLocked, ReplayFault
from switch.journal.format import RawEntry
from switch.journal.reader import read_after
from switch.journal.writer import Journal
from switch.keyring import Keyring
from switch.ledger.records import RecordFault, Role, Status, TerminalRecord
from switch.ledger.state import State
from switch.logs import SwitchHandler, set_up_logs
from switch.metrics.catalogue import Metric
from switch.metrics.store import Metrics
from switch.operations.access import Access
from switch.operations.app import FeedEndpoint, Sight, operations_app
from switch.operations.feed import JournalFeed
from switch.operations.gauges import watch_gate, watch_journal, watch_process, watch_state
from switch.operations.readiness import Obstacle
from switch.rules.compiler import RuleFaults, load_rules
from switch.rules.evaluator import evaluator_of
from switch.rules.local_time import iso_date
from switch.rules.packing import RuleTableFault
from switch.settings import TERMINALS_LINK, SwitchSettings
from switch.upstream.link import Upstream
from switch.upstream.settings import UpstreamFault, load_upstream
from switch.upstream.store import StoreFault

_LOG = logging.getLogger("switch")

EXIT_DRAINED = 0
EXIT_SETUP = 2
EXIT_JOURNAL = 3
EXIT_FAILED = 4

FEED_TOKEN_CHARACTERS_MIN = 16
GIL_SWITCH_INTERVAL_S = 0.0005


class SetupFault(Exception):  # noqa: N818  (not an error in the program)
    """The process can't start as it is set up; the text is one line for the operator."""


class Switch:
    """A switch in one event loop, from replay to drain."""

    def __init__(
        self, settings: SwitchSettings, loop: asyncio.AbstractEventLoop, logs: SwitchHandler
    ) -> None:
        self._settings = settings
        self._loop = loop
        self._logs = logs
        master_key = _read_master_key(settings.master_key_file)
        self._keyring = Keyring(master_key)
        self._feed_token = _read_feed_token(settings.feed_token_file)
        self._rules = load_rules(settings.rules_file)
        self._links = settings.planned_links()
        self._counters = Metrics()
        self._stopped = asyncio.Event()
        self._failure: Exception | None = None
        self._is_ready = False
        self._state = State(_host_record(settings))
        self._journal = self._open_journal()
        self._state.find_older = self._find_entry
        spec = load_spec("vafa")
        self._upstream = None
        if settings.upstream_file is not None:
            self._upstream = Upstream(
                load_upstream(settings.upstream_file),
                spec=spec,
                master_key=master_key,
                pin_key=self._keyring.pin_key,
                loop=loop,
            )
        self._exchange = Exchange(
            spec,
            self._state,
            self._keyring,
            self._counters,
            cut_over_minute=settings.cut_over_minute,
            forwarding=self._upstream,
        )
        self._gate = Gate(
            self._exchange,
            shedder=Shedder(spec, self._state, self._keyring, self._upstream),
            echoes=EchoWriter(spec, self._state, self._keyring),
            counters=self._counters,
            limits=_limits(settings),
            loop=loop,
            on_failure=self._fail,
            forwarding=self._upstream,
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
        settings = self._settings
        self._adopt_rules()
        self._cut_over()
        # Made before anybody waits for it. What is there now stays: the collector needn't look at it again.
        evaluator_of(self._state.rule_table)
        gc.collect()
        gc.freeze()
        feed = JournalFeed(
            self._journal.index, self._state.merchants, self._journal.last_position, self._purse_name
        )

        def on_durable(position: int) -> None:
            feed.advance(position)
            self._gate.schedule()

        operations_socket = _listen(str(settings.operations_address), settings.operations_port)
        commit = GroupCommit(self._journal, self._loop, self._counters, on_durable, self._fail)
        try:
            listening = await self._gate.open(commit, self._links)
        except LinksFault:
            commit.stop()
            operations_socket.close()
            raise
        if self._upstream is not None:
            self._upstream.start()
        self._watch(commit)
        access = Access(self._feed_token)
        endpoint = FeedEndpoint(feed, access, settings.feed_readers_max)
        server = _OperationsServer(
            uvicorn.Config(
                operations_app(endpoint.get, Sight(self._counters, self._status, self._obstacles), access),
                log_config=None,
                access_log=False,
                lifespan="off",
                http="h11",
                ws="none",
                loop="none",
                limit_concurrency=settings.feed_readers_max + 32,
                timeout_graceful_shutdown=1,
            )
        )
        operations = self._loop.create_task(server.serve(sockets=[operations_socket]))
        operations.add_done_callback(lambda _: self._stopped.set())
        for number in (signal.SIGTERM, signal.SIGINT):
            self._loop.add_signal_handler(number, self._stopped.set)
        address = operations_socket.getsockname()
        self._is_ready = True
        self._announce(listening, f"{address[0]}:{address[1]}")
        await self._stopped.wait()
        self._is_ready = False
        if self._failure is None:
            _LOG.info("draining")
            try:
                async with asyncio.timeout(settings.drain_timeout_s):
                    await self._gate.drain()
                    await commit.drained()
                    if self._upstream is not None:
                        await self._upstream.drain()
            except TimeoutError:
                _LOG.warning("some links did not take their replies; closed")
        self._gate.abort()
        commit.stop()
        feed.stop()
        server.should_exit = True
        with contextlib.suppress(asyncio.CancelledError):
            await operations
        return EXIT_DRAINED if self._failure is None else EXIT_FAILED

    def _open_journal(self) -> Journal:
        started = time.monotonic()

        def replay(raw: RawEntry) -> None:
            try:
                self._state.apply(raw, unpack(raw.kind, raw.version, raw.body, for_replay=True))
            except (EntryFault, RecordFault, RuleTableFault, ValueError, KeyError) as fault:
                raise ReplayFault(str(fault)) from None

        # Replay makes objects that stay: the collector would look at all of them again and again.
        gc.disable()
        try:
            journal = Journal.open(
                self._settings.journal_directory,
                key_check=self._keyring.key_check,
                segment_bytes=self._settings.segment_bytes,
                now_ms=time.time_ns() // 1_000_000,
                on_entry=replay,
            )
        finally:
            gc.enable()
        if journal.torn is not None:
            _LOG.warning(
                "set aside an unfinished batch, from which nobody was answered: %d bytes at %s byte %d",
                len(journal.torn.content),
                journal.torn.path,
                journal.torn.offset,
            )
        if journal.replayed_entries:
            _LOG.info("replayed %d entries in %.2f s", journal.replayed_entries, time.monotonic() - started)
        return journal

    def _find_entry(self, position: int) -> RawEntry | None:
        journal = self._journal
        if not 1 <= position <= journal.last_position:
            return None
        return read_after(journal.index, position - 1, journal.last_position, 1)[0]

    def _purse_name(self, code: int) -> str | None:
        purse = self._state.rule_table.purses.get(code)
        return None if purse is None else purse.name

    def _adopt_rules(self) -> None:
        """Journal the configured rules where they aren't the ones in force. Runs before anybody is served."""
        if self._rules.packed == self._state.rule_table.packed:
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
            "engine": "python",
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
        watch_journal(self._counters, self._journal, self._settings.journal_directory)
        watch_gate(self._counters, self._gate, commit)
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


class _OperationsServer(uvicorn.Server):
    """Leaves signals to the switch: it has to drain before the operations port may go."""

    @contextlib.contextmanager
    def capture_signals(self) -> Iterator[None]:
        yield


def main() -> int:
    """Run a switch from the environment's settings; returns the exit code.

    0 drained; 2 set up wrongly (settings, keys, rules, port, directory); 3 the journal can't be trusted;
    4 the disk failed while serving.
    """
    try:
        settings = SwitchSettings()
    except ValidationError as error:
        faults = "; ".join(
            f"{'.'.join(str(part) for part in fault['loc'])}: {fault['msg']}"
            for fault in error.errors(include_input=False, include_url=False)
        )
        sys.stderr.write(f"switch: settings: {faults}\n")
        return EXIT_SETUP
    # The journal's thread asks for the interpreter twice in a commit; by default it may wait 5 ms each time.
    sys.setswitchinterval(GIL_SWITCH_INTERVAL_S)
    logs = set_up_logs(settings.log_level, settings.log_format, sys.stderr)
    try:
        with asyncio.Runner(loop_factory=_loop_factory()) as runner:
            return runner.run(_run(settings, logs))
    except (SetupFault, LinksFault, RuleFaults, JournalLocked, UpstreamFault, StoreFault) as fault:
        sys.stderr.write(f"switch: {fault}\n")
        return EXIT_SETUP
    except OSError as error:
        sys.stderr.write(f"switch: {error.filename or 'journal'}: {error.strerror}\n")
        return EXIT_SETUP
    except JournalFault as fault:
        sys.stderr.write(f"switch: {fault}\n")
        return EXIT_JOURNAL


async def _run(settings: SwitchSettings, logs: SwitchHandler) -> int:
    return await Switch(settings, asyncio.get_running_loop(), logs).run()


def _loop_factory() -> "type[asyncio.AbstractEventLoop] | None":
    """uvloop where it is installed: half the loop's cost."""
    if find_spec("uvloop") is None:
        return None
    import uvloop  # noqa: PLC0415  (an optional extra)

    return uvloop.Loop


def _listen(host: str, port: int) -> socket.socket:
    found = socket.socket(socket.AF_INET, socket.SOCK_STREAM)
    found.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    try:
        found.bind((host, port))
        found.listen(128)
    except OSError as error:
        found.close()
        raise SetupFault(f"operations port {host}:{port}: {error.strerror}") from None
    found.setblocking(False)
    return found


def _read_master_key(path: Path) -> bytes:
    text = _read_secret(path, "master key")
    try:
        key = bytes.fromhex(text)
    except ValueError:
        key = b""
    if len(key) != MASTER_KEY_BYTES:
        raise SetupFault(f"master key file {path}: not {MASTER_KEY_BYTES * 2} hexadecimal digits")
    return key


def _read_feed_token(path: Path) -> str:
    token = _read_secret(path, "feed token")
    if len(token) < FEED_TOKEN_CHARACTERS_MIN or not token.isascii():
        raise SetupFault(f"feed token file {path}: not {FEED_TOKEN_CHARACTERS_MIN} or more ASCII characters")
    return token


def _read_secret(path: Path, name: str) -> str:
    try:
        if path.stat().st_mode & 0o077:
            raise SetupFault(f"{name} file {path}: others may read it; it wants mode 0600")
        return path.read_text("ascii").strip()
    except OSError as error:
        raise SetupFault(f"{name} file {path}: {error.strerror}") from None
    except UnicodeDecodeError:
        raise SetupFault(f"{name} file {path}: not ASCII text") from None


def _host_record(settings: SwitchSettings) -> TerminalRecord:
    return TerminalRecord(
        terminal_id=settings.host_terminal_id,
        merchant_id="",
        branch_number=0,
        key_generation=settings.host_key_generation,
        role=Role.HOST,
        status=Status.ACTIVE,
    )


def _limits(settings: SwitchSettings) -> GateLimits:
    return GateLimits(
        connections_max=settings.connections_max,
        handshakes_max=settings.handshakes_max,
        handshake_timeout_s=settings.handshake_timeout_s,
        link=settings.link_limits(),
    )
