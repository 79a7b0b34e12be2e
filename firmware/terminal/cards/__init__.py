"""Cards, whatever they are read with: what a member presents, and the club's own chip card."""
