"""Trades and holdings of members at brokers and in funds, what they earn, and reports."""
