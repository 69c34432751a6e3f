"""The secret of links sent by mail, made with the key of the service: what services take as ``make_token``."""

from __future__ import annotations

import uuid

from aap.accounts import links
from aap.extensions import settings


def make_token(link_id: uuid.UUID) -> str:
    """Return the secret of a link of this service."""
    return links.make_token(settings().web.secret_key.get_secret_value(), link_id)
