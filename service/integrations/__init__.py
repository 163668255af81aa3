"""Adapters to the world outside, each behind a small protocol: mail, and later webhooks and an identity provider."""
