"""Sectors of industry, by which programmes, guilds and shops are told apart."""
