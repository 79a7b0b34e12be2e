"""Two scripts against each other: one the terminal, one the switch, over TCP and over TLS."""

import asyncio
from pathlib import Path

import pytest

from simulator.scripts import Endpoint, Outcome, Profile, parse_script, run_script
from tests.switch.links.certificates import Certificates
from tools.sim.options import Given, endpoint_of

KEYS = {"T0000001": "00" * 16, "T0000002": "11" * 16}
PROFILE = Profile(keys=KEYS, variables={"card": "9364000000000017"})

CONCENTRATOR = """format = 1
as = "concentrator"
wait_ms = 800
title = { en = "Two terminals on a link", fa = "دو پایانه در یک اتصال" }
[[steps]]
do = "connect"
[[steps]]
do = "each"
table = "terminals"
[[steps.steps]]
do = "sign_on"
terminal = "{id}"
[[steps.steps]]
do = "key_change"
terminal = "{id}"
[[steps.steps]]
do = "send"
message = "0200"
name = "sale"
terminal = "{id}"
fields = { amount = 700 }
[[steps.steps]]
do = "expect"
message = "0210"
fields = { response_code = "00", amount = { echo = true } }
[[steps.steps]]
do = "sign_off"
terminal = "{id}"
[tables]
terminals = [{ id = "T0000001" }, { id = "T0000002" }]
"""

SWITCH = """format = 1
as = "switch"
wait_ms = 800
title = { en = "Answers two sales", fa = "دو فروش را پاسخ می‌دهد" }
[[steps]]
do = "connect"
[[steps]]
do = "each"
number = "turn"
last = 2
[[steps.steps]]
do = "sign_on"
[[steps.steps]]
do = "key_change"
[[steps.steps]]
do = "expect"
message = "0200"
fields = { 41 = "T000000{turn}", amount = 700 }
[[steps.steps]]
do = "answer"
[[steps.steps]]
do = "sign_off"
"""


def given(**options: object) -> Given:
    plain: dict[str, object] = dict.fromkeys(Given._fields)
    return Given(**{**plain, "variables": (), **options})  # type: ignore[arg-type]


async def _run(
    listening: Endpoint,
    calling: Given,
    profile: Profile = PROFILE,
    *,
    says: str = CONCENTRATOR,
    hears: str = SWITCH,
) -> tuple[Outcome, Outcome]:
    host, port = await listening.listen("127.0.0.1", 0)
    caller = endpoint_of(calling._replace(target=f"{host}:{port}"))
    try:
        switch, terminal = await asyncio.gather(
            run_script(parse_script(hears, "switch"), PROFILE, listening),
            run_script(parse_script(says, "concentrator"), profile, caller),
        )
    finally:
        await listening.close()
    return switch, terminal


def test_over_tcp_with_session_keys() -> None:
    switch, terminal = asyncio.run(_run(Endpoint(), given()))
    assert switch.failure is None and terminal.failure is None
    assert switch.count == terminal.count == 16


WANTS_NEW_KEY = SWITCH.replace('message = "0200"', 'message = "0200"\nnew_key = true')
NO_KEY_CHANGE = """[[steps.steps]]
do = "key_change"
terminal = "{id}"
"""


def test_a_sale_under_the_key_from_before_the_key_change_is_told() -> None:
    switch, _ = asyncio.run(_run(Endpoint(), given(), hears=WANTS_NEW_KEY))
    assert switch.failure is None
    wants = WANTS_NEW_KEY.replace('[[steps.steps]]\ndo = "key_change"\n', "")
    switch, _ = asyncio.run(
        _run(Endpoint(), given(), says=CONCENTRATOR.replace(NO_KEY_CHANGE, ""), hears=wants)
    )
    assert switch.failure is not None and switch.failure.path == "64"
    assert "before the key change" in switch.failure.problem.en


@pytest.mark.parametrize("own", [True, False], ids=["with our certificate", "without"])
def test_over_tls(own: bool, tmp_path: Path) -> None:
    certificates = Certificates(tmp_path)
    server, server_key = certificates.make("switch", is_server=True)
    client, client_key = certificates.make("T0000001")
    listening = endpoint_of(
        given(listen="127.0.0.1:0", tls_ca=certificates.ca, tls_certificate=server, tls_key=server_key)
    )
    calling = given(tls_ca=certificates.ca)
    if own:
        calling = calling._replace(tls_certificate=client, tls_key=client_key)
        switch, terminal = asyncio.run(_run(listening, calling))
        assert switch.failure is None and terminal.failure is None
        return
    switch, terminal = asyncio.run(_run(listening, calling))
    assert not switch.passed and not terminal.passed


def test_keys_that_differ_are_told_on_both_sides() -> None:
    other = PROFILE.model_copy(update={"keys": {**KEYS, "T0000001": "22" * 16}})
    switch, terminal = asyncio.run(_run(Endpoint(), given(), other))
    assert switch.failure is not None and terminal.failure is not None
    assert switch.failure.hint_rule == "mac_wrong_key"
    told = "\n".join(switch.failure.lines() + terminal.failure.lines())
    assert not any(key in told for key in (*KEYS.values(), "22" * 16))
