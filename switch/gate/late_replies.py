"""Replies to what another switch decides, in whatever turn: what is journaled waits for the disk."""

from collections.abc import Callable, Iterable

from protocol.dialect import ResponseCode
from switch.gate.commit import GroupCommit, ReplySink
from switch.gate.connection import TerminalLink
from switch.gate.exchange import Exchange
from switch.gate.forwarding import Answer, Fields, Forwarded, Forwarding
from switch.gate.translate import with_business_day
from switch.journal.forwarded import ForwardedEntry, fields_of_answer
from switch.ledger.state import State


class LateReplies:
    """The journal as whoever forwards sees it, and the answers to the links.

    `on_failure` hears of an entry that could not be applied; no reply can be trusted any more then.
    """

    def __init__(self, state: State, on_failure: Callable[[Exception], None]) -> None:
        self._state = state
        self._on_failure = on_failure
        self._exchange: Exchange | None = None
        self._commit: GroupCommit | None = None
        self._waiting: dict[ReplySink, list[bytes]] = {}
        self._is_recording = False

    def begin(self, exchange: Exchange, commit: GroupCommit) -> None:
        """From now on there is somebody who journals."""
        self._exchange, self._commit = exchange, commit

    @property
    def position(self) -> int:
        """Of the newest journal entry, durable or not."""
        return self._state.position

    def record(self, entry: ForwardedEntry, answers: Iterable[Answer]) -> int:
        """Take an entry for the next commit, with which the answers leave; its position."""
        if self._exchange is not None:
            try:
                self._exchange.journal(entry)
            except Exception as error:  # the state may be half changed
                self._on_failure(error)
        own = with_business_day(
            fields_of_answer(entry), entry.mti, self._state.position, self._state.business
        )
        self._is_recording = True
        for answer in answers:
            answer(own)
        self._is_recording = False
        return self._state.position

    def forward(self, link: TerminalLink, forwarded: Forwarded, forwarding: Forwarding) -> None:
        """Have a request of a link decided elsewhere, unless it was taken back in the same turn."""
        identity = forwarded.request.identity
        window = self._state.window(identity.terminal_id)
        answer = self._answer_of(link, forwarded)
        if window is not None and window.undone_by(identity.key) is not None:
            answer({39: ResponseCode.NO_ACTION_TAKEN.value})
        else:
            forwarding.ask(forwarded.message, forwarded.request, forwarded.terminal, answer)

    def flush(self) -> None:
        """Commit what was recorded."""
        if self._exchange is None or self._commit is None:
            return
        staged = self._exchange.take_staged()
        if staged or self._waiting:
            waiting, self._waiting = self._waiting, {}
            self._commit.submit(staged, waiting)

    def _answer_of(self, link: TerminalLink, forwarded: Forwarded) -> Answer:
        """Takes the answer to a request of a link; None gives it up.

        What nothing is remembered of leaves at once: while a refusal waits its repeat might be approved.
        """

        def answer(own: Fields | None) -> None:
            if own is None:
                link.forgo()
            elif self._is_recording:
                self._waiting.setdefault(link, []).append(forwarded.seal(own))
            else:
                link.deliver([forwarded.seal(own)])

        return answer
