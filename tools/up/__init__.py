"""Everything on one machine: switch, host API and a terminal, with one sale and one redemption."""
