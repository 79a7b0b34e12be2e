"""Who may do what with sales."""

from host_api.core.access.permissions import Action, Module

SALES = Module("sales", "Sales of merchants", "فروش پذیرندگان")
READ = SALES.may(Action.READ)
WRITE = SALES.may(Action.WRITE)

# The cash register or accounting program of a store.
TILLS = Module("tills", "Store tills", "صندوق‌های فروشگاهی")
TILLS_ACT = TILLS.may(Action.ACT)
