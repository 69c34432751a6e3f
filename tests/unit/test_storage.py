"""Files are streamed, hashed and bounded; a refusal leaves nothing behind."""

from __future__ import annotations

import hashlib
from collections.abc import Iterator
from pathlib import Path

import pytest

from aap.errors import NotFoundError, TooLargeError, UnavailableError
from aap.storage import Storage


@pytest.fixture(params=["file", "memory"])
def storage(request: pytest.FixtureRequest, tmp_path: Path) -> Storage:
    return Storage(f"file://{tmp_path}" if request.param == "file" else "memory://")


def chunks(count: int) -> Iterator[bytes]:
    for _ in range(count):
        yield b"x" * 1000


def test_what_is_put_is_read_with_its_hash(storage: Storage) -> None:
    stored = storage.put("IDF/2023/une pièce é.pdf", chunks(5), max_bytes=10_000)
    assert (stored.size, stored.sha256) == (5000, hashlib.sha256(b"x" * 5000).hexdigest())
    assert b"".join(storage.read(stored.key)) == b"x" * 5000


def test_one_octet_too_many_is_refused_and_leaves_nothing(storage: Storage) -> None:
    with pytest.raises(TooLargeError):
        storage.put("a", chunks(5), max_bytes=4999)
    with pytest.raises(NotFoundError):
        list(storage.read("a"))


def test_a_missing_file_says_so(storage: Storage) -> None:
    with pytest.raises(NotFoundError):  # before the first byte: the answer of a page can still be a 404
        storage.read("nothing")
    storage.delete("nothing")


def test_a_folder_that_cannot_be_written_is_said_unavailable(tmp_path: Path) -> None:
    (tmp_path / "taken").write_text("a file where the folder should be")
    with pytest.raises(UnavailableError):
        Storage(f"file://{tmp_path / 'taken'}").check()
