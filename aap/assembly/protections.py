"""Strict content policy, cross-site protection, rate limits, and the refusal of any view without a policy."""

from __future__ import annotations

import secrets
from typing import Any

from flask import Flask, Response, abort, current_app, g, request

from aap import extensions
from aap.assembly.texts import UNREADABLE
from aap.config import Settings

# Endpoints that are not ours and carry no attribute: static files, and Flask-Security's own pages.
UNGUARDED = frozenset(
    {
        "static",
        "security.static",
        "security.login",
        "security.logout",
        "security.register",
        "security.send_confirmation",
        "security.confirm_email",
        "security.forgot_password",
        "security.reset_password",
        "security.change_password",
        "security.verify",
    }
)
SIGN_IN_LIMIT = "20 per minute"


def plug_protections(app: Flask, settings: Settings) -> None:
    """Plug the protections."""
    app.config.update(
        WTF_CSRF_TIME_LIMIT=None,  # as long as the session: a person types for hours
        RATELIMIT_STORAGE_URI=_limits_uri(settings.queue.url),
        RATELIMIT_HEADERS_ENABLED=False,
        RATELIMIT_ENABLED=settings.mode != "test",
        RATELIMIT_KEY_PREFIX=settings.queue.name,
    )
    extensions.csrf.init_app(app)
    extensions.limiter.init_app(app)
    for endpoint in ("security.login", "security.register", "security.forgot_password", "security.send_confirmation"):
        limited: Any = extensions.limiter.limit(SIGN_IN_LIMIT, methods=["POST"])(app.view_functions[endpoint])
        app.view_functions[endpoint] = limited
    app.before_request(_refuse_unreadable)
    app.before_request(_refuse_unguarded)
    app.after_request(_secure)
    app.jinja_env.globals["csp_nonce"] = csp_nonce


def csp_nonce() -> str:
    """Return this answer's nonce, made at first use."""
    if "csp_nonce" not in g:
        g.csp_nonce = secrets.token_urlsafe(16)
    return str(g.csp_nonce)


def _refuse_unreadable() -> None:
    """Know no page whose address holds a sign that no database keeps."""
    if UNREADABLE.search(request.path):
        abort(404)


def _refuse_unguarded() -> None:
    endpoint = request.endpoint
    if endpoint is None or endpoint in UNGUARDED:
        return
    if not hasattr(current_app.view_functions[endpoint], "policy"):
        abort(500)


def _secure(response: Response) -> Response:
    script = f"'nonce-{g.csp_nonce}' 'strict-dynamic'" if "csp_nonce" in g else "'none'"
    response.headers.setdefault(
        "Content-Security-Policy",
        f"default-src 'none'; script-src {script}; style-src 'self'; img-src 'self' data:; font-src 'self'; "
        "connect-src 'self'; manifest-src 'self'; form-action 'self'; base-uri 'none'; frame-ancestors 'none'",
    )
    response.headers.setdefault("X-Content-Type-Options", "nosniff")
    response.headers.setdefault("Referrer-Policy", "same-origin")
    response.headers.setdefault("Cross-Origin-Opener-Policy", "same-origin")
    if request.is_secure:
        response.headers.setdefault("Strict-Transport-Security", "max-age=31536000; includeSubDomains")
    if request.endpoint != "static":
        response.headers.setdefault("Cache-Control", "no-store")
    return response


def _limits_uri(url: str) -> str:
    return f"redis+{url}" if url.startswith("unix://") else url
