"""The commands of `trajectoire`, by what they are for: running the service, its instance, exchanging files."""
