"""All links: listeners and dialled peers, batches over all of them, and bounds on everything."""

import asyncio
import logging
import time
from collections import deque
from collections.abc import Callable, Collection, Sequence

from switch.gate.commit import GroupCommit, ReplySink
from switch.gate.connection import TerminalLink
from switch.gate.deferred import Deferred, answer_later
from switch.gate.echo import EchoWatch, EchoWriter
from switch.gate.exchange import Exchange, LinkRefused, Now
from switch.gate.forwarding import Forwarded, Forwarding
from switch.gate.late_replies import LateReplies
from switch.gate.link_plan import ClientLink, GateLimits, LinksFault, ServerLink
from switch.gate.named_link import LinkStatus, NamedLink
from switch.gate.ports import Ports
from switch.gate.shedding import Shedder
from switch.gate.tls import LinkContext, permitted_terminals
from switch.metrics.store import Metrics

_LOG = logging.getLogger("switch.gate")

# A batch this long keeps the loop for some 20 ms.
BATCH_FRAMES_MAX = 256
# Entries that wait for the disk; above it no further batch is run. Far below what one commit may hold.
WAITING_BYTES_MAX = 4 << 20
_UPKEEP_INTERVAL_S = 0.25
# Links and late frames that one turn of the upkeep looks at: some milliseconds.
_UPKEEP_LINKS_MAX = 4096
_UPKEEP_FRAMES_MAX = 512


