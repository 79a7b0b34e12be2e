"""Merchants' books: double entry of sales, returns and debts, customers' debts, and the accounting link."""
