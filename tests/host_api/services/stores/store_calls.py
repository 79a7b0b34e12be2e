"""A merchant with a branch and products, and what a till does there."""

from dataclasses import dataclass, field

from tests.host_api.api_calls import get, items_of, post
from tests.host_api.running_api import RunningApi

Json = dict[str, object]


@dataclass
class Store:
    """A merchant's branch; `products` are ids by code."""

    api: RunningApi
    merchant: int
    branch: int
    group: int
    products: dict[str, int] = field(default_factory=dict)

    async def product(self, code: str, price: int | None, **values: object) -> Json:
        body = {"group_id": self.group, "code": code, "title": code, "title_fa": "چای"} | values
        made = await post(self.api, "/v1/products", body if price is None else body | {"price": price})
        self.products[code] = number(made, "id")
        return made

    async def receive(self, code: str, quantity: int) -> None:
        body = {"branch_id": self.branch, "product_id": self.products[code], "quantity": quantity}
        await post(self.api, "/v1/stock-receipts", body)

    async def level(self, code: str) -> int:
        found = await get(self.api, "/v1/stock-levels", branch_id=self.branch, product_id=self.products[code])
        return number(items_of(found)[0], "quantity")

    def document(self, reference: str, *lines: tuple[str, int], **values: object) -> Json:
        """A till's document with lines of so many of a product."""
        basket = [{"product": code, "quantity": quantity} for code, quantity in lines]
        return {"till": "T1", "reference": reference, "branch_id": self.branch, "lines": basket} | values

    async def sell(self, reference: str, total: int, *lines: tuple[str, int], **values: object) -> Json:
        """A sale that is paid in cash."""
        paid = {"payments": cash(total)}
        return await post(self.api, "/v1/store-sales", self.document(reference, *lines, **(paid | values)))

    async def trial_balance(self) -> tuple[dict[str, int], int]:
        """Balances by account, and their sum."""
        found = await get(self.api, f"/v1/store-trial-balances/{self.merchant}")
        accounts = found["accounts"]
        assert isinstance(accounts, list)
        return {row["account"]: row["balance"] for row in accounts}, number(found, "sum")

    async def ledger_sums(self) -> dict[int, int]:
        """What the stock ledger's entries sum to, by product."""
        sums: dict[int, int] = {}
        for row in items_of(await get(self.api, "/v1/stock-entries", branch_id=self.branch, limit=200)):
            product = number(row, "product_id")
            sums[product] = sums.get(product, 0) + number(row, "change")
        return sums


def cash(amount: int) -> list[Json]:
    return [{"method": "cash", "amount": amount}]


def number(row: Json, name: str) -> int:
    value = row[name]
    assert isinstance(value, int)
    return value


async def open_store(api: RunningApi, merchant_id: str = "STORE01") -> Store:
    merchant = await post(api, "/v1/merchants", {"merchant_id": merchant_id, "name": "فروشگاه مهر"})
    branch = await post(api, f"/v1/merchants/{merchant['id']}/branches", {"name": "مرکزی"})
    group = await post(
        api,
        "/v1/product-groups",
        {"merchant": merchant["id"], "code": "TEA", "title": "Tea", "title_fa": "چای"},
    )
    return Store(api, number(merchant, "id"), number(branch, "id"), number(group, "id"))
