"""The switches of programmes: where they are, and what this process keeps running for each."""
