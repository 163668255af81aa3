"""HTTP only: parse, decide or query, present. Routers are named like the domain files."""
