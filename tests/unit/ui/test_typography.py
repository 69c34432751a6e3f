"""The words of pages are set as French printers do; what a person typed and what machines read is left as it is."""

from __future__ import annotations

import pytest
from flask import Response

from aap.assembly.typography import set_page, set_words


@pytest.mark.parametrize(
    ("typed", "read"),
    [
        ("<p>L'agence n'a rien reçu</p>", "<p>L’agence n’a rien reçu</p>"),
        ("<p>d&#39;une zone</p>", "<p>d’une zone</p>"),
        ("<p>l'<strong>agence</strong></p>", "<p>l’<strong>agence</strong></p>"),
        ("<p>l'« avis »</p>", "<p>l’«\u00a0avis\u00a0»</p>"),
        ("<p>Clôture : lundi</p>", "<p>Clôture\u00a0: lundi</p>"),
        ("<p><strong>Clôture</strong> : lundi</p>", "<p><strong>Clôture</strong>\u00a0: lundi</p>"),
        ("<p>Prêt ? Oui ; déposez !</p>", "<p>Prêt\u202f? Oui\u202f; déposez\u202f!</p>"),
        ("<p>8 % de 5 000 €</p>", "<p>8\u00a0% de 5\u202f000\u00a0€</p>"),
        ("<p>1 250 000 dossiers, 12 345</p>", "<p>1\u202f250\u202f000 dossiers, 12\u202f345</p>"),
    ],
)
def test_words_are_set(typed: str, read: str) -> None:
    assert set_words(typed) == read


@pytest.mark.parametrize(
    "kept",
    [
        '<input value="l\'avis : oui ?" title="D\'accord : oui">',
        "<textarea>\nl'avis : oui ? « non »</textarea>",
        "<pre>l'avis : oui</pre>",
        "<code>l'avis : oui</code>",
        "<script type=\"application/json\">{'l'avis' : 1}</script>",
        "<!-- l'avis : oui -->",
        "<p>5' de marche, 'entre apostrophes', 12:30</p>",
        "<p>https://exemple.invalid/?a=1;b=2</p>",
        "<p>En 2027 100 dossiers, 01 23 45 67 89, 12,5 300</p>",
    ],
)
def test_what_is_typed_or_read_by_machines_is_kept(kept: str) -> None:
    assert set_words(kept) == kept


def test_setting_twice_changes_nothing_more() -> None:
    once = set_words("<p>« L'agence » : 8 % ?</p>")
    assert set_words(once) == once


def test_only_pages_are_set() -> None:
    assert set_page(Response("<p>l'avis : oui</p>", mimetype="text/html")).get_data(as_text=True) == (
        "<p>l’avis\u00a0: oui</p>"
    )
    for mimetype in ("text/csv", "application/json", "text/plain", "text/calendar"):
        assert set_page(Response("l'avis : oui", mimetype=mimetype)).get_data(as_text=True) == "l'avis : oui"
