"""A receipt printer that speaks ESC/POS: Persian as raster lines, Latin as text where that is wanted."""
