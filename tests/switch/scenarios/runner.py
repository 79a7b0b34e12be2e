"""Plays a scenario: words of an event become a request, reply and ledger are compared."""

from collections.abc import Callable
from datetime import datetime

from protocol.dialect import (
    FileName,
    Tag,
    conversion_of,
    credit_adjustment_of,
    debit_adjustment_of,
    debit_return_of,
    load_of,
    purchase_from,
    transfer_of,
)
from switch.authoriser.decision import Reply
from switch.authoriser.holder import holder_of
from switch.authoriser.request import Details, Financial, PinState, Request, Step
from switch.ledger.records import Status
from switch.rules.compiler import compile_rules
from switch.rules.facts import Line
from tests.switch.scenarios.club import HOST, MERCHANT, TILL, Club, token
from tests.switch.scenarios.table_reader import Row, Scenario

MEMBER_TAGS = {
    "tier": Tag.MEMBER_TIER,
    "group": Tag.GROUP,
    "organisation": Tag.ORGANISATION,
    "household": Tag.HOUSEHOLD,
    "introducer": Tag.INTRODUCER,
    "born": Tag.BORN_ON,
    "segments": Tag.SEGMENTS,
    "agreements": Tag.AGREEMENTS,
}
BIT_TAGS = (Tag.SEGMENTS, Tag.AGREEMENTS)
REPLY_WORDS = {
    "earned": Tag.POINTS_EARNED,
    "credited": Tag.CREDIT_EARNED,
    "spent": Tag.POINTS_SPENT,
    "net": Tag.NET_AMOUNT,
    "discount": Tag.DISCOUNT_AMOUNT,
    "refund": Tag.REFUND_AMOUNT,
    "units": Tag.REFUND_UNITS,
    "could": Tag.COULD_SPEND,
    "pending": Tag.POINTS_PENDING,
}
TEXT_WORDS = {"items": Tag.ITEMS, "tier": Tag.MEMBER_TIER, "grants": Tag.GRANTS, "text": Tag.MEMBER_TEXT_EN}
SECONDS = {"d": 86_400, "h": 3600, "m": 60, "s": 1}


