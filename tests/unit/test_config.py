"""A configuration that cannot serve refuses to boot, and says every reason by its variable's name."""

from __future__ import annotations

import pytest

from aap.config import ConfigurationError, load_settings

GOOD = {
    "AAP_SECRET_KEY": "s" * 40,
    "AAP_PUBLIC_URL": "https://aap.exemple.invalid",
    "DATABASE_URL": "postgresql://aap@localhost/aap",
    "REDIS_URL": "redis://localhost",
    "AAP_STORAGE_URL": "s3://pieces",
    "AAP_MAIL_URL": "smtp://localhost",
}


def refusal(**changes: str) -> str:
    with pytest.raises(ConfigurationError) as caught:
        load_settings({**GOOD, **changes})
    return caught.value.message


def test_a_complete_production_starts() -> None:
    settings = load_settings(GOOD)
    assert settings.mode == "production"
    assert settings.database.url == "postgresql+psycopg://aap@localhost/aap"
    assert not settings.demo


def test_every_missing_variable_is_named_at_once() -> None:
    with pytest.raises(ConfigurationError) as caught:
        load_settings({})
    for name in ("AAP_SECRET_KEY", "DATABASE_URL", "REDIS_URL", "AAP_STORAGE_URL"):
        assert f"{name} : manque" in caught.value.message


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("AAP_SECRET_KEY", "court"),
        ("DATABASE_URL", "mysql://localhost/aap"),
        ("REDIS_URL", "localhost:6379"),
        ("AAP_STORAGE_URL", "/srv/files"),
        ("AAP_MAIL_URL", "localhost:25"),
        ("AAP_PUBLIC_URL", "aap.exemple.invalid"),
        ("AAP_BEHIND_PROXIES", "many"),
    ],
)
def test_a_wrong_variable_is_named(name: str, value: str) -> None:
    assert name in refusal(**{name: value})


def test_production_refuses_sqlite_local_mail_and_plain_http() -> None:
    assert "PostgreSQL" in refusal(DATABASE_URL="sqlite:////srv/aap.sqlite3")
    assert "SMTP" in refusal(AAP_MAIL_URL="local:")
    assert "https://" in refusal(AAP_PUBLIC_URL="http://aap.exemple.invalid")


def test_the_demonstration_needs_only_a_key_and_a_queue() -> None:
    settings = load_settings({"AAP_DEMO": "1", "AAP_SECRET_KEY": "s" * 40, "REDIS_URL": "unix:///run/queue"})
    assert settings.demo
    assert settings.database.is_sqlite
    assert settings.mail.url == "local:"


def test_the_secret_is_not_shown_by_accident() -> None:
    assert "s" * 40 not in repr(load_settings(GOOD))
