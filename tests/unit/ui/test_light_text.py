"""Long answers: a few signs are read, and nothing typed ever becomes markup."""

from __future__ import annotations

import html5lib
import pytest
from bs4 import BeautifulSoup
from hypothesis import given
from hypothesis import strategies as st

from aap.blueprints.light_text import lightly


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        ("Un.\n\nDeux,\nsuite.", "<p>Un.</p><p>Deux,<br>suite.</p>"),
        ("Trois sites :\n- Nord\n– Sud\nFin.", "<p>Trois sites :</p><ul><li>Nord</li><li>Sud</li></ul><p>Fin.</p>"),
        ("2. Former\n3. Équiper", '<ol start="2"><li>Former</li><li>Équiper</li></ol>'),
        ("Un **délai court** et *utile*.", "<p>Un <strong>délai court</strong> et <em>utile</em>.</p>"),
        ("2 * 3 * 4 = 24, 5*6*7", "<p>2 * 3 * 4 = 24, 5*6*7</p>"),
        ("<script>x</script> & **<b>**", "<p>&lt;script&gt;x&lt;/script&gt; &amp; <strong>&lt;b&gt;</strong></p>"),
        ("-12 % en un an", "<p>-12 % en un an</p>"),
        ("", ""),
    ],
)
def test_signs_are_read(text: str, shown: str) -> None:
    assert str(lightly(text)) == shown


@given(st.text(alphabet=st.sampled_from("ab<>&\"'*-–\n 1.é)"), max_size=80))
def test_every_text_makes_well_formed_and_harmless_html(text: str) -> None:
    shown = str(lightly(text))
    parser = html5lib.HTMLParser(strict=True)
    parser.parseFragment(shown)
    soup = BeautifulSoup(shown, "html5lib")
    tags = {tag.name for tag in soup.body.find_all(True)} if soup.body else set()
    assert tags <= {"p", "br", "ul", "ol", "li", "strong", "em"}