class Player:
    """One scenario being played."""

    def __init__(self, scenario: Scenario) -> None:
        table = compile_rules(scenario.rules, scenario.name)
        self.scenario = scenario
        self.club = Club(table, int(datetime.fromisoformat(scenario.start).timestamp()))
        self.purses = {purse.name: purse.code for purse in table.programme.purses}
        self.requests: dict[str, Request] = {}
        self.positions: dict[str, int] = {}
        for number, person in enumerate(scenario.people, start=1):
            if person.tags.get("card") == "stock":
                self.club.add_card(
                    person.name, 0, 1000 + number, person.tags.get("type", "CLASSIC"), Status.NEW
                )
                continue
            self.set_member(number, person.tags)
            self.club.add_card(person.name, number, 1000 + number, person.tags.get("type", "CLASSIC"))

    def play(self) -> None:
        """Play all rows; stops at the first that goes otherwise than expected."""
        for row in self.scenario.rows:
            where = f"{self.scenario.name} row {row.number}: {row.event}"
            self._play(row, where)
            sums = self.club.state.accounts.trial_balance()
            assert not any(sums.values()), f"{where}: trial balance {sums}"
        assert self.club.replayed().digest() == self.club.state.digest()

    def set_member(self, number: int, tags: dict[str, str]) -> None:
        """Set a member's record from words such as tier=gold."""
        record: dict[str, str | bytes] = {}
        for word, text in tags.items():
            tag = MEMBER_TAGS.get(word)
            if tag in BIT_TAGS:
                record[tag.value] = sum(1 << int(bit) for bit in text.split("+")).to_bytes(32, "big")
            elif tag is not None:
                record[tag.value] = text
        self.club.add_member(number, record)

    def _play(self, row: Row, where: str) -> None:
        verb, *words = row.event.split()
        if verb == "wait":
            self.club.pass_time(int(words[0][:-1]) * SECONDS[words[0][-1]])
        elif verb == "member":
            number = 1 + [person.name for person in self.scenario.people].index(row.who)
            self.set_member(number, dict(word.split("=", 1) for word in words))
        elif verb == "block":
            record = {Tag.MEMBER_NUMBER.value: f"{int(words[0]):012d}", Tag.STATUS.value: "B"}
            self.club.set_record(FileName.MEMBER, record)
        else:
            reply = self._send(row, verb, words)
            _check_reply(reply, row.answer, where)
        for purse, expected in row.balances.items():
            found = self._balance(row.who, self.purses[purse])
            assert found == expected, f"{where}: {purse} is {found}, expected {expected}"

    def _send(self, row: Row, verb: str, words: list[str]) -> Reply:
        if verb == "repeat":
            request = self.requests[words[0]]
        elif verb == "reverse":
            original = self.requests[words[0]]
            assert isinstance(original, Financial)
            request = self.club.reversal_of(original)
        else:
            request = self._request(row, verb, words)
        reply = self.club.send(request)
        self.requests.setdefault(f"#{row.number}", request)
        if reply.position:
            self.positions.setdefault(f"#{row.number}", reply.position)
        return reply

    def _request(self, row: Row, verb: str, words: list[str]) -> Financial:
        options = _options(words)
        purse = self.purses.get(options.get("from", ""), 0)
        original = self.positions.get(next((word for word in words if word.startswith("#")), ""), 0)
        amount = int(words[0].replace(",", "")) if words and words[0].replace(",", "").isdecimal() else 0
        if len(words) > 1 and words[0].startswith("#") and words[1].replace(",", "").isdecimal():
            amount = int(words[1].replace(",", ""))
        details = Details(
            tender_amount=_number(options.get("paying")),
            tender_units=_number(options.get("using")),
            original_rrn=original if verb in ("complete", "void", "return", "restore", "release") else 0,
            reward=options.get("reward", ""),
            lines=_lines(options.get("lines", "")),
            code=options.get("code", ""),
            operator=options.get("operator", ""),
            event=options.get("event", ""),
            metrics=_metrics(options.get("metric", "")),
            reason="correction" if verb == "adjust" else "",
            valid_days=_number(options.get("days")) or 0,
            other_member=_number(options.get("to")),
            new_card_token=token(options["card"]) if "card" in options else None,
            phone_token=token(options["phone"]) if "phone" in options else None,
            member_name=options.get("name", ""),
        )
        code, step = self._processing(verb, words, options, purse)
        is_host = verb in ("adjust", "restore", "give", "convert", "event", "release")
        return self.club.financial(
            code,
            amount,
            card=row.who,
            terminal_id=options.get("at", HOST if is_host else TILL),
            merchant_id=options.get("shop", MERCHANT),
            step=step,
            details=details,
            pin=PinState.RIGHT if "pin" in words else PinState.ABSENT,
            at_s=self.club.now_s - int(options["ago"][:-1]) * SECONDS[options["ago"][-1]]
            if "ago" in options
            else None,
        )

    def _processing(
        self, verb: str, words: list[str], options: dict[str, str], purse: int
    ) -> tuple[str, Step]:
        into = self.purses.get(options.get("into", ""), 0)
        codes: dict[str, Callable[[], str]] = {
            "buy": lambda: purchase_from(purse),
            "offline": lambda: purchase_from(purse),
            "hold": lambda: purchase_from(purse),
            "complete": lambda: purchase_from(purse),
            "claim": lambda: purchase_from(purse),
            "void": lambda: "200000",
            "return": lambda: "200000",
            "balance": lambda: "310000",
            "ask": lambda: "390000",
            "funds": lambda: "300000",
            "load": lambda: load_of(into),
            "adjust": lambda: debit_adjustment_of(purse) if purse else credit_adjustment_of(into),
            "restore": lambda: debit_return_of(into),
            "give": lambda: transfer_of(purse),
            "convert": lambda: conversion_of(purse, into),
            "event": lambda: "290000",
            "release": lambda: "930000",
            "activate": lambda: "900000",
            "enrol": lambda: "910000",
            "replace": lambda: "920000",
        }
        step = Step.FINANCIAL
        if verb in ("hold", "balance", "ask", "funds"):
            step = Step.AUTHORISATION
        elif verb == "offline":
            step = Step.ADVICE
        return codes[verb](), step

    def _balance(self, who: str, purse: int) -> int:
        club = self.club
        request = club.financial("310000", card=who, step=Step.AUTHORISATION)
        holder, _ = holder_of(club.state, request, 20260101)
        account = holder.account(club.table, purse)
        return 0 if account is None else club.state.lots.available(account, club.now_s)


def _options(words: list[str]) -> dict[str, str]:
    """Pairs of words such as `from points`; a #row, an amount and `pin` stand alone."""
    found = {}
    rest = iter(words)
    for word in rest:
        if not (word.startswith("#") or word == "pin" or word.replace(",", "").isdecimal()):
            found[word] = next(rest)
    return found


def _number(text: str | None) -> int | None:
    return None if text is None else int(text.replace(",", ""))


def _lines(text: str) -> tuple[Line, ...]:
    """sku:category:quantity:amount, joined by +."""
    if not text:
        return ()
    lines = []
    for part in text.split("+"):
        sku, category, quantity, amount = part.split(":")
        lines.append(Line(sku, category, (), int(quantity), int(amount)))
    return tuple(lines)


def _metrics(text: str) -> tuple[tuple[str, int], ...]:
    if not text:
        return ()
    name, _, value = text.partition("=")
    return ((name, int(value)),)


def _check_reply(reply: Reply, expected: str, where: str) -> None:
    code, *words = expected.split(maxsplit=1)
    tags = dict(reply.tags)
    assert reply.response_code == code, f"{where}: answer {reply.response_code}, expected {code}"
    for word in words[0].split(" & ") if words else []:
        key, _, text = word.strip().partition("=")
        if key in REPLY_WORDS:
            found = str(int(tags.get(REPLY_WORDS[key].value, "0")))
            text = text.replace(",", "")
        else:
            found = str(tags.get(TEXT_WORDS[key].value, ""))
        assert found == text, f"{where}: {key} is {found!r}, expected {text!r}"
