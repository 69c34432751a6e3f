"""Funded projects are followed: plan, milestones, measures, reports, payments; some on time, some not."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from decimal import ROUND_DOWN, Decimal
from random import Random

from aap.awards.models import Project
from aap.awards.service import (
    compute_balance,
    pay_instalment,
    settle_project,
    start_project,
    suspend_project,
    terminate_project,
)
from aap.clock import FixedClock
from aap.demonstration.accounts import People
from aap.demonstration.living.dossiers import Dossier, themes
from aap.demonstration.stage import at, on
from aap.evaluation.arithmetic import is_due
from aap.evaluation.models import EvaluatorKind, Indicator, RecommendationValue, Report, VerdictValue
from aap.evaluation.queries.reading import (
    get_period,
    get_plan,
    list_expenses,
    list_indicators,
    list_milestones,
    list_reports,
)
from aap.evaluation.service import (
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
    save_draft,
    submit_report,
    validate_plan,
    validate_report,
)
from aap.workflow import SYSTEM

LENGTH = 24  # months
SPENT = Decimal("0.94")  # of the budget, at the end
SURVEYS = {"SAT-PAT", "SAT-PRO"}


@dataclass(frozen=True, slots=True)
class Follower:
    """Plays one project: the clock, the people, and the dice of its application."""

    clock: FixedClock
    people: People
    project: Project
    dossier: Dossier
    rng: Random

    def start(self) -> None:
        """Start on the first day, validate the plan three weeks later, pay the first instalment."""
        first = self.project.starts_on
        with at(self.clock, on(first, "00:10")) as now:
            start_project(self.project, actor=SYSTEM, now=now)
            create_plan(self.project, actor=SYSTEM, now=now)
        with at(self.clock, on(first + timedelta(days=12))) as now:
            describe_plan(
                get_plan(self.project.id),
                method=themes()["evaluation_method"],
                data_protection="Agrégats par site et par période ; effectifs inférieurs à 11 masqués.",
                evaluators=[(EvaluatorKind.INTERNAL, "Responsable du projet et médecin responsable")],
                actor=self.people.lead_of(self.dossier.who),
                now=now,
            )
        self.pay(1, on(first + timedelta(days=18), "11:00"))
        with at(self.clock, on(first + timedelta(days=21), "15:00")) as now:
            validate_plan(get_plan(self.project.id), actor=self.people.officer, now=now)

    def reach_milestones(self, until: date, delay: int) -> None:
        """Reach the milestones that no report reaches and that are due, ``delay`` days after their day at most."""
        lead = self.people.lead_of(self.dossier.who)
        for milestone in list_milestones(self.project.id):
            done_on = milestone.due_on + timedelta(days=self.rng.randint(-12, delay))
            if milestone.report_key is None and milestone.done_on is None and done_on <= until:
                with at(self.clock, on(done_on, "17:30")) as now:
                    mark_done(milestone, done_on=done_on, evidence="Compte rendu", actor=lead, now=now)

    def hand_in(self, month: int, moment: datetime) -> Report:
        """Give the measures and the expense of a period, write its report and submit it."""
        lead, key = self.people.lead_of(self.dossier.who), f"M{month}"
        with at(self.clock, moment) as now:
            for indicator in list_indicators(self.project.id):
                if not indicator.computed and is_due(indicator.frequency, month):
                    answers = self.rng.randint(28, 74) if indicator.code in SURVEYS else None
                    value = self._value(indicator, month)
                    record_measure(indicator, key, value, n=answers, actor=lead, now=now)
            self._spend(month, now)
            report = self.report(month)
            save_draft(
                report,
                highlights="Les actes progressent sur tous les sites.",
                difficulties="Le temps infirmier reste la principale contrainte.",
                next_steps="Étendre aux équipes de nuit.",
                actor=lead,
                now=now,
            )
            submit_report(report, actor=lead, now=now)
        return report

    def validate(self, month: int, moment: datetime) -> None:
        """Validate a report: measures, instalment and milestone follow."""
        with at(self.clock, moment) as now:
            validate_report(self.report(month), actor=self.people.officer, now=now)

    def report(self, month: int) -> Report:
        """Return the report of a period."""
        return next(one for one in list_reports(self.project.id) if one.period_key == f"M{month}")

    def pay(self, rank: int, moment: datetime) -> None:
        """Pay what is due of an instalment."""
        with at(self.clock, moment) as now:
            instalment = next(row for row in self.project.instalments if row.rank == rank)
            due = instalment.planned_eur if instalment.due_eur is None else instalment.due_eur
            pay_instalment(instalment, amount_eur=due, actor=self.people.finance, now=now)

    def after(self, month: int, days: int, hour: str = "16:00") -> datetime:
        """Return an hour so many days after the end of a period."""
        return on(get_period(self.project.id, f"M{month}").ends_on + timedelta(days=days), hour)

    def _value(self, indicator: Indicator, month: int) -> Decimal:
        """Return a plausible value on the way from the starting value to a little past the target."""
        if indicator.code in SURVEYS:
            return Decimal(self.rng.randint(72, 86)) / 10
        start = indicator.baseline or Decimal(0)
        goal = Decimal(0) if indicator.target is None else indicator.target
        way = Decimal(month) / LENGTH * Decimal(self.rng.randint(100, 104)) / 100
        return (start + (goal - start) * way).quantize(Decimal(1), rounding=ROUND_DOWN)

    def _spend(self, month: int, now: datetime) -> None:
        lead = self.people.lead_of(self.dossier.who)
        if month == LENGTH:
            lines = {line.key: _tens(line.planned_eur * SPENT) for line in self.project.budget_lines}
            record_actual_lines(self.project, lines, actor=lead, now=now)
            spent = sum(lines.values(), Decimal(0))
        else:
            spent = _tens(self.project.budget_eur * SPENT * month / LENGTH)
        record_expense(self.project, f"M{month}", spent, actor=lead, now=now)


def _tens(amount: Decimal) -> Decimal:
    return (amount / 10).quantize(Decimal(1), rounding=ROUND_DOWN) * 10


def follow(clock: FixedClock, people: People, project: Project, dossier: Dossier, today: date) -> None:
    """Follow a project as its application's ``project`` says, never past ``today``."""
    follower = Follower(clock, people, project, dossier, dossier.draw("project"))
    follower.start()
    _STORIES[dossier.project](follower, today)


