"""A partner's switch reduced to what it owes: one decision for each identity, and reversals by identity."""

from typing import NamedTuple

from protocol.message import Message
from protocol.message_type import original_of
from protocol.original_data import OriginalData
from tests.switch.upstream.partner_wire import reply_to

PartnerIdentity = tuple[str, str, str]


class _Decision(NamedTuple):
    mti: str
    amount: str
    card: str
    code: str


class PartnerClub:
    """Odd amounts are declined. `refuses_all` answers 91 to everything and does nothing."""

    def __init__(self) -> None:
        self.decisions: dict[PartnerIdentity, _Decision] = {}
        self.undone: set[PartnerIdentity] = set()
        self.refuses_all = False
        self.requests = 0

    def serve(self, message: Message) -> bytes:
        """The payload of the reply."""
        self.requests += 1
        if message.mti == "0800":
            return reply_to(message)
        if self.refuses_all:
            return reply_to(message, "91")
        if message.mti[1] == "4":
            return reply_to(message, self._reverse(message))
        if message.mti[1] == "1":
            return reply_to(message, f37="000000000099")
        return reply_to(message, self._decide(message), f37="000000000012")

    def counted(self) -> dict[PartnerIdentity, _Decision]:
        """What is approved and stands."""
        return {
            identity: decision
            for identity, decision in self.decisions.items()
            if decision.code == "00" and identity not in self.undone
        }

    def _decide(self, message: Message) -> str:
        identity = (message.text(41), message.text(7), message.text(11))
        known = self.decisions.get(identity)
        content = (original_of(message.mti), message.text(4), message.text(2))
        if known is not None and known[:3] != content:
            return "94"
        if identity in self.undone:
            return "21"
        if known is None:
            code = "51" if int(message.text(4)) % 2 else "00"
            known = self.decisions[identity] = _Decision(*content, code)
        return known.code

    def _reverse(self, message: Message) -> str:
        original = OriginalData.unpack(message.text(90))
        identity = (message.text(41), original.transmission_time, original.stan)
        known = self.decisions.get(identity)
        if known is not None and (known.amount != message.text(4) or known.mti != original.mti):
            return "13"
        self.undone.add(identity)
        return "00"
