"""Groups of members: chosen by hand, by a list, or by a query; rules see them as segments or as the group."""
