"""The technical log: on the error output, so that what a command prints can be read by another."""

import logging
import sys

import structlog

from service.settings import Settings


def configure_log(settings: Settings) -> None:
    """From the level that the settings name."""
    level = getattr(logging, settings.log_level.upper())
    # Tracebacks without the values of variables: these may hold keys and personal texts.
    renderer = structlog.dev.ConsoleRenderer(exception_formatter=structlog.dev.plain_traceback, colors=False)
    structlog.configure(
        processors=[
            structlog.processors.add_log_level,
            structlog.processors.TimeStamper(fmt="iso", utc=True),
            renderer,
        ],
        wrapper_class=structlog.make_filtering_bound_logger(level),
        logger_factory=structlog.PrintLoggerFactory(sys.stderr),
        cache_logger_on_first_use=True,
    )
