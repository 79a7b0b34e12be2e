"""The referral network: who introduced whom, and what introducers and introduced get of purchases."""
