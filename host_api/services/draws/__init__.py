"""Verifiable draws, for the services that hold them: lotteries and festivals."""
