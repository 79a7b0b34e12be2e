"""What a PN532 does with a command: NXP UM0701-02, clause 7. No wire, no clock."""

from dataclasses import dataclass, field

from simulator.virtual_contactless.cards import FieldCard

_OK = 0x00
_TIMEOUT = 0x01
_WRONG_CONTEXT = 0x27
_MORE = 0x40
_PART = 262
_ISO_DEP = 0x20
_TYPE_A_106 = 0x00


@dataclass(slots=True)
class Field:
    """The cards within reach, the nearest first."""

    cards: list[FieldCard] = field(default_factory=list)

    def put(self, card: FieldCard) -> None:
        """Lay a card into the field."""
        self.cards.append(card)

    def take_away(self) -> None:
        """Empty the field."""
        self.cards.clear()


class Chip:
    """The chip's memory: which cards are selected, and parts of chained exchanges.

    Attributes:
        firmware: chip, version, revision and what it can do: a PN532 of firmware 1.6.
        remove_after: takes the cards away once they have been sent that many parts.
        commands: the code of every command it was given.
    """

    def __init__(self, cards: Field) -> None:
        self.field = cards
        self.firmware = bytes.fromhex("32010607")
        self.remove_after: int | None = None
        self.commands: list[int] = []
        self._selected: list[FieldCard] = []
        self._sent = b""
        self._answer = b""

    def run(self, command: bytes) -> bytes | None:
        """The answer to a command, code first; None for one that it does not know."""
        self.commands.append(command[0])
        arguments = command[1:]
        match command[0]:
            case 0x00 if arguments == b"\x06":
                return bytes([0x01, _OK if self._reached(1, iso_dep=True) else _TIMEOUT])
            case 0x02 if not arguments:
                return b"\x03" + self.firmware
            case 0x14 if 2 <= len(arguments) <= 3:
                return b"\x15"
            case 0x32 if len(arguments) >= 2:
                return b"\x33"
            case 0x40 if arguments:
                return b"\x41" + self._exchange(arguments[0], arguments[1:])
            case 0x4A if len(arguments) >= 2 and arguments[1] == _TYPE_A_106 and 1 <= arguments[0] <= 2:
                return b"\x4b" + self._list(arguments[0])
            case 0x52 if len(arguments) == 1:
                self._selected = []
                return b"\x53\x00"
        return None

    def _list(self, limit: int) -> bytes:
        self._selected = self.field.cards[:limit]
        self._sent = self._answer = b""
        answer = bytes([len(self._selected)])
        for number, card in enumerate(self._selected, 1):
            card.select()
            answer += bytes([number, card.atqa >> 8, card.atqa & 0xFF, card.sak, len(card.uid)])
            answer += card.uid + card.ats
        return answer

    def _reached(self, number: int, *, iso_dep: bool = False) -> FieldCard | None:
        if not 1 <= number <= len(self._selected):
            return None
        card = self._selected[number - 1]
        if card not in self.field.cards or (iso_dep and not card.sak & _ISO_DEP):
            return None
        return card

    def _exchange(self, target: int, data: bytes) -> bytes:
        number = target & 0x07
        if not 1 <= number <= len(self._selected):
            return bytes([_WRONG_CONTEXT])
        if self._answer and not data:
            return self._part()
        if self.remove_after is not None:
            if self.remove_after == 0:
                self.field.take_away()
                self.remove_after = None
            else:
                self.remove_after -= 1
        card = self._reached(number)
        if card is None:
            return bytes([_TIMEOUT])
        self._sent += data
        if target & _MORE:
            return bytes([_OK])
        sent, self._sent = self._sent, b""
        answer = card.answer(sent)
        if answer is None:
            # A card that refuses a command falls back and must be selected again.
            self._selected = [other for other in self._selected if other is not card]
            return bytes([_TIMEOUT])
        self._answer = answer
        return self._part()

    def _part(self) -> bytes:
        part, self._answer = self._answer[:_PART], self._answer[_PART:]
        return bytes([_MORE if self._answer else _OK]) + part
