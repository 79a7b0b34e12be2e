"""One terminal's transactions: rest, and the table of the states that all flows share.

Events in, actions out: no stream, no clock of its own, no waiting.
"""

from terminal.constant import const
from terminal.messages.codec import unpack
from terminal.transactions import events, registry
from terminal.transactions.engine import NOBODY, leave, stay
from terminal.transactions.flows import balance, purchase, redemption  # noqa: F401  (these stay loaded)
from terminal.transactions.paper import Paper

TYPE_CHECKING = False
if TYPE_CHECKING:
    from terminal.cards.presented import PresentedCard
    from terminal.devices.misread import Misread
    from terminal.system.clock import Clock
    from terminal.system.config import Config
    from terminal.transactions.contract import Actions, OfflineBook, PinBlocks, SettingsStore
    from terminal.transactions.engine import Table
    from terminal.transactions.flow_core import Mac
    from terminal.transactions.journal import Journal

ADVICE_TOKEN = 0  # of what nobody waits for
_FORWARD_MS = const(30000)
_OWED_MOST = const(2)  # slips that may wait while the shop goes on
_OWED_MS = const(60000)  # until a slip that could not be printed is tried again


class Flow(Paper):
    """One terminal's transactions: `handle` takes each event.

    Args:
        pin_block: enciphers a customer's PIN; without it nobody is asked for one.
        settings: parameters that change on the terminal, operators among them.
        offline: takes sales while there is no link.

    The others are `FlowCore`'s.
    """

    def __init__(
        self,
        journal: "Journal",
        clock: "Clock",
        config: "Config",
        *,
        mac: "Mac",
        actions: "Actions",
        pin_block: "PinBlocks | None" = None,
        settings: "SettingsStore | None" = None,
        offline: "OfflineBook | None" = None,
    ) -> None:
        super().__init__(journal, clock, config, mac=mac, actions=actions)
        self.pin_block = pin_block
        self.settings = settings
        self.offline = offline

    def _forget(self) -> None:
        self._hook = self._reply = self._slip = None
        super()._forget()

    def _served(self, name: str) -> bool:
        return self._online or (name == "purchase" and self._sells_offline())

    def _rest(self, _: object = None) -> None:
        """Settle what is open before anything new: slips first, then reversals, then service."""
        self._forget()
        open_sales = self._journal.open_sales()
        for sale in open_sales[:]:
            if self.slips_wait:
                break
            if sale.reply and not sale.reversal and self._reprint(sale):
                return
        unprinted = 0 if self.slips_wait else self._journal.unprinted()
        if unprinted:
            self._reprint_offline(unprinted)
            return
        if not self._online and not self._sells_offline():
            self._enter(
                "out_of_service", [self._merchant(), self.say("no_service"), "", self.say("waiting_line")]
            )
            return
        # Without a link a reversal can wait, and customers need not.
        owed = self._owed()
        for sale in open_sales:
            if sale not in owed and self._online:
                self._reverse(sale)
                return
        self._be_idle()

    def _be_idle(self) -> None:
        keys = "keys_idle" if self._online else "keys_offline"
        if not self.may(registry.CASHIER):
            keys = "keys_login"
        elif self.slips_wait:
            keys = "keys_owed"
        elif self.offline and self.offline.refused_number:
            keys = "keys_refused"
        lines = [self._merchant(), self.say("purchase"), self.say("swipe"), self.say(keys)]
        if self._online and self.offline and self.offline.waiting:
            self._enter("idle", lines, self.offline.delay_ms or _FORWARD_MS)
            if not self.offline.delay_ms:
                self._forward(self.offline)
        else:
            wait_ms = self.config.logout_ms if self.operator[0] else 0
            if self.slips_wait:
                wait_ms = min(wait_ms, _OWED_MS) if wait_ms else _OWED_MS
            self._enter("idle", lines, wait_ms)

    def _long_idle(self, _: object) -> None:
        if self._online and self.offline and self.offline.waiting:
            self._forward(self.offline)
            return
        if self.print_owed():
            return
        if self.operator[0]:
            self.operator = NOBODY
            self.actions.log("logged_out")
        self._rest()

    def _enter_at_rest(self, _: object) -> None:
        self.print_owed()

    def _must_settle(self, name: str) -> bool:
        if not self.slips_wait:
            return super()._must_settle(name)
        owed = len(self._owed())
        if name == "settlement" or (owed < _OWED_MOST and not self._journal.unprinted()):
            return len(self._journal.open_sales()) > owed and super()._must_settle(name)
        self.slips_wait = False
        return True

    def _first_digit(self, digit: str) -> None:
        self.begin("purchase")
        if self.state == "amount":
            self.handle(events.DIGIT, digit)

    def _first_card(self, card: "PresentedCard") -> None:
        self._forget()
        self.card = card
        self.begin("purchase", keep=True)

    def _misread(self, misread: "Misread") -> None:
        self.actions.log("misread", reason=misread.reason)
        self._notice(self.say("again"))

    # Sales made without a link go to the switch while nobody is served; whoever comes needn't wait.

    def handle(self, event: int, data: object = None) -> None:
        """Take one event and ask for what it leads to.

        Raises:
            JournalFault: the flash failed; the terminal must not go on.
        """
        if self.offline and event == events.NO_ANSWER and data == ADVICE_TOKEN:
            self.offline.unanswered()
            self._after_advice()
        elif self.offline and event == events.ANSWER and data[0] == ADVICE_TOKEN:  # type: ignore[index]
            fields: "dict[int, str | bytes]" = data[3]  # type: ignore[index]
            self.actions.log("advice", stan=fields[11], response_code=fields[39])
            rrn, date = str(fields.get(37, "")), str(fields.get(15, ""))
            self.offline.acknowledged(str(fields[11]), str(fields[39]), rrn, date)
            self._after_advice()
        else:
            super().handle(event, data)

    def _forward(self, offline: "OfflineBook") -> None:
        payload = offline.next_advice()
        if payload:
            mti, fields = unpack(payload)
            self.actions.send(ADVICE_TOKEN, mti, fields, payload)

    def _after_advice(self) -> None:
        if self.state == "idle":
            self._be_idle()
        elif self.state == "forwarding" and not self.forward_all():
            self.go_on()

    def forward_all(self) -> bool:
        """The step in which what waits is forwarded; one whose answer is open may be counted already."""
        offline = self.offline
        if not offline or not (
            offline.under_way or (self._online and offline.waiting and not offline.delay_ms)
        ):
            return False
        self._enter("forwarding", [self.say(self.name), self.say("sending")], self._patience_ms())
        self._forward(offline)
        return True


