"""Promises of the awards: the letter of a decision, the financial annex of a contract. Each is written once."""

from __future__ import annotations

import uuid
from datetime import datetime

from sqlalchemy import select

from aap.awards.letters import contract_annex, decision_letter
from aap.awards.models import Contract, Notification
from aap.awards.notices import ANNEX, LETTER
from aap.clock import paris
from aap.db import db
from aap.documents.contract import render_contract
from aap.documents.letter import render_letter
from aap.extensions import storage
from aap.files.service import store_document
from aap.outbox import Handler, Promise


def make_letter(promise: Promise, now: datetime) -> None:
    """Write the letter of a notified decision and keep it beside the notification."""
    decision_id = uuid.UUID(promise.payload["decision_id"])
    told = db.session.scalars(select(Notification).where(Notification.decision_id == decision_id)).one()
    if told.letter_file_id is not None:
        return
    application = told.decision.application
    content = render_letter(decision_letter(told.decision, paris(told.at).date()))
    name = f"notification-{application.reference}.pdf"
    told.letter_file_id = store_document(storage(), content, name, region_code=application.region_code, now=now).id


def make_annex(promise: Promise, now: datetime) -> None:
    """Write the financial annex of a signed contract and keep it beside the contract."""
    contract = db.session.get_one(Contract, uuid.UUID(promise.payload["contract_id"]))
    if contract.annex_file_id is not None:
        return
    project = contract.project
    content = render_contract(contract_annex(contract))
    name = f"annexe-financiere-{project.reference}.pdf"
    contract.annex_file_id = store_document(storage(), content, name, region_code=project.region_code, now=now).id


HANDLERS: dict[str, Handler] = {LETTER: make_letter, ANNEX: make_annex}
