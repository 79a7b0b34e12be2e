"""Transactions, transfers and balances, projected from the switch's journal feed."""
