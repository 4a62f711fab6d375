"""Logs: one JSON line an event on standard error, identifiers only."""

import logging
import sys

import structlog

# fmt: off
ALLOWED = frozenset((
    "event", "level", "timestamp", "logger", "request_id", "method", "route", "status", "duration_ms", "code",
    "error", "sqlstate", "frames", "task", "job_id", "key", "nature", "demande_id", "compte_id", "piece_id", "kid",
    "rows", "port", "workers", "attempt",
))
# fmt: on


def keep_identifiers(_: object, __: str, event: structlog.typing.EventDict) -> structlog.typing.EventDict:
    """Drop any key that is not listed: a value that nobody thought about never reaches a log (5-6)."""
    return {key: value for key, value in event.items() if key in ALLOWED}


def keep_no_message(logger: object, _: str, event: structlog.typing.EventDict) -> structlog.typing.EventDict:
    """Replace a library's own sentence by its origin: it may quote a statement or a value."""
    record = event.get("_record")
    if isinstance(record, logging.LogRecord):
        event["logger"] = record.name
        if record.exc_info and record.exc_info[0]:
            event["error"] = record.exc_info[0].__name__
        if not record.name.startswith("uvicorn"):
            event["event"] = f"{record.module}:{record.lineno}"
    return event


def setup(level: str) -> None:
    shared: list[structlog.typing.Processor] = [
        structlog.contextvars.merge_contextvars,
        structlog.processors.add_log_level,
        structlog.processors.TimeStamper(fmt="iso", utc=True),
    ]
    structlog.configure(
        processors=[*shared, structlog.stdlib.ProcessorFormatter.wrap_for_formatter],
        logger_factory=structlog.stdlib.LoggerFactory(),
        wrapper_class=structlog.make_filtering_bound_logger(getattr(logging, level.upper())),
    )
    handler = logging.StreamHandler(sys.stderr)
    handler.setFormatter(
        structlog.stdlib.ProcessorFormatter(
            foreign_pre_chain=[*shared, keep_no_message],
            processors=[
                structlog.stdlib.ProcessorFormatter.remove_processors_meta,
                keep_identifiers,
                structlog.processors.JSONRenderer(),
            ],
        )
    )
    root = logging.getLogger()
    root.handlers[:] = [handler]
    root.setLevel(level.upper())
    for noisy in ("uvicorn.access", "procrastinate", "uvicorn.error"):
        logging.getLogger(noisy).handlers[:] = []
        logging.getLogger(noisy).propagate = noisy != "uvicorn.access"
    logging.getLogger("procrastinate").setLevel("WARNING")
