"""Lotteries: free or by points, drawn at their end so that everybody can check it."""
