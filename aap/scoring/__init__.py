"""Pure arithmetic of juries: exact totals, ranks and draws; and advice. Knows no database, no web and no clock."""

import os

# NumPy reads this once, when it is first loaded, which only this package does. Our matrices have some hundred rows:
# more threads than one spend five times the CPU waiting for each other, in a web process as in a worker.
os.environ.setdefault("OPENBLAS_NUM_THREADS", "1")
