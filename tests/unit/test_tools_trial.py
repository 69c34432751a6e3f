from __future__ import annotations

import socket
from pathlib import Path

import pytest

from tools.trial import HOST, Trial, TrialError, read_trial


def _trial(folder: Path, **environ: str) -> Trial:
    return Trial(data=folder / "var", port=8000, environ=environ)


@pytest.mark.parametrize("text", ["0", "65536", "http", "-1", "80.0"])
def test_a_port_that_is_no_port_is_said_in_words(text: str) -> None:
    with pytest.raises(TrialError, match=r"AAP_PORT vaut «.+65535"):
        read_trial({"AAP_PORT": text})


def test_a_port_already_taken_is_refused_with_another_to_try() -> None:
    with socket.socket() as other:
        other.bind((HOST, 0))
        other.listen()
        port = other.getsockname()[1]
        with pytest.raises(TrialError, match=f"{port} n'est pas libre.*\n.*AAP_PORT="):
            read_trial({"AAP_PORT": str(port)}).check_port()


def test_the_secret_is_drawn_once_and_readable_by_its_owner_only(tmp_path: Path) -> None:
    trial = _trial(tmp_path)
    secret = trial.variables("unix:///queue")["AAP_SECRET_KEY"]
    assert len(secret) >= 48
    assert trial.variables("unix:///queue")["AAP_SECRET_KEY"] == secret
    assert (tmp_path / "var" / "secret-key").stat().st_mode & 0o077 == 0


def test_what_the_person_sets_wins(tmp_path: Path) -> None:
    trial = _trial(tmp_path, DATABASE_URL="postgresql://elsewhere/aap", REDIS_URL="redis://elsewhere")
    variables = trial.variables("unix:///queue")
    assert variables["DATABASE_URL"] == "postgresql://elsewhere/aap"
    assert variables["REDIS_URL"] == "redis://elsewhere"
    assert not trial.embedded_queue


def test_two_services_do_not_share_a_folder(tmp_path: Path) -> None:
    trial = _trial(tmp_path)
    with trial.hold(), pytest.raises(TrialError, match="tourne déjà"):
        trial.hold()


def test_reset_refuses_while_a_service_runs_then_erases(tmp_path: Path) -> None:
    trial = _trial(tmp_path)
    with trial.hold():
        with pytest.raises(TrialError, match="tourne déjà"):
            trial.erase()
        assert trial.data.exists()
    assert trial.erase()
    assert not trial.data.exists()
    assert not trial.erase()


def test_reset_does_not_erase_a_folder_it_did_not_make(tmp_path: Path) -> None:
    trial = _trial(tmp_path)
    trial.data.mkdir()
    (trial.data / "thesis.odt").write_text("ten years")
    with pytest.raises(TrialError, match="n'est pas effacé"):
        trial.erase()
    assert (trial.data / "thesis.odt").exists()


def test_a_step_is_done_again_when_its_database_has_gone(tmp_path: Path) -> None:
    trial = _trial(tmp_path)
    trial.variables("unix:///queue")
    (trial.data / "aap.sqlite3").touch()
    trial.mark_done("migrations", "a")
    assert trial.is_done("migrations", "a")
    assert not trial.is_done("migrations", "b")
    (trial.data / "aap.sqlite3").unlink()
    assert not trial.is_done("migrations", "a")
