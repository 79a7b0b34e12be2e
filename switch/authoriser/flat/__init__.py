"""Approved purchases decided on flat memory; `switch.authoriser.purchase` and its kin are the definition."""
