"""What is done with a scenario: save, mend, duplicate, delete, adopt as the start of the session."""

from __future__ import annotations

import uuid
from datetime import datetime

from sqlalchemy import func, or_, select, update

from aap import audit
from aap.accounts.models import User
from aap.applications.models import Application, ApplicationState
from aap.awards.models import Scenario, ScenarioLine
from aap.awards.queries.starts import opinions_begun
from aap.awards.simulation import Board, Line, Outcome, Settings, fingerprint, write_settings
from aap.calls.models import Call, CallVersion
from aap.db import db, refusing
from aap.errors import ConflictError, InvalidError, StaleError
from aap.jury.blindness import READABLE
from aap.jury.models import JurySession
from aap.jury.service.holding import hold

LONGEST_NAME = 80


def save_scenario(
    call: Call,
    name: str,
    settings: Settings,
    board: Board,
    outcome: Outcome,
    *,
    actor: User,
    now: datetime,
    start: Scenario | None = None,
) -> Scenario:
    """Keep what was tried under a name.

    Raises:
        ConflictError: the person does not read every file of the call.
        InvalidError: no name, one too long, or one already taken in this call (on ``name``).

    """
    _check_whole(call.id, board)
    scenario = Scenario(
        call_id=call.id,
        name=_checked_name(name),
        settings=write_settings(settings),
        ranking_seal=fingerprint(board.files),
        start_id=start.id if start else None,
        author_id=actor.id,
        created_at=now,
        updated_at=now,
        lines=_lines(outcome),
    )
    with refusing({"uq_scenarios_call_id_name": _taken()}):
        db.session.add(scenario)
    audit.record("scenario.save", scenario, actor_id=actor.id, now=now, detail={"call": str(call.id)})
    return scenario


def mend_scenario(
    scenario: Scenario,
    name: str,
    settings: Settings,
    board: Board,
    outcome: Outcome,
    *,
    actor: User,
    now: datetime,
    seen_version: int | None = None,
) -> Scenario:
    """Replace what a draft holds by what was tried since.

    Raises:
        ConflictError: adopted, or the person does not read every file of the call.
        InvalidError: as ``save_scenario``.
        StaleError: mended meanwhile, in another window.

    """
    _check_draft(scenario)
    _check_whole(scenario.call_id, board)
    if seen_version is not None and seen_version != scenario.lock_version:
        raise StaleError(
            "Ce scénario a été modifié dans une autre fenêtre. Relisez avant de recommencer.",
            yours={"Nom": name},
            theirs={"Nom": scenario.name},
        )
    checked = _checked_name(name)
    with refusing({"uq_scenarios_call_id_name": _taken()}):
        scenario.name = checked
        scenario.settings, scenario.ranking_seal = write_settings(settings), fingerprint(board.files)
        scenario.lines.clear()
        db.session.flush()
        scenario.lines.extend(_lines(outcome))
        scenario.updated_at = now
    audit.record("scenario.mend", scenario, actor_id=actor.id, now=now)
    return scenario


def duplicate_scenario(scenario: Scenario, *, actor: User, now: datetime) -> Scenario:
    """Copy a scenario as it is, for somebody to mend: same settings, same ranking, another name."""
    taken = set(db.session.scalars(select(Scenario.name).where(Scenario.call_id == scenario.call_id)))
    base = f"Copie de {scenario.name}"[: LONGEST_NAME - 4]
    name = next(one for one in (base, *(f"{base} {number}" for number in range(2, 999))) if one not in taken)
    copy = Scenario(
        call_id=scenario.call_id,
        name=name,
        settings=scenario.settings,
        ranking_seal=scenario.ranking_seal,
        start_id=scenario.id,
        author_id=actor.id,
        created_at=now,
        updated_at=now,
        lines=[
            ScenarioLine(
                application_id=line.application_id,
                position=line.position,
                rank=line.rank,
                asked_eur=line.asked_eur,
                granted_eur=line.granted_eur,
                reason=line.reason,
                missing_eur=line.missing_eur,
                lacking_strand=line.lacking_strand,
                quotas=list(line.quotas),
            )
            for line in scenario.lines
        ],
    )
    with refusing({"uq_scenarios_call_id_name": _taken()}):
        db.session.add(copy)
    audit.record("scenario.duplicate", copy, actor_id=actor.id, now=now, detail={"from": str(scenario.id)})
    return copy


