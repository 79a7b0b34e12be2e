"""A real second switch as the partner's, and the settings by which ours finds it."""

from pathlib import Path

from protocol.security.keys import derive_terminal_key
from tests.switch.conftest import HOST, MASTER_KEY, Link, SwitchProcess, balances_of
from tests.switch.upstream.club_requests import PARTNER_CARD
from tests.switch.upstream.partner_wire import PARTNER_MERCHANT, PARTNER_TERMINAL


def set_up_partner(partner: SwitchProcess) -> None:
    """Our terminal at the partner's, and a member there who has the card."""
    host = Link(partner.terminals)
    try:
        host.sign_on(HOST)
        assert host.make_terminal(PARTNER_TERMINAL, PARTNER_MERCHANT).fields[39] == "00"
        host.make_member(card=PARTNER_CARD)
    finally:
        host.close()


def partner_points(partner: SwitchProcess) -> int:
    """Points that the partner has booked on the card."""
    shop = Link(partner.terminals)
    try:
        shop.sign_on(PARTNER_TERMINAL)
        inquiry = shop.inquiry(PARTNER_CARD)
        inquiry.fields.update({41: PARTNER_TERMINAL, 42: PARTNER_MERCHANT})
        reply = shop.call(inquiry)
        assert reply.fields[39] == "00", reply
        return balances_of(reply)["91"]
    finally:
        shop.close()


def write_upstream_file(
    directory: Path, port: int, *, tls: dict[str, Path] | None = None, **changes: float
) -> Path:
    """An operator's file for a partner at this port of this machine. Waits are short."""
    key = directory / "partner.key"
    key.touch(mode=0o600)
    key.write_text(derive_terminal_key(MASTER_KEY, PARTNER_TERMINAL, 1).hex())
    values = {"first_wait_s": 0.05, "longest_wait_s": 0.2, "reply_timeout_s": 2.0, **changes}
    lines = [
        f'addresses = ["127.0.0.1:{port}"]',
        f'card_prefixes = ["{PARTNER_CARD[:6]}"]',
        'card_types = ["PARTNER"]',
        *(f"{name} = {value}" for name, value in values.items()),
        "[[terminals]]",
        f'terminal_id = "{PARTNER_TERMINAL}"',
        f'merchant_id = "{PARTNER_MERCHANT}"',
        f'key_file = "{key}"',
        "[queue]",
        f'file = "{directory / "queue.sqlite3"}"',
        "first_wait_s = 0.05",
        "longest_wait_s = 0.2",
    ]
    if tls is not None:
        lines += ["[tls]", *(f'{name} = "{path}"' for name, path in tls.items())]
    path = directory / "upstream.toml"
    path.write_text("\n".join(lines))
    return path
