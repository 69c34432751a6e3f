"""What every document owes a person who reads with the ears, and what no text may break."""

from __future__ import annotations

from datetime import UTC, datetime
from pathlib import Path

import pytest

from aap.documents.story import Column, Line, Story
from aap.documents.tagging import Meta
from aap.documents.typeface import DEFAULT_FOLDER, Typeface, fonts
from tests.unit.documents.reading import Reading, read

META = Meta("Titre du document", "Agence (exemple)", "Sujet", "Dossier X-1", datetime(2024, 2, 7, 8, 0, tzinfo=UTC))
WEIRD = (
    "\x00\x07a\u202eb\u200bc\ufeff \u0645\u0631\u062d\u0628\u0627 \u05e9\u05dc\u05d5\u05dd "
    "\U0001f600\U0001f468\u200d\U0001f469 漢字 e\u0301 a\u0489 \ud800 <b>&amp;</para> ✓ ✔ \ufffe % ( \\ )"
)


@pytest.fixture(params=[DEFAULT_FOLDER, Path("/nowhere")], ids=["built fonts", "no fonts built"])
def typeface(request: pytest.FixtureRequest) -> Typeface:
    folder: Path = request.param
    return fonts(folder)


def told(story: Story) -> Reading:
    return read(story.render(META))


def test_the_file_says_its_language_title_and_that_it_is_tagged() -> None:
    story = Story()
    story.title("Bonjour")
    reading = told(story)
    assert reading.language == "fr-FR"
    assert reading.title == "Titre du document"
    assert reading.shows_title
    assert reading.marked
    assert "Titre du document" in reading.metadata
    assert "2024-02-07T08:00:00Z" in reading.metadata
    assert "pdfuaid" not in reading.metadata


def test_every_block_has_its_role_in_reading_order() -> None:
    story = Story()
    story.letterhead("Agence")
    story.title("Titre")
    story.facts((("Montant", "12 €"),))
    story.section("Section")
    story.subsection("Sous-section")
    story.text("Un.\n\nDeux.")
    story.bullets(("a", "b"))
    story.quote("Dit.", "Infirmière")
    story.link("la page", "https://aap.exemple.invalid/x")
    reading = told(story)
    assert [element.role for element in reading.document.children] == [
        *("P", "H1", "L", "H2", "H3", "P", "P", "L", "BlockQuote", "P")
    ]
    items = reading.document.children[7]
    assert [[part.role for part in item.children] for item in items.children] == [["Lbl", "LBody"]] * 2
    assert [item.children[1].text for item in items.children] == ["a", "b"]
    assert reading.bookmarks == ["Titre", "  Section", "    Sous-section"]
    (link,) = reading.document.all("Link")
    assert (link.text, link.links) == ("la page", ["https://aap.exemple.invalid/x"])


def test_headers_and_footers_are_artifacts_and_nothing_is_left_unmarked() -> None:
    story = Story()
    story.title("Titre")
    for _ in range(120):
        story.text("Une ligne.")
    reading = told(story)
    assert reading.pages > 1
    assert reading.unmarked.strip() == ""
    for number, artifact in enumerate(reading.artifacts, start=1):
        assert f"page {number} sur {reading.pages}" in artifact
        assert "Dossier X-1" in artifact
    assert "page 1 sur" not in reading.text


def test_a_table_of_two_hundred_rows_runs_over_pages_with_every_row_once_and_one_head() -> None:
    story = Story()
    story.title("Titre")
    columns = (Column("Pièce", 3, heading=True), Column("Taille", 1, align="right"))
    story.table(columns, [Line((f"pièce-{number:03d}", str(number))) for number in range(200)], "Les pièces")
    reading = told(story)
    (table,) = reading.document.all("Table")
    assert table.children[0].role == "Caption"
    rows = table.all("TR")
    assert [row.children[0].text for row in rows] == ["Pièce", *(f"pièce-{number:03d}" for number in range(200))]
    assert [(cell.role, cell.scope) for cell in rows[0].children] == [("TH", "Column"), ("TH", "Column")]
    assert {(row.children[0].role, row.children[0].scope) for row in rows[1:]} == {("TH", "Row")}
    assert {row.children[1].role for row in rows[1:]} == {"TD"}
    assert reading.pages > 3
    assert all("Pièce" in artifact for artifact in reading.artifacts[1:]), "the head is shown again, as an artifact"


