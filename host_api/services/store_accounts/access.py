"""Who may do what with merchants' books."""

from host_api.core.access.permissions import Action, Module

STORE_ACCOUNTS = Module("store_accounts", "Store accounts", "حساب‌های فروشگاه پذیرنده")
READ = STORE_ACCOUNTS.may(Action.READ)
WRITE = STORE_ACCOUNTS.may(Action.WRITE)
