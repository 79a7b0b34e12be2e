"""The arithmetic of interest: integers and exact fractions in, integers out; no table, clock or session."""
