"""What merchants have of their products at each branch: a ledger of entries, and stocktaking."""
