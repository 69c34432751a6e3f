"""The commands of the territory: communes, APL, zoning of doctors. Each import is one transaction, with its report."""

from __future__ import annotations

from datetime import date
from fractions import Fraction
from pathlib import Path
from typing import Any

import click

from aap.applications.service import locate_again
from aap.calls.queries import cited_vintages
from aap.cli.within import within_app
from aap.db import unit_of_work
from aap.errors import InvalidError
from aap.extensions import clock
from aap.french import day, percent
from aap.referentials.models import ImportOutcome
from aap.referentials.service import load_referentials
from aap.referentials.territory.importing import (
    LICENCE,
    MOST_UNMATCHED,
    Report,
    Source,
    import_accessibility,
    import_zoning,
)
from aap.referentials.territory.official import DEFAULT_FOLDER, PACKAGE, import_communes, is_there, read_official
from aap.referentials.territory.overview import list_coverage, list_vintages

SHOWN_LINES = 40
FILE = click.Path(path_type=Path)


class Day(click.ParamType[date]):
    """A day, as 2023-12-31."""

    name = "AAAA-MM-JJ"

    def convert(self, value: Any, param: click.Parameter | None, ctx: click.Context | None) -> date:
        """Read the day, or refuse it in French."""
        try:
            return value if isinstance(value, date) else date.fromisoformat(value)
        except ValueError:
            self.fail(f"« {value} » n'est pas un jour : écrivez AAAA-MM-JJ, par exemple 2023-12-31.", param, ctx)


class Share(click.ParamType[Fraction]):
    """A percentage from 0 to 100."""

    name = "%"

    def convert(self, value: Any, param: click.Parameter | None, ctx: click.Context | None) -> Fraction:
        """Read the share (0 to 1), or refuse it in French."""
        if isinstance(value, Fraction):
            return value
        try:
            share = Fraction(str(value).strip().rstrip("%").strip().replace(",", ".")) / 100
        except (ValueError, ZeroDivisionError):
            share = Fraction(-1)
        if not 0 <= share <= 1:
            self.fail(f"« {value} » n'est pas un pourcentage de 0 à 100.", param, ctx)
        return share


def _options(command: Any) -> Any:
    """Add what both workbooks share."""
    for option in (
        click.option("--source", default="", help="D'où vient le fichier (affiché avec le millésime)."),
        click.option("--licence", default=LICENCE, show_default=True),
        click.option("--label", default="", help="Nom affiché du millésime."),
        click.option("--sheet", help="Feuille à lire, si plusieurs conviennent."),
        click.option("--replace", is_flag=True, help="Remplacer ce millésime, s'il est déjà chargé."),
        click.option(
            "--max-unmatched",
            type=Share(),
            default=MOST_UNMATCHED,
            show_default="2 %",
            help="Part des lignes qui peuvent rester sans correspondance.",
        ),
    ):
        command = option(command)
    return command


@click.group()
def territory() -> None:
    """Handle the territory: communes, APL, zoning of doctors."""


@territory.group("import")
def import_group() -> None:
    """Import an official file. All or nothing: a refused file leaves only its report."""


@import_group.command("communes")
@click.option("--folder", type=FILE, help="Dossier des fichiers JSON, s'ils ne viennent pas de l'installation.")
@within_app
def communes(folder: Path | None) -> None:
    """Load communes, departments and EPCI from the package fetched at set-up, else the shipped sample."""
    now = clock().now()
    if folder is None and not is_there():
        with unit_of_work():
            load_referentials()
        click.echo(f"{PACKAGE} n'est pas installé : l'échantillon fourni (communes fictives) est chargé.")
        click.echo("Relancez « make vendor » avec un accès au registre npm, ou donnez --folder.")
        return
    official = read_official(folder or DEFAULT_FOLDER)
    with unit_of_work():
        load_referentials()
        report = import_communes(official, now=now)
        located = locate_again(now)
    click.echo(f"{report.label} : {report.kept} communes et arrondissements.")
    _tell_located(located)


