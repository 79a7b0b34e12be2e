"""The wallet on the page: cards of the small club, each with what it is there to show.

Where the table of test cards (`simulator.wallet`) has such a card, it has the same number here: a virtual
switch knows it too.
"""

from dataclasses import dataclass, field
from enum import StrEnum

from protocol.card_application import keys
from protocol.card_application.records import Identity
from protocol.spec.schema import Title
from simulator.virtual_card.card import new_card
from simulator.virtual_card.memory import CardMemory
from simulator.virtual_card.store import CardStore
from simulator.virtual_terminal import Card, Damage
from simulator.wallet import load_wallet

_ISSUER = "93640000"
CARD_ZONE = 1
CARD_ZONE_GENERATION = 1
GIFT_CARD_TYPE = "GIFT"


class Way(StrEnum):
    """How a card comes to the terminal."""

    SWIPE = "swipe"
    INSERT = "insert"
    TAP = "tap"
    SCAN = "scan"


@dataclass(frozen=True, slots=True)
class Person:
    """The member who holds a card, 0 for nobody, with the points and credit of the beginning."""

    number: int = 0
    name: str = ""
    tier: str = "initial"
    points: int = 0
    credit: int = 0


@dataclass(frozen=True, slots=True)
class PageCard:
    """One card. `number` is a test number: it is shown in the wallet, and nowhere else unmasked.

    `status`, `card_type` and `expires_on` are those of its record on the switch; `is_known` is False where
    there is no record. `gift_amount` is what a gift card was sold with, in rial.
    """

    name: str
    number: str = field(repr=False)
    title: Title
    about: Title
    ways: tuple[Way, ...] = (Way.SWIPE,)
    person: Person = Person()
    status: str = "A"
    card_type: str = "LOYALTY"
    expiry: str = "3012"
    expires_on: int = 0
    gift_amount: int = 0
    damage: Damage = Damage.NONE
    is_known: bool = True

    def plastic(self) -> Card:
        """Its stripe."""
        return Card(self.number, self.expiry)

    def chip(self, zone_key: bytes) -> CardMemory:
        """The memory of its chip, personalised for the zone of the page's terminals."""
        identity = Identity(
            self.number,
            card_sequence=0,
            member_number=self.person.number,
            expiry=self.expiry,
            key_zone=CARD_ZONE,
            key_generation=CARD_ZONE_GENERATION,
        ).pack()
        memory = new_card()
        CardStore(memory).personalise(identity, keys.card_key(zone_key, identity))
        return memory


def _number(serial: int) -> str:
    return Card.issue(_ISSUER, serial).number


def _shared(name: str) -> str:
    return load_wallet().card(name).number


_EVERY_WAY = (Way.SWIPE, Way.INSERT, Way.TAP, Way.SCAN)

CARDS = (
    PageCard(
        "gold",
        _shared("gold"),
        Title(fa="عضو طلایی", en="Gold member"),
        Title(fa="۵٬۰۰۰ امتیاز و ۲ میلیون ریال اعتبار دارد و یک‌ونیم برابر امتیاز می‌گیرد",
              en="Has 5,000 points and 2 million rial of credit, earns one and a half times"),
        _EVERY_WAY,
        Person(11, "عضو طلایی", "gold", 5_000, 2_000_000),
    ),
    PageCard(
        "new",
        _shared("no_points"),
        Title(fa="عضو تازه", en="New member"),
        Title(fa="هنوز خریدی نکرده است", en="Has bought nothing yet"),
        person=Person(12, "عضو تازه"),
    ),
    PageCard(
        "poor",
        _number(1003),
        Title(fa="کم‌امتیاز", en="Few points"),
        Title(fa="۳ امتیاز دارد: پرداخت با امتیاز رد می‌شود (۵۱)",
              en="Has 3 points: paying with points is declined (51)"),
        person=Person(13, "عضو کم‌امتیاز", "silver", 3),
    ),
    PageCard(
        "lost",
        _shared("blocked"),
        Title(fa="گم‌شده", en="Lost card"),
        Title(fa="در فهرست سیاه است (۶۲)", en="On the hot list (62)"),
        person=Person(14, "عضو کارت‌گم‌کرده"),
        status="B",
    ),
    PageCard(
        "expired",
        _shared("expired"),
        Title(fa="تاریخ‌گذشته", en="Expired"),
        Title(fa="اعتبار کارت تمام شده است (۵۴)", en="The card's time is over (54)"),
        person=Person(15, "عضو قدیمی"),
        expiry="2401",
        expires_on=20240131,
    ),
    PageCard(
        "gift",
        _number(1006),
        Title(fa="کارت هدیه", en="Gift card"),
        Title(fa="۵۰۰ هزار ریال دارد: کلیدهای M 1 1، مبلغ، کارت، 4",
              en="Holds 500,000 rial: keys M 1 1, amount, card, 4"),
        (Way.SWIPE, Way.SCAN),
        card_type=GIFT_CARD_TYPE,
        gift_amount=500_000,
    ),
    PageCard(
        "chip",
        _number(1007),
        Title(fa="تراشه‌دار", en="Chip card"),
        Title(fa="تراشه به پایانه ثابت می‌کند که اصل است", en="Its chip proves that it is genuine"),
        (Way.INSERT, Way.TAP),
        Person(16, "عضو تراشه‌دار", "silver", 900),
    ),
    PageCard(
        "tag",
        _number(1008),
        Title(fa="برچسب بدون تماس", en="Contactless tag"),
        Title(fa="برچسب NFC روی گوشی", en="An NFC tag on the phone"),
        (Way.TAP,),
        Person(17, "عضو برچسب‌دار", "initial", 120),
    ),
    PageCard(
        "code",
        _number(1009),
        Title(fa="کارت در گوشی", en="Card in the phone"),
        Title(fa="بارکد QR برای پویشگر", en="A QR code for the scanner"),
        (Way.SCAN,),
        Person(18, "عضو گوشی‌به‌دست", "initial", 60),
    ),
    PageCard(
        "worn",
        _number(1010),
        Title(fa="نوار خراب", en="Worn stripe"),
        Title(fa="خوانده نمی‌شود: دوباره بکشید", en="Can't be read: swipe again"),
        damage=Damage.LRC,
        is_known=False,
    ),
    PageCard(
        "unknown",
        _shared("unknown"),
        Title(fa="کارت ناشناس", en="Unknown card"),
        Title(fa="باشگاه آن را نمی‌شناسد (۱۴)", en="The club does not know it (14)"),
        is_known=False,
    ),
)  # fmt: skip

BY_NAME = {card.name: card for card in CARDS}
