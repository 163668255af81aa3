"""Pure rules: one file per concept with its events, its state and its decisions. No database, no HTTP, no clock."""
