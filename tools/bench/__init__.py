"""Benchmarks that compare side by side in one run: ratios count, absolute figures depend on the machine."""
