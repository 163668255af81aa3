"""The event store on the eventsourcing library: log, mapper, texts, command handling, idempotency, directory."""
