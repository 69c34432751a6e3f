"""The example project, followed from its plan to the decision by the services, on the days of the example."""

from __future__ import annotations

import uuid
from dataclasses import dataclass
from datetime import UTC, date, datetime
from decimal import Decimal
from importlib.resources import files
from typing import Any

from sqlalchemy.orm import Session

from aap.accounts.models import RegionalRole, RoleName, User
from aap.applications.models import (
    Application,
    ApplicationAct,
    ApplicationPublic,
    ApplicationState,
    Partner,
    PlannedMilestone,
    ProposedIndicator,
    Site,
)
from aap.awards.models import Instalment, Project, ProjectBudgetLine, ProjectFunder, ProjectState
from aap.awards.service import pay_instalment, unlock_instalments
from aap.calls.document.loading import load
from aap.calls.models import CallRole, CallTeamMember, CallVersion, InstalmentTrigger
from aap.calls.service import import_call
from aap.evaluation.models import (
    EvaluationPlan,
    EvaluatorKind,
    Indicator,
    NoteKind,
    RecommendationValue,
    Report,
    ReportState,
    VerdictValue,
)
from aap.evaluation.queries.reading import get_plan, list_indicators, list_milestones, list_reports
from aap.evaluation.service import (
    add_indicator,
    add_note,
    create_plan,
    describe_plan,
    give_verdict,
    mark_done,
    recommend,
    record_actual_lines,
    record_decision,
    record_expense,
    record_measure,
    return_report,
    set_goal,
    submit_report,
    validate_plan,
    validate_report,
    word_indicator,
)
from aap.forms.models import AnswerSheet


def example(name: str) -> Any:
    """Return the tree of an example document."""
    return load((files("aap.demonstration") / "data" / name).read_bytes()).tree


def at(day: str | date, hour: int = 10) -> datetime:
    """Return an hour of a day (UTC)."""
    value = day if isinstance(day, date) else date.fromisoformat(day)
    return datetime(value.year, value.month, value.day, hour, tzinfo=UTC)


@dataclass(frozen=True, slots=True)
class Story:
    """The project, its people and its examples."""

    project: Project
    lead: User
    officer: User
    director: User
    dd: User
    finance: User
    stranger: User
    evaluation: dict[str, Any]

    @property
    def plan(self) -> EvaluationPlan:
        return get_plan(self.project.id)

    def indicator(self, code: str) -> Indicator:
        return next(i for i in list_indicators(self.project.id) if i.code == code)

    def report(self, key: str) -> Report:
        return next(r for r in list_reports(self.project.id) if r.key == key)


def make_user(
    session: Session, name: str, *roles: RoleName, region: str = "IDF", department: str | None = None
) -> User:
    """Add a person with roles in one region."""
    user = User(email=f"{name}@exemple.invalid", fs_uniquifier=uuid.uuid4().hex, created_at=at("2023-09-01"))
    user.regional_roles = [
        RegionalRole(region_code=region, role=role, department_code=department, granted_at=at("2023-09-01"))
        for role in roles
    ]
    session.add(user)
    session.flush()
    return user


def make_story(session: Session) -> Story:
    """Make the contracted project of the examples, before any plan."""
    content = (files("aap.demonstration") / "data" / "call.yaml").read_bytes()
    call = import_call(content, None, at("2023-09-04"), publish=True).call
    lead, officer = make_user(session, "porteur"), make_user(session, "instructeur")
    session.add(CallTeamMember(call_id=call.id, user_id=officer.id, role=CallRole.OFFICER, added_at=at("2023-09-04")))
    application = make_application(session, call.versions[-1], lead)
    project = make_project(session, call.versions[-1], application)
    return Story(
        project=project,
        lead=lead,
        officer=officer,
        director=make_user(session, "directrice", RoleName.DIRECTOR),
        dd=make_user(session, "referent", RoleName.DD, department="77"),
        finance=make_user(session, "finances", RoleName.FINANCE),
        stranger=make_user(session, "inconnue"),
        evaluation=example("evaluation.yaml")["evaluation"],
    )


