"""From the decision to the slip in somebody's hand."""

from terminal.constant import const
from terminal.messages.codec import MessageFault, unpack
from terminal.screens.text import reason, remedy
from terminal.transactions import events
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
    """The states of the receipt, and slips that come again.

    A sale stands whatever becomes of its slip. One that can't be printed stays owed in the journal, and the
    shop goes on: `slips_wait` until somebody asks for it, a while has passed, or too many are owed.
    """

    slips_wait = False
    _slip: "Callable[[], Iterable[Element]] | None" = None
    _spared = False  # whether room was made for this slip already

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
        self._spared = False
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

    def _print_failed(self, no_room: "int | None" = None) -> None:
        # What came out of the printer may be in somebody's hand.
        self._copy = self._copy or no_room != events.NOT_BEGUN
        if no_room:
            if not self._spared:
                self._spared = True
                self._print_again()
                return
            if self._put_off_slip():
                return
        self.ask(
            "printer_fault", [self.say("printer_fault"), self.say("check_paper"), "", self.say("retry_key")]
        )

    def _print_is_late(self, _: object) -> None:
        self._print_failed()

    def _nobody_saw_to_it(self, _: object) -> None:
        if not self._put_off_slip():
            self._print_again()

    def _put_off_slip(self) -> bool:
        """Go on with a slip owed, and say so; False where this slip is not a sale's."""
        if not self._sale and not (self._journal.unprinted() and self._outcome and self._outcome.offline):
            return False
        self.slips_wait = True
        self.actions.log("slip_owed")
        self._notice(self.say("slip_owed"), self.say("next_slip_owed"))
        return True

    def _owed(self) -> "list[OpenSale]":
        """Sales whose slip is all that is open."""
        return [sale for sale in self._journal.open_sales() if sale.reply and not sale.reversal]

    def print_owed(self) -> bool:
        """Try slips again that were put off; False where there are none."""
        if not self.slips_wait:
            return False
        self.slips_wait = False
        self._rest()
        return True

    def give_up_slips(self) -> None:
        """The day ends: what was sold counts, whether it has its slip or not."""
        for sale in self._owed():
            self.actions.log("slip_given_up", stan="%06d" % sale.stan)
            self._journal.complete(sale)
        self._journal.offline_printed()
        self.slips_wait = False

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
