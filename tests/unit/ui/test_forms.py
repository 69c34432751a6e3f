"""What a person meets in a form: a label, a hint, an error that is tied to its field, nothing typed lost."""

from __future__ import annotations

from collections.abc import Callable
from decimal import Decimal
from typing import Any

import pytest
from bs4 import BeautifulSoup, Tag
from wtforms import (
    BooleanField,
    DateField,
    FileField,
    Form,
    HiddenField,
    IntegerField,
    PasswordField,
    RadioField,
    SelectField,
    SelectMultipleField,
    StringField,
    TextAreaField,
    validators,
    widgets,
)

Render = Callable[..., BeautifulSoup]

ZONES: Any = ["zip", "zac"]  # the published types do not know that plain words are choices


class Sample(Form):
    name = StringField("Raison sociale", [validators.InputRequired("Indiquez la raison sociale")])
    need = TextAreaField("Besoin", [validators.Length(max=4000)], description="Sans donnée nominative")
    secret = PasswordField("Mot de passe")
    months = IntegerField("Durée")
    start = DateField("Démarrage", [validators.Optional()])
    zone = SelectField("Zone", choices=ZONES)
    cpom = RadioField("Sous CPOM ?", choices=ZONES)
    publics = SelectMultipleField(
        "Publics", choices=ZONES, option_widget=widgets.CheckboxInput(), widget=widgets.ListWidget()
    )
    agreed = BooleanField("J'accepte")
    letter = FileField("Lettre")
    version = HiddenField()


def one(soup: BeautifulSoup, selector: str) -> Tag:
    found = soup.select(selector)
    assert len(found) == 1, f"{selector}: {len(found)} in {soup.body}"
    return found[0]


def label_of(soup: BeautifulSoup, name: str) -> str:
    return one(soup, f'label[for="{name}"]').get_text(" ", strip=True)


def test_only_optional_fields_are_marked(render: Render) -> None:
    soup = render("{{ forms.input('a', 'Intitulé', required=true) }}{{ forms.input('b', 'Acronyme') }}")
    assert label_of(soup, "a") == "Intitulé"
    assert label_of(soup, "b") == "Acronyme (facultatif)"
    assert one(soup, "#a").has_attr("required")
    assert not one(soup, "#b").has_attr("required")


def test_hint_error_and_limit_are_read_with_the_field(render: Render) -> None:
    soup = render("{{ forms.textarea('need', 'Besoin', hint='Chiffré', error='Trop court', maxlength=4000) }}")
    field = one(soup, "#need")
    said = [one(soup, f"#{name}").get_text() for name in str(field["aria-describedby"]).split()]
    assert said == ["Erreur\u00a0: Trop court", "Chiffré", "4\u202f000 caractères au plus"]
    assert field["aria-invalid"] == "true"
    assert not field.has_attr("maxlength")  # a text pasted too long is kept whole, and refused with its reason


def test_what_was_typed_comes_back_as_text_never_as_markup(render: Render) -> None:
    soup = render("{{ forms.input('a', 'A', typed) }}{{ forms.textarea('b', 'B', typed) }}", typed='\n<b>"l\'été"')
    assert one(soup, "#a")["value"] == '\n<b>"l\'été"'
    assert one(soup, "#b").get_text() == '\n<b>"l\'été"'
    assert soup.find("b") is None


@pytest.mark.parametrize(
    ("value", "shown"),
    [(Decimal("7724.95"), "7724,95"), (Decimal("120000.00"), "120000"), (None, ""), ("12,5x", "12,5x")],
)
def test_an_amount_is_typed_with_a_comma(render: Render, value: object, shown: str) -> None:
    assert one(render("{{ forms.money('m', 'Montant', value) }}", value=value), "#m")["value"] == shown


def test_a_group_of_choices_has_a_legend_and_the_error_leads_to_its_first_choice(render: Render) -> None:
    soup = render(
        "{{ forms.error_summary([('cpom', 'Répondez')]) }}"
        "{{ forms.yesno('cpom', 'Sous CPOM ?', false, error='Répondez', required=true) }}"
    )
    assert one(soup, "legend").get_text(strip=True) == "Sous CPOM ?"
    assert one(soup, "[role=alert] a")["href"] == "#cpom"
    assert one(soup, "#cpom")["type"] == "radio"
    assert [tag["value"] for tag in soup.select("input[checked]")] == ["no"]


def test_no_answer_is_neither_yes_nor_no(render: Render) -> None:
    assert not render("{{ forms.yesno('cpom', 'Sous CPOM ?', none) }}").select("[checked]")


def test_no_error_prints_no_summary(render: Render) -> None:
    assert not render("{{ forms.error_summary([]) }}").select("[role=alert]")


def test_every_kind_of_field_is_rendered_from_its_form(render: Render) -> None:
    form = Sample(data={"name": "Trois vallées", "zone": "zac", "publics": ["zip"], "cpom": "zip", "agreed": True})
    soup = render("{% for f in form %}{{ forms.field(f) }}{% endfor %}", form=form)
    assert one(soup, "#name")["value"] == "Trois vallées"
    assert one(soup, "#need").name == "textarea"
    assert one(soup, "#need-counter")["data-max"] == "4000"
    assert one(soup, "#need-hint").get_text() == "Sans donnée nominative"
    assert one(soup, "#secret")["type"] == "password"
    assert (one(soup, "#months")["type"], one(soup, "#months")["inputmode"]) == ("text", "decimal")
    assert one(soup, "#start")["type"] == "date"
    assert one(soup, "#zone option[selected]")["value"] == "zac"
    assert [tag["value"] for tag in soup.select("input[name=publics][checked]")] == ["zip"]
    assert [tag["value"] for tag in soup.select("input[name=cpom][checked]")] == ["zip"]
    assert one(soup, "#agreed").has_attr("checked")
    assert one(soup, "#letter")["type"] == "file"
    assert one(soup, "#version")["type"] == "hidden"


def test_a_password_is_never_sent_back(render: Render) -> None:
    form = Sample(data={"secret": "s3cret"})
    assert one(render("{{ forms.field(form.secret) }}", form=form), "#secret")["value"] == ""


def test_errors_of_a_form_are_listed_with_their_field(render: Render) -> None:
    form = Sample()
    assert not form.validate()
    soup = render("{{ forms.form_errors(form) }}{{ forms.field(form.name) }}", form=form)
    link = one(soup, '[role=alert] a[href="#name"]')
    assert link.get_text() == "Indiquez la raison sociale"
    assert "name-error" in str(one(soup, "#name")["aria-describedby"])


def test_a_form_that_writes_carries_its_token_and_one_that_reads_does_not(render: Render) -> None:
    soup = render("{% call forms.form() %}{% endcall %}{% call forms.form(method='get') %}{% endcall %}")
    assert [len(form.select("input[name=csrf_token]")) for form in soup.select("form")] == [1, 0]
