"""Orders at storefronts, from placing to completion."""
