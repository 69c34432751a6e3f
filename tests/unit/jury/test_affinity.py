"""What brings a member and a file together, point by point and in words."""

from __future__ import annotations

import uuid

import pytest

from aap.errors import InvalidError
from aap.jury.affinity import Knowledge, grounds
from aap.jury.proposal import Wishes, check_size, is_long, propose
from aap.jury.queries.proposing import FileToRead, Material, Seat, Size

LABELS = {"ald": "Affections de longue durée", "detenus": "Personnes détenues", "teleexpertise": "Téléexpertise"}


def knowledge(publics: str = "", acts: str = "", departments: str = "") -> Knowledge:
    return Knowledge(frozenset(publics.split()), frozenset(acts.split()), frozenset(departments.split()))


@pytest.mark.parametrize(
    ("member", "points"),
    [
        (knowledge(), 0),
        (knowledge("ald"), 3),
        (knowledge("ald detenus"), 6),
        (knowledge("personnes_agees", "teleconsultation", "95"), 0),
        (knowledge("", "teleexpertise"), 2),
        (knowledge("", "", "77"), 2),
        (knowledge("", "", "77 93"), 2),  # a file over two departments is no closer
        (knowledge("ald detenus", "teleexpertise", "77"), 10),
    ],
)
def test_points_are_those_of_what_is_shared(member: Knowledge, points: int) -> None:
    file = knowledge("ald detenus", "teleexpertise", "77 93")
    assert member.shared(file).points == points
    assert file.shared(member).points == points


def test_what_is_shared_is_said_in_words() -> None:
    shared = knowledge("detenus ald", "teleexpertise", "77")
    assert grounds(shared, LABELS) == (
        "publics en commun : Affections de longue durée, Personnes détenues",
        "acte en commun : Téléexpertise",
        "même département : 77",
    )
    assert grounds(knowledge(), LABELS) == ()
    assert grounds(knowledge(departments="75 77 78 91 92"), {}) == ("mêmes départements : 75, 77, 78 et 2 de plus",)


def seat(name: str, knows: Knowledge, **changes: object) -> Seat:
    known: dict[str, object] = {"college": "A", "capacity": None, "declared": True, "left": False, **changes}
    return Seat(id=uuid.uuid4(), user_id=uuid.uuid4(), label=name, knows=knows, **known)  # type: ignore[arg-type]  # a test's defaults


def file(reference: str, about: Knowledge) -> FileToRead:
    return FileToRead(uuid.uuid4(), reference, "", about)


def material(seats: list[Seat], files: list[FileToRead], **changes: object) -> Material:
    known: dict[str, object] = {
        "kept": frozenset(),
        "barred": frozenset(),
        "doubts": (),
        "waiting": (),
        "voiceless": (),
    }
    return Material(tuple(seats), tuple(files), **{**known, **changes})  # type: ignore[arg-type]  # a test's defaults


def test_each_file_goes_to_who_knows_it() -> None:
    one, two = seat("J1", knowledge("ald")), seat("J2", knowledge("detenus"))
    files = [file("D1", knowledge("detenus")), file("D2", knowledge("ald"))]
    found = propose(material([one, two], files), Wishes(1, 0, 2), LABELS)
    assert [[each.name for each in share.added] for share in found.files] == [["J2"], ["J1"]]
    assert found.files[0].added[0].why == "Public en commun : Personnes détenues ; charge : 1 sur 2"
    assert (found.total, found.optimal) == (6, True)


def test_what_exists_is_kept_and_counts() -> None:
    one, two = seat("J1", knowledge("ald")), seat("J2", knowledge())
    files = [file("D1", knowledge("ald")), file("D2", knowledge())]
    kept = frozenset({(two.id, files[0].id)})  # by hand, to who knows the file less
    found = propose(material([one, two], files, kept=kept), Wishes(1, 1, 1), LABELS)
    assert [(each.name, each.application_id) for each in found.added] == [("J1", files[1].id)]
    assert found.files[0].kept == ("J2",)
    assert [(share.before, share.after) for share in found.members] == [(0, 1), (1, 1)]


