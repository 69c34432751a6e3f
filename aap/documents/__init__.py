"""PDF documents: frozen data in, bytes out.

One file per document (``receipt``, ``letter``, ``contract``, ``sheet``), each with its dataclasses and one
``render_*`` function. Nothing here reads the database, the request or the clock: same data, same bytes.
"""
