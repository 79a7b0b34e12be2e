"""Who may do what with the referral network."""

from host_api.core.access.permissions import Action, Module

NETWORK = Module("referral_network", "Referral network", "شبکهٔ معرفی")
READ = NETWORK.may(Action.READ)
WRITE = NETWORK.may(Action.WRITE)
APPROVE = NETWORK.may(Action.APPROVE)
ACT = NETWORK.may(Action.ACT)
