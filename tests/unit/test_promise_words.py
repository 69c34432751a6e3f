"""Every mail says on the page of promises what it is about and for whom."""

from __future__ import annotations

from pathlib import Path

from aap.blueprints.office.promise_words import MAILS, mail_words

TEMPLATES = Path(__file__).parents[2] / "templates" / "email"


def test_every_mail_has_its_words() -> None:
    assert set(MAILS) == {path.stem for path in TEMPLATES.glob("*.txt")}


def test_a_mail_of_another_time_has_some_too() -> None:
    assert mail_words("gone") == ("Courriel", "Destinataire")