# Each handler takes what its event carries.
_SPINE: "Table" = {
    ("starting", events.START): leave,
    ("starting", events.CANCEL): leave,
    ("starting", events.TIMEOUT): leave,
    ("out_of_service", events.ONLINE): leave,
    ("out_of_service", events.CANCEL): leave,
    ("out_of_service", events.TIMEOUT): leave,
    ("out_of_service", events.KIND): Flow.begin,
    ("idle", events.ONLINE): leave,
    ("idle", events.OFFLINE): leave,
    ("idle", events.TIMEOUT): Flow._long_idle,
    ("idle", events.CANCEL): leave,
    ("idle", events.ENTER): Flow._enter_at_rest,
    ("idle", events.KIND): Flow.begin,
    ("idle", events.DIGIT): Flow._first_digit,
    ("idle", events.CARD): Flow._first_card,
    ("idle", events.MISREAD): Flow._misread,
    ("notice", events.TIMEOUT): leave,
    ("notice", events.CANCEL): leave,
    ("notice", events.ENTER): leave,
    ("notice", events.KIND): Flow.begin,
    ("notice", events.DIGIT): Flow._first_digit,
    ("notice", events.CARD): Flow._first_card,
    ("notice", events.MISREAD): Flow._misread,
    ("sending", events.ANSWER): Flow._answered,
    ("sending", events.NO_ANSWER): Flow._unanswered,
    ("sending", events.CANCEL): Flow._given_up,
    ("sending", events.TIMEOUT): Flow._given_up,
    ("forwarding", events.CANCEL): leave,
    ("forwarding", events.TIMEOUT): Flow.go_on,
    ("asking", events.ANSWER): Flow._replied,
    ("asking", events.NO_ANSWER): Flow._not_replied,
    ("asking", events.CANCEL): leave,
    ("asking", events.TIMEOUT): Flow._reply_is_late,
    ("remove", events.CARD_OUT): Flow._print_receipt,
    ("remove", events.ENTER): Flow._print_receipt,
    ("remove", events.CANCEL): Flow._print_receipt,
    ("remove", events.TIMEOUT): Flow._print_receipt,
    ("printing", events.PRINTED): Flow._printed,
    ("printing", events.PRINT_FAILED): Flow._print_failed,
    ("printing", events.CANCEL): stay,
    ("printing", events.TIMEOUT): Flow._print_is_late,
    ("printer_fault", events.ENTER): Flow._print_again,
    ("printer_fault", events.TIMEOUT): Flow._nobody_saw_to_it,
    ("printer_fault", events.CANCEL): Flow._printed,
    ("recovering", events.ANSWER): Flow._reversal_answered,
    ("recovering", events.NO_ANSWER): Flow._reversal_unanswered,
    ("recovering", events.TIMEOUT): Flow._retry_reversal,
    ("recovering", events.ONLINE): Flow._retry_reversal,
    ("recovering", events.OFFLINE): Flow._put_off,
    ("recovering", events.CANCEL): stay,
}
Flow.spine = _SPINE
