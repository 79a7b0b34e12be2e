"""Cores with a disk and a wire that do nothing unless told, and a journal that does unless told."""

from collections.abc import Iterable

from protocol.message import Message
from switch.journal.entries import ForwardedEntry
from switch.upstream.actions import Connect, Disconnect, Now, Send
from switch.upstream.assembly import Parts
from switch.upstream.forwarder import Action
from switch.upstream.questions import Record, Reply
from switch.upstream.recording import told_of
from switch.upstream.saf_types import Journaled, Loaded
from switch.upstream.settings import UpstreamDocument
from switch.upstream.staging import Write
from switch.upstream.states import UpstreamPhase
from switch.upstream.terminals import Terminals
from switch.upstream.translation import Fields
from tests.switch.upstream.club_journal import ClubJournal
from tests.switch.upstream.club_requests import EMPTY, START_S, parts, question
from tests.switch.upstream.partner_wire import opened, reply_to
from tests.switch.upstream.queue_content import Content


class Bench:
    """What goes out is kept in `sent`, what is to be written in `writes`, replies in `answers`.

    Of the queue file only the notes that something is journaled are written at once.
    """

    def __init__(
        self,
        loaded: Loaded = EMPTY,
        *,
        settings: UpstreamDocument | None = None,
        given: Terminals | None = None,
        journal: ClubJournal | None = None,
        is_up: bool = True,
    ) -> None:
        self._settings, self._given = settings, given
        self.parts: Parts = parts(loaded, settings, given)
        self.forwarder = self.parts.forwarder
        self.journal = journal or ClubJournal()
        self.journal_works = True
        self.content = Content()
        for row in loaded.rows:
            self.content.rows[row.local_terminal_id, row.local_key] = row
        self.content.items = {item.number: item for item in loaded.items}
        self.content.pending = {each.number: each for each in loaded.pending}
        self.content.floors = dict(loaded.floors)
        self.now_s = 0.0
        self.writes: list[Write] = []
        self.sent: list[Message] = []
        self.answers: dict[str, list[Fields | None]] = {}
        positions = [each.position for each in loaded.pending]
        told = {told_of(entry) for entry in self.journal.behind(min(positions, default=0))}
        self.forwarder.recover(told, self.now())
        if is_up:
            self.bring_up()

    def now(self) -> Now:
        return Now(int((START_S + self.now_s) * 1000), self.now_s, len(self.journal.raws))

    def take(self, actions: Iterable[Action]) -> None:
        for action in actions:
            match action:
                case Send(frame):
                    self.sent.append(opened(frame))
                case Write(changes) if all(isinstance(change, Journaled) for change in changes):
                    self.content.apply(changes)
                    self.take(self.forwarder.written(self.now()))
                case Write():
                    self.writes.append(action)
                case Reply(answer, fields):
                    answer(fields)
                case Record():
                    self.journal.record(action)
                case Connect() | Disconnect():
                    pass
        if self.journal_works:
            self.commit()

    def commit(self) -> None:
        numbers = self.journal.commit()
        if numbers:
            self.take(self.forwarder.journaled(numbers, self.now()))

    def bring_up(self) -> None:
        self.take(self.forwarder.tick(self.now()))
        self.take(self.forwarder.connected(self.now()))
        self.reply(*[message for message in self.taken() if message.mti == "0800"])
        assert self.parts.mux.phase is UpstreamPhase.UP

    def ask(self, message: Message, name: str = "", sent_s: int = START_S) -> None:
        """As the gate does, which answers itself what the journal knows."""
        found = self.answers.setdefault(name or message.text(11), [])
        asked = question(message, found.append, sent_s)
        known = self.journal.reply_to(asked, self.now().epoch_ms)
        if known is not None:
            self.journal.answer(found.append, known)
            self.take([])
        else:
            self.forward(message, name, sent_s)

    def forward(self, message: Message, name: str = "", sent_s: int = START_S) -> None:
        """Past the gate."""
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

    def told(self) -> list[tuple[str, str]]:
        """Fate and response code of all that is journaled."""
        return [
            (entry.fate.name.lower(), entry.response_code)
            for entry in self.journal.entries()
            if isinstance(entry, ForwardedEntry)
        ]

    def counted(self) -> tuple[int, int]:
        """Debits and their reversals of the open business day: amounts of all terminals."""
        book = self.journal.state.business.open_day
        totals = [book.totals(terminal_id) for terminal_id in book.terminals]
        return sum(each.debits_amount for each in totals), sum(each.debits_reversal_amount for each in totals)

    def restarted(self, *, is_up: bool = True) -> "Bench":
        """As after kill -9: only what was written is left."""
        return Bench(
            self.content.loaded(),
            settings=self._settings,
            given=self._given,
            journal=self.journal.after_crash(),
            is_up=is_up,
        )
