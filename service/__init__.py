"""Trajectoire: the steering service of an organisation's transformation. Every fact is an event; the rest is computed."""
