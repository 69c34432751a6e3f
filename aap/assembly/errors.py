"""One handler maps the domain's error classes to status codes and to pages in French."""

from __future__ import annotations

import logging

from flask import Flask, current_app, jsonify, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_wtf.csrf import CSRFError
from sqlalchemy.exc import DataError, OperationalError
from werkzeug.exceptions import HTTPException

from aap.db import db
from aap.errors import (
    AapError,
    ConflictError,
    ForbiddenError,
    InvalidError,
    NotFoundError,
    TooLargeError,
    TooManyRequestsError,
    UnauthenticatedError,
    UnavailableError,
)

logger = logging.getLogger(__name__)

STATUSES: tuple[tuple[type[AapError], int], ...] = (
    (InvalidError, 400),
    (UnauthenticatedError, 401),
    (ForbiddenError, 403),
    (NotFoundError, 404),
    (ConflictError, 409),
    (TooLargeError, 413),
    (TooManyRequestsError, 429),
    (UnavailableError, 503),
)
PAGES = frozenset({400, 401, 403, 404, 405, 409, 413, 429, 500, 503})
ALONE = frozenset({500, 503})  # shown when even the reader's name cannot be read from the database
_UNKEPT = (
    "Une valeur envoyée ne peut pas être enregistrée : un signe invisible, un nombre ou une date hors limites. "
    "Rien n'a été enregistré : revenez en arrière, corrigez-la, puis recommencez."
)
_EXPIRED = "Cette page est restée ouverte trop longtemps. Revenez en arrière, rechargez-la, puis recommencez."


def register_errors(app: Flask) -> None:
    """Register the handlers."""
    app.register_error_handler(AapError, _domain_error)
    app.register_error_handler(CSRFError, _stale_token)
    app.register_error_handler(HTTPException, _http_error)
    app.register_error_handler(OperationalError, _database_away)
    app.register_error_handler(DataError, _unkept_value)
    app.register_error_handler(Exception, _unexpected)


def _domain_error(error: AapError) -> ResponseReturnValue:
    status = next((code for kind, code in STATUSES if isinstance(error, kind)), 500)
    if status == 401 and request.method == "GET" and not _wants_json():
        return redirect(url_for("security.login", next=request.full_path.rstrip("?")))
    return _page(status, error.message, error)


def _stale_token(_error: CSRFError) -> ResponseReturnValue:
    return _told_to_scripts(400, _EXPIRED, "jeton-perime") if _wants_json() else _page(400, _EXPIRED, None)


def _wants_json() -> bool:
    """Tell whether a script of ours asks: it says so, while a browser that shows pages asks for HTML first."""
    return request.accept_mimetypes.best == "application/json"


def _told_to_scripts(status: int, message: str, code: str) -> ResponseReturnValue:
    return jsonify(message=message, code=code), status


def _http_error(error: HTTPException) -> ResponseReturnValue:
    status = error.code or 500
    if status < 400 or status not in PAGES:
        return error
    return _page(status, "", None)


def _database_away(error: OperationalError) -> ResponseReturnValue:
    """Ask to come back: the database is away, or others hold it for longer than a request waits. Nothing is written."""
    logger.error("the database does not answer on %s %s", request.method, request.path, exc_info=error)
    db.session.rollback()
    return _page(503, "La base de données ne répond pas. Rien n'a été enregistré : réessayez dans un instant.", None)


def _unkept_value(error: DataError) -> ResponseReturnValue:
    """Refuse what no field refused and no column holds: a null character pasted in a text, an enormous number."""
    logger.warning("a value that the database refuses on %s %s", request.method, request.path, exc_info=error)
    db.session.rollback()
    return _page(400, _UNKEPT, None)


def _unexpected(error: Exception) -> ResponseReturnValue:
    logger.error("unexpected error on %s %s", request.method, request.path, exc_info=error)
    db.session.rollback()
    return _page(500, "", None)


def _page(status: int, message: str, error: AapError | None) -> ResponseReturnValue:
    if _wants_json():
        return _told_to_scripts(status, message, "erreur" if error is None else error.code)
    if status in ALONE:
        return current_app.jinja_env.get_template(f"errors/{status}.html").render(message=message), status
    body = render_template(
        f"errors/{status}.html",
        message=message,
        problems=error.problems if isinstance(error, InvalidError) else (),
        yours=getattr(error, "yours", None),
        theirs=getattr(error, "theirs", None),
    )
    return body, status
