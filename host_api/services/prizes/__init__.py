"""Prizes: units, discount codes and things, with a stock, given by other services to members."""
