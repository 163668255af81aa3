"""The event store on the eventsourcing library: log, mapper, personal texts, command handling, idempotency, directory."""
