from __future__ import annotations

import smtplib
from email.message import EmailMessage

import pytest

from tests.services.smtp import HOST, running_smtp


def _letter() -> EmailMessage:
    message = EmailMessage()
    message["From"] = "agence@exemple.invalid"
    message["To"] = "lea@exemple.invalid"
    message["Subject"] = "Accusé de réception"
    message.set_content("Votre dossier est déposé à 16 h 59.")
    return message


def test_it_keeps_what_it_receives() -> None:
    with running_smtp() as sink, smtplib.SMTP(HOST, sink.port) as client:
        client.send_message(_letter())
        [received] = sink.to("lea@exemple.invalid")
        assert sink.to("autre@exemple.invalid") == []
    assert received.message["Subject"] == "Accusé de réception"
    assert received.text.strip() == "Votre dossier est déposé à 16 h 59."


def test_it_can_refuse_as_an_ill_server_does() -> None:
    with running_smtp() as sink, smtplib.SMTP(HOST, sink.port) as client:
        sink.answer = "451 plus tard"
        with pytest.raises(smtplib.SMTPDataError):
            client.send_message(_letter())
        assert sink.messages == []
