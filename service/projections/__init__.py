"""Read models: one file per question asked of history (its table, its handlers, its queries), and the engine that feeds them."""
