"""Administer an instance: calls, people, demonstration, worker, journal. Everything here opens the application."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import Any

import click
from flask_migrate import upgrade
from flask_security import hash_password

from aap import audit
from aap.accounts.models import RoleName
from aap.accounts.service import create_user, grant_role
from aap.applications.queries import verify_seals
from aap.calls.export import export_call
from aap.calls.queries import get_call
from aap.calls.service import import_call
from aap.cli.territory import territory
from aap.cli.within import open_app, within_app
from aap.db import unit_of_work
from aap.demonstration import accounts as demonstration_accounts
from aap.demonstration import load_demonstration
from aap.errors import InvalidError
from aap.extensions import clock
from aap.jobs.worker import run_scheduler, run_worker
from aap.jury.queries import verify_snapshots


@click.group()
def cli() -> None:
    """Administer aap: calls, people, territory, demonstration, worker, journal."""


cli.add_command(territory)


@cli.group()
def call() -> None:
    """Handle calls as data."""


@call.command("import")
@click.argument("path", metavar="FILE.yaml", type=click.Path(path_type=Path, dir_okay=False))
@click.option("--publish", is_flag=True, help="Publier l'appel aussitôt.")
@within_app
def call_import(path: Path, publish: bool) -> None:  # noqa: FBT001  # click passes flags by position
    """Import a call document (call/1). Everything wrong is said at once, and nothing is changed."""
    try:
        content = path.read_bytes()
    except OSError as error:
        _fail(f"{path} : {error.strerror}")
    try:
        with unit_of_work():
            result = import_call(content, None, clock().now(), publish=publish)
            reference, warnings = result.call.ref, result.warnings
    except InvalidError as error:
        lines = [f"{path}:{p.line or 1} : {p.place} : {p.message}" for p in error.problems]
        _fail("\n".join([*lines, f"{path} : {error.message}"]))
    for warning in warnings:
        click.echo(f"{path}:{warning.line or 1} : {warning.place} : attention, {warning.message}", err=True)
    click.echo(f"Appel {reference} importé.")


@call.command("export")
@click.argument("reference", metavar="REF")
@within_app
def call_export(reference: str) -> None:
    """Write the call document of REF to standard output."""
    sys.stdout.buffer.write(export_call(get_call(reference)))


@cli.group()
def user() -> None:
    """Handle people."""


@user.command("create")
@click.argument("email")
@click.option("--given-name", default="")
@click.option("--family-name", default="")
@click.option("--job-title", default="")
@click.option("--role", type=click.Choice([role.value for role in RoleName]), help="Rôle régional.")
@click.option("--region", help="Code de la région du rôle (IDF, HDF, GE).")
@click.option("--department", help="Département du rôle, s'il est local.")
@click.password_option(help="Mot de passe (demandé s'il n'est pas donné).")
@within_app
def user_create(  # noqa: PLR0917  # click passes the options
    email: str,
    given_name: str,
    family_name: str,
    job_title: str,
    role: str | None,
    region: str | None,
    department: str | None,
    password: str,
) -> None:
    """Create a person who may sign in, with a regional role if one is given."""
    if bool(role) != bool(region):
        _fail("--role et --region vont ensemble.")
    now = clock().now()
    with unit_of_work():
        person = create_user(
            email,
            now=now,
            password_hash=hash_password(password),
            given_name=given_name,
            family_name=family_name,
            job_title=job_title,
        )
        if role and region:
            grant_role(person, region, RoleName(role), now=now, department_code=department)
    click.echo(f"Compte {email.lower()} créé.")


@cli.group()
def demo() -> None:
    """Handle the demonstration."""


@demo.command("load")
@click.option("--if-empty", is_flag=True, help="Ne rien faire si des appels sont déjà là.")
@within_app
def demo_load(if_empty: bool) -> None:  # noqa: FBT001  # click passes flags by position
    """Load the finished case and the living instance, from fictional data."""
    if load_demonstration(clock().now(), only_if_empty=if_empty, say=click.echo):
        click.echo("Démonstration chargée.")
    else:
        click.echo("La base contient déjà des appels : rien n'est chargé.")


@demo.command("accounts")
def demo_accounts() -> None:
    """List the fictional accounts."""
    for account in demonstration_accounts.ACCOUNTS:
        click.echo(f"  {account.email:<34} {account.job_title}")
    click.echo(f"  Mot de passe de tous : {demonstration_accounts.PASSWORD}")


@cli.group("audit")
def audit_group() -> None:
    """Handle the journal."""


@audit_group.command("verify")
@within_app
def audit_verify() -> None:
    """Check every seal of the journal, then recompute those of the deposits and of the frozen rankings."""
    result = audit.verify()
    if not result.ok:
        _fail(f"Journal rompu à l'écriture {result.broken_at} : {result.reason}. {result.checked} écritures intactes.")
    click.echo(f"Journal intact : {result.checked} écritures vérifiées.")
    seals = verify_seals()
    if seals.broken:
        told = (f"Sceau rompu, dossier {one.reference}, dépôt {one.number} : {one.reason}." for one in seals.broken)
        _fail("\n".join(told))
    click.echo(f"Sceaux des dépôts intacts : {seals.checked} vérifiés.")
    rankings = verify_snapshots()
    if rankings.broken:
        _fail("\n".join(f"Sceau rompu, classement « {one.name} » : {one.reason}." for one in rankings.broken))
    click.echo(f"Sceaux des classements figés intacts : {rankings.checked} vérifiés.")


@cli.command()
@within_app
def migrate() -> None:
    """Bring the database to the latest version."""
    upgrade()


@cli.command()
def worker() -> None:
    """Deliver promises and run jobs until told to stop."""
    run_worker(open_app())


@cli.command()
def scheduler() -> None:
    """Ask for time-driven work until told to stop."""
    run_scheduler(open_app())


def _fail(message: str) -> Any:
    click.echo(message, err=True)
    raise SystemExit(2)
