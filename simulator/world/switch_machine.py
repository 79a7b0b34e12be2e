"""The switch of a simulated world: the real exchange, authoriser, state and journal around a simulated disk.

Only the sockets (`switch.gate.server`) and the journal's thread (`switch.gate.commit`) are replaced by the
agenda: frames of all links become batches, one commit is in flight while the next gathers, and replies leave
in order when everything journaled before them is durable.
"""

from collections import deque
from collections.abc import Callable, Sequence
from random import Random
from typing import NamedTuple

from protocol.codec import decode
from protocol.faults import ProtocolFault
from protocol.spec import SpecDocument, load_spec
from simulator.world.agenda import Agenda
from simulator.world.chronicle import Chronicle
from simulator.world.disk import Halted, SimulatedDisk, Stop
from simulator.world.disk_calls import DIRECTORY, DiskCalls
from simulator.world.network import Connection, Peer
from simulator.world.plan import Sabotage
from simulator.world.snapshots import Snapshots
from simulator.world.switch_session import Session
from switch.gate.exchange import Exchange, LinkRefused, Now
from switch.journal.entries import EntryFault, RuleTableEntry
from switch.journal.faults import JournalFault, PositionGone, ReplayFault
from switch.journal.format import RawEntry, pack_entry
from switch.journal.reader import Beginning, SparseIndex, read_after
from switch.journal.writer import Journal
from switch.keyring import Keyring
from switch.ledger.records import RecordFault, Role, Status, TerminalRecord
from switch.ledger.state import State
from switch.metrics.store import Metrics
from switch.rules.packing import RuleTableFault
from switch.rules.table import RuleTable

HOST_ID = "HOST0001"
_BATCH_FRAMES_MAX = 256
_UPKEEP_MS = 1_000


class Shown(NamedTuple):
    """What an inquiry was answered from: the position of the state, and the time (UTC seconds)."""

    position: int
    at_s: int


class _Group(NamedTuple):
    entries: list[bytes]
    replies: list[tuple[Session, bytes]]


def host_record() -> TerminalRecord:
    """The club's own link, which may act before any record exists."""
    return TerminalRecord(HOST_ID, "", 0, 1, Role.HOST, Status.ACTIVE)


