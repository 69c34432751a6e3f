"""An opinion that the signature could not record is refused when it is given, at its field."""

from __future__ import annotations

from decimal import Decimal

import pytest

from aap.applications.models import Application
from aap.awards.service import agree
from aap.errors import InvalidError
from aap.jury.models import JuryMember, JurySession
from aap.jury.service import Agreement
from tests.integration.jury.scene import SESSION, People
from tests.integration.jury.test_session import held, item_of, members, open_with, other

__all__ = ["held", "members", "other"]


@pytest.mark.parametrize(
    ("kind", "values", "place"),
    [("favorable", {"amount_eur": Decimal(-5)}, "amount_eur"), ("liste_complementaire", {"rank": 0}, "rank")],
)
def test_neither_a_negative_amount_nor_a_rank_before_the_first(
    held: JurySession,
    case: Application,
    members: list[JuryMember],
    people: People,
    kind: str,
    values: dict[str, Decimal],
    place: str,
) -> None:
    open_with(held, members, people)
    kinds = {one.key: one for one in case.call_version.decision_kinds}
    data = Agreement(kind=kinds[kind], motive="Solide.", **values)  # type: ignore[arg-type]  # a test builds it by name
    with pytest.raises(InvalidError) as refused:
        agree(item_of(held, case), data, actor=people.officer, now=SESSION)
    assert [problem.place for problem in refused.value.problems] == [place]
    assert item_of(held, case).recorded_at is None
