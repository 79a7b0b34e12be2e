"""A till that earns and spends points: till_program.py PROFILE HOST PORT; lines are AMOUNT CARD [points]."""

import sys
import tomllib
from pathlib import Path

from till import Outcome, Till, TillFault

profile = tomllib.loads(Path(sys.argv[1]).read_text("utf-8"))  # as `vafa sim switch --profile` writes it
terminal_id = profile["terminal_id"]
with Till(
    (sys.argv[2], int(sys.argv[3])),
    terminal_id=terminal_id,
    merchant_id=profile["merchant_id"],
    key=bytes.fromhex(profile["keys"][terminal_id]),
    journal=Path(f"{terminal_id}.journal"),
) as till:
    for line in sys.stdin:
        try:
            amount, card, *how = line.split()
            sale = till.purchase(card, int(amount), purse=91 if how == ["points"] else 0)
        except (TillFault, ValueError) as fault:
            print(f"no sale: {fault}")
            continue
        if sale.approved:
            print(f"+{sale.points_earned} -{sale.points_spent}: {sale.balances[91]} points")
        elif sale.outcome is Outcome.DECLINED:
            print(f"declined, {sale.response_code}: {sale.text_en}")
        else:  # whatever the switch has booked of it is undone
            print(f"not sold: {sale.outcome.value}")
