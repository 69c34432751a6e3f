"""Settings, one class per concern, read once from the environment. A wrong setting refuses to boot.

Every error is collected and printed with the variable's name: an operator mends them in one go.
"""

from __future__ import annotations

import os
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Literal, Self
from urllib.parse import urlsplit

from pydantic import BaseModel, ConfigDict, Field, SecretStr, ValidationError, field_validator, model_validator

from aap.errors import AapError

Mode = Literal["production", "demo", "test"]
SECRET_KEY_MIN = 32


class ConfigurationError(AapError):
    """The environment does not describe a service that may start."""

    code = "configuration"


class _Concern(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid", str_strip_whitespace=True)


class WebSettings(_Concern):
    """What the pages need: where they are reached, how sessions are signed, what may be shown."""

    secret_key: SecretStr
    public_url: str = "http://127.0.0.1:8000"
    behind_proxies: int = Field(default=0, ge=0, le=5)
    state_branding: bool = False
    service_name: str = "aap – appels à projets télésanté"
    support_mailbox: str = "assistance@exemple.invalid"

    @field_validator("secret_key")
    @classmethod
    def _long_enough(cls, value: SecretStr) -> SecretStr:
        if len(value.get_secret_value()) < SECRET_KEY_MIN:
            message = f"au moins {SECRET_KEY_MIN} caractères aléatoires"
            raise ValueError(message)
        return value

    @field_validator("public_url")
    @classmethod
    def _absolute(cls, value: str) -> str:
        parts = urlsplit(value)
        if parts.scheme not in {"http", "https"} or not parts.netloc:
            message = "une adresse complète, par exemple https://aap.exemple.fr"
            raise ValueError(message)
        return value.rstrip("/")


class DatabaseSettings(_Concern):
    """Where the rows live."""

    url: str

    @field_validator("url")
    @classmethod
    def _known_driver(cls, value: str) -> str:
        if value.startswith("postgresql://"):
            return value.replace("postgresql://", "postgresql+psycopg://", 1)
        if not value.startswith(("sqlite:///", "postgresql+psycopg://")):
            message = "sqlite:///… pour un essai, postgresql://… en production"
            raise ValueError(message)
        return value

    @property
    def is_sqlite(self) -> bool:
        """Tell the trial database from the real one."""
        return self.url.startswith("sqlite")


class QueueSettings(_Concern):
    """Where promises wait for the worker (Redis or Valkey)."""

    url: str
    name: str = "aap"

    @field_validator("url")
    @classmethod
    def _known_scheme(cls, value: str) -> str:
        if not value.startswith(("redis://", "rediss://", "unix://")):
            message = "redis://, rediss:// ou unix://"
            raise ValueError(message)
        return value


class StorageSettings(_Concern):
    """Where attachments live: a local folder or an S3 bucket."""

    url: str
    max_file_bytes: int = Field(default=50_000_000, ge=1_000_000, le=500_000_000)

    @field_validator("url")
    @classmethod
    def _known_scheme(cls, value: str) -> str:
        if not value.startswith(("file:///", "s3://", "memory://")):
            message = "file:///dossier, s3://seau/prefixe"
            raise ValueError(message)
        return value


class ScannerSettings(_Concern):
    """Where the virus scanner listens; none, and files are said not to be scanned."""

    url: str = ""

    @field_validator("url")
    @classmethod
    def _known_scheme(cls, value: str) -> str:
        if value and not value.startswith(("unix:///", "tcp://")):
            message = "unix:///chemin ou tcp://hôte:port de clamd"
            raise ValueError(message)
        return value


class MailSettings(_Concern):
    """How mail leaves: kept in the local mailbox of the demonstration, or sent by SMTP."""

    url: str = "local:"
    sender: str = "ne-pas-repondre@exemple.invalid"

    @field_validator("url")
    @classmethod
    def _known_scheme(cls, value: str) -> str:
        if value != "local:" and not value.startswith(("smtp://", "smtps://", "smtp+starttls://")):
            message = "local:, smtp://hôte:port, smtp+starttls://… ou smtps://…"
            raise ValueError(message)
        return value


class Settings(_Concern):
    """Everything the service needs to know about where it runs."""

    mode: Mode
    data: Path
    web: WebSettings
    database: DatabaseSettings
    queue: QueueSettings
    storage: StorageSettings
    mail: MailSettings
    scanner: ScannerSettings = ScannerSettings()

    @property
    def demo(self) -> bool:
        """Tell whether fictional data and one-click accounts are shown."""
        return self.mode == "demo"

    @model_validator(mode="after")
    def _production_is_real(self) -> Self:
        if self.mode == "production":
            if self.database.is_sqlite:
                message = "DATABASE_URL : SQLite sert à l'essai ; la production demande PostgreSQL"
                raise ValueError(message)
            if self.mail.url == "local:":
                message = "AAP_MAIL_URL : la production demande un serveur SMTP"
                raise ValueError(message)
            if not self.web.public_url.startswith("https://"):
                message = "AAP_PUBLIC_URL : la production demande une adresse https://"
                raise ValueError(message)
        return self


@dataclass(frozen=True, slots=True)
class _Variable:
    name: str
    concern: str | None
    field: str


_VARIABLES = (
    _Variable("AAP_SECRET_KEY", "web", "secret_key"),
    _Variable("AAP_PUBLIC_URL", "web", "public_url"),
    _Variable("AAP_BEHIND_PROXIES", "web", "behind_proxies"),
    _Variable("AAP_STATE_BRANDING", "web", "state_branding"),
    _Variable("AAP_SERVICE_NAME", "web", "service_name"),
    _Variable("AAP_SUPPORT_MAILBOX", "web", "support_mailbox"),
    _Variable("DATABASE_URL", "database", "url"),
    _Variable("REDIS_URL", "queue", "url"),
    _Variable("AAP_QUEUE_NAME", "queue", "name"),
    _Variable("AAP_STORAGE_URL", "storage", "url"),
    _Variable("AAP_MAX_FILE_BYTES", "storage", "max_file_bytes"),
    _Variable("AAP_CLAMD_URL", "scanner", "url"),
    _Variable("AAP_MAIL_URL", "mail", "url"),
    _Variable("AAP_MAIL_SENDER", "mail", "sender"),
)


def load_settings(environ: Mapping[str, str] | None = None) -> Settings:
    """Read the environment and return the settings.

    ``AAP_DEMO=1`` selects the demonstration, ``AAP_ENV=test`` the tests, else production. ``AAP_DATA`` (default
    ``var``) holds what the trial writes: database and files when their URLs are not given.

    Raises:
        ConfigurationError: one sentence per wrong variable, by its name.

    """
    env = os.environ if environ is None else environ
    mode = "demo" if env.get("AAP_DEMO") == "1" else env.get("AAP_ENV", "production")
    data = Path(env.get("AAP_DATA", "var")).resolve()
    values: dict[str, dict[str, str]] = {
        "web": {},
        "database": {},
        "queue": {},
        "storage": {},
        "mail": {},
        "scanner": {},
    }
    if mode != "production":
        values["database"]["url"] = f"sqlite:///{data / 'aap.sqlite3'}"
        values["storage"]["url"] = f"file://{data / 'files'}"
    for variable in _VARIABLES:
        text = env.get(variable.name)
        if text:
            values[variable.concern or ""][variable.field] = text
    try:
        return Settings.model_validate({"mode": mode, "data": data, **values})
    except ValidationError as error:
        raise ConfigurationError(_explain(error)) from error


def _explain(error: ValidationError) -> str:
    names = {(v.concern, v.field): v.name for v in _VARIABLES}
    lines = []
    for fault in error.errors():
        place = fault["loc"]
        name = names.get((str(place[0]), str(place[1]))) if len(place) > 1 else None
        reason = "manque" if fault["type"] == "missing" else fault["msg"].removeprefix("Value error, ")
        lines.append(f"{name} : {reason}" if name else reason)
    return "Le service ne démarre pas, sa configuration est à corriger.\n- " + "\n- ".join(lines)