def make_application(
    session: Session, version: CallVersion, lead: User, number: int = 17, department: str | None = "77"
) -> Application:
    """Make the contracted application of the example, with the rows that the plan and the sheet read."""
    tree = example("application.yaml")["application"]
    application = Application(
        call_version_id=version.id,
        region_code="IDF",
        sheet_id=_answer_sheet(session),
        lead_id=lead.id,
        state=ApplicationState.CONTRACTED,
        reference=f"AAP-TS-2023-01-{number:04d}",
        submitted_at=at("2023-11-03"),
        created_at=at("2023-10-02"),
        title=tree["project"]["title"],
        abstract="Accès à distance au médecin pour trois établissements.",
        applicant_name=tree["applicant"]["name"],
        department_code=department,
        population=246,
        requested_eur=Decimal(120000),
        total_expenses=Decimal(164040),
        total_income=Decimal(164040),
    )
    application.milestones = [
        PlannedMilestone(key=f"P{n}", label=m["label"], month=m["month"], deliverable=m["deliverable"], position=n)
        for n, m in enumerate(tree["milestones"])
    ]
    application.indicators = [
        ProposedIndicator(
            code=row["code"],
            baseline=_decimal(row["baseline"]),
            target=_decimal(row["target"]),
            source=row["source"],
            frequency=row["frequency"],
            position=n,
        )
        for n, row in enumerate(tree["project"]["indicators"])
    ]
    application.sites = [
        Site(
            key=f"S{n}",
            name=site["name"],
            commune=site["commune"],
            department_code=department or "",
            territory=site["territory"],
            zone=site["zone"],
            capacity=site["capacity"],
            position=n,
        )
        for n, site in enumerate(tree["sites"])
    ]
    application.partners = [
        Partner(key=f"P{n}", name=row["name"], category=row["category"], position=n)
        for n, row in enumerate(tree["partners"])
    ]
    application.publics = [
        ApplicationPublic(code=code, position=n) for n, code in enumerate(tree["project"]["target_publics"])
    ]
    application.acts = [ApplicationAct(code=code, position=n) for n, code in enumerate(tree["project"]["act_types"])]
    session.add(application)
    session.flush()
    return application


def _answer_sheet(session: Session) -> uuid.UUID:
    sheet = AnswerSheet()
    session.add(sheet)
    session.flush()
    return sheet.id


def make_project(session: Session, version: CallVersion, application: Application, number: int = 4) -> Project:
    """Make the running project of the example, its revised budget and its three instalments."""
    finance = example("evaluation.yaml")["evaluation"]["finance"]
    project = Project(
        reference=f"PRJ-2024-{number:04d}",
        application_id=application.id,
        call_version_id=version.id,
        region_code="IDF",
        title=application.title,
        state=ProjectState.RUNNING,
        starts_on=date(2024, 4, 1),
        ends_on=date(2026, 3, 31),
        budget_eur=Decimal(164040),
        subsidy_eur=Decimal(112500),
        created_at=at("2024-03-27"),
    )
    project.budget_lines = [
        ProjectBudgetLine(
            key=line["id"],
            category="fonctionnement",
            label=line["id"],
            planned_eur=Decimal(line["planned"]),
            granted_share_eur=Decimal(0),
        )
        for line in finance["actual_lines"]
    ]
    project.funders = [
        ProjectFunder(key="F01", name="ARS – FIR", kind="subvention", amount_eur=Decimal(112500)),
        ProjectFunder(key="F02", name="Conseil régional (exemple)", kind="cofinancement", amount_eur=Decimal(15000)),
    ]
    project.instalments = [
        Instalment(
            rank=term.rank,
            share=term.share,
            planned_eur=Decimal(payment["planned"]),
            trigger=term.trigger,
            label=term.label,
        )
        for term, payment in zip(version.instalments, finance["payments"], strict=True)
    ]
    session.add(project)
    session.flush()
    session.refresh(project)
    return project


def _decimal(value: Any) -> Decimal | None:
    return None if value is None else Decimal(value)


def write_plan(story: Story) -> EvaluationPlan:
    """Draft the plan, complete it as the example does and validate its two versions."""
    tree, officer = story.evaluation, story.officer
    now = at("2024-04-02")
    plan = create_plan(story.project, actor=officer, now=now)
    describe_plan(
        plan,
        method=tree["method"],
        data_protection=tree["data_protection"]["level"],
        evaluators=[(EvaluatorKind(row["kind"]), row["label"]) for row in tree["evaluators"]],
        actor=story.lead,
        now=now,
    )
    known = {indicator.code for indicator in list_indicators(story.project.id)}
    for row in tree["indicators"]:
        goal: dict[str, Any] = {
            "baseline": _decimal(row["baseline"]["value"]),
            "baseline_period": str(row["baseline"]["period"]),
            "target": _decimal(row["target"]["value"]),
            "target_on": _day(row["target"]["at"]),
        }
        if row["code"] in known:
            set_goal(story.indicator(row["code"]), **goal, actor=story.lead, now=now)
        else:
            add_indicator(plan, row["code"], **goal, actor=story.lead, now=now)
        word_indicator(
            story.indicator(row["code"]),
            label=row["label"],
            source=row["source"],
            frequency=row["frequency"],
            formula=row.get("formula"),
            actor=story.lead,
            now=now,
        )
    validate_plan(plan, actor=officer, now=at("2024-04-22"))
    validate_plan(plan, reason=tree["plan_history"][1]["reason"], actor=officer, now=at("2024-11-08"))
    return plan


