"""A whole street in one process: terminals, network, switch and disk, all from one seed, without a clock."""
