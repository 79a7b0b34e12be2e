"""Who may do what with tickets."""

from host_api.core.access.permissions import Action, Module

TICKETS = Module("tickets", "Tickets", "تیکت‌ها")
# Staff sees and works on what their departments have; who may approve sees all, and sets departments up.
READ = TICKETS.may(Action.READ)
WRITE = TICKETS.may(Action.WRITE)
APPROVE = TICKETS.may(Action.APPROVE)
ACT = TICKETS.may(Action.ACT)
