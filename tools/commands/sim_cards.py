"""`vafa sim cards`."""

import json

import click

from simulator.wallet import load_wallet


@click.command("cards")
@click.option("--json", "as_json", is_flag=True, help="One JSON object.")
def cards_command(as_json: bool) -> None:
    """List the test cards and the magic amounts.

    `vafa sim switch` knows these cards; ScriptedSwitch, the host for programs, follows the amounts too.
    """
    wallet = load_wallet()
    if as_json:
        click.echo(json.dumps(wallet.model_dump(mode="json", exclude_none=True), ensure_ascii=False))
        return
    click.echo("cards (codes: of a purchase, of one paid from points)")
    for card in wallet.cards:
        codes = f"{card.response_code} {card.redemption_code}"
        click.echo(f"  {card.number}  {codes}  {card.name:15} {card.title.en} · {card.title.fa}")
    click.echo("amounts of a purchase, in rial")
    for row in wallet.amounts:
        click.echo(f"  {row.amount:>12,}  {row.answer:14} {row.title.en} · {row.title.fa}")
