"""Asking a switch one thing, by a script, and reading what it answers."""

import asyncio

from protocol.codec import decode
from protocol.message import Message
from protocol.spec import load_spec
from simulator import Endpoint, Outcome, Profile, parse_script, run_script

SCRIPT = """
format = 1
as = "terminal"
title = {{ en = "One request", fa = "یک درخواست" }}
steps = [
    {{ do = "connect" }},
    {{ do = "sign_on" }},
    {{ do = "send", message = "{message}", fields = {fields} }},
    {{ do = "expect", message = "{answer}" }},
]
"""


def outcome_of(address: tuple[str, int], profile: Profile, message: str, fields: str) -> Outcome:
    text = SCRIPT.format(message=message, answer=message[:2] + "10", fields=fields)
    return asyncio.run(run_script(parse_script(text, "one request"), profile, Endpoint(address)))


def answer_to(
    address: tuple[str, int], profile: Profile, *, amount: int = 1_000_000, processing_code: str = "000000"
) -> Message:
    """The answer to a purchase; a KeyError or a failure's text where there is none."""
    fields = f'{{ amount = {amount}, processing_code = "{processing_code}" }}'
    outcome = outcome_of(address, profile, "0200", fields)
    assert outcome.failure is None, outcome.failure.lines()
    return decode(load_spec("vafa"), outcome.exchanged[-1].payload)


def points_of(address: tuple[str, int], profile: Profile) -> int:
    """Field 54's account 91."""
    outcome = outcome_of(address, profile, "0100", '{ processing_code = "310000" }')
    assert outcome.failure is None, outcome.failure.lines()
    text = decode(load_spec("vafa"), outcome.exchanged[-1].payload).text(54)
    balances = {
        text[start : start + 2]: int(text[start + 8 : start + 20]) for start in range(0, len(text), 20)
    }
    return balances["91"]