class Gate:
    """All links and the batch that serves them: one run over every whole frame of a loop turn."""

    def __init__(
        self,
        exchange: Exchange,
        *,
        shedder: Shedder,
        echoes: EchoWriter,
        counters: Metrics,
        limits: GateLimits,
        loop: asyncio.AbstractEventLoop,
        on_failure: Callable[[Exception], None],
        forwarding: Forwarding | None = None,
        late: LateReplies | None = None,
    ) -> None:
        """`late` takes the answers of `forwarding`; both are there or neither."""
        self._exchange = exchange
        self._forwarding = forwarding
        self._late = late
        self._shedder = shedder
        self._echoes = echoes
        self._on_failure = on_failure
        self._commit: GroupCommit | None = None
        self._named: list[NamedLink] = []
        self._ports = Ports(
            loop,
            handshakes_max=limits.handshakes_max,
            handshake_timeout_s=limits.handshake_timeout_s,
            make_link=lambda named: TerminalLink(self, named),
            has_room=self._has_room,
        )
        self._ready: deque[TerminalLink] = deque()
        self._to_forward: list[tuple[TerminalLink, Forwarded | Deferred]] = []
        self._batch_is_due = False
        self._upkeep: asyncio.TimerHandle | None = None
        self._to_look_after: list[TerminalLink] = []
        self._is_draining = False
        self._drained = asyncio.Event()
        self._emptied = asyncio.Event()
        self._stall_s = limits.link.queue_age_max_ms / 1000
        self.counters = counters
        self.loop = loop
        self.limits = limits
        self.links: set[TerminalLink] = set()
        self.is_open = False

    async def open(
        self,
        commit: GroupCommit,
        planned: Sequence[ServerLink | ClientLink],
        closed: Collection[str] = (),
    ) -> dict[str, str]:
        """Listen and dial; returns "host:port" of every listener by its name. `closed` are closed by order.

        Raises LinksFault where a port is taken or a certificate can't be read.
        """
        self._commit = commit
        if self._late is not None:
            self._late.begin(self._exchange, commit)
        self._named = [NamedLink(each, self.limits.link) for each in planned]
        for name in closed:
            self.close_link(name)
        self.is_open = True
        try:
            for named in self._named:
                await self._ports.open(named)
        except LinksFault:
            self._stop_listening()
            raise
        self._look_after()
        return {each.name: each.address for each in self._named if isinstance(each.planned, ServerLink)}

    def statuses(self) -> list[LinkStatus]:
        """Every link by its name."""
        now_s = self.loop.time()
        return [named.status(now_s) for named in self._named]

    def close_link(self, name: str) -> None:
        """Take no connection of a name any more; those that are there end when they are answered."""
        for named in self._named:
            if named.name == name:
                named.opened_by_order.clear()
        for link in [link for link in self.links if link.named.name == name]:
            link.close_when_answered()

    def open_link(self, name: str) -> None:
        """Take connections of a name again."""
        for named in self._named:
            if named.name == name:
                named.opened_by_order.set()

    def order(self, write: Callable[[Now], None], sink: ReplySink) -> bool:
        """Have what `write` journals committed; `sink` hears of it. False, and nothing done, where the disk
        doesn't keep up.

        What `write` raises stops authorising: the state may be half changed.
        """
        commit, now = self._commit, self._now()
        if commit is None or not self._may_decide(commit, now.monotonic_s):
            return False
        try:
            write(now)
        except Exception as error:
            self._on_failure(error)
            raise
        commit.submit(self._exchange.take_staged(), {sink: [b""]})
        return True

    def tls_contexts(self) -> dict[str, LinkContext]:
        """Of every link that has TLS, by its name."""
        return {named.name: named.tls for named in self._named if named.tls is not None}

    async def drain(self) -> None:
        """Stop accepting, dialling and reading, answer what has come in, close every link once its replies
        are sent."""
        self._stop_listening()
        for link in list(self.links):
            link.drain()
        self._is_draining = True
        self._emptied.clear()
        self.note_progress()
        await self._drained.wait()
        for link in list(self.links):
            link.close()
        if self.links:
            await self._emptied.wait()

    def abort(self) -> None:
        """Close every link at once, without another byte."""
        self._stop_listening()
        self._ready.clear()
        self._drained.set()
        for link in list(self.links):
            link.abort()

    def admit(self, link: TerminalLink) -> bool:
        """Take a new link, unless there are too many, or its certificate names nobody who may be served."""
        named = link.named
        if not self._has_room(named):
            return False
        planned = named.planned
        if isinstance(planned, ServerLink) and planned.tls and planned.tls.terminals_by_certificate:
            by_certificate = planned.tls.terminals_by_certificate
            names = link.certificate_names()
            link.state.permitted = permitted_terminals(names, by_certificate, planned.terminals)
            if not link.state.permitted:
                _LOG.warning("link %s refused: its certificate names no terminal", link.peer)
                named.turned_away += 1
                self.counters.links_refused += 1
                return False
        self.counters.links_opened += 1
        self.links.add(link)
        named.add(link)
        return True

    def forget(self, link: TerminalLink) -> None:
        """A link's connection is gone."""
        self.links.discard(link)
        link.named.forget(link)
        self.note_progress()
        if not self.links:
            self._emptied.set()

    def enqueue(self, link: TerminalLink) -> None:
        """Let a link that has work take part in the next batch."""
        if not link.is_queued:
            link.is_queued = True
            self._ready.append(link)
        self.schedule()

    def watch_of(self, link: TerminalLink) -> EchoWatch | None:
        """The echoes of a new link, if its settings want them."""
        planned = link.named.planned
        if not isinstance(planned, ClientLink) or planned.echo_terminal_id is None:
            return None
        return EchoWatch(
            self._echoes,
            link.state,
            planned.echo_terminal_id,
            planned.echo_interval_s,
            planned.echo_timeout_s,
        )

    def take_echo_answers(self, link: TerminalLink, payloads: list[bytes]) -> list[bytes]:
        """Take out the answers to the switch's own echoes."""
        return payloads if link.watch is None else link.watch.without_answers(payloads, self._now())

    def refuse_surplus(self, link: TerminalLink, payloads: list[bytes]) -> list[bytes]:
        """Refuse what is more than a link may have waiting; returns what must wait all the same."""
        now = self._now()
        return [payload for payload in payloads if not self._refuse(link, payload, now)]

    def note_progress(self) -> None:
        """While draining: see whether every frame that came in is answered."""
        if self._is_draining and not any(link.is_open for link in self.links):
            self._drained.set()

    def schedule(self) -> None:
        """Run a batch in this loop turn, behind everything that is being received."""
        if self._ready and not self._batch_is_due:
            self._batch_is_due = True
            self.loop.call_soon(self._run_batch)

    def _run_batch(self) -> None:
        self._batch_is_due = False
        commit = self._commit
        now = self._now()
        if commit is None or not self._may_decide(commit, now.monotonic_s):
            return  # the commit in flight schedules the next batch when it is done
        replies: dict[ReplySink, list[bytes]] = {}
        left = BATCH_FRAMES_MAX
        for _ in range(len(self._ready)):
            if left == 0:
                break
            link = self._ready.popleft()
            if link.held:
                link.unpack(now.monotonic_s)
            try:
                served, frames = self._serve(link, left, now)
            except Exception as error:  # the state may be half changed: no reply can be trusted any more
                self._on_failure(error)
                return
            left -= served
            if frames:
                replies[link] = frames
            link.is_queued = bool(link.inbox.frames or link.held) and link.has_work
            if link.is_queued:
                self._ready.append(link)
        self.counters.batches += 1
        self.counters.batch_requests.record(BATCH_FRAMES_MAX - left)
        commit.submit(self._exchange.take_staged(), replies)
        to_forward, self._to_forward = self._to_forward, []
        for link, each in to_forward:
            self._forward(link, each)
        self.schedule()
        self.note_progress()

    def _serve(self, link: TerminalLink, limit: int, now: Now) -> tuple[int, list[bytes]]:
        """Serve as many frames of a link as it may have in flight; returns their number and the replies."""
        inbox = link.inbox
        waiting = inbox.frames
        oldest_s = inbox.oldest_s(now.monotonic_s)
        if now.monotonic_s - oldest_s > link.queue_age_max_s and link.may_be_written:
            self._refuse_late(link, limit, now)
        replies: list[bytes] = []
        served = forwarded = 0
        to_serve = min(limit, link.room, len(waiting))
        state, serve = link.state, self._exchange.serve
        while served < to_serve:
            served += self._exchange.serve_plain_purchases(state, waiting, to_serve - served, now, replies)
            if served == to_serve:
                break
            served += 1
            try:
                reply = serve(state, waiting.popleft(), now)
            except LinkRefused as refused:
                _LOG.warning("link %s closed: %s", link.peer, refused)
                link.give_up()
                break
            if isinstance(reply, bytes):
                replies.append(reply)
            elif reply is not None:
                forwarded += 1
                self._to_forward.append((link, reply))
        inbox.taken(served)
        answered = len(replies) + forwarded
        link.tally.serve(answered, served - answered)
        if replies and self.counters.samples_group():
            link.timed = (oldest_s, len(replies))
        if not replies:
            link.settle()
        elif link.is_paused:
            link.resume()
        return served, replies

    def _forward(self, link: TerminalLink, forwarded: Forwarded | Deferred) -> None:
        """Its place among the link's requests stays taken until the answer comes, in whatever turn."""
        if isinstance(forwarded, Deferred):
            commit = self._commit
            assert commit is not None  # noqa: S101  (no batch runs without one)
            take_staged = self._exchange.take_staged
            answer_later(forwarded, link, self.loop, commit, take_staged, self._now, self._on_failure)
        elif self._forwarding is not None and self._late is not None:
            self._late.forward(link, forwarded, self._forwarding)

    def _may_decide(self, commit: GroupCommit, now_s: float) -> bool:
        """Whether the disk keeps up: what is decided while it doesn't would be answered too late."""
        return commit.waiting_bytes <= WAITING_BYTES_MAX and now_s - commit.busy_since_s < self._stall_s

    def _refuse(self, link: TerminalLink, payload: bytes, now: Now) -> bool:
        refusal = self._shedder.refuse(link.state, payload, now)
        if refusal is None:
            return False
        link.tally.refuse(1)
        link.write(refusal)
        return True

    def _refuse_late(self, link: TerminalLink, limit: int, now: Now) -> int:
        """Refuse what has waited too long; returns how many frames were looked at."""
        horizon_s = now.monotonic_s - link.queue_age_max_s
        return link.inbox.sift(horizon_s, limit, lambda payload: self._refuse(link, payload, now))

    def _look_after(self) -> None:
        now = self._now()
        now_s = now.monotonic_s
        frames_left = _UPKEEP_FRAMES_MAX
        if not self._to_look_after:
            self._to_look_after = list(self.links)
        for _ in range(min(_UPKEEP_LINKS_MAX, len(self._to_look_after))):
            link = self._to_look_after.pop()
            if link not in self.links:
                continue
            limits = link.named.limits
            if link.state.has_expired(now_s, limits.idle_timeout_s, limits.sign_on_timeout_s):
                self._give_up(link, "silent for too long")
                continue
            if link.watch is not None and not self._is_draining:
                if link.watch.is_peer_gone(now_s):
                    self._give_up(link, "no answer to an echo")
                    continue
                echo = link.watch.next_echo(now)
                if echo is not None and link.may_be_written:
                    link.write(echo)
            if link.may_be_written and frames_left and link.inbox.is_late(now_s - link.queue_age_max_s):
                frames_left -= self._refuse_late(link, frames_left, now)
                link.settle()
        self._maintain(now)
        self._upkeep = self.loop.call_later(_UPKEEP_INTERVAL_S, self._look_after)

    def _give_up(self, link: TerminalLink, why: str) -> None:
        self.counters.links_timed_out += 1
        link.named.timed_out += 1
        _LOG.info("link %s closed: %s", link.peer, why)
        link.abort()

    def _maintain(self, now: Now) -> None:
        commit = self._commit
        if commit is None or self._is_draining or not self._may_decide(commit, now.monotonic_s):
            return
        try:
            self._exchange.maintain(now)
        except Exception as error:  # the state may be half changed: no reply can be trusted any more
            self._on_failure(error)
            return
        staged = self._exchange.take_staged()
        if staged:
            commit.submit(staged, {})

    def _has_room(self, named: NamedLink) -> bool:
        """Whether one more link is allowed; counts a refusal."""
        if self.is_open and len(self.links) < self.limits.connections_max and named.has_room:
            return True
        self.counters.links_refused += 1
        named.turned_away += 1
        return False

    def _now(self) -> Now:
        return Now(time.time_ns() // 1_000_000, self.loop.time())

    def _stop_listening(self) -> None:
        self.is_open = False
        self._ports.stop()
        if self._upkeep is not None:
            self._upkeep.cancel()
