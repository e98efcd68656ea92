"""Example scenarios: one for each fault of a network that Reelroom must recover from, or show."""
