"""A sale without a link: within the book's limits it is kept, and the switch hears of it later."""

from terminal.messages.codec import pack
from terminal.transactions.journal import JournalFault
from terminal.transactions.outcome import Outcome

TYPE_CHECKING = False
if TYPE_CHECKING:
    from terminal.transactions.contract import OfflineBook
    from terminal.transactions.exchange import Exchange


def sell(flow: "Exchange", offline: "OfflineBook") -> None:
    """Keep the sale at hand as an advice (0220) and print its slip, or say why not."""
    assert flow.card is not None  # noqa: S101  (the steps lead here only with a card)
    refusal = offline.may_sell(int(flow.keyed["amount"]), flow.card.number, flow.clock.seconds())
    if refusal:
        flow.notice(refusal, "next_no_service")
        return
    stan = flow._journal.next_stan()
    fields = flow._fields("purchase", stan)
    length = pack(flow._buffer, "0220", fields, flow._mac)
    try:
        offline.sell(stan, bytes(memoryview(flow._buffer)[:length]))
    except JournalFault:
        flow.actions.log("journal_full")
        flow.notice("full")
        return
    outcome = Outcome(fields, {39: "00"}, flow.clock)
    outcome.offline = True
    flow.actions.log("offline_sale", stan=outcome.stan, amount=outcome.amount)
    flow.card = None
    flow.conclude(outcome)
