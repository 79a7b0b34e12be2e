"""A sale from options of the command line: `--amount 2500000 --tier gold`."""

from collections.abc import Mapping, Sequence

from pydantic import ValidationError

from switch.rule_trials.sale import Sale
from tools.rules.source import WrongInput


def sale_with(sale: Sale, options: Mapping[str, object]) -> Sale:
    """A sale with what options say in place of what it said. Raises WrongInput."""
    given = {name: _read(name, value) for name, value in options.items() if value not in (None, ())}
    if given.get("pin") is False:
        del given["pin"]
    written = sale.model_dump(exclude_defaults=True)
    try:
        return Sale.model_validate({**written, **given})
    except ValidationError as error:
        faults = [
            f"--{'.'.join(str(part) for part in fault['loc']).replace('_', '-')}: "
            f"{fault['msg'].removeprefix('Value error, ')}"
            for fault in error.errors(include_input=False, include_url=False)
        ]
        raise WrongInput("\n".join(faults)) from None


def _read(name: str, value: object) -> object:
    match name, value:
        case (("balances" | "metrics"), [*pairs]):
            return dict(_pair(name, str(pair)) for pair in pairs)
        case "lines", [*lines]:
            return [_line(str(line)) for line in lines]
        case "pay", str(text):
            return _payment(text)
        case _, [*values]:
            return values
        case _:
            return value


def _pair(name: str, text: str) -> tuple[str, int]:
    key, _, number = text.partition("=")
    return key, _whole(f"--{name.removesuffix('s')} {text}", number, "name=number")


def _line(text: str) -> dict[str, object]:
    """A basket line as on the wire: `sku,category,quantity,amount[,label+label]`."""
    parts = text.split(",")
    if len(parts) not in (4, 5):
        raise WrongInput(f"--line {text}: write sku,category,quantity,amount or with ,label+label behind")
    sku, category, quantity, amount = parts[:4]
    form = "sku,category,quantity,amount"
    return {
        "sku": sku,
        "category": category,
        "quantity": _whole(f"--line {text}", quantity, form),
        "amount": _whole(f"--line {text}", amount, form),
        "labels": tuple(parts[4].split("+")) if len(parts) == 5 else (),
    }


def _payment(text: str) -> dict[str, object]:
    """`points` pays all that can be, `points=300` so many units of the purse."""
    purse, separator, units = text.partition("=")
    if not separator:
        return {"purse": purse}
    return {"purse": purse, "units": _whole(f"--pay {text}", units, "purse or purse=units")}


def _whole(where: str, text: str, form: str) -> int:
    digits: Sequence[str] = text.replace("_", "")
    if not text.isascii() or not str(digits).isdigit() or len(digits) > 12:
        raise WrongInput(f"{where}: write {form}, with a whole number")
    return int(str(digits))
