"""Read models: one file per question asked of history (table, handlers, queries), and the engine that feeds them."""