def test_a_total_never_stands_alone_and_a_group_head_never_ends_a_page() -> None:
    columns = (Column("Point", 3, heading=True), Column("Réponse", 1))
    for before in range(20, 40):
        story = Story()
        story.table(
            columns,
            [
                *(Line((f"ligne {number}", "oui")) for number in range(before)),
                Line(("Groupe",), kind="group"),
                *(Line((f"membre {number}", "oui")) for number in range(3)),
                Line(("Somme", "3"), kind="total"),
            ],
        )
        reading = told(story)
        for said in reading.said:
            assert not said.rstrip().endswith("Groupe")
            assert "Somme" not in said or "membre 2" in said
        (group,) = [cell for cell in reading.document.all("TH") if cell.text == "Groupe"]
        assert group.colspan == 2


def test_any_text_that_a_person_may_type_is_drawn_without_a_crash(typeface: Typeface) -> None:
    story = Story(typeface)
    story.letterhead(WEIRD, WEIRD)
    story.title(WEIRD, WEIRD)
    story.facts([(WEIRD, WEIRD)] * 5)
    story.bullets((WEIRD, "", "x" * 3000))
    story.note((WEIRD,), WEIRD)
    story.quote(WEIRD, WEIRD)
    story.table((Column(WEIRD, 1), Column("y" * 3000, 1)), [Line((WEIRD, ""))], WEIRD)
    meta = Meta(WEIRD, WEIRD, WEIRD, "r" * 500, META.made_at)
    reading = read(story.render(meta))
    assert "<b>&amp;</para>" in reading.document.all("H1")[0].text
    assert "é" in reading.text
    assert "abc" in reading.title, "marks that reverse or hide text are dropped"


def test_signs_that_the_font_lacks_are_replaced(typeface: Typeface) -> None:
    shown = typeface.clean("fait ✓ 112\u202f500 € 😀 œuvre")
    assert shown[5] in "✓√"
    assert "112\u00a0500 €" in shown, "the two halves of a number stay on one line"
    assert shown.endswith("œuvre")
    assert "😀" not in shown


@pytest.mark.parametrize("text", ["mot " * 2500, "x" * 10_000, "a\n" * 3000], ids=["words", "one word", "lines"])
def test_ten_thousand_signs_in_one_cell_run_over_pages_and_lose_nothing(text: str) -> None:
    story = Story()
    story.title("Titre")
    story.table((Column("Question", 1, heading=True), Column("Réponse", 1)), [Line(("q", text)), Line(("fin", "bout"))])
    reading = told(story)
    assert reading.pages > 1
    answer = reading.document.all("TR")[1].children[1]
    assert "".join(answer.text.split()) == "".join(text.split())
    assert reading.document.all("TR")[2].text == "fin bout"


def test_a_line_end_is_a_space_when_read() -> None:
    story = Story()
    story.text("Un paragraphe assez long pour tenir sur plusieurs lignes. " * 8)
    assert told(story).text == " ".join(["Un paragraphe assez long pour tenir sur plusieurs lignes."] * 8)


def test_the_same_story_gives_the_same_bytes() -> None:
    def render() -> bytes:
        story = Story()
        story.title("Titre")
        story.table((Column("a", 1),), [Line((str(number),)) for number in range(80)])
        return story.render(META)

    assert render() == render()


def test_a_number_its_unit_and_its_punctuation_stay_on_one_line(typeface: Typeface) -> None:
    shown = typeface.markup("de 55 200 € à 47 700 € ; « oui » : 12 % en 2023 ?")
    assert shown.replace("\u00a0", "_") == "de 55_200_€ à 47_700_€_; «_oui_»_: 12_% en 2023_?"
