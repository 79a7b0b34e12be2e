"""What contracts in force say about who pays and where members earn and burn, as rule documents can say it.

A rule document has `scope` (lists of merchants or of branches, written `M1/12`; where both are given, both
must fit, so each scope here has one of them), and `budgets` whose `funded_by` names funders in thousandths.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from typing import Final

from sqlalchemy import select
from sqlalchemy.orm import joinedload

from host_api.core.database import AnySession
from host_api.services.merchants.branch_schemas import BranchStatus
from host_api.services.merchants.contracts.models import Contract
from host_api.services.merchants.contracts.schemas import PARTS_PER_THOUSANDTH, ContractState, FundingShare
from host_api.services.merchants.models import Branch, Merchant
from host_api.services.merchants.schemas import MerchantStatus

# As many values as one list of a rule document takes.
PLACES_MAX: Final = 2_000


@dataclass(frozen=True, slots=True)
class Funder:
    """A funder of a budget; `number` is only for a partner."""

    party: str
    number: int | None
    thousandths: int

    def document(self) -> dict[str, object]:
        """The funder as it stands in `funded_by`."""
        number = {} if self.number is None else {"number": self.number}
        return {"party": self.party, **number, "share": self.thousandths}


@dataclass(frozen=True, slots=True)
class Acceptance:
    """Places with the same terms.

    Attributes:
        purses: names, None for all.
        merchants, branches: one of them is empty; the values of a rule's `scope`.
    """

    may_earn: bool
    may_burn: bool
    purses: tuple[str, ...] | None
    funders: tuple[Funder, ...]
    merchants: tuple[str, ...]
    branches: tuple[str, ...]

    def scope(self) -> dict[str, object]:
        """The rule's `scope`."""
        return {"merchants": [*self.merchants]} if self.merchants else {"branches": [*self.branches]}

    def funded_by(self) -> list[dict[str, object]]:
        """The budget's `funded_by`; the shares sum to 1,000."""
        return [funder.document() for funder in self.funders]


_Terms = tuple[bool, bool, tuple[str, ...] | None, tuple[Funder, ...], bool]


async def funding_and_scope(session: AnySession, at: datetime) -> list[Acceptance]:
    """Everything that contracts in force at an instant allow, places with equal terms together.

    A merchant that isn't active, has no contract then, or neither earns nor burns is nowhere in it; nor is a
    closed branch that a contract lists. The order is always the same for the same contracts.
    """
    contracts = await session.scalars(
        select(Contract)
        .join(Contract.merchant)
        .where(
            Contract.state == ContractState.APPROVED.value,
            Contract.begins_at <= at,
            Contract.ends_at > at,
            Merchant.status == MerchantStatus.ACTIVE.value,
        )
        .options(joinedload(Contract.merchant))
        .order_by(Contract.merchant_key)
    )
    in_force = [contract for contract in contracts if contract.may_earn or contract.may_burn]
    listed = await _open_branches(session, in_force)
    places: dict[_Terms, list[str]] = {}
    for contract in in_force:
        merchant_id = contract.merchant.merchant_id
        if contract.branches is None:
            found = [merchant_id]
        else:
            found = [f"{merchant_id}/{listed[key]}" for key in sorted(contract.branches) if key in listed]
        places.setdefault(_terms(contract), []).extend(found)
    return [
        acceptance
        for terms, found in sorted(places.items(), key=lambda entry: repr(entry[0]))
        for acceptance in _acceptances(terms, found)
    ]


def _terms(contract: Contract) -> _Terms:
    shares = [FundingShare.model_validate(funder) for funder in contract.funding]
    funders = sorted(
        (Funder(share.party.value, share.number, share.share // PARTS_PER_THOUSANDTH) for share in shares),
        key=lambda funder: (funder.party, funder.number or 0),
    )
    purses = None if contract.purses is None else tuple(sorted(contract.purses))
    return contract.may_earn, contract.may_burn, purses, tuple(funders), contract.branches is None


def _acceptances(terms: _Terms, places: list[str]) -> Iterable[Acceptance]:
    may_earn, may_burn, purses, funders, is_whole = terms
    for first in range(0, len(places), PLACES_MAX):
        some = tuple(places[first : first + PLACES_MAX])
        merchants, branches = (some, ()) if is_whole else ((), some)
        yield Acceptance(may_earn, may_burn, purses, funders, merchants, branches)


async def _open_branches(session: AnySession, contracts: Iterable[Contract]) -> dict[int, int]:
    """Numbers of the open branches that contracts list, by id."""
    merchants = [contract.merchant_key for contract in contracts if contract.branches is not None]
    found: dict[int, int] = {}
    for first in range(0, len(merchants), 500):
        rows = await session.execute(
            select(Branch.id, Branch.branch_number).where(
                Branch.merchant_key.in_(merchants[first : first + 500]),
                Branch.status == BranchStatus.OPEN.value,
            )
        )
        found |= {row.id: row.branch_number for row in rows}
    return found
