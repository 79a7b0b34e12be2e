"""From the decision to the slip in somebody's hand."""

from terminal.constant import const
from terminal.messages.codec import MessageFault, unpack
from terminal.screens.text import reason, remedy
from terminal.transactions.exchange import Exchange
from terminal.transactions.journal import JournalFault, RecordUnreadable
from terminal.transactions.outcome import Outcome

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator

    from terminal.devices.escpos.slip import Element
    from terminal.system.config import Config
    from terminal.transactions.journal import OpenSale

_PRINTING_MS = const(20000)  # the printer gives up before


class Paper(Exchange):
    """The states of the receipt, and slips that come again."""

    _slip: "Callable[[], Iterable[Element]] | None" = None

    def conclude(self, outcome: Outcome) -> None:
        """Show the decision, have the card taken, and print."""
        self._outcome = outcome
        if self._card_in_slot:
            if outcome.approved:
                verdict, next_step = self.say("approved"), ""
            else:
                verdict = reason(self.language, outcome.response_code)
                next_step = remedy(self.language, outcome.response_code)
            lines = [verdict, self.say("remove"), next_step, self.say("keys_remove")]
            self._enter("remove", lines, self.config.card_removal_timeout_ms)
        else:
            self._print_receipt()

    def _print_receipt(self, _: object = None) -> None:
        self.print_made(lambda: _receipt(self._outcome, self.config, self._copy) if self._outcome else ())

    def print_made(self, slip: "Callable[[], Iterable[Element]]") -> None:
        """Print a slip, and make it anew each time it has to be printed again."""
        self._slip = slip
        self._print_again()

    def _print_again(self, _: object = None) -> None:
        elements = self._slip() if self._slip else ()
        self._enter("printing", [self.say("printing")], _PRINTING_MS)
        self.actions.print_slip(elements)

    def _printed(self, _: object = None) -> None:
        if self._sale:
            self._journal.complete(self._sale)
        elif self._outcome and self._outcome.offline:
            self._journal.offline_printed()
        self._rest()

    def _print_failed(self, _: object) -> None:
        # What came out of the printer may be in somebody's hand.
        self._copy = True
        self.ask(
            "printer_fault", [self.say("printer_fault"), self.say("check_paper"), "", self.say("retry_key")]
        )

    def _reprint(self, sale: "OpenSale") -> bool:
        try:
            outcome, mti = self._recorded(sale.intent, sale.reply)
        except (RecordUnreadable, MessageFault):
            # Its key was erased: there is no slip to be had, and waiting for one would end all business.
            self.actions.log("record_unreadable", stan="%06d" % sale.stan)
            self._journal.complete(sale)
            self._tell_lost_slip("%06d" % sale.stan)
            return True
        if not outcome.approved:
            self._journal.complete(sale)
            return False
        self._sale = sale
        self._log_transaction(mti, outcome)
        self.print_copy(outcome)
        return True

    def _reprint_offline(self, location: int) -> None:
        try:
            outcome = self._offline_outcome(location)
        except (RecordUnreadable, MessageFault):
            self._journal.offline_printed()
            self._tell_lost_slip("")
            return
        self.print_copy(outcome)

    def _tell_lost_slip(self, stan: str) -> None:
        self._notice(self.say("no_slip"), self.say("stan") + " " + stan if stan else "")

    def _offline_outcome(self, location: int) -> Outcome:
        _, advice = unpack(self._journal.read(location))
        outcome = Outcome(advice, {39: "00"}, self.clock)
        outcome.offline = True
        return outcome

    def _recorded(self, intent: int, reply: int) -> "tuple[Outcome, str]":
        _, original = unpack(self._journal.read(intent))
        mti, answer = unpack(self._journal.read(reply))
        return Outcome(original, answer, self.clock), mti

    def last_outcome(self) -> "Outcome | None":
        """What the last transaction came to; None where there is none, or it can't be read."""
        receipts = self._journal.receipts()
        if not receipts:
            return None
        try:
            if not receipts[-1][2]:
                return self._offline_outcome(receipts[-1][1])
            return self._recorded(receipts[-1][1], receipts[-1][2])[0]
        except (JournalFault, MessageFault):
            return None

    def print_copy(self, outcome: Outcome) -> None:
        """Print a slip that somebody may have already."""
        self._outcome, self._copy = outcome, True
        self._print_receipt()


def _receipt(outcome: Outcome, config: "Config", copy: bool) -> "Iterator[Element]":
    from terminal.screens.receipt import receipt  # noqa: PLC0415  (while it is printed only)

    yield from receipt(outcome, config, copy)