def delete_scenario(scenario: Scenario, *, actor: User, now: datetime) -> None:
    """Delete a draft; the scenarios made from it keep what they hold and forget where they started.

    Raises:
        ConflictError: adopted.

    """
    _check_draft(scenario)
    audit.record("scenario.delete", scenario, actor_id=actor.id, now=now)
    db.session.execute(update(Scenario).where(Scenario.start_id == scenario.id).values(start_id=None))
    db.session.delete(scenario)
    db.session.flush()


def adopt_scenario(scenario: Scenario, board: Board, *, actor: User, now: datetime) -> Scenario:
    """Make a scenario the start of the session; the one adopted before stays, replaced.

    ``board`` is the ranking of the day.

    Raises:
        ConflictError: already adopted, computed from another ranking, or the jury has begun to give its opinions.

    """
    if scenario.adopted_at is not None:
        raise ConflictError("Ce scénario a déjà été adopté.", code="scenario-adopte")
    _check_whole(scenario.call_id, board)
    if scenario.ranking_seal != fingerprint(board.files):
        message = "Le classement a changé depuis ce scénario : refaites-le avant de l'adopter."
        raise ConflictError(message, code="classement-change")
    _hold_session(scenario.call_id)
    _check_before_opinions(scenario.call_id)
    adopted = ConflictError("Un autre scénario vient d'être adopté. Relisez avant de recommencer.", code="deja-adopte")
    with refusing({"uq_scenarios_in_force": adopted}):
        db.session.execute(
            update(Scenario)
            .where(
                Scenario.call_id == scenario.call_id, Scenario.adopted_at.is_not(None), Scenario.replaced_at.is_(None)
            )
            .values(replaced_at=now)
            .execution_options(synchronize_session="fetch")
        )
        scenario.adopted_at, scenario.adopted_by_id = now, actor.id
    audit.record("scenario.adopt", scenario, actor_id=actor.id, now=now, detail={"ranking": scenario.ranking_seal})
    return scenario


def _lines(outcome: Outcome) -> list[ScenarioLine]:
    return [_line(line, position) for position, line in enumerate(outcome.lines, start=1)]


def _line(line: Line, position: int) -> ScenarioLine:
    refusal = line.refusal
    return ScenarioLine(
        application_id=line.file.application_id,
        position=position,
        rank=line.file.rank,
        asked_eur=line.asked_eur,
        granted_eur=line.granted_eur,
        reason=refusal.reason if refusal else None,
        missing_eur=refusal.missing_eur if refusal else None,
        lacking_strand=refusal.strand if refusal else None,
        quotas=list(refusal.quotas) if refusal else [],
    )


def _checked_name(name: str) -> str:
    checked = " ".join(name.split())
    if not checked:
        raise InvalidError.on("name", "Donnez un nom à ce scénario.", code="nom-absent")
    if len(checked) > LONGEST_NAME:
        raise InvalidError.on("name", f"Le nom compte {LONGEST_NAME} caractères au plus.", code="nom-trop-long")
    return checked


def _taken() -> InvalidError:
    return InvalidError.on("name", "Un scénario de cet appel porte déjà ce nom.", code="nom-pris")


def _check_draft(scenario: Scenario) -> None:
    if scenario.adopted_at is not None:
        raise ConflictError("Un scénario adopté ne change plus : dupliquez-le.", code="scenario-adopte")


def _check_whole(call_id: uuid.UUID, board: Board) -> None:
    """Refuse to keep a proposal made without some files: whoever stood back from one reads a ranking without it."""
    gone = (Application.state.in_((ApplicationState.WITHDRAWN, ApplicationState.INADMISSIBLE))) & (
        Application.submitted_at.is_not(None)
    )
    query = (
        select(func.count(Application.id))
        .join(CallVersion, CallVersion.id == Application.call_version_id)
        .where(CallVersion.call_id == call_id, or_(Application.state.in_(READABLE), gone))
    )
    if db.session.scalar(query) != len(board.files):
        message = "Vous ne lisez pas tous les dossiers de cet appel : une autre personne doit garder ses scénarios."
        raise ConflictError(message, code="deport")


def _hold_session(call_id: uuid.UUID) -> None:
    """Let no opinion be recorded while the start of the session changes."""
    session = db.session.scalar(select(JurySession).where(JurySession.call_id == call_id))
    if session is not None:
        hold(session)


def _check_before_opinions(call_id: uuid.UUID) -> None:
    if opinions_begun(call_id):
        message = "Le jury a commencé à rendre ses avis : le point de départ de la séance ne change plus."
        raise ConflictError(message, code="avis-rendus")
