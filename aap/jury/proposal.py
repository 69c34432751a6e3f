"""A proposal of assignments, computed from what was read and shown before anything is written.

What exists is pinned: a proposal only adds. NumPy and SciPy are loaded by who asks for a proposal.
"""

from __future__ import annotations

import hashlib
import uuid
from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from aap import french
from aap.errors import InvalidError
from aap.jury.affinity import Knowledge, grounds
from aap.jury.queries.proposing import FileToRead, Material, Seat, Size

if TYPE_CHECKING:
    from aap.scoring.assignment.problem import Problem
    from aap.scoring.assignment.solver import Assignment

MOST_CELLS = 20_000
LONGEST_WHY = 400
Place = tuple[int, int]
"""A file then a member, by their places in the material."""


@dataclass(frozen=True, slots=True)
class Wishes:
    """What the officer asks for. A member's own capacity stands in place of ``maximum``."""

    reviews: int
    minimum: int
    maximum: int
    at_most_per_college: int | None = None
    fairly: bool = False
    linked: bool = False


@dataclass(frozen=True, slots=True)
class Addition:
    """A new pair. ``why`` is kept with the assignment and the member reads it; ``told`` compares with the others."""

    member_id: uuid.UUID
    application_id: uuid.UUID
    name: str
    why: str
    told: str
    undeclared: bool
    bridging: bool


@dataclass(frozen=True, slots=True)
class FileShare:
    """Who reads a file already, who is proposed, and how many are still missing."""

    file: FileToRead
    kept: tuple[str, ...]
    added: tuple[Addition, ...]
    missing: int


@dataclass(frozen=True, slots=True)
class MemberShare:
    """What a member reads already and would read; ``under`` is how much is missing to reach the minimum."""

    seat: Seat
    before: int
    after: int
    maximum: int
    under: int


@dataclass(frozen=True, slots=True)
class Proposal:
    """The assignment found. ``components`` above one: groups of files that no member links to the others.

    ``worst`` is what the worst-served file receives, out of ``worst_bound``, only when fairness was asked for.
    """

    files: tuple[FileShare, ...]
    members: tuple[MemberShare, ...]
    total: int
    bound: int
    optimal: bool
    components: int | None
    worst: int | None
    worst_bound: int | None

    @property
    def added(self) -> tuple[Addition, ...]:
        """List the new pairs, by file then member."""
        return tuple(one for share in self.files for one in share.added)

    @property
    def blind(self) -> bool:
        """Tell whether no member said what they know: points then mean nothing."""
        return not any(share.seat.knows != Knowledge() for share in self.members)

    @property
    def fingerprint(self) -> str:
        """Identify the new pairs, so that what is applied is what was read."""
        pairs = sorted(f"{one.member_id} {one.application_id}" for one in self.added)
        return hashlib.sha256("\n".join(pairs).encode()).hexdigest()


def check_size(size: Size) -> None:
    """Refuse a table too large to be computed while somebody waits, with what to do instead."""
    if size.cells > MOST_CELLS:
        message = (
            f"{french.plural(size.members, 'membre')} × {french.plural(size.files, 'dossier')} : c'est trop pour un "
            "calcul à l'écran. Demandez à l'exploitant la commande « aap scoring assign », puis cochez sa réponse."
        )
        raise InvalidError(message, code="repartition-trop-grande")


def propose(material: Material, wishes: Wishes, labels: Mapping[str, str]) -> Proposal:
    """Compute the best additions. ``labels`` name the codes of publics and of acts.

    Raises:
        InvalidError: loads or reviews that make no sense.

    """
    from aap.scoring.assignment import bridging, explanation, fairness, solver  # noqa: PLC0415  # see above

    shared = _shared(material)
    problem = _problem(material, wishes, shared)
    level = _level(problem, solver.assign(problem))
    found, worst, worst_bound = level.found, None, None
    if wishes.fairly:
        fair = fairness.assign_fairly(problem)
        evened = fairness.assign_fairly(level.problem)
        kept = evened if _missed(evened.assignment) == _missed(found) and evened.worst >= fair.worst else fair
        found, worst, worst_bound = kept.assignment, fair.worst, fair.bound
    bridges: tuple[Place, ...] = ()
    components = None
    if wishes.linked:
        linked = bridging.bridge(problem, found)
        bridges, components = linked.pairs, linked.components
        found = replace(found, pairs=tuple(sorted((*found.pairs, *bridges))))
    reasons = {place: grounds(common, labels) for place, common in shared.items()}
    told = explanation.explain(problem, found, reasons)
    return Proposal(
        files=_files(material, problem, found, reasons, told, frozenset(bridges)),
        members=_members(material, problem, found),
        total=found.total,
        bound=found.bound,
        optimal=found.optimal,
        components=components,
        worst=worst,
        worst_bound=worst_bound,
    )


