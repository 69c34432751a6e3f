"""The worker and the scheduler: two processes that ``aap worker`` and ``aap scheduler`` run."""

from __future__ import annotations

import logging
import os
import signal
from threading import Event
from typing import Any

from flask import Flask
from redis.exceptions import RedisError
from rq import Queue, Worker
from rq.job import Job
from rq.serializers import JSONSerializer

from aap.extensions import DELIVERY_JOB, queue, services
from aap.jobs.workbench import clear_stale

logger = logging.getLogger(__name__)

SWEEP_SECONDS = 20
CLOCKWORK_JOB = "aap.jobs.clockwork.do_what_is_due"


class AppWorker(Worker):
    """A worker whose jobs run inside the application given by the command."""

    app: Flask

    def perform_job(self, job: Job, queue: Queue, *args: Any, **kwargs: Any) -> bool:
        """Run one job in the work-horse, within the application."""
        with self.app.app_context():
            return super().perform_job(job, queue, *args, **kwargs)


def run_worker(app: Flask) -> None:
    """Work until told to stop. Short lifetimes, so that a killed worker's job is taken up within a minute."""
    with app.app_context():
        queue_settings, connection = services().settings.queue, services().redis
    worker = AppWorker(
        [Queue(queue_settings.name, connection=connection, serializer=JSONSerializer)],
        connection=connection,
        serializer=JSONSerializer,
        worker_ttl=30,
        maintenance_interval=5,
        job_monitoring_interval=3,
        name=f"aap-{os.uname().nodename}-{os.getpid()}",
    )
    worker.app = app
    clear_stale()
    worker.work(logging_level="WARNING")


def run_scheduler(app: Flask, stop: Event | None = None) -> None:
    """Ask regularly for the delivery of what is due and for the work that the hour asks for.

    Both are derived from data, so that a missed sweep is caught up by the next one. RQ's own scheduler is not used: it
    writes pickles, and our workers read JSON only.
    """
    stop = stop or Event()
    for number in (signal.SIGTERM, signal.SIGINT):
        signal.signal(number, lambda *_: stop.set())
    with app.app_context():
        while not stop.is_set():
            ask(DELIVERY_JOB)
            ask(CLOCKWORK_JOB)
            stop.wait(SWEEP_SECONDS)


def ask(job: str) -> None:
    """Put one job in the queue. A queue that does not answer is asked again at the next sweep."""
    try:
        queue().enqueue(job, result_ttl=60, failure_ttl=3600)
    except RedisError:
        logger.warning("the queue does not answer; asking again in %s s", SWEEP_SECONDS)
