"""The wallet: money that members have paid in, spent like money, within limits (PRS-01)."""
