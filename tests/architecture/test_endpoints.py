"""Every address has a policy, and reads as a French sentence in kebab case."""

from __future__ import annotations

import re

import pytest
from flask import Flask
from werkzeug.routing import Rule

from aap.assembly.protections import UNGUARDED
from aap.blueprints.access import Policy

# What nobody-signed-in may open. A new public page is a decision: it is written here.
PUBLIC = frozenset(
    {
        "account.confirm",
        "account.confirm_now",
        "account.to_confirm",
        "account_tasks.feed",
        "commitments.show",
        "commitments.sign",
        "health.alive",
        "health.ready",
        "invitations.accept",
        "invitations.change_account",
        "invitations.decline",
        "invitations.register",
        "invitations.show",
        "public.accessibility",
        "public.home",
        "public.legal",
        "public.privacy",
        "public.sitemap",
        "public_calls.blank_form",
        "public_calls.blank_form_pdf",
        "public_calls.calendar",
        "public_calls.index",
        "public_calls.results",
        "public_calls.show",
        "public_sheets.index",
        "public_sheets.pdf",
        "public_sheets.show",
    }
)
_SEGMENT = re.compile(r"[a-z0-9]+(-[a-z0-9]+)*(\.[a-z0-9-]+)?")
_VARIABLE = re.compile(r"<(?:[a-z]+(?:\([^)]*\))?:)?[a-z_]+>")


def rules(app: Flask) -> list[Rule]:
    return [rule for rule in app.url_map.iter_rules() if rule.endpoint not in UNGUARDED]


def policy_of(app: Flask, rule: Rule) -> Policy | None:
    policy = getattr(app.view_functions[rule.endpoint], "policy", None)
    assert policy is None or isinstance(policy, Policy)
    return policy


def test_every_endpoint_carries_its_policy(app: Flask) -> None:
    missing = sorted({rule.endpoint for rule in rules(app) if policy_of(app, rule) is None})
    assert not missing


def test_public_endpoints_are_the_ones_written_above(app: Flask) -> None:
    public = {rule.endpoint for rule in rules(app) if (policy := policy_of(app, rule)) is not None and policy.public}
    assert public == PUBLIC


def test_the_demonstration_is_not_served_elsewhere(app: Flask) -> None:
    assert not [rule.endpoint for rule in rules(app) if rule.endpoint.startswith("demonstration.")]


def test_addresses_are_kebab_case_words(app: Flask) -> None:
    wrong = []
    for rule in rules(app):
        parts = [part for part in _VARIABLE.sub("x", rule.rule).split("/") if part]
        if not all(_SEGMENT.fullmatch(part) for part in parts):
            wrong.append(rule.rule)
    assert not wrong


def test_identifiers_in_addresses_are_typed(app: Flask) -> None:
    untyped = [
        rule.rule for rule in rules(app) for name in re.findall(r"<([a-z_]+)>", rule.rule) if name.endswith("_id")
    ]
    assert not untyped


@pytest.mark.parametrize("method", ["POST", "PUT", "PATCH", "DELETE"])
def test_nobody_changes_anything_without_a_token(app: Flask, method: str) -> None:
    """Cross-site protection covers every unsafe address: none is exempted."""
    csrf = app.extensions["csrf"]
    assert not csrf._exempt_views
    assert not csrf._exempt_blueprints
    assert app.config.get("WTF_CSRF_CHECK_DEFAULT", True)
    assert method in app.config["WTF_CSRF_METHODS"]