class SwitchMachine:
    """A switch process that may be killed, lose its power, fail and be started again.

    `answered` is the last position that a reply has left for; `journaled` are the packed entries by position
    as the living process made them. `shown` tells of inquiries by terminal, STAN and field 7.
    """

    def __init__(
        self,
        *,
        agenda: Agenda,
        random: Random,
        chronicle: Chronicle,
        disk: SimulatedDisk,
        keyring: Keyring,
        rules: RuleTable,
        epoch_ms: Callable[[], int],
        segment_bytes: int,
        sync_ms_max: int,
        sabotage: Sabotage,
        snapshots: Snapshots,
    ) -> None:
        self.rules = rules
        self.is_running = False
        self.answered = 0
        self.journaled: list[bytes] = []
        self.starts = 0
        self.set_aside = 0
        self.duplicates = 0
        self.shown: dict[tuple[str, int, str], set[Shown]] = {}
        self.sync_ms_max = sync_ms_max
        self.disk = disk
        self._agenda = agenda
        self._random = random
        self._chronicle = chronicle
        self._keyring = keyring
        self._epoch_ms = epoch_ms
        self._segment_bytes = segment_bytes
        self._sabotage = sabotage
        self._snapshots = snapshots
        self._spec: SpecDocument = load_spec("vafa")
        self._run = 0
        self._rested_digest = ""

    # Life of the process

    def start(self) -> None:
        """Replay and serve; where the disk fails the supervisor tries again later."""
        if self.is_running:
            return
        self._run += 1
        self.starts += 1
        self._sessions: list[Session] = []
        self._ready: deque[Session] = deque()
        self._batch_is_due = False
        self._entries: list[bytes] = []
        self._replies: list[tuple[Session, bytes]] = []
        self._in_flight: _Group | None = None
        self._drains = False
        self.counters = Metrics()
        self.state = State(host_record())
        try:
            self._open()
        except Halted:
            self.stop(self.disk.halts_by)
            return
        except OSError as error:
            self._chronicle.tell(f"switch can't start: {error.strerror}")
            self.stop(Stop.KILLED)
            return
        except JournalFault as fault:
            self._chronicle.violate(f"the switch can't trust its own journal: {fault}")
            self.stop(Stop.KILLED)
            return
        self.is_running = True
        self._chronicle.tell(f"switch serves from position {self.state.position}")
        self._agenda.after(_UPKEEP_MS, self._upkeep_of(self._run))

    def stop(self, how: Stop) -> None:
        """Be gone at once; the supervisor starts again after a while."""
        self._run += 1
        if self.is_running:
            self._note_end()
        self.is_running = False
        self._chronicle.tell(f"switch is gone: {how.name.lower()}")
        self.disk.stop(how)
        for session in self._sessions:
            session.connection.cut()
        self._agenda.after(self._random.randint(50, 3_000), self.start)

    def drain(self) -> None:
        """Answer what has come in and end as on SIGTERM."""
        if self.is_running and not self._drains:
            self._drains = True
            self._chronicle.tell("switch drains")
            self._end_drained()

    def _open(self) -> None:
        replayed: list[bytes] = []
        begun_at = 0

        def begin(index: SparseIndex) -> Beginning:
            nonlocal begun_at
            self.state, beginning = self._snapshots.begin(host_record(), index)
            begun_at = self.state.position
            return beginning

        def replay(raw: RawEntry) -> None:
            try:
                self.state.replay(raw)
            except (EntryFault, RecordFault, RuleTableFault, ValueError, KeyError) as fault:
                raise ReplayFault(str(fault)) from None
            replayed.append(pack_entry(raw.kind, raw.version, raw.body))

        self._journal = Journal.open(
            DIRECTORY,
            key_check=self._keyring.key_check,
            segment_bytes=self._segment_bytes,
            now_ms=self._epoch_ms(),
            on_entry=replay,
            on_lock=begin,
            system=DiskCalls(self.disk),
        )
        self.set_aside += self._journal.torn is not None
        if begun_at:
            self._snapshots.compare(host_record(), self.state)
        self._compare([*self.journaled[:begun_at], *replayed])
        self.state.find_older = self._find_entry
        if self._sabotage is Sabotage.FORGET_REQUESTS:
            self.state.windows.clear()
        self._exchange = Exchange(self._spec, self.state, self._keyring, self.counters)
        if self.rules.packed != self.state.rule_table.packed:
            now_ms, version = self._epoch_ms(), self.state.rule_table_version + 1
            self._exchange.journal(RuleTableEntry(now_ms, version, self.rules.packed))
            entries = self._exchange.take_staged()
            self.journaled += entries
            self._journal.commit(entries, now_ms)
            self._chronicle.tell(f"switch adopts rule table {version}")

    def _compare(self, replayed: Sequence[bytes]) -> None:
        """Hold what came back from the disk against what the last process did."""
        if len(replayed) < self.answered:
            self._chronicle.violate(
                f"answered up to position {self.answered}, only {len(replayed)} entries came back"
            )
        for index, (before, after) in enumerate(zip(self.journaled, replayed, strict=False)):
            if before != after:
                self._chronicle.violate(f"entry {index + 1} came back as another one")
                break
        if len(replayed) > len(self.journaled):
            self._chronicle.violate("entries came back that nobody journaled")
        if self._rested_digest and self._rested_digest != self.state.digest():
            self._chronicle.violate("replay gives another state than the one before the stop")
        self._rested_digest = ""
        self.journaled = list(replayed)

    def _note_end(self) -> None:
        """Keep the digest of a process that had nothing on its way to the disk."""
        if self.counters.malfunctions:
            self._chronicle.violate(f"{self.counters.malfunctions} requests could not be decided")
        self.duplicates += self.counters.duplicates
        if self._in_flight is None and not self._entries and self._sabotage is Sabotage.NONE:
            self._rested_digest = self.state.digest()

    # Links

    def accept(self, connection: Connection) -> Peer | None:
        """Take a connection."""
        if not self.is_running or self._drains:
            return None
        session = Session(self, connection, self._agenda.now_ms / 1000)
        self._sessions.append(session)
        return session

    def forget(self, session: Session) -> None:
        """A connection is gone."""
        session.state.close()
        session.inbox.clear()
        if session in self._sessions:
            self._sessions.remove(session)

    def take(self, session: Session, data: bytes) -> None:
        """Bytes came in."""
        if session not in self._sessions or self._drains:
            return
        session.state.heard_s = self._agenda.now_ms / 1000
        try:
            session.inbox.extend([payload for payload in session.decoder.feed(data) if payload])
        except ProtocolFault:
            session.connection.cut()
            return
        if session.inbox and session not in self._ready:
            self._ready.append(session)
            self._schedule()

    def _schedule(self) -> None:
        if not self._batch_is_due:
            self._batch_is_due = True
            run = self._run
            self._agenda.after(self._random.randint(0, 2), lambda: self._run_batch(run))

    def _run_batch(self, run: int) -> None:
        if run != self._run or not self.is_running:
            return
        self._batch_is_due = False
        now = Now(self._epoch_ms(), self._agenda.now_ms / 1000)
        left = _BATCH_FRAMES_MAX
        while self._ready and left:
            session = self._ready.popleft()
            while session.inbox and left:
                approved: list[bytes] = []
                served = self._exchange.serve_plain_purchases(
                    session.state, session.inbox, left, now, approved
                )
                self._replies += [(session, reply) for reply in approved]
                left -= served
                if served:
                    continue
                left -= 1
                payload = session.inbox.popleft()
                try:
                    reply = self._exchange.serve(session.state, payload, now)
                except LinkRefused as refused:
                    self._chronicle.tell(f"switch refuses a link: {refused}")
                    session.inbox.clear()
                    session.connection.cut()
                    break
                # Nothing is forwarded: this street has no partner.
                if isinstance(reply, bytes):
                    self._note_inquiry(payload, now)
                    self._replies.append((session, reply))
        self._take_staged()
        self._start_commit()

    def _note_inquiry(self, payload: bytes, now: Now) -> None:
        if payload[:1] == b"\x01":
            message = decode(self._spec, payload)
            identity = (message.text(41), int(message.text(11)), message.text(7))
            shown = Shown(self.state.position, now.epoch_ms // 1000)
            self.shown.setdefault(identity, set()).add(shown)

    # Commits

    def _take_staged(self) -> None:
        staged = self._exchange.take_staged()
        self._entries += staged
        self.journaled += staged

    def _start_commit(self) -> None:
        if self._in_flight is not None:
            return
        group = _Group(self._entries, self._replies)
        self._entries, self._replies = [], []
        if not group.entries:
            self._release(group)
            self._end_drained()
            return
        self._in_flight = group
        if self._sabotage is Sabotage.REPLY_BEFORE_SYNC:
            self._release(group)
        run = self._run
        self._agenda.after(self._random.randint(0, self.sync_ms_max), lambda: self._finish_commit(run))

    def _finish_commit(self, run: int) -> None:
        group = self._in_flight
        if run != self._run or group is None:
            return
        try:
            self._journal.commit(group.entries, self._epoch_ms())
        except Halted:
            self.stop(self.disk.halts_by)
            return
        except OSError as error:
            self._chronicle.tell(f"switch stops authorising: {error.strerror}")
            self.stop(Stop.KILLED)
            return
        self._in_flight = None
        if self._sabotage is not Sabotage.REPLY_BEFORE_SYNC:
            self._release(group)
        self._start_commit()

    def _release(self, group: _Group) -> None:
        if not group.replies:
            return
        self.answered = max(self.answered, self._journal.last_position)
        if self._sabotage is Sabotage.REPLY_BEFORE_SYNC:
            self.answered = len(self.journaled)
        for session, reply in group.replies:
            session.connection.send_down(reply)

    def _end_drained(self) -> None:
        if not self._drains or self._in_flight is not None or self._entries or self._replies:
            return
        try:
            self._journal.close()
        except (Halted, OSError):
            self._chronicle.tell("switch could not close its journal")
            self.stop(self.disk.halts_by)
            return
        self.stop(Stop.KILLED)

    def _upkeep_of(self, run: int) -> Callable[[], None]:
        def upkeep() -> None:
            if run != self._run or not self.is_running:
                return
            if not self._drains:
                now_s = self._agenda.now_ms / 1000
                for session in list(self._sessions):
                    if session.state.has_expired(now_s, 300, 10):
                        session.connection.cut()
                self._exchange.maintain(Now(self._epoch_ms(), now_s))
                self._take_staged()
                if self._entries:
                    self._start_commit()
                try:
                    self._snapshots.perhaps_make()
                except Halted:
                    self.stop(self.disk.halts_by)
                    return
            self._agenda.after(_UPKEEP_MS, upkeep)

        return upkeep

    def _find_entry(self, position: int) -> RawEntry | None:
        journal = self._journal
        if not 1 <= position <= journal.last_position:
            return None
        try:
            return read_after(journal.index, position - 1, journal.last_position, 1)[0]
        except PositionGone:
            return None
