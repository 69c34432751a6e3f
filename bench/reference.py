"""The reference page of every figure: signed in, 50 rows through the ORM, and one form of four fields with its token.

It exists in the bench only. It is what a page of a well-made Flask application costs on this machine, in this run.
"""

from __future__ import annotations

from flask import Blueprint, render_template_string
from flask.typing import ResponseReturnValue
from flask_wtf import FlaskForm
from sqlalchemy import select
from wtforms import DecimalField, SelectField, StringField, TextAreaField

from aap.accounts.models import Organisation
from aap.blueprints.access import allow
from aap.db import db

bp = Blueprint("reference", __name__)
ROWS = 50

PAGE = """
{% extends "_layout/page.html" %}
{% import "_ui/blocks.html" as blocks %}
{% import "_ui/forms.html" as forms %}
{% import "_ui/tables.html" as tables %}
{% block title %}Page de référence{% endblock %}
{% block content %}
{{ blocks.page_title("Page de référence") }}
{{ tables.table("Structures", [{"key": "name", "label": "Nom", "head": true}, {"key": "kind", "label": "Catégorie"},
  {"key": "siret", "label": "SIRET"}, {"key": "department_code", "label": "Département"}], rows) }}
{% call forms.form() %}
{{ forms.field(form.name) }}{{ forms.field(form.kind) }}{{ forms.field(form.amount) }}{{ forms.field(form.note) }}
{{ forms.submit_row() }}
{% endcall %}
{% endblock %}
"""


class ReferenceForm(FlaskForm):
    """Four fields."""

    name = StringField("Nom")
    kind = SelectField("Catégorie", choices=[("ehpad", "EHPAD"), ("cpts", "CPTS"), ("msp", "MSP")])
    amount = DecimalField("Montant")
    note = TextAreaField("Note")


@bp.get("/page-de-reference")
@allow("account.use")
def show() -> ResponseReturnValue:
    """List 50 structures and show the form."""
    rows = db.session.scalars(select(Organisation).order_by(Organisation.name, Organisation.id).limit(ROWS)).all()
    return render_template_string(PAGE, rows=rows, form=ReferenceForm())  # type: ignore[no-untyped-call]  # no annotations in Flask-WTF
