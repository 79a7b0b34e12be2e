"""Gate and journal reduced to what they owe to forwarding: a real state, entries that are durable when told
so, replies that wait for that."""

from collections import deque
from collections.abc import Iterable, Iterator

from switch.authoriser.decide import decide, is_inquiry
from switch.gate.forwarding import Answer
from switch.gate.translate import fields_of_reply
from switch.journal.entries import ENTRY_VERSION, Entry, ForwardedEntry, pack, unpack
from switch.journal.format import RawEntry
from switch.journal.forwarded import fields_of_answer
from switch.ledger.records import Role, Status, TerminalRecord
from switch.ledger.requests import is_known
from switch.ledger.state import State
from switch.ledger.stores import Engine
from switch.upstream.questions import Question, Record
from switch.upstream.translation import Fields


class ClubJournal:
    """`durable` is the last position that a crash leaves there."""

    def __init__(self, raws: Iterable[RawEntry] = ()) -> None:
        self.state = State(TerminalRecord("HOST0001", "", 0, 1, Role.HOST, Status.ACTIVE), Engine.PYTHON)
        self.raws: list[RawEntry] = []
        for raw in raws:
            self._append(raw, unpack(raw.kind, raw.version, raw.body))
        self.durable = len(self.raws)
        self._waiting: deque[tuple[int, Answer, Fields | None]] = deque()
        self._numbers: deque[tuple[int, int]] = deque()

    def reply_to(self, question: Question, now_ms: int) -> Fields | None:
        """What the gate answers itself, as it was decided or taken back before; None where it forwards."""
        request, terminal = question.request, question.terminal
        window = self.state.window(terminal.terminal_id)
        if (
            window is None
            or is_inquiry(request.processing_code)
            or not is_known(window, request.identity.key)
        ):
            return None
        self.state.terminals.setdefault(terminal.terminal_id, terminal)
        decision = decide(self.state, self.state.rule_table, request, now_ms)
        assert decision.entry is None
        return fields_of_reply(question.message.mti, decision.reply, {})

    def record(self, record: Record) -> None:
        """Take an entry, and the answers that wait for it."""
        kind, body = pack(record.entry)
        self._append(RawEntry(len(self.raws) + 1, kind, ENTRY_VERSION, body), record.entry)
        self._numbers.append((len(self.raws), record.number))
        for answer in record.answers:
            self.answer(answer, fields_of_answer(record.entry))

    def answer(self, answer: Answer, fields: Fields | None) -> None:
        """Have somebody answered once all that was recorded so far is durable."""
        self._waiting.append((len(self.raws), answer, fields))

    def commit(self) -> list[int]:
        """Everything is durable; the numbers that want to hear."""
        self.durable = len(self.raws)
        while self._waiting:
            _, answer, fields = self._waiting.popleft()
            answer(fields)
        numbers = [number for _, number in self._numbers]
        self._numbers.clear()
        return numbers

    def after_crash(self, durable: int | None = None) -> "ClubJournal":
        """What the next process finds: all that was durable, and of the rest what `durable` says."""
        return ClubJournal(self.raws[: self.durable if durable is None else durable])

    def behind(self, position: int) -> Iterator[ForwardedEntry]:
        """Entries behind a position."""
        return (entry for entry in self.entries()[position:] if isinstance(entry, ForwardedEntry))

    def entries(self) -> list[Entry]:
        """All of them."""
        return [unpack(raw.kind, raw.version, raw.body) for raw in self.raws]

    def _append(self, raw: RawEntry, entry: Entry) -> None:
        self.state.apply(raw, entry)
        self.raws.append(raw)