def _day(value: Any) -> date:
    return value if isinstance(value, date) else date.fromisoformat(value)


def give_measures(story: Story, period: str, now: datetime) -> None:
    """Record every typed value of a period, and the expense when the example has one."""
    for row in story.evaluation["indicators"]:
        for measure in row["measures"]:
            if measure["at"] == period and not row.get("computed"):
                record_measure(
                    story.indicator(row["code"]),
                    period,
                    Decimal(measure["value"]),
                    n=measure.get("n"),
                    actor=story.lead,
                    now=now,
                )
    spent = story.evaluation["finance"]["spent_at"].get(period)
    if spent is not None:
        record_expense(story.project, period, Decimal(spent), actor=story.lead, now=now)


def report_until(story: Story, last: str) -> None:
    """Report period after period, as the example does, until the report of ``last`` is validated."""
    validators = {"R-M18": story.dd}
    for row in story.evaluation["reports"]:
        key, period = row["id"], row["id"].removeprefix("R-")
        if key == "R-CAP":
            return
        report = story.report(key)
        if report.state is ReportState.VALIDATED:
            continue
        submitted = at(_day(row["submitted"]))
        give_measures(story, period, submitted)
        if key == "R-M24":
            actual = {line["id"]: Decimal(line["actual"]) for line in story.evaluation["finance"]["actual_lines"]}
            record_actual_lines(story.project, actual, actor=story.lead, now=submitted)
        submit_report(report, actor=story.lead, now=submitted)
        if "returned" in row:
            return_report(report, row["remark"], actor=story.officer, now=at(_day(row["returned"])))
            submit_report(report, actor=story.lead, now=at(_day(row["resubmitted"])))
        validate_report(report, actor=validators.get(key, story.officer), now=at(_day(row["validated"])))
        if period == last:
            return


def pay_first(story: Story) -> None:
    """Pay the first instalment, unlocked by the signature."""
    project, now = story.project, at("2024-04-19")
    unlock_instalments(project, InstalmentTrigger.CONVENTION_SIGNED, actor=story.officer, now=now)
    pay_instalment(project.instalments[0], amount_eur=Decimal(67500), actor=story.finance, now=now)


def conclude(story: Story) -> None:
    """Write the notes, mark the other milestones, give the verdicts and record the decision."""
    tree, officer = story.evaluation, story.officer
    now = at("2026-06-20")
    kinds = {"levers": NoteKind.LEVER, "barriers": NoteKind.BARRIER, "unexpected": NoteKind.UNEXPECTED}
    for name, kind in kinds.items():
        for text in tree["qualitative"][name]:
            add_note(story.project, kind, text, actor=story.lead, now=now)
    for row in tree["qualitative"]["adaptations"]:
        add_note(story.project, NoteKind.ADAPTATION, row["text"], month=row["month"], actor=story.lead, now=now)
    for text in tree["limits"]:
        add_note(story.project, NoteKind.LIMIT, text, actor=officer, now=now)
    known = {milestone.key: milestone for milestone in list_milestones(story.project.id)}
    for row in tree["milestones"]:
        done = _day(row["done"])
        if known[row["id"]].done_on is None and done < now.date():
            mark_done(known[row["id"]], done_on=done, evidence=row["evidence"], actor=officer, now=now)
    for row in tree["conclusion"]["grid"]:
        give_verdict(story.project, row["id"], VerdictValue(row["verdict"]), row["text"], actor=officer, now=now)
    recommend(story.project, RecommendationValue(tree["conclusion"]["recommendation"]), actor=officer, now=now)
    decision = tree["conclusion"]["decision"]
    record_decision(
        story.project,
        body=decision["body"],
        decided_on=_day(decision["at"]),
        outcome=RecommendationValue(decision["outcome"]),
        text=decision["text"],
        actor=story.director,
        now=at("2026-06-25"),
    )


def finish(story: Story) -> Story:
    """Tell the rest of the example, from the plan to the decision."""
    write_plan(story)
    report_until(story, "M24")
    conclude(story)
    return story
