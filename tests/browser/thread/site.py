"""The service as people reach it: a live server on loopback, its worker, its mail server, and a clock set by hand."""

from __future__ import annotations

import socket
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

from flask import Flask
from sqlalchemy.orm import Session
from werkzeug.serving import ThreadedWSGIServer, make_server

from aap.app import create_app
from aap.clock import FixedClock, from_paris
from aap.db import db
from aap.extensions import services
from aap.jobs.clockwork import do_what_is_due
from aap.jobs.delivery import deliver_due
from tests.conftest import make_settings
from tests.services.smtp import Received, Sink, running_smtp

HOST = "127.0.0.1"


@dataclass(frozen=True, slots=True)
class Site:
    """A running service. Hours are of Paris, as the files write them: ``2023-11-03T16:42``."""

    app: Flask
    url: str
    clock: FixedClock
    mails: Sink

    def at(self, hour: str) -> None:
        """Move the clock, then let the scheduler and the worker do what the hour asks for."""
        self.clock.set(from_paris(datetime.fromisoformat(hour)))
        self.work()

    def work(self) -> None:
        """Do what the hour asks for and deliver every promise, as the worker does."""
        with self.app.app_context():
            do_what_is_due()
            while deliver_due():
                pass
            db.session.remove()

    def last_mail(self, address: str) -> Received:
        """Return the last mail that somebody received, once the worker has delivered what is due."""
        self.work()
        return self.mails.to(address)[-1]

    @contextmanager
    def within(self) -> Iterator[Session]:
        """Open the application, to prepare what no page does."""
        with self.app.app_context():
            yield db.session()
            db.session.remove()


@contextmanager
def running_site(database: str, valkey: str, folder: Path, at: datetime) -> Iterator[Site]:
    """Serve the application from threads of this process, so that the test keeps its clock in hand."""
    with socket.socket() as door, running_smtp() as mails:
        door.bind((HOST, 0))
        door.listen(64)
        url = f"http://{HOST}:{door.getsockname()[1]}"
        app = create_app(make_settings(database, valkey, folder, AAP_PUBLIC_URL=url, AAP_MAIL_URL=mails.url))
        clock = FixedClock(at)
        with app.app_context():
            services().clock = clock
        server = make_server(HOST, door.getsockname()[1], app, threaded=True, fd=door.fileno())
        assert isinstance(server, ThreadedWSGIServer)
        server.daemon_threads = False  # closing waits for what browsers still send: an answer saved on leaving a page
        thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.05})
        thread.start()
        try:
            yield Site(app, url, clock, mails)
        finally:
            server.shutdown()
            thread.join()
            server.server_close()
            with app.app_context():
                db.engine.dispose()
