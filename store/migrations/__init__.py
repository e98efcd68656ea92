"""Numbered SQL scripts, applied in order; see `reelroom.store.migrate`."""