@import_group.command("apl")
@click.argument("path", metavar="FICHIER", type=FILE)
@click.option("--valid-on", type=Day(), required=True, help="Jour auquel les chiffres valent (2023-12-31).")
@click.option("--dataset", default="apl-medecins-generalistes", show_default=True)
@click.option("--column", default="", help="En-tête de la colonne d'APL, si plusieurs conviennent.")
@_options
@within_app
def apl(path: Path, **options: Any) -> None:
    """Import one vintage of the APL workbook (XLSX, ODS or CSV)."""
    source = _source(path, options)
    with unit_of_work():
        report = import_accessibility(source, now=clock().now(), cited=cited_vintages())
    _tell(report, source)


@import_group.command("zonage")
@click.argument("path", metavar="FICHIER", type=FILE)
@click.option("--dataset", required=True, help="Nom que citent les appels, par exemple zonage-medecins-idf.")
@click.option("--valid-on", type=Day(), required=True, help="Date de l'arrêté (2022-03-30).")
@click.option("--region", "region_code", help="Code de la région, s'il s'agit d'un arrêté régional.")
@_options
@within_app
def zonage(path: Path, **options: Any) -> None:
    """Import one dated zoning of doctors (XLSX, ODS or CSV)."""
    source = _source(path, options)
    now = clock().now()
    with unit_of_work():
        report = import_zoning(source, now=now, cited=cited_vintages())
        located = 0 if report.outcome is ImportOutcome.REFUSED else locate_again(now)
    _tell(report, source)
    _tell_located(located)


@territory.command("list")
@within_app
def list_command() -> None:
    """List the vintages that are loaded, what they cover, and the calls that cite them."""
    cited = cited_vintages()
    vintages = list_vintages()
    if not vintages:
        click.echo("Aucun millésime chargé.")
    for row in vintages:
        calls = cited.get((row.dataset, row.valid_on))
        click.echo(f"{row.dataset}  {day(row.valid_on)}  {row.label}  {row.communes} communes  {row.source}")
        if calls:
            click.echo(f"    cité par {calls}")
    for region in list_coverage():
        click.echo(f"{region.name} : {region.communes} communes")


def _source(path: Path, options: dict[str, Any]) -> Source:
    try:
        content = path.read_bytes()
    except OSError as error:
        raise InvalidError(f"{path} : le fichier n'existe pas, ou ne se lit pas.", code="fichier-illisible") from error
    return Source(file_name=path.name, content=content, **options)


def _tell(report: Report, source: Source) -> None:
    """Print the counts then the lines, and fail when the file was refused."""
    refused = report.outcome is ImportOutcome.REFUSED
    for issue in [issue for issue in report.issues if issue.unmatched][:SHOWN_LINES]:
        place = f"{source.file_name}, feuille « {issue.sheet} », ligne {issue.line}, colonne {issue.column}"
        click.echo(f"{place} : « {issue.value} ». {issue.message}", err=refused)
    left = report.unmatched - SHOWN_LINES
    if left > 0:
        click.echo(f"… et {left} autres lignes : voir la page « Territoire » de l'agence.", err=refused)
    guessed = sum(not issue.unmatched for issue in report.issues)
    if guessed:
        click.echo(f"{guessed} lignes lues par un ancien code, un doublon ou une ville à arrondissements.", err=refused)
    if refused:
        click.echo(f"Import refusé, rien n'a changé : {report.reason}", err=True)
        click.echo("Pour l'accepter quand même : --max-unmatched.", err=True)
        raise SystemExit(2)
    verb = "remplacé" if report.outcome is ImportOutcome.REPLACED else "chargé"
    share = percent(Fraction(report.unmatched, max(report.read, 1)), 1)
    click.echo(
        f"{report.label} {verb} : {report.kept} communes, {report.read} lignes lues, "
        f"{report.unmatched} sans correspondance ({share})."
    )


def _tell_located(located: int) -> None:
    if located:
        click.echo(f"{located} sites de brouillons ont trouvé leur commune ou leur zone.")
