from __future__ import annotations

from tools.stylesheets import references, tokens, used_only, without_state_marks

LICENCE = "/*!\n * Licence\n */"
ICON = ".fr-icon-{0}:after,.fr-icon-{0}:before{{mask-image:url(../icons/{0}.svg)}}"


def test_only_the_icons_that_a_template_names_stay() -> None:
    sheet = LICENCE + ICON.format("warning-line") + ICON.format("bank-line")
    assert used_only(sheet, tokens('<p class="fr-icon-bank-line">')) == LICENCE + ICON.format("bank-line")


def test_an_icon_may_be_named_without_its_prefix() -> None:
    sheet = ICON.format("bank-line")
    assert used_only(sheet, tokens('{{ badge(icon="bank-line") }}')) == sheet


def test_a_word_of_the_text_does_not_keep_an_icon() -> None:
    assert used_only(ICON.format("bold"), tokens("<b>bold</b>")) == ""


def test_a_rule_inside_a_media_query_goes_and_the_query_stays_whole() -> None:
    sheet = "@media (min-width:36em){.fr-a{color:red}.fr-b{color:blue}}.fr-c{color:green}"
    assert used_only(sheet, {"fr-b"}) == "@media (min-width:36em){.fr-b{color:blue}}"


def test_the_state_marks_go_and_what_looks_like_them_stays() -> None:
    marianne = "@font-face{font-family:Marianne;src:url(fonts/Marianne-Bold.woff2)}"
    spectral = "@font-face{font-family:Spectral;src:url(fonts/Spectral-Regular.woff2)}"
    logo = '.fr-logo:before{background-image:url("data:image/svg+xml;charset=utf8,%3Csvg")}'
    box = '.fr-checkbox:before{background-image:url("data:image/svg+xml;charset=utf8,%3Csvg")}'
    text = ".fr-logo{font-weight:700}"
    assert without_state_marks(LICENCE + marianne + spectral + logo + box + text) == LICENCE + spectral + box + text


def test_the_files_a_sheet_asks_for_are_found_but_not_its_inline_images() -> None:
    sheet = "a{src:url(fonts/a.woff2) format(x),url('b.svg#c')}b{background:url(\"data:image/svg+xml,%3C\")}"
    assert references(sheet) == {"fonts/a.woff2", "b.svg"}
