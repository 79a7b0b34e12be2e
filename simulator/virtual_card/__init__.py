"""A member's chip card in software: its application behind APDUs, T=0 and T=1, and PC/SC."""
