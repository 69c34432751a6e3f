"""The financial annex of a contract: who, what, how much, when it is paid, what is owed in return."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date

from aap import french
from aap.documents.story import Column, Line, Story, start_of
from aap.documents.tagging import Meta
from aap.documents.typeface import Typeface


@dataclass(frozen=True, slots=True)
class Party:
    """A party: its part in the contract, its name, its numbers (SIRET, FINESS…), the function of who signs."""

    part: str
    name: str
    identifiers: tuple[str, ...]
    signatory_function: str


@dataclass(frozen=True, slots=True)
class Instalment:
    """A payment: its rank, what triggers it, its share of the subsidy (0.6 for 60 %), its amount in euros."""

    rank: int
    trigger: str
    share: french.Number
    amount_eur: french.Number


@dataclass(frozen=True, slots=True)
class Obligation:
    """A report owed, its last day, and the rank of the instalment it opens, if any."""

    label: str
    due: date
    unlocks: int | None = None


@dataclass(frozen=True, slots=True)
class ContractAnnex:
    """What the annex says. ``rate`` is the exact ratio of the subsidy to the budget; amounts in euros."""

    agency: str
    number: str
    form_label: str
    application_ref: str
    call_title: str
    project_title: str
    drawn_up_on: date
    parties: tuple[Party, ...]
    purpose: str
    start: date
    end: date
    duration_months: int
    budget_eur: french.Number
    subsidy_eur: french.Number
    rate: french.Number
    instalments: tuple[Instalment, ...]
    obligations: tuple[Obligation, ...]
    balance_rule: str
    lapses_on: date | None = None
    clauses: tuple[str, ...] = ()


def render_contract(annex: ContractAnnex, typeface: Typeface | None = None) -> bytes:
    """Return the annex as a tagged PDF."""
    story = Story(typeface)
    story.letterhead(annex.agency, annex.form_label)
    story.title("Annexe financière", annex.project_title)
    story.facts(
        (
            ("Subvention", french.euros(annex.subsidy_eur)),
            ("Budget du projet", french.euros(annex.budget_eur)),
            ("Taux", french.percent(annex.rate, 2)),
            ("Durée", f"{annex.duration_months}{french.HARD}mois"),
        )
    )
    story.details((("Numéro", annex.number), ("Dossier", annex.application_ref), ("Appel à projets", annex.call_title)))
    _tell_parties(story, annex.parties)
    story.section("Objet et durée")
    story.text(annex.purpose)
    story.text(f"Le projet se déroule du {french.day(annex.start)} au {french.day(annex.end)}.")
    _tell_money(story, annex)
    _tell_obligations(story, annex.obligations)
    story.section("Solde")
    story.text(annex.balance_rule)
    for clause in annex.clauses:
        story.text(clause)
    story.space(8)
    story.together(lambda: _tell_signatures(story, annex.parties))
    return story.render(
        Meta(
            title=f"Annexe financière – {annex.number}",
            author=annex.agency,
            subject=annex.project_title,
            reference=f"{annex.form_label} {annex.number} – dossier {annex.application_ref}",
            made_at=start_of(annex.drawn_up_on),
        )
    )


def _tell_parties(story: Story, parties: tuple[Party, ...]) -> None:
    story.section("Parties")
    columns = (Column("Partie", 18, heading=True), Column("Structure", 47), Column("Représentée par", 35))
    lines = [
        Line((party.part, "\n".join((party.name, *party.identifiers)), party.signatory_function)) for party in parties
    ]
    story.table(columns, lines)


def _tell_money(story: Story, annex: ContractAnnex) -> None:
    """Show the instalments, their sum, and the day the credits lapse."""
    story.section("Montant et versements")
    story.text(
        f"L'agence accorde {french.euros(annex.subsidy_eur)} pour un budget de {french.euros(annex.budget_eur)}, soit "
        f"un taux de {french.percent(annex.rate, 2)}. Le taux affiché est arrondi ; les calculs emploient le rapport "
        "exact."
    )
    columns = (
        Column("N°", 7),
        Column("Déclencheur", 59, heading=True),
        Column("Part", 14, align="right"),
        Column("Montant", 20, align="right"),
    )
    lines = [
        Line((str(each.rank), each.trigger, french.percent(each.share), french.euros(each.amount_eur)))
        for each in annex.instalments
    ]
    share = french.percent(sum((each.share for each in annex.instalments), start=0))
    amount = french.euros(sum((each.amount_eur for each in annex.instalments), start=0))
    story.table(columns, [*lines, Line(("", "Total", share, amount), kind="total")])
    if annex.lapses_on is not None:
        story.text(
            f"Les sommes qui ne sont pas versées au {french.day(annex.lapses_on)} sont prescrites.",
            "small",
        )


def _tell_obligations(story: Story, obligations: tuple[Obligation, ...]) -> None:
    if not obligations:
        return
    story.section("Comptes rendus attendus")
    columns = (Column("Compte rendu", 52, heading=True), Column("À remettre au plus tard le", 26), Column("Ouvre", 22))
    lines = [
        Line((each.label, french.day(each.due), "–" if each.unlocks is None else f"versement n° {each.unlocks}"))
        for each in obligations
    ]
    story.table(columns, lines)


def _tell_signatures(story: Story, parties: tuple[Party, ...]) -> None:
    """Leave a place to sign for each party, by function."""
    blocks = [
        (f"Pour {party.part[:1].lower()}{party.part[1:]}", party.name, party.signatory_function, "Date et signature :")
        for party in parties
    ]
    story.beside(*blocks, shares=(1.0,) * len(blocks))
    story.space(60)
