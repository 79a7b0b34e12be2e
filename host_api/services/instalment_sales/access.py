"""Who may do what with instalment sales."""

from host_api.core.access.permissions import Action, Module

INSTALMENT_SALES = Module("instalment_sales", "Instalment sales", "فروش اقساطی")
READ = INSTALMENT_SALES.may(Action.READ)
# Tells in a seller's name what a member has paid at the counter.
WRITE = INSTALMENT_SALES.may(Action.WRITE)
# Pays in a member's name.
ACT = INSTALMENT_SALES.may(Action.ACT)
