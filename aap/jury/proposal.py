"""A proposal of assignments, computed from what was read and shown before anything is written.

What exists is pinned: a proposal only adds.
"""

from __future__ import annotations

import hashlib
import uuid
from collections import Counter
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace

from aap import french
from aap.errors import InvalidError
from aap.jury.affinity import Knowledge, grounds
from aap.jury.queries.proposing import FileToRead, Material, Seat, Size
from aap.scoring.proposal import Answer, Place, Request, solve

MOST_CELLS = 20_000  # computed while somebody waits; beyond, the worker does it
MOST_WORKER_CELLS = 1_500_000
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
    replacing: bool = False  # only the readers that files have lost


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


def is_long(size: Size) -> bool:
    """Tell whether a table is too large to be computed while somebody waits."""
    return size.cells > MOST_CELLS


def check_size(size: Size) -> None:
    """Refuse a table too large even for the worker, with what to do instead."""
    if size.cells > MOST_WORKER_CELLS:
        message = (
            f"{french.plural(size.members, 'membre')} × {french.plural(size.files, 'dossier')} : c'est trop pour "
            "ce service. Demandez à l'exploitant la commande « aap scoring assign », puis cochez sa réponse."
        )
        raise InvalidError(message, code="repartition-trop-grande")


def propose(material: Material, wishes: Wishes, labels: Mapping[str, str]) -> Proposal:
    """Compute the best additions. ``labels`` name the codes of publics and of acts.

    Raises:
        InvalidError: loads or reviews that make no sense.

    """
    material, elsewhere = _narrowed(material) if wishes.replacing else (material, Counter[uuid.UUID]())
    if wishes.replacing and not material.files:
        message = "Aucun dossier n'a perdu d'évaluateur : il n'y a personne à remplacer."
        raise InvalidError.on("replacing", message, code="personne-a-remplacer")
    request = _request(material, wishes, elsewhere, _Grounds(material, labels))
    found = solve(request)
    return Proposal(
        files=_files(material, request, found, elsewhere),
        members=_members(material, request, found, elsewhere),
        total=found.total,
        bound=found.bound,
        optimal=found.optimal,
        components=found.components,
        worst=found.worst,
        worst_bound=found.worst_bound,
    )


class _Grounds(Mapping[Place, tuple[str, ...]]):
    """What each pair has in common, in words: said for the pairs that are proposed only, so that large tables fit."""

    def __init__(self, material: Material, labels: Mapping[str, str]) -> None:
        self._material, self._labels = material, labels

    def __getitem__(self, place: Place) -> tuple[str, ...]:
        row, column = place
        if column >= len(self._material.seats):
            raise KeyError(place)
        shared = self._material.files[row].about.shared(self._material.seats[column].knows)
        return grounds(shared, self._labels)

    def __iter__(self) -> Iterator[Place]:
        files, seats = range(len(self._material.files)), range(len(self._material.seats))
        return ((row, column) for row in files for column in seats)

    def __len__(self) -> int:
        return len(self._material.files) * len(self._material.seats)


def _narrowed(material: Material) -> tuple[Material, Counter[uuid.UUID]]:
    """Keep only the files that lost a reader; count what each member reads elsewhere."""
    files = tuple(file for file in material.files if material.lost.get(file.id))
    here = {file.id for file in files}
    elsewhere = Counter(member for member, file in material.kept if file not in here)
    kept = frozenset(pair for pair in material.kept if pair[1] in here)
    return replace(material, files=files, kept=kept), elsewhere


def _wanted(material: Material, wishes: Wishes) -> list[int]:
    """Return how many readers each file should have, those it keeps included: never more than it has lost."""
    if not wishes.replacing:
        return [wishes.reviews] * len(material.files)
    kept = Counter(file for _, file in material.kept)
    return [
        kept[file.id] + max(0, min(material.lost[file.id], wishes.reviews - kept[file.id])) for file in material.files
    ]


def _request(
    material: Material, wishes: Wishes, elsewhere: Mapping[uuid.UUID, int], reasons: Mapping[Place, tuple[str, ...]]
) -> Request:
    """Write the request: a pair is open unless barred, in doubt, or of a member who left; what exists is pinned.

    A file that wants fewer readers than another is given imaginary ones, pinned, at the end of the columns.
    """
    closed = material.barred | {(row.member_id, row.application_id) for row in material.doubts}
    pinned = tuple(
        (row, column)
        for row, file in enumerate(material.files)
        for column, seat in enumerate(material.seats)
        if (seat.id, file.id) in material.kept
    )
    kept = set(pinned)
    maximum = tuple(max(0, _maximum(seat, wishes) - elsewhere.get(seat.id, 0)) for seat in material.seats)
    least = 0 if wishes.replacing else wishes.minimum
    wanted = _wanted(material, wishes)
    reviews = max(wanted, default=0)
    seats, spare = len(material.seats), reviews - min(wanted, default=0)
    imaginary = tuple((row, seats + rank) for row, one in enumerate(wanted) for rank in range(reviews - one))
    here = set(imaginary)
    return Request(
        applications=tuple(file.reference for file in material.files),
        jurors=(*(seat.label for seat in material.seats), *(f"imaginaire {rank}" for rank in range(spare))),
        colleges=(*(seat.college for seat in material.seats), *(f"imaginaire {rank}" for rank in range(spare))),
        affinities=tuple(
            (
                *(
                    file.about.shared(seat.knows).points
                    if (row, column) in kept or not (seat.left or (seat.id, file.id) in closed)
                    else None
                    for column, seat in enumerate(material.seats)
                ),
                *(0 if (row, seats + rank) in here else None for rank in range(spare)),
            )
            for row, file in enumerate(material.files)
        ),
        reviews=reviews,
        minimum=(*(min(least, most) for most in maximum), *[0] * spare),
        maximum=(*maximum, *[len(wanted)] * spare),
        at_most_per_college=wishes.at_most_per_college,
        pinned=(*pinned, *imaginary),
        grounds=reasons,
        fairly=wishes.fairly,
        linked=wishes.linked and not wishes.replacing,
    )


def _maximum(seat: Seat, wishes: Wishes) -> int:
    if seat.left:
        return 0
    return wishes.maximum if seat.capacity is None else seat.capacity


def _files(
    material: Material, request: Request, found: Answer, elsewhere: Mapping[uuid.UUID, int]
) -> tuple[FileShare, ...]:
    pinned, bridges, reasons = set(request.pinned), set(found.bridges), request.grounds
    kept: dict[int, list[str]] = {}
    added: dict[int, list[Addition]] = {}
    for row, column in found.pairs:
        if column >= len(material.seats):
            continue
        seat = material.seats[column]
        if (row, column) in pinned:
            kept.setdefault(row, []).append(seat.label)
            continue
        other = elsewhere.get(seat.id, 0)
        charge = f"charge : {found.loads[column] + other} sur {request.maximum[column] + other}"
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


def _members(
    material: Material, request: Request, found: Answer, elsewhere: Mapping[uuid.UUID, int]
) -> tuple[MemberShare, ...]:
    before = [0] * len(request.jurors)
    for _, column in request.pinned:
        before[column] += 1
    return tuple(
        MemberShare(
            seat=seat,
            before=before[column] + elsewhere.get(seat.id, 0),
            after=found.loads[column] + elsewhere.get(seat.id, 0),
            maximum=request.maximum[column] + elsewhere.get(seat.id, 0),
            under=max(0, request.minimum[column] - found.loads[column]),
        )
        for column, seat in enumerate(material.seats)
    )
