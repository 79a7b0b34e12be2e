"""Who may do what with merchants, branches and contracts."""

from host_api.core.access.permissions import Action, Module

MERCHANTS = Module("merchants", "Merchants and branches", "پذیرنده‌ها و شعبه‌ها", is_optional=False)
READ = MERCHANTS.may(Action.READ)
WRITE = MERCHANTS.may(Action.WRITE)

CONTRACTS = Module("contracts", "Contracts of merchants", "قراردادهای پذیرندگان")
CONTRACTS_READ = CONTRACTS.may(Action.READ)
CONTRACTS_WRITE = CONTRACTS.may(Action.WRITE)
CONTRACTS_APPROVE = CONTRACTS.may(Action.APPROVE)
