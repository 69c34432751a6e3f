from __future__ import annotations

from pathlib import Path

import pytest
import redis

from tests.services.valkey import running_valkey

pytestmark = pytest.mark.valkey


def test_its_databases_do_not_see_each_other() -> None:
    with running_valkey() as url:
        first, second = redis.Redis.from_url(url), redis.Redis.from_url(f"{url}?db=3")
        with first, second:
            first.set("promise", "kept")
            assert second.get("promise") is None
            assert first.get("promise") == b"kept"


def test_a_durable_one_finds_its_data_again(tmp_path: Path) -> None:
    for expected in (None, b"kept"):
        with running_valkey(folder=tmp_path) as url, redis.Redis.from_url(url) as client:
            assert client.get("promise") == expected
            client.set("promise", "kept")


def test_it_is_gone_after_the_with() -> None:
    with running_valkey() as url:
        path = Path(url.removeprefix("unix://"))
        assert path.is_socket()
    assert not path.parent.exists()