def test_who_left_keeps_what_was_submitted_and_receives_nothing() -> None:
    gone, here = seat("J1", knowledge("ald"), left=True), seat("J2", knowledge())
    files = [file("D1", knowledge("ald")), file("D2", knowledge("ald"))]
    kept = frozenset({(gone.id, files[0].id)})
    found = propose(material([gone, here], files, kept=kept), Wishes(1, 0, 5), LABELS)
    assert [(each.name, each.application_id) for each in found.added] == [("J2", files[1].id)]


def test_shortages_and_members_under_their_minimum_are_named() -> None:
    one, two = seat("J1", knowledge("ald")), seat("J2", knowledge(), capacity=1)
    files = [file("D1", knowledge("ald")), file("D2", knowledge())]
    barred = frozenset((two.id, each.id) for each in files)
    found = propose(material([one, two], files, barred=barred), Wishes(2, 1, 1), LABELS)
    assert sum(share.missing for share in found.files) == 3
    assert [share.under for share in found.members] == [0, 1]
    assert {each.name for each in found.added} == {"J1"}


def test_a_college_is_limited_on_each_file() -> None:
    seats = [seat("J1", knowledge("ald")), seat("J2", knowledge("ald")), seat("J3", knowledge(), college="B")]
    files = [file("D1", knowledge("ald"))]
    assert {each.name for each in propose(material(seats, files), Wishes(2, 0, 1), {}).added} == {"J1", "J2"}
    limited = propose(material(seats, files), Wishes(2, 0, 1, at_most_per_college=1), {}).added
    assert "J3" in {each.name for each in limited}


def test_readers_are_linked_when_asked() -> None:
    one, two = seat("J1", knowledge("ald")), seat("J2", knowledge("detenus"))
    files = [file("D1", knowledge("ald")), file("D2", knowledge("detenus"))]
    apart = propose(material([one, two], files), Wishes(1, 0, 2), {})
    assert (len(apart.added), apart.components) == (2, None)
    linked = propose(material([one, two], files), Wishes(1, 0, 2, linked=True), {})
    assert (len(linked.added), linked.components) == (3, 1)
    assert sum(each.bridging for each in linked.added) == 1
    assert linked.fingerprint != apart.fingerprint


def test_loads_are_even_when_it_costs_nothing() -> None:
    seats = [seat(f"J{number}", knowledge("ald")) for number in range(1, 6)]
    files = [file(f"D{number}", knowledge("ald")) for number in range(1, 11)]
    found = propose(material(seats, files), Wishes(2, 0, 10), {})
    assert [share.after for share in found.members] == [4] * 5
    assert (found.total, found.bound, found.optimal) == (60, 60, True)
    best = seat("J6", knowledge("ald detenus"))
    found = propose(material([*seats, best], [file("D0", knowledge("detenus")), *files]), Wishes(1, 0, 3), {})
    assert found.files[0].added[0].name == "J6"


def test_the_worst_served_file_is_raised() -> None:
    wide, narrow = seat("J1", knowledge("ald detenus", departments="77")), seat("J2", knowledge("ald"))
    files = [file("D1", knowledge("ald detenus", departments="77")), file("D2", knowledge("ald"))]
    plain = propose(material([wide, narrow], files), Wishes(1, 0, 1), {})
    fair = propose(material([wide, narrow], files), Wishes(1, 0, 1, fairly=True), {})
    assert (plain.total, plain.worst) == (11, None)
    assert (fair.worst, fair.worst_bound) == (3, 3)


def test_a_large_table_goes_to_the_worker_and_a_larger_one_is_refused_with_what_to_do() -> None:
    assert not is_long(Size(40, 500))
    assert is_long(Size(41, 500))
    check_size(Size(300, 5000))
    with pytest.raises(InvalidError, match="aap scoring assign"):
        check_size(Size(301, 5000))
