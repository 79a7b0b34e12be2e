"""The city of a branch, as a column of others' queries."""

from sqlalchemy import ColumnElement, SQLColumnExpression, func, select

from host_api.services.merchants.models import Branch, Merchant


def city_of(
    merchant_id: SQLColumnExpression[str], branch_number: SQLColumnExpression[int]
) -> ColumnElement[str]:
    """The code of a branch's city, its name where it has no code; null where neither is known."""
    found = (
        select(func.coalesce(Branch.city_code, Branch.city))
        .join(Merchant, Merchant.id == Branch.merchant_key)
        .where(Merchant.merchant_id == merchant_id, Branch.branch_number == branch_number)
    )
    return found.correlate_except(Branch, Merchant).scalar_subquery()
