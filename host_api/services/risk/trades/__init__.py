"""Trades as the broker tells them: symbols that warn, and turnover against credit."""
