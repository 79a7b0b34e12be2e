"""The actions as data: who may order them, what is asked for, what they are called, what they can break."""

import re
from collections.abc import Awaitable, Callable, Mapping
from enum import StrEnum
from typing import Final, NamedTuple

from switch.console.access.roles import Role
from switch.console.actions import business_day, cards, links, rule_tables, running, terminals
from switch.console.actions.controls import Controls
from switch.console.actions.plan import Plan
from switch.console.story.titles import Words


class FieldKind(StrEnum):
    """What is asked for. A SECRET one is neither shown, logged nor journaled."""

    LINK = "link"
    TERMINAL = "terminal"
    NUMBER = "number"
    SECRET = "secret"  # noqa: S105  (a name)


class Field(NamedTuple):
    """An argument of an action. `pattern` is a regular expression for all of it, `maximum` in characters."""

    name: str
    kind: FieldKind
    pattern: str
    maximum: int
    title: Words
    is_required: bool = True

    def accepts(self, text: str) -> bool:
        """Whether this may be given; what isn't required may be empty."""
        return (not text and not self.is_required) or re.fullmatch(self.pattern, text) is not None


class Action(NamedTuple):
    """Something that people may order. A grave one cuts shops off or can't be taken back."""

    name: str
    role: Role
    is_grave: bool
    title: Words
    explained: Words
    plan: Callable[[Controls, Mapping[str, str]], Awaitable[Plan]]
    fields: tuple[Field, ...] = ()


_LINK: Final = (Field("link", FieldKind.LINK, r"[ -~]{1,64}", 64, Words("Link", "پیوند")),)
_TERMINAL: Final = (Field("terminal_id", FieldKind.TERMINAL, r"[!-~]{1,8}", 8, Words("Terminal", "پایانه")),)
_CARD: Final = (
    Field(
        "card_number",
        FieldKind.SECRET,
        r"[0-9]{12,19}",
        19,
        Words("Card number, all digits", "شمارهٔ کارت، همهٔ رقم‌ها"),
        is_required=False,
    ),
    Field(
        "card_reference",
        FieldKind.NUMBER,
        r"[0-9]{1,12}",
        12,
        Words("Or the club's reference of the card", "یا شناسهٔ باشگاه برای کارت"),
        is_required=False,
    ),
)

ACTIONS: Final = (
    Action(
        "close-link",
        Role.OPERATOR,
        True,
        Words("Close a link", "بستن پیوند"),
        Words(
            "Its connections end when they are answered, and no new one is taken, also after a restart.",
            "اتصال‌هایش پس از پاسخ بسته می‌شوند و تازه‌ای پذیرفته نمی‌شود، حتی پس از راه‌اندازی دوباره.",
        ),
        links.close_link,
        _LINK,
    ),
    Action(
        "open-link",
        Role.OPERATOR,
        False,
        Words("Open a link", "بازکردن پیوند"),
        Words("Connections are taken again.", "اتصال‌ها دوباره پذیرفته می‌شوند."),
        links.open_link,
        _LINK,
    ),
    Action(
        "close-terminal",
        Role.OPERATOR,
        False,
        Words("Close a terminal", "بستن پایانه"),
        Words(
            "Its requests are refused until it is opened, whatever the host sends meanwhile.",
            "تا بازشدن، درخواست‌هایش رد می‌شوند، هر چه میزبان در این میان بفرستد.",
        ),
        terminals.close_terminal,
        _TERMINAL,
    ),
    Action(
        "open-terminal",
        Role.OPERATOR,
        False,
        Words("Open a terminal", "بازکردن پایانه"),
        Words("What the host wants of it holds again.", "خواست میزبان دربارهٔ آن دوباره برقرار می‌شود."),
        terminals.open_terminal,
        _TERMINAL,
    ),
    Action(
        "block-card",
        Role.OPERATOR,
        False,
        Words("Put a card on the hot list", "گذاشتن کارت در فهرست سیاه"),
        Words(
            "The card is refused until it is taken off, whatever the host sends meanwhile.",
            "تا برداشتن از فهرست، کارت رد می‌شود، هر چه میزبان در این میان بفرستد.",
        ),
        cards.block_card,
        _CARD,
    ),
    Action(
        "unblock-card",
        Role.SUPERVISOR,
        False,
        Words("Take a card off the hot list", "برداشتن کارت از فهرست سیاه"),
        Words("What the host wants of it holds again.", "خواست میزبان دربارهٔ آن دوباره برقرار می‌شود."),
        cards.unblock_card,
        _CARD,
    ),
    Action(
        "take-snapshot",
        Role.OPERATOR,
        False,
        Words("Take a snapshot", "گرفتن عکس از وضعیت"),
        Words(
            "The journal goes on in a new segment, and an image is made of all before it.",
            "دفتر در بخشی تازه ادامه می‌یابد و از هر چه پیش از آن است عکس گرفته می‌شود.",
        ),
        running.take_snapshot,
    ),
    Action(
        "cut-over",
        Role.SUPERVISOR,
        True,
        Words("Begin the next business day", "آغاز روز کاری بعد"),
        Words(
            "The open day ends at once. Days only go forward.",
            "روز باز بی‌درنگ پایان می‌یابد. روزها تنها پیش می‌روند.",
        ),
        business_day.cut_over,
    ),
    Action(
        "reload-rules",
        Role.SUPERVISOR,
        True,
        Words("Load the rule file again", "بارگذاری دوبارهٔ پروندهٔ قواعد"),
        Words(
            "The rule file, as it is now, comes into force, also over a table that the host has published.",
            "پروندهٔ قواعد، چنان‌که اکنون هست، برقرار می‌شود، حتی به جای جدولی که میزبان منتشر کرده است.",
        ),
        rule_tables.reload_rules,
    ),
    Action(
        "roll-back-rules",
        Role.SUPERVISOR,
        True,
        Words("Go back to the rule table before", "بازگشت به جدول قواعد پیشین"),
        Words(
            "The other table that was in force last comes back, as a new version, and stays over a restart.",
            "جدول دیگری که واپسین بار برقرار بود با نسخه‌ای تازه بازمی‌گردد و پس از راه‌اندازی دوباره می‌ماند.",
        ),
        rule_tables.roll_back_rules,
    ),
    Action(
        "rotate-key",
        Role.SUPERVISOR,
        True,
        Words("Rotate a terminal's or host's key", "تعویض کلید پایانه یا میزبان"),
        Words(
            "The next generation of its key holds at once; it is cut off until it is given that key.",
            "نسل بعدی کلید بی‌درنگ برقرار می‌شود و تا گرفتن آن کلید ارتباطش بسته است.",
        ),
        terminals.rotate_key,
        _TERMINAL,
    ),
    Action(
        "drain",
        Role.SUPERVISOR,
        True,
        Words("Drain the switch", "تخلیهٔ سوئیچ"),
        Words(
            "No request is taken any more; what came in is answered. It serves again when it is restarted.",
            "درخواست تازه‌ای پذیرفته نمی‌شود و به رسیده‌ها پاسخ داده می‌شود. پس از راه‌اندازی دوباره خدمت می‌دهد.",
        ),
        running.drain,
    ),
)
BY_NAME: Final = {action.name: action for action in ACTIONS}
