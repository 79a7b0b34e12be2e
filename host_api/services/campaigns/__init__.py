"""Campaigns: journeys of messages, offers, codes and points, measured against who got nothing."""
