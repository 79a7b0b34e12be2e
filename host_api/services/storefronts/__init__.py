"""Sellers' own shops: storefronts, goods and services, what sellers grant members, and orders."""
