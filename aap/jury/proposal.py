"""A proposal of assignments, computed from what was read and shown before anything is written.

What exists is pinned: a proposal only adds.
"""

from __future__ import annotations

import hashlib
import uuid
from collections.abc import Mapping
from dataclasses import dataclass

from aap import french
from aap.errors import InvalidError
from aap.jury.affinity import Knowledge, grounds
from aap.jury.queries.proposing import FileToRead, Material, Seat, Size
from aap.scoring.proposal import Answer, Place, Request, solve

MOST_CELLS = 20_000
LONGEST_WHY = 400


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
    shared = _shared(material)
    reasons = {place: grounds(common, labels) for place, common in shared.items()}
    request = _request(material, wishes, shared, reasons)
    found = solve(request)
    return Proposal(
        files=_files(material, request, found),
        members=_members(material, request, found),
        total=found.total,
        bound=found.bound,
        optimal=found.optimal,
        components=found.components,
        worst=found.worst,
        worst_bound=found.worst_bound,
    )


def _shared(material: Material) -> dict[Place, Knowledge]:
    return {
        (row, column): file.about.shared(seat.knows)
        for row, file in enumerate(material.files)
        for column, seat in enumerate(material.seats)
    }


def _request(
    material: Material,
    wishes: Wishes,
    shared: Mapping[Place, Knowledge],
    reasons: Mapping[Place, tuple[str, ...]],
) -> Request:
    """Write the request: a pair is open unless barred, in doubt, or of a member who left; what exists is pinned."""
    closed = material.barred | {(row.member_id, row.application_id) for row in material.doubts}
    pinned = tuple(
        (row, column)
        for row, file in enumerate(material.files)
        for column, seat in enumerate(material.seats)
        if (seat.id, file.id) in material.kept
    )
    kept = set(pinned)
    maximum = tuple(_maximum(seat, wishes) for seat in material.seats)
    return Request(
        applications=tuple(file.reference for file in material.files),
        jurors=tuple(seat.label for seat in material.seats),
        colleges=tuple(seat.college for seat in material.seats),
        affinities=tuple(
            tuple(
                shared[row, column].points
                if (row, column) in kept or not (seat.left or (seat.id, file.id) in closed)
                else None
                for column, seat in enumerate(material.seats)
            )
            for row, file in enumerate(material.files)
        ),
        reviews=wishes.reviews,
        minimum=tuple(min(wishes.minimum, most) for most in maximum),
        maximum=maximum,
        at_most_per_college=wishes.at_most_per_college,
        pinned=pinned,
        grounds=reasons,
        fairly=wishes.fairly,
        linked=wishes.linked,
    )


def _maximum(seat: Seat, wishes: Wishes) -> int:
    if seat.left:
        return 0
    return wishes.maximum if seat.capacity is None else seat.capacity


def _files(material: Material, request: Request, found: Answer) -> tuple[FileShare, ...]:
    pinned, bridges, reasons = set(request.pinned), set(found.bridges), request.grounds
    kept: dict[int, list[str]] = {}
    added: dict[int, list[Addition]] = {}
    for row, column in found.pairs:
        seat = material.seats[column]
        if (row, column) in pinned:
            kept.setdefault(row, []).append(seat.label)
            continue
        charge = f"charge : {found.loads[column]} sur {request.maximum[column]}"
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
                told=found.told[row, column],
                undeclared=not seat.declared,
                bridging=(row, column) in bridges,
            )
        )
    return tuple(
        FileShare(file, tuple(kept.get(row, ())), tuple(added.get(row, ())), found.missing[row])
        for row, file in enumerate(material.files)
    )


def _members(material: Material, request: Request, found: Answer) -> tuple[MemberShare, ...]:
    before = [0] * len(request.jurors)
    for _, column in request.pinned:
        before[column] += 1
    return tuple(
        MemberShare(
            seat=seat,
            before=before[column],
            after=found.loads[column],
            maximum=request.maximum[column],
            under=max(0, request.minimum[column] - found.loads[column]),
        )
        for column, seat in enumerate(material.seats)
    )
