"""A control character pasted in a name leaves a workbook that opens."""

from __future__ import annotations

import io
import zipfile

from defusedxml.ElementTree import fromstring

from aap.documents.workbook import Column, Sheet, ods


def test_a_workbook_with_a_control_character_is_read() -> None:
    content = ods([Sheet("Table", (Column("Un\x01titre"),), (("a\x0bb & c",),))])
    with zipfile.ZipFile(io.BytesIO(content)) as archive:
        tree = fromstring(archive.read("content.xml"))
    assert [text for text in tree.itertext() if text.strip()] == ["Un\ufffdtitre", "a\ufffdb & c"]
