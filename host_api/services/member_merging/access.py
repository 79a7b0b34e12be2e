"""Who may do what with records of members that are to be merged or split."""

from host_api.core.access.permissions import Action, Module

MEMBER_MERGING = Module("member_merging", "Merging and splitting members", "ادغام و تفکیک اعضا")
READ = MEMBER_MERGING.may(Action.READ)
WRITE = MEMBER_MERGING.may(Action.WRITE)
APPROVE = MEMBER_MERGING.may(Action.APPROVE)
