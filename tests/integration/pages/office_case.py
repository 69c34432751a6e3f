"""The case of the examples, taken as far as a test wants: deposit, instruction, jury, decision, contract."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import date, datetime
from decimal import Decimal
from importlib.resources import files

from sqlalchemy.orm import Session

from aap.accounts.models import RoleName, User
from aap.applications.models import Application, CompletionItemKind
from aap.applications.service import (
    ItemAsked,
    close_instruction,
    decide_admissibility,
    give_opinion,
    request_completion,
    resubmit,
    start_application,
    submit,
    tick_manual_rule,
)
from aap.awards.inputs import ContractInput, DecisionInput, OpinionInput, Plan, PlanFunder, PlanLine, ReservationInput
from aap.awards.models import Project
from aap.awards.queries import find_decision, propose_plan
from aap.awards.service import decide, lift_reservation, notify, record_jury_opinion, sign_contract
from aap.calls.models import Call, CallRole, DecisionKind
from aap.calls.queries import current_version
from aap.calls.service import add_team_member, import_call
from aap.clock import from_paris
from aap.jury.models import JuryMember
from aap.jury.service import (
    LinkInput,
    MarkInput,
    add_member,
    assign,
    close_scoring,
    recuse,
    save_review,
    sign_declaration,
    start_review,
    submit_review,
)
from aap.storage import Storage
from tests.integration.applications.case import case_answers, example, join_pieces, make_user, write_answers


def at(year: int, month: int, day: int, hour: int = 12, minute: int = 0) -> datetime:
    """Return an hour of Paris as an instant."""
    return from_paris(datetime(year, month, day, hour, minute))  # noqa: DTZ001  # a wall-clock hour of Paris


PUBLISHED = at(2023, 9, 4, 9)
DEPOSITED = at(2023, 11, 3, 16, 42)
ASKED = at(2023, 11, 13, 11, 5)
COMPLETED = at(2023, 11, 20, 9, 30)
ADMITTED = at(2023, 11, 22, 15)
ADVISED = at(2023, 12, 1, 10)
INSTRUCTED = at(2023, 12, 11, 17, 20)
SCORING = at(2023, 12, 20, 10)
SCORED = at(2024, 1, 9, 18, 1)
DELIBERATED = at(2024, 1, 18, 12)
DECIDED = at(2024, 1, 31, 12)
NOTIFIED = at(2024, 2, 7, 9)
LIFTED = at(2024, 3, 6, 10)
SIGNED = at(2024, 3, 27, 14)
STAGES = ("deposited", "asked", "completed", "admitted", "advised", "instructed", "assigned", "marked", "scored",
          "deliberated", "decided", "notified", "lifted", "signed")  # fmt: skip
COMPLETED_ITEM = ItemAsked(CompletionItemKind.ANNEX, "A09", "Lettre d'engagement de la MSP non signée.")


@dataclass
class Scene:
    """Who and what takes part; ``files`` begins with the case."""

    session: Session
    store: Storage
    call: Call
    people: dict[str, User]
    files: list[Application] = field(default_factory=list)
    seats: dict[str, JuryMember] = field(default_factory=dict)
    project: Project | None = None

    @property
    def case(self) -> Application:
        """The application of the example."""
        return self.files[0]

    def kind(self, key: str) -> DecisionKind:
        """Return a kind of decision of the call."""
        return next(kind for kind in current_version(self.call).decision_kinds if kind.key == key)


JURORS = ("j1", "j2", "j3", "j4", "j5")
ROLES: dict[str, tuple[RoleName | None, str | None]] = {
    "lead": (None, None),
    "officer": (RoleName.OFFICER, None),
    "administrator": (RoleName.ADMINISTRATOR, None),
    "director": (RoleName.DIRECTOR, None),
    "finance": (RoleName.FINANCE, None),
    "dd77": (RoleName.DD, "77"),
    "dd95": (RoleName.DD, "95"),
    "dcgdr": (RoleName.DCGDR, None),
    "grades": (RoleName.GRADES, None),
    "reader": (RoleName.READER, None),
    "stranger": (None, None),
    **dict.fromkeys(JURORS, (None, None)),
}


def play(session: Session, store: Storage, upto: str = "deposited", others: int = 0) -> Scene:
    """Play the case up to a stage, with ``others`` files deposited beside it on strand A."""
    content = (files("aap.demonstration") / "data" / "call.yaml").read_bytes()
    call = import_call(content, None, PUBLISHED, publish=True).call
    people = {name: make_user(session, name, role, department) for name, (role, department) in ROLES.items()}
    for name in JURORS:  # each from elsewhere: a shared mail domain is a candidate conflict
        people[name].email = f"{name}@{name}.invalid"
    add_team_member(call, people["officer"], CallRole.OFFICER, None, PUBLISHED)
    scene = Scene(session, store, call, people)
    scene.files.append(_drafted(scene, "B"))
    for number in range(others):
        scene.files.append(_drafted(scene, "A", f"Télésoin de proximité, projet {number + 1}"))
    for stage in STAGES[: STAGES.index(upto) + 1]:
        _PLAYS[stage](scene)
    session.commit()
    return scene


def _drafted(scene: Scene, strand: str, title: str = "") -> Application:
    lead, drafted = scene.people["lead"], at(2023, 10, 2, 10, 15)
    application = start_application(current_version(scene.call), lead=lead, now=drafted, strand_key=strand)
    answers = case_answers()
    if title:
        answers |= {"title": title, "applicant_name": "Maison de santé du Bocage (fictive)"}
    write_answers(application, answers, lead)
    join_pieces(application, lead, scene.store)
    return application


def _deposit(scene: Scene) -> None:
    for application in scene.files:
        submit(application, actor=scene.people["lead"], now=DEPOSITED)


def _ask(scene: Scene) -> None:
    officer = scene.people["officer"]
    for application in scene.files:
        tick_manual_rule(
            application, "E12", passed=True, because="Aucun financement FIR connu.", actor=officer, now=ASKED
        )
        tick_manual_rule(application, "E13", passed=True, because="Délibération conforme.", actor=officer, now=ASKED)
    request_completion(scene.case, [COMPLETED_ITEM], "Merci de joindre la lettre signée.", actor=officer, now=ASKED)


def _complete(scene: Scene) -> None:
    resubmit(scene.case, actor=scene.people["lead"], now=COMPLETED)


def _admit(scene: Scene) -> None:
    for application in scene.files:
        decide_admissibility(application, "recevable", "", actor=scene.people["officer"], now=ADMITTED)


def _advise(scene: Scene) -> None:
    for given in example("application.yaml")["application"]["opinions"]:
        actor = scene.people["dd77" if given["by"] == "dd" else given["by"]]
        for application in scene.files:
            give_opinion(application, given["by"], given["opinion"], given["text"], actor=actor, now=ADVISED)


def _instruct(scene: Scene) -> None:
    for application in scene.files:
        close_instruction(application, actor=scene.people["officer"], now=INSTRUCTED)


def _assign(scene: Scene) -> None:
    """Seat five members, four of whom declare; confide every file to the first four; J4 stands back from the case."""
    officer, colleges = scene.people["officer"], current_version(scene.call).colleges
    for index, college in enumerate((colleges[0], colleges[2], colleges[3], colleges[2], colleges[1]), start=1):
        person = scene.people[f"j{index}"]
        seat = add_member(scene.call, person, college, actor=officer, now=INSTRUCTED, chair=index == 1)
        scene.seats[f"J{index}"] = seat
        if index == 5:
            continue
        links = [LinkInput("Centre hospitalier de l'Est 77", nature="Praticien attaché")] if index == 4 else []
        sign_declaration(
            seat, has_interests=bool(links), text="", dpi_up_to_date=True, links=links, actor=person, now=INSTRUCTED
        )
        for application in scene.files:
            assign(seat, application, actor=officer, now=INSTRUCTED)


def _mark(scene: Scene) -> None:
    recuse(
        scene.seats["J4"],
        scene.case,
        reason="Praticien attaché d'un partenaire.",
        actor=scene.people["j4"],
        now=SCORING,
    )
    review = example("application.yaml")["application"]["review"]
    comments = {(row["juror"], row["criterion"]): row["text"] for row in review["comments"]}
    for given in review["scores"]:
        if "notes" not in given:
            continue
        seat = scene.seats[given["juror"]]
        for lowered, application in enumerate(scene.files):
            entries = {
                key: MarkInput(str(max(2, note - lowered)), comment=comments.get((given["juror"], key), ""))
                for key, note in given["notes"].items()
            }
            marking = start_review(seat, application, actor=seat.user, now=SCORING)
            save_review(marking, entries, actor=seat.user, now=SCORING)
            submit_review(marking, actor=seat.user, now=SCORING)


def _close(scene: Scene) -> None:
    close_scoring(scene.call, now=SCORED)


def _deliberate(scene: Scene) -> None:
    advice = OpinionInput(
        scene.kind("favorable_sous_reserve"), Decimal(112500), motive="Effort sur le temps infirmier."
    )
    record_jury_opinion(scene.case, advice, actor=scene.people["officer"], now=DELIBERATED)


def _decide(scene: Scene) -> None:
    given = example("application.yaml")["application"]["decision"]
    data = DecisionInput(
        scene.kind("favorable_sous_reserve"),
        granted_eur=Decimal(112500),
        motive=given["motive"],
        reservations=tuple(ReservationInput(row["text"], date(2024, 3, 8)) for row in given["reservations"]),
    )
    decide(scene.case, data, actor=scene.people["director"], now=DECIDED)


def _notify(scene: Scene) -> None:
    notify(scene.case, actor=scene.people["officer"], now=NOTIFIED)


def _lift(scene: Scene) -> None:
    decision = find_decision(scene.case.id)
    assert decision is not None
    for reservation in decision.reservations:
        lift_reservation(reservation, evidence="Pièce reçue et vérifiée.", actor=scene.people["officer"], now=LIFTED)


def revised_plan(application: Application) -> Plan:
    """Return the revised plan of the example: the nurse's line brought down to 47 700 €."""
    plan = propose_plan(application, Decimal(112500))
    lines = tuple(
        PlanLine(line.key, line.category, line.label, line.planned_eur, Decimal(47700)) if line.key == "L07" else line
        for line in plan.lines
    )
    return Plan(lines, tuple(PlanFunder(row.key, row.name, row.kind, row.amount_eur) for row in plan.funders))


def _sign(scene: Scene) -> None:
    data = ContractInput(
        "FIR-2024-77-0012 (exemple)", SIGNED, date(2024, 4, 1), date(2026, 3, 31), revised_plan(scene.case)
    )
    scene.project = sign_contract(scene.case, data, actor=scene.people["finance"], now=SIGNED)


_PLAYS: dict[str, Callable[[Scene], None]] = {
    "deposited": _deposit,
    "asked": _ask,
    "completed": _complete,
    "admitted": _admit,
    "advised": _advise,
    "instructed": _instruct,
    "assigned": _assign,
    "marked": _mark,
    "scored": _close,
    "deliberated": _deliberate,
    "decided": _decide,
    "notified": _notify,
    "lifted": _lift,
    "signed": _sign,
}
