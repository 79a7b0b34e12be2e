"""Cores with a disk and a wire that do nothing unless told."""

from collections.abc import Iterable

from protocol.message import Message
from switch.upstream.actions import Connect, Disconnect, Now, Send
from switch.upstream.assembly import Parts
from switch.upstream.forwarder import Action
from switch.upstream.questions import Reply
from switch.upstream.saf_types import Loaded
from switch.upstream.settings import UpstreamDocument
from switch.upstream.staging import Write
from switch.upstream.states import UpstreamPhase
from switch.upstream.terminals import Terminals
from switch.upstream.translation import Fields
from tests.switch.upstream.club_requests import EMPTY, START_S, parts, question
from tests.switch.upstream.partner_wire import opened, reply_to
from tests.switch.upstream.queue_content import Content


class Bench:
    """What goes out is kept in `sent`, what is to be written in `writes`, replies in `answers`."""

    def __init__(
        self,
        loaded: Loaded = EMPTY,
        *,
        settings: UpstreamDocument | None = None,
        given: Terminals | None = None,
        is_up: bool = True,
    ) -> None:
        self.parts: Parts = parts(loaded, settings, given)
        self.forwarder = self.parts.forwarder
        self.content = Content()
        for row in loaded.rows:
            self.content.rows[row.local_terminal_id, row.local_key] = row
        self.content.items = {item.number: item for item in loaded.items}
        self.now_s = 0.0
        self.writes: list[Write] = []
        self.sent: list[Message] = []
        self.answers: dict[str, list[Fields | None]] = {}
        if is_up:
            self.bring_up()

    def now(self) -> Now:
        return Now(int((START_S + self.now_s) * 1000), self.now_s)

    def take(self, actions: Iterable[Action]) -> None:
        for action in actions:
            match action:
                case Send(frame):
                    self.sent.append(opened(frame))
                case Write():
                    self.writes.append(action)
                case Reply(answer, fields):
                    answer(fields)
                case Connect() | Disconnect():
                    pass

    def bring_up(self) -> None:
        self.take(self.forwarder.tick(self.now()))
        self.take(self.forwarder.connected(self.now()))
        self.reply(*self.taken())
        assert self.parts.mux.phase is UpstreamPhase.UP

    def ask(self, message: Message, name: str = "", sent_s: int = START_S) -> None:
        found = self.answers.setdefault(name or message.text(11), [])
        self.take(self.forwarder.ask(question(message, found.append, sent_s), self.now()))

    def write(self) -> None:
        (write,) = self.writes
        self.writes.clear()
        self.content.apply(write.changes)
        self.take(self.forwarder.written(self.now()))

    def fail_to_write(self) -> None:
        (_,) = self.writes
        self.writes.clear()
        self.forwarder.write_failed(self.now())

    def taken(self) -> list[Message]:
        sent, self.sent = self.sent, []
        return sent

    def reply(self, *messages: Message, code: str = "00") -> None:
        self.take(self.forwarder.feed([reply_to(each, code) for each in messages], self.now()))

    def wait(self, seconds: float) -> None:
        self.now_s += seconds
        self.take(self.forwarder.tick(self.now()))

    def lose(self) -> None:
        self.take(self.forwarder.lost(self.now(), "cut"))

    def codes(self, name: str) -> list[str | None]:
        return [None if fields is None else str(fields[39]) for fields in self.answers[name]]

    def restarted(self, *, is_up: bool = True) -> "Bench":
        """As after kill -9: only what was written is left."""
        return Bench(self.content.loaded(), is_up=is_up)
