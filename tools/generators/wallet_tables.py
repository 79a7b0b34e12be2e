"""The tables of test cards and magic amounts in the page of the bench, from the wallet."""

from simulator.wallet import load_wallet

_BEGIN = "<!-- wallet: written by python -m tools.generators -->"
_END = "<!-- end of wallet -->"


def with_wallet_tables(page: str) -> str:
    """The page with its tables as they should be. Raises ValueError where it has no place for them."""
    head, begin, rest = page.partition(_BEGIN)
    _, end, tail = rest.partition(_END)
    if not begin or not end:
        raise ValueError(f"no {_BEGIN} … {_END}")
    return f"{head}{_BEGIN}\n{_tables()}{_END}{tail}"


def _tables() -> str:
    wallet = load_wallet()
    rows = ["| card | name | purchase | from points | |", "|---|---|---|---|---|"]
    rows += [
        f"| {card.number} | `{card.name}` | {card.response_code} | {card.redemption_code} "
        f"| {card.title.en} · {card.title.fa} |"
        for card in wallet.cards
    ]
    rows += ["", "| amount, rial | answer | |", "|---|---|---|"]
    rows += [f"| {row.amount:,} | {row.answer} | {row.title.en} · {row.title.fa} |" for row in wallet.amounts]
    return "\n" + "".join(f"{row}\n" for row in rows) + "\n"
