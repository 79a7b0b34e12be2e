"""Reports, books and courses that members get for points or for nothing."""