def _first_half(follower: Follower, lateness: int = 0) -> None:
    follower.hand_in(6, follower.after(6, 16 + lateness))
    follower.validate(6, follower.after(6, 27 + lateness))


def _on_time(follower: Follower, today: date) -> None:
    """Keep every date; the report of the twelfth month has just unlocked the instalment that finance is to pay."""
    follower.reach_milestones(today, 8)
    _first_half(follower)
    follower.hand_in(12, follower.after(12, 14))
    follower.validate(12, on(today - timedelta(days=20)))


def _waiting(follower: Follower, today: date) -> None:
    follower.reach_milestones(today, 25)
    _first_half(follower)
    follower.hand_in(12, on(today - timedelta(days=5)))


def _late(follower: Follower, today: date) -> None:
    """Reach half of the milestones, late, and hand in nothing since the sixth month."""
    follower.reach_milestones(today - timedelta(days=300), 60)
    _first_half(follower, lateness=21)


def _returned(follower: Follower, today: date) -> None:
    follower.reach_milestones(today, 30)
    _first_half(follower)
    report = follower.hand_in(12, on(today - timedelta(days=20)))
    with at(follower.clock, on(today - timedelta(days=8))) as now:
        remark = "Le dénominateur de la part de personnes concernées est à préciser."
        return_report(report, remark, actor=follower.people.officer, now=now)


def _suspended(follower: Follower, today: date) -> None:
    follower.reach_milestones(today - timedelta(days=150), 20)
    _first_half(follower)
    with at(follower.clock, follower.after(6, 130)) as now:
        reason = "Départ de la personne responsable ; reprise attendue après le recrutement."
        suspend_project(follower.project, reason=reason, actor=follower.people.officer, now=now)


def _terminated(follower: Follower, today: date) -> None:
    follower.reach_milestones(min(today, follower.project.starts_on + timedelta(days=200)), 20)
    _first_half(follower)
    with at(follower.clock, follower.after(6, 110)) as now:
        reason = "La structure cesse son activité ; résiliation à sa demande."
        terminate_project(follower.project, reason=reason, actor=follower.people.director, now=now)


def _settled(follower: Follower, today: date) -> None:
    """Play the two years, the balance and the decision."""
    follower.reach_milestones(today, 20)
    _first_half(follower)
    for month, rank in ((12, 2), (18, None), (LENGTH, None)):
        follower.hand_in(month, follower.after(month, 18))
        follower.validate(month, follower.after(month, 30))
        if rank is not None:
            follower.pay(rank, follower.after(month, 44, "11:00"))
    _close(follower)


def _close(follower: Follower) -> None:
    project, people = follower.project, follower.people
    with at(follower.clock, follower.after(LENGTH, 40)) as now:
        spent = list_expenses(project.id)[f"M{LENGTH}"]
        compute_balance(project, spent_eur=spent, actor=people.finance, now=now)
        for question, verdict, text in _VERDICTS:
            give_verdict(project, question, verdict, text, actor=people.officer, now=now)
        recommend(project, RecommendationValue.GENERALISE, actor=people.officer, now=now)
    follower.pay(3, follower.after(LENGTH, 50, "11:00"))
    with at(follower.clock, follower.after(LENGTH, 58)) as now:
        settle_project(project, actor=people.finance, now=now)
        record_decision(
            project,
            body="COPIL",
            decided_on=now.date(),
            outcome=RecommendationValue.GENERALISE,
            text="Organisation proposée aux structures volontaires du territoire.",
            actor=people.officer,
            now=now,
        )


_VERDICTS = (
    ("Q1", VerdictValue.REACHED, "Organisation en place sur tous les sites, dans le calendrier prévu."),
    ("Q2", VerdictValue.REACHED, "Accès amélioré, coût par acte proche de la cible."),
    ("Q3", VerdictValue.REACHED_UNDER_CONDITIONS, "Reproductible avec un temps infirmier dédié."),
)

_STORIES: dict[str, Callable[[Follower, date], None]] = {
    "on_time": _on_time,
    "waiting": _waiting,
    "late": _late,
    "returned": _returned,
    "suspended": _suspended,
    "terminated": _terminated,
    "settled": _settled,
}
