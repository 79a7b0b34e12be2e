"""The flows, one module each: `STEPS` in their order, and the `TABLES` of the states in which they wait."""
