"""What an operator's probes are told."""

from __future__ import annotations

from flask import Flask
from redis import Redis

from aap.extensions import Services
from aap.storage import Storage
from tests.client import StrictClient


def test_alive_and_ready(client: StrictClient) -> None:
    assert client.get("/healthz").get_json() == {"status": "ok"}
    answer = client.get("/readyz")
    assert (answer.status_code, answer.get_json()) == (200, {"status": "ok"})


def test_a_lost_queue_is_named(app: Flask, client: StrictClient) -> None:
    services: Services = app.extensions["aap"]
    known, services.redis = services.redis, Redis(unix_socket_path="/nowhere/queue")
    try:
        answer = client.get("/readyz")
    finally:
        services.redis = known
    assert answer.status_code == 503
    assert set(answer.get_json()["faults"]) == {"queue"}
    assert client.get("/healthz").status_code == 200


def test_a_lost_storage_is_named(app: Flask, client: StrictClient) -> None:
    services: Services = app.extensions["aap"]
    known, services.storage = services.storage, Storage("file:///dev/null/files")
    try:
        answer = client.get("/readyz")
    finally:
        services.storage = known
    assert answer.status_code == 503
    assert set(answer.get_json()["faults"]) == {"storage"}
