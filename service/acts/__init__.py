"""Acts over several objects: what the API, the command line, imports and the demonstration have in common.

Each takes a unit of work, loads what its decision needs, and records; none knows HTTP, none checks permissions.
"""
