"""Who may do what with credit packages."""

from host_api.core.access.permissions import Action, Module

CREDIT_PACKAGES = Module("credit_packages", "Credit packages", "بسته‌های اعتباری")
READ = CREDIT_PACKAGES.may(Action.READ)
# Makes packages and holidays, asks for contracts and corrections, tells turnover and uses by non-members.
WRITE = CREDIT_PACKAGES.may(Action.WRITE)
APPROVE = CREDIT_PACKAGES.may(Action.APPROVE)
# Pays in a member's name.
ACT = CREDIT_PACKAGES.may(Action.ACT)
