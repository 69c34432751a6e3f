"""What a simulation reads of a call: its files in their exact order, and the groups they make. Few queries."""

from __future__ import annotations

import uuid
from collections import Counter, defaultdict
from collections.abc import Iterable, Mapping
from decimal import Decimal

from sqlalchemy import ColumnElement, select

from aap.applications.models import Application, ApplicationPublic, ApplicationState, Site
from aap.awards.simulation import Board, Dimension, FileRow, Group, Standing
from aap.calls.models import CallVersion, Strand
from aap.db import db
from aap.jury.blindness import marks_are_open
from aap.jury.queries import RankedRow, list_ranking
from aap.referentials.models import Department
from aap.referentials.vocabularies import label, vocabulary
from aap.scoring.aggregation import Status

_OUT = {
    ApplicationState.WITHDRAWN: Standing.WITHDRAWN,
    ApplicationState.INADMISSIBLE: Standing.INADMISSIBLE,
}
_STANDINGS = {
    Status.RANKED: Standing.RANKED,
    Status.ELIMINATED: Standing.ELIMINATED,
    Status.INCOMPLETE: Standing.INCOMPLETE,
}
Groups = dict[str, frozenset[str]]
Labels = dict[str, str]


def read_board(version: CallVersion, *, seen: ColumnElement[bool], known: ColumnElement[bool]) -> Board:
    """Return the files of a call for its simulation.

    ``seen`` is the condition on ``Application`` of the marks that the reader may read, ``known`` that of the files:
    those that left before the jury are told without marks. What they hide is left out before ranking.

    Raises:
        ConflictError: the call has no grid.

    """
    ranking = list_ranking(version.call_id, seen=seen)
    gone = _list_gone(version.call_id, known)
    groups, labels = _read_groups([*(row.application_id for row in ranking), *(row.application_id for row in gone)])
    labels |= {f"{Dimension.STRAND.value}:{strand.key}": strand.key for strand in version.strands}
    rows = [_ranked(row, groups) for row in ranking]
    return Board((*rows, *gone), _groups_of(rows, labels))


def _ranked(row: RankedRow, groups: Groups) -> FileRow:
    mine = groups.get(str(row.application_id), frozenset())
    return FileRow(
        application_id=row.application_id,
        reference=row.reference,
        title=row.title,
        applicant_name=row.applicant_name,
        strand=row.strand_key,
        requested_eur=row.requested_eur,
        standing=_STANDINGS[row.status],
        rank=row.rank_overall,
        rank_in_strand=row.rank_strand,
        tied=row.tied,
        total=row.total,
        groups=mine | ({f"{Dimension.STRAND.value}:{row.strand_key}"} if row.strand_key else frozenset()),
    )


def _list_gone(call_id: uuid.UUID, known: ColumnElement[bool]) -> list[FileRow]:
    """List the deposited files that were withdrawn or refused before the jury, once marks are open."""
    query = (
        select(
            Application.id,
            Application.reference,
            Application.title,
            Application.applicant_name,
            Strand.key,
            Application.requested_eur,
            Application.state,
        )
        .join(CallVersion, CallVersion.id == Application.call_version_id)
        .outerjoin(Strand, Strand.id == Application.strand_id)
        .where(
            CallVersion.call_id == call_id,
            Application.state.in_(_OUT),
            Application.submitted_at.is_not(None),
            marks_are_open(),
            known,
        )
        .order_by(Application.reference)
    )
    return [
        FileRow(identifier, reference or "", title, applicant, strand, requested, _OUT[state])
        for identifier, reference, title, applicant, strand, requested, state in db.session.execute(query)
    ]


def _read_groups(identifiers: Iterable[uuid.UUID]) -> tuple[Groups, Labels]:
    """Read what files have in common: three queries."""
    wanted = list(identifiers)
    groups: dict[str, set[str]] = defaultdict(set)
    labels: Labels = {}

    def join(identifier: uuid.UUID, dimension: Dimension, value: str, words: str) -> None:
        groups[str(identifier)].add(f"{dimension.value}:{value}")
        labels[f"{dimension.value}:{value}"] = words

    heads = (
        select(
            Application.id,
            Application.organisation_id,
            Application.siret,
            Application.applicant_name,
            Application.applicant_type,
            Application.department_code,
            Department.name,
        )
        .outerjoin(Department, Department.code == Application.department_code)
        .where(Application.id.in_(wanted))
        .order_by(Application.reference)
    )
    for identifier, organisation, siret, name, kind, department, department_name in db.session.execute(heads):
        key = siret or (str(organisation) if organisation else "")
        if key:
            join(identifier, Dimension.ORGANISATION, key, name)
        if kind:
            join(identifier, Dimension.CATEGORY, kind, label("applicant_types", kind))
        if department:
            join(identifier, Dimension.DEPARTMENT, department, f"{department} – {department_name}")
    publics = select(ApplicationPublic.application_id, ApplicationPublic.code)
    for identifier, code in db.session.execute(publics.where(ApplicationPublic.application_id.in_(wanted))):
        join(identifier, Dimension.PUBLIC, code, label("target_publics", code))
    zones = select(Site.application_id, Site.zone).distinct().where(Site.application_id.in_(wanted))
    for identifier, zone in db.session.execute(zones):
        if zone:  # the commune of some sites is not recognised
            join(identifier, Dimension.ZONE, zone, label("zone_types", zone))
    return {key: frozenset(found) for key, found in groups.items()}, labels


def _groups_of(rows: Iterable[FileRow], labels: Mapping[str, str]) -> tuple[Group, ...]:
    """Count the ranked files of each group: dimensions in their order, then the order of the vocabularies."""
    files: dict[str, int] = defaultdict(int)
    asked: dict[str, Decimal] = defaultdict(Decimal)
    for row in rows:
        for key in row.groups if row.standing is Standing.RANKED else ():
            files[key] += 1
            asked[key] += row.requested_eur
    found = []
    shared = Counter((key.partition(":")[0], words) for key, words in labels.items())
    for key, words in labels.items():
        dimension, _, value = key.partition(":")
        told = f"{words} ({value})" if shared[dimension, words] > 1 else words  # two sites of one organisation
        found.append(Group(Dimension(dimension), value, told, files[key], asked[key]))
    return tuple(sorted((group for group in found if group.files), key=_order))


def _order(group: Group) -> tuple[int, int, str]:
    order = list(Dimension).index(group.dimension)
    lists = {
        Dimension.PUBLIC: "target_publics",
        Dimension.ZONE: "zone_types",
        Dimension.CATEGORY: "applicant_types",
    }
    codes = vocabulary(lists[group.dimension]).codes if group.dimension in lists else ()
    place = codes.index(group.value) if group.value in codes else len(codes)
    return order, place, group.label
