"""Who may do what with wallets."""

from host_api.core.access.permissions import Action, Module

WALLET = Module("wallet", "Wallet", "کیف پول")
READ = WALLET.may(Action.READ)
WRITE = WALLET.may(Action.WRITE)
APPROVE = WALLET.may(Action.APPROVE)
ACT = WALLET.may(Action.ACT)
