"""Trajectoire steers an organisation's transformation. Every fact is an event; the rest is computed."""
