"""Bare instances of the web extensions, and the services of the running application.

Nothing here knows a page. Services are made by ``plug_services`` and reached through the accessors below, so that a
view never builds one and a test gives its own.
"""

from __future__ import annotations

import logging
from dataclasses import dataclass
from typing import Any, cast

from flask import Flask, current_app
from flask_babel import Babel
from flask_limiter import Limiter
from flask_limiter.util import get_remote_address
from flask_wtf import CSRFProtect
from redis import Redis
from redis.exceptions import RedisError
from rq import Queue
from rq.serializers import JSONSerializer

from aap import outbox
from aap.clock import Clock, SystemClock
from aap.config import Settings
from aap.mail import Mailer, make_mailer
from aap.scanner import Scanner
from aap.storage import Storage

logger = logging.getLogger(__name__)

csrf: Any = CSRFProtect()
babel: Any = Babel()
limiter = Limiter(key_func=get_remote_address, in_memory_fallback_enabled=True)

DELIVERY_JOB = "aap.jobs.delivery.deliver_due"
PROGRESS_SECONDS = 3600


@dataclass(slots=True)
class Services:
    """What the running application works with."""

    settings: Settings
    clock: Clock
    storage: Storage
    mailer: Mailer
    redis: Redis
    scanner: Scanner | None = None


def plug_services(app: Flask, settings: Settings) -> None:
    """Make the services and let commits ring the queue's bell. Nothing connects before its first use."""
    app.extensions["aap"] = Services(
        settings=settings,
        clock=SystemClock(),
        storage=Storage(settings.storage.url, scanned=bool(settings.scanner.url)),
        mailer=make_mailer(settings.mail.url, settings.mail.sender),
        redis=Redis.from_url(settings.queue.url, socket_connect_timeout=2),
        scanner=Scanner(settings.scanner.url) if settings.scanner.url else None,
    )
    outbox.bell.ring = ring


def services() -> Services:
    """Return the services of the current application."""
    return cast("Services", current_app.extensions["aap"])


def settings() -> Settings:
    """Return the settings of the current application."""
    return services().settings


def clock() -> Clock:
    """Return the injected clock."""
    return services().clock


def storage() -> Storage:
    """Return the storage of attachments."""
    return services().storage


def mailer() -> Mailer:
    """Return the mailer."""
    return services().mailer


def scanner() -> Scanner | None:
    """Return the virus scanner, if one is configured."""
    return services().scanner


def queue() -> Queue:
    """Return the queue. Jobs are named by their path, take ids and travel as JSON."""
    return Queue(settings().queue.name, connection=services().redis, serializer=JSONSerializer)


def ring() -> None:
    """Ask the worker to deliver what is due. A queue that does not answer loses nothing: the scheduler sweeps."""
    try:
        queue().enqueue(DELIVERY_JOB, result_ttl=60, failure_ttl=3600)
    except RedisError:
        logger.warning("the queue does not answer; promises wait for the next sweep")


def tell_progress(name: str, done: int, total: int) -> None:
    """Tell how far a long work is; the queue away, nothing is told and the work goes on."""
    try:
        services().redis.set(f"{settings().queue.name}:progress:{name}", f"{done}/{total}", ex=PROGRESS_SECONDS)
    except RedisError:
        logger.info("the progress of %s is not told: the queue does not answer", name)


def read_progress(name: str) -> tuple[int, int]:
    """Return how far a long work is, as done and total; zeros when nothing is known."""
    try:
        told = services().redis.get(f"{settings().queue.name}:progress:{name}")
    except RedisError:
        return 0, 0
    text = told.decode() if isinstance(told, bytes) else ""
    done, _, total = text.partition("/")
    return (int(done), int(total)) if done.isdigit() and total.isdigit() else (0, 0)
