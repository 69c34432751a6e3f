"""The rules of the evaluation, one ``check_*`` each, raising one named error."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from datetime import date, datetime
from decimal import Decimal

from aap import french
from aap.clock import paris
from aap.errors import ConflictError, InvalidError, Problem, StaleError
from aap.evaluation.models import EvaluationPlan, Indicator, Milestone, PlanState, Report, Verdict, VerdictValue
from aap.referentials.models import Aggregation

QUESTIONS = ("Q1", "Q2", "Q3")


def check_seen(current: int, seen: int | None, *, yours: object = None, theirs: object = None) -> None:
    """Refuse to write over what somebody else saved since the page was opened (``seen`` is its ``lock_version``)."""
    if seen is not None and seen != current:
        message = "Quelqu'un d'autre a enregistré une modification entre-temps. Relisez avant de recommencer."
        raise StaleError(message, yours=yours, theirs=theirs)


def check_filled(place: str, text: str | None, message: str) -> str:
    """Return the text without its outer spaces; refuse an empty one on its field."""
    kept = (text or "").strip()
    if not kept:
        raise InvalidError.on(place, message, code="champ-vide")
    return kept


def check_goals(indicators: Iterable[Indicator]) -> None:
    """Ask a target of every mandatory indicator before the plan is validated. A missing starting value is allowed."""
    missing = [indicator for indicator in indicators if indicator.mandatory and indicator.target is None]
    if missing:
        problems = tuple(Problem(each.code, f"« {each.label} » n'a pas de cible.") for each in missing)
        message = "Donnez une cible à chaque indicateur obligatoire avant de valider le plan."
        raise InvalidError(message, problems, code="cible-manquante")


def check_plan_open(plan: EvaluationPlan) -> None:
    """Refuse to change the plan once the final report is validated."""
    if plan.state in {PlanState.FINAL_VALIDATED, PlanState.DECIDED}:
        raise ConflictError("Le rapport final est validé : le plan d'évaluation ne change plus.", code="plan-clos")


def check_plan_validated(plan: EvaluationPlan) -> None:
    """Refuse measures and reports before the agency has validated the plan."""
    if plan.state is PlanState.PLAN_DRAFT:
        raise ConflictError(
            "Le plan d'évaluation n'est pas encore validé : aucune mesure ne peut être saisie.", code="plan-non-valide"
        )


def check_evidence(milestone: Milestone, done_on: date, evidence: str, now: datetime) -> str:
    """Refuse a milestone without evidence, or reached in the future."""
    if done_on > paris(now).date():
        raise InvalidError.on("done_on", "Un jalon ne peut pas être atteint dans le futur.", code="date-future")
    return check_filled("evidence", evidence, f"Indiquez la preuve du jalon « {milestone.label} ».")


def check_measured_by_hand(indicator: Indicator) -> None:
    """Refuse to type a value that is calculated."""
    if indicator.computed:
        raise InvalidError.on(
            "value", f"« {indicator.label} » est calculé : il ne se saisit pas.", code="indicateur-calcule"
        )


def check_value(indicator: Indicator, value: Decimal, n: int | None) -> None:
    """Refuse what the unit excludes: a share above 100, a negative count, a negative number of answers."""
    if not value.is_finite():
        raise InvalidError.on("value", "Cette valeur n'est pas un nombre.", code="pas-un-nombre")
    if value < 0:
        raise InvalidError.on("value", "Une mesure ne peut pas être négative.", code="mesure-negative")
    if indicator.unit.strip() == "%" and value > 100:
        raise InvalidError.on("value", "Une part ne peut pas dépasser 100 %.", code="part-trop-grande")
    if n is not None and n < 0:
        raise InvalidError.on("n", "Le nombre de réponses ne peut pas être négatif.", code="effectif-negatif")


def check_cumulates(indicator: Indicator, value: Decimal, earlier: Decimal | None, later: Decimal | None) -> None:
    """Refuse a running total that decreases from one period to the next."""
    if indicator.aggregation is not Aggregation.CUMULATIVE:
        return
    if earlier is not None and value < earlier:
        message = f"Ce cumul est plus petit que celui de la période précédente ({french.number(earlier)})."
        raise InvalidError.on("value", message, code="cumul-en-baisse")
    if later is not None and value > later:
        message = f"Ce cumul dépasse celui de la période suivante ({french.number(later)})."
        raise InvalidError.on("value", message, code="cumul-en-baisse")


def check_not_validated(*, validated: bool) -> None:
    """Refuse to replace a validated value without saying that it is a correction."""
    if validated:
        raise ConflictError("Cette mesure est validée : corrigez-la en indiquant le motif.", code="mesure-validee")


def check_period_over(report: Report, ends_on: date | None, now: datetime) -> None:
    """Refuse a report on a period that still runs."""
    if ends_on is not None and paris(now).date() <= ends_on:
        message = f"« {report.label} » porte sur une période qui se termine le {french.day(ends_on)}."
        raise ConflictError(message, code="periode-en-cours")


def check_measures_given(missing: Iterable[Indicator], period_key: str) -> None:
    """Ask for every mandatory value due at the period."""
    problems = tuple(
        Problem(indicator.code, f"« {indicator.label} » n'a pas de valeur pour {period_key}.") for indicator in missing
    )
    if problems:
        raise InvalidError("Il manque des mesures obligatoires.", problems, code="mesures-manquantes")


def check_expense_given(spent_eur: Decimal | None) -> None:
    """Ask for the expense to date in a report that unlocks an instalment."""
    if spent_eur is None:
        raise InvalidError.on(
            "spent_eur", "Indiquez la dépense cumulée à la fin de la période.", code="depense-manquante"
        )


def check_expense(spent_eur: Decimal, earlier: Decimal | None) -> None:
    """Refuse a negative expense, and one that decreases from one period to the next."""
    if spent_eur < 0:
        raise InvalidError.on("spent_eur", "Une dépense ne peut pas être négative.", code="depense-negative")
    if earlier is not None and spent_eur < earlier:
        message = f"La dépense cumulée ne peut pas être inférieure à la précédente ({french.euros(earlier)})."
        raise InvalidError.on("spent_eur", message, code="depense-en-baisse")


def check_actual_lines(actual: Mapping[str, Decimal | None], spent_eur: Decimal) -> None:
    """Ask, in the final report, for the real expense of every budget line, and that their sum be the expense."""
    problems = tuple(
        Problem(key, f"Indiquez la dépense réelle de la ligne {key}.") for key, value in actual.items() if value is None
    )
    if problems:
        raise InvalidError("Il manque des dépenses réelles.", problems, code="lignes-manquantes")
    total = sum((value for value in actual.values() if value is not None), Decimal(0))
    if total != spent_eur:
        message = (
            f"La somme des lignes ({french.euros(total)}) n'est pas la dépense cumulée ({french.euros(spent_eur)})."
        )
        raise InvalidError.on("spent_eur", message, code="lignes-et-depense")


def check_concluding(plan: EvaluationPlan) -> None:
    """Refuse a verdict before the final report, or after the decision."""
    if plan.state not in {PlanState.FINAL_SUBMITTED, PlanState.FINAL_VALIDATED}:
        message = "Les appréciations se donnent entre la transmission du rapport final et la décision."
        raise ConflictError(message, code="conclusion-hors-delai")


def check_question(question: str) -> None:
    """Refuse a question that the grid does not have."""
    if question not in QUESTIONS:
        raise InvalidError.on("question", "Cette question n'existe pas dans la grille.", code="question-inconnue")


def check_concluded(verdicts: Iterable[Verdict], *, recommended: bool) -> None:
    """Ask for the three verdicts and the recommendation before a decision."""
    given: dict[str, VerdictValue] = {verdict.question: verdict.verdict for verdict in verdicts}
    problems = tuple(Problem(q, f"Répondez à la question {q}.") for q in QUESTIONS if q not in given)
    if not recommended:
        problems += (Problem("recommendation", "Donnez la recommandation de l'agence."),)
    if problems:
        raise InvalidError("L'évaluation n'est pas encore conclue.", problems, code="conclusion-incomplete")