@dataclass(frozen=True, slots=True)
class _Level:
    """The problem with its maximum loads lowered as far as nothing is lost, and its solution."""

    problem: Problem
    found: Assignment


def _level(problem: Problem, found: Assignment) -> _Level:
    """Even the loads out at no cost: the lowest common maximum that misses as little and reaches the same total.

    Solutions exist above some height and not below: bisection. Loads that were pinned stay, whatever the height.
    """
    from aap.scoring.assignment import solver  # noqa: PLC0415  # see above

    loads = found.loads(len(problem.jurors))
    low, high = max(problem.minimum, default=0), max(loads, default=0)
    best = _Level(problem, found)
    while low < high:
        height = (low + high) // 2
        tried = replace(problem, maximum=tuple(min(most, height) for most in problem.maximum))
        evened = solver.assign(tried)
        if (_missed(evened), evened.total) == (_missed(found), found.total):
            best, high = _Level(tried, replace(evened, bound=found.bound, optimal=found.optimal)), height
        else:
            low = height + 1
    return best


def _missed(found: Assignment) -> tuple[int, int]:
    return sum(found.missing), sum(found.under_minimum)


def _shared(material: Material) -> dict[Place, Knowledge]:
    return {
        (row, column): file.about.shared(seat.knows)
        for row, file in enumerate(material.files)
        for column, seat in enumerate(material.seats)
    }


def _problem(material: Material, wishes: Wishes, shared: Mapping[Place, Knowledge]) -> Problem:
    """Write the problem: a pair is open unless barred, in doubt, or of a member who left; what exists is pinned."""
    from aap.scoring.assignment.problem import Problem, college_indexes, from_rows  # noqa: PLC0415  # see above

    closed = material.barred | {(row.member_id, row.application_id) for row in material.doubts}
    rows = [
        [
            shared[row, column].points
            if (seat.id, file.id) in material.kept or not (seat.left or (seat.id, file.id) in closed)
            else None
            for column, seat in enumerate(material.seats)
        ]
        for row, file in enumerate(material.files)
    ]
    affinities, allowed = from_rows(rows)
    names = tuple(seat.label for seat in material.seats)
    maximum = tuple(_maximum(seat, wishes) for seat in material.seats)
    return Problem(
        applications=tuple(file.reference for file in material.files),
        jurors=names,
        affinities=affinities,
        allowed=allowed,
        reviews=wishes.reviews,
        minimum=tuple(min(wishes.minimum, most) for most in maximum),
        maximum=maximum,
        college=college_indexes(names, {seat.label: seat.college for seat in material.seats}),
        at_most_per_college=wishes.at_most_per_college,
        pinned=tuple(
            (row, column)
            for row, file in enumerate(material.files)
            for column, seat in enumerate(material.seats)
            if (seat.id, file.id) in material.kept
        ),
    )


def _maximum(seat: Seat, wishes: Wishes) -> int:
    if seat.left:
        return 0
    return wishes.maximum if seat.capacity is None else seat.capacity


def _files(
    material: Material,
    problem: Problem,
    found: Assignment,
    reasons: Mapping[Place, tuple[str, ...]],
    told: Mapping[Place, str],
    bridges: frozenset[Place],
) -> tuple[FileShare, ...]:
    pinned, loads = set(problem.pinned), found.loads(len(problem.jurors))
    kept: dict[int, list[str]] = {}
    added: dict[int, list[Addition]] = {}
    for row, column in found.pairs:
        seat = material.seats[column]
        if (row, column) in pinned:
            kept.setdefault(row, []).append(seat.label)
            continue
        charge = f"charge : {loads[column]} sur {problem.maximum[column]}"
        said = [*reasons[row, column], charge] if reasons[row, column] else ["aucun point commun déclaré", charge]
        if (row, column) in bridges:
            said.append("lecture qui relie les évaluateurs")
        why = " ; ".join(said)
        added.setdefault(row, []).append(
            Addition(
                member_id=seat.id,
                application_id=material.files[row].id,
                name=seat.label,
                why=(why[:1].upper() + why[1:])[:LONGEST_WHY],
                told=told[row, column],
                undeclared=not seat.declared,
                bridging=(row, column) in bridges,
            )
        )
    return tuple(
        FileShare(file, tuple(kept.get(row, ())), tuple(added.get(row, ())), found.missing[row])
        for row, file in enumerate(material.files)
    )


def _members(material: Material, problem: Problem, found: Assignment) -> tuple[MemberShare, ...]:
    before = [0] * len(problem.jurors)
    for _, column in problem.pinned:
        before[column] += 1
    after = found.loads(len(problem.jurors))
    return tuple(
        MemberShare(
            seat=seat,
            before=before[column],
            after=after[column],
            maximum=problem.maximum[column],
            under=max(0, problem.minimum[column] - after[column]),
        )
        for column, seat in enumerate(material.seats)
    )
