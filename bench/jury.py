"""The jury beside the reference page: the board of a thousand files marked three times on eight criteria, and a mark.

On the stage of the pages, months later: individual scoring is closed, but one juror was named afterwards.
"""

from __future__ import annotations

import uuid
from collections.abc import Callable
from datetime import datetime, timedelta
from decimal import Decimal

from sqlalchemy import insert, select, update

from aap.accounts.models import User
from aap.applications.models import Application
from aap.calls.models import Call, Criterion
from aap.clock import FixedClock
from aap.db import db, unit_of_work
from aap.extensions import Services
from aap.jury.checks import SCORING_END
from aap.jury.models import Assignment, FrozenRubric, JuryMember, Mark, Review
from aap.jury.service import add_member, close_scoring, refresh_standings, sign_declaration
from bench.stage import Stage

JURORS = ("jury1", "jury2", "jury3")


def play_jury(stage: Stage) -> Callable[[], object]:
    """Have every deposited file marked by three members, close the scoring; return a call that saves one more mark."""
    with stage.app.app_context():
        call = db.session.get_one(Call, stage.call_id)
        now = next(step.at for step in call.steps if step.key == SCORING_END and step.at is not None)
        with unit_of_work():
            seats = _seat(call, now - timedelta(days=30))
            files = _marked(call, seats, now)
            close_scoring(call, now=now)
            refresh_standings(call, now)
            late = _late_file(call, seats[0], files, now)
        juror = seats[0].user.email
    services: Services = stage.app.extensions["aap"]
    services.clock = FixedClock(now + timedelta(hours=1))
    return _save(stage, juror, late)


def _seat(call: Call, now: datetime) -> list[JuryMember]:
    college = call.versions[-1].colleges[0]
    officer = db.session.scalars(select(User).where(User.email == "instruction@demo.invalid")).one()
    seats = []
    for name in JURORS:
        user = db.session.scalars(select(User).where(User.email == f"{name}@demo.invalid")).one()
        seat = add_member(call, user, college, actor=officer, now=now)
        sign_declaration(seat, has_interests=False, text="", dpi_up_to_date=True, actor=user, now=now)
        seats.append(seat)
    return seats


def _marked(call: Call, seats: list[JuryMember], now: datetime) -> list[uuid.UUID]:
    """Mark every deposited file: marks differ from file to file, so that totals do."""
    version = call.versions[-1]
    scored = update(Application).where(Application.call_version_id == version.id, Application.state == "submitted")
    db.session.execute(scored.values(state="scored"))
    files = list(
        db.session.scalars(
            select(Application.id)
            .where(Application.call_version_id == version.id, Application.state == "scored")
            .order_by(Application.reference)
        )
    )
    criteria = list(
        db.session.scalars(select(Criterion).where(Criterion.version_id == version.id).order_by(Criterion.position))
    )
    reviews, marks = [], []
    for number, application_id in enumerate(files):
        for place, seat in enumerate(seats):
            review_id = uuid.uuid4()
            reviews.append(
                {
                    "id": review_id,
                    "lock_version": 1,
                    "jury_member_id": seat.id,
                    "application_id": application_id,
                    "state": "submitted",
                    "submitted_at": now,
                    "rubric_fingerprint": "0" * 64,
                    "private_note": "",
                    "created_at": now,
                    "updated_at": now,
                }
            )
            for rank, criterion in enumerate(criteria):
                steps = int((criterion.max_mark - criterion.min_mark) / criterion.step)
                value = criterion.min_mark + criterion.step * ((number * (rank + 3) + place) // 5 % (steps + 1))
                marks.append(_mark(review_id, criterion.id, value))
    db.session.execute(insert(Review), reviews)
    db.session.execute(insert(Mark), marks)
    frozen = {"fingerprint": "0" * 64, "review_id": reviews[0]["id"], "frozen_at": now}
    db.session.execute(insert(FrozenRubric), [{"id": uuid.uuid4(), "call_version_id": version.id, **frozen}])
    return files


def _mark(review_id: uuid.UUID, criterion_id: uuid.UUID, value: Decimal) -> dict[str, object]:
    return {
        "id": uuid.uuid4(),
        "review_id": review_id,
        "criterion_id": criterion_id,
        "value": value,
        "not_applicable": False,
        "comment": "",
    }


def _late_file(call: Call, seat: JuryMember, files: list[uuid.UUID], now: datetime) -> uuid.UUID:
    """Return a file that the first juror is asked to mark after the closure: its review is not written yet."""
    chosen = files[-1]
    review = db.session.scalars(
        select(Review).where(Review.jury_member_id == seat.id, Review.application_id == chosen)
    ).one()
    review.submitted_at, review.state = None, type(review.state).DRAFT
    db.session.add(
        Assignment(jury_member_id=seat.id, application_id=chosen, assigned_at=now, open_until=now + timedelta(days=30))
    )
    db.session.flush()
    refresh_standings(call, now)
    return chosen


def _save(stage: Stage, juror: str, application_id: uuid.UUID) -> Callable[[], object]:
    """Return a call that saves one mark and its comment, as the script of the grid does, a new value each time."""
    client = stage.client(juror)
    token = client.get("/compte/session").get_json()["csrf_token"]
    path, version, turn = f"/jury/dossiers/{application_id}/notation/brouillon", 0, 0

    def save() -> object:
        nonlocal version, turn
        turn += 1
        data = {
            "csrf_token": token,
            "only": "C1",
            "seen": f"C1={version}",
            "mark-C1": "34"[turn % 2],
            "mark-C1-comment": f"Argument {turn}",
        }
        response = client.post(path, data=data, headers={"Accept": "application/json"})
        answer = response.get_json(silent=True) or {}
        if response.status_code != 200 or answer.get("versions") != {"C1": version + 1}:
            message = f"{path}: {response.status_code} {response.get_data(as_text=True)[:500]}"
            raise RuntimeError(message)
        version += 1
        return response

    return save
