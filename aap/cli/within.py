"""Commands that need the application around them."""

from __future__ import annotations

from collections.abc import Callable
from functools import wraps
from typing import Any, TypeVar

from flask import Flask

from aap.app import create_app

CommandT = TypeVar("CommandT", bound=Callable[..., Any])


def within_app(command: CommandT) -> CommandT:
    """Run a command inside the application."""

    @wraps(command)
    def run(*args: Any, **kwargs: Any) -> Any:
        with open_app().app_context():
            return command(*args, **kwargs)

    return run  # type: ignore[return-value]  # the wrapper keeps the command's signature


def open_app() -> Flask:
    """Build the application from the environment."""
    return create_app()
