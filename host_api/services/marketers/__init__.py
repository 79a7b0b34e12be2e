"""Marketers: who brings customers, what those trade, what marketers are paid of it, and affiliate links."""
