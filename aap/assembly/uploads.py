"""Receiving files: written to the disk as they come, cut at the limit, and read to the end so that a page can answer.

A server that hangs up on a long upload shows the browser's own error, and everything else typed in the form is lost.
What is over the limit is therefore read and thrown away; the view then says so at the field.
"""

from __future__ import annotations

import io
import tempfile
from typing import IO, Any

from flask import Request, current_app
from werkzeug.datastructures import MultiDict
from werkzeug.utils import cached_property

from aap.assembly.texts import READ_AS_TYPED, readable

IN_MEMORY = 256 * 1024
LONGEST_BODY = 600_000_000  # octets read from one request before the connection is closed on it


class Spool(io.RawIOBase):
    """A file being received. ``refusal`` is "too-large" or "no-room" when it was not kept whole."""

    def __init__(self, limit: int) -> None:
        """Keep at most ``limit`` octets."""
        super().__init__()
        self.refusal = ""
        self._limit = limit
        self._size = 0
        self._file: IO[bytes] = tempfile.SpooledTemporaryFile(max_size=IN_MEMORY, prefix="aap-")  # noqa: SIM115  # closed with the spool

    def write(self, data: Any) -> int:
        """Keep a part, or throw it away once the file is refused."""
        self._size += len(data)
        if not self.refusal and self._size > self._limit:
            self._refuse("too-large")
        if not self.refusal:
            try:
                self._file.write(data)
            except OSError:
                self._refuse("no-room")
        return len(data)

    def _refuse(self, why: str) -> None:
        self.refusal = why
        self._file.close()
        self._file = io.BytesIO()

    def read(self, size: int = -1) -> bytes:
        """Read what was kept."""
        return self._file.read(size)

    def seek(self, offset: int, whence: int = 0) -> int:
        """Move within what was kept."""
        try:
            return self._file.seek(offset, whence)
        except OSError:  # what was still in memory could not be written
            self._refuse("no-room")
            return 0

    def tell(self) -> int:
        """Return the place within what was kept."""
        return self._file.tell()

    def readable(self) -> bool:
        """Read as a file."""
        return True

    def writable(self) -> bool:
        """Write as a file."""
        return True

    def seekable(self) -> bool:
        """Move as in a file."""
        return True

    def close(self) -> None:
        """Erase the file."""
        self._file.close()
        super().close()


class AapRequest(Request):
    """A request whose files are received in spools, and whose texts can be kept and shown."""

    @cached_property
    def args(self) -> MultiDict[str, str]:
        """Return what the address asks."""
        return readable(super().args)

    def _load_form_data(self) -> None:
        """Read the form once; leave out the signs that cannot be kept, but where the form itself tells of them."""
        loaded = "form" in self.__dict__
        super()._load_form_data()
        if not loaded and self.endpoint not in READ_AS_TYPED:
            self.__dict__["form"] = readable(self.form)

    def _get_file_stream(
        self,
        total_content_length: int | None,  # noqa: ARG002  # the signature of werkzeug
        content_type: str | None,  # noqa: ARG002  # same
        filename: str | None = None,  # noqa: ARG002  # same
        content_length: int | None = None,  # noqa: ARG002  # same
    ) -> IO[bytes]:
        return Spool(current_app.extensions["aap"].settings.storage.max_file_bytes)  # type: ignore[return-value]  # a raw stream reads and writes bytes
