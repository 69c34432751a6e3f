#!/bin/sh
# Print the first Python that is recent enough, or say in two languages what is missing.
for candidate in "${PYTHON:-}" python3 python3.13 python3.12 python3.11 python; do
    [ -n "$candidate" ] || continue
    if "$candidate" -c 'import sys; sys.exit(sys.version_info < (3, 11))' >/dev/null 2>&1; then
        echo "$candidate"
        exit 0
    fi
done
{
    echo "aap demande Python 3.11 ou plus récent, et n'en trouve pas sur cette machine."
    echo "  Debian, Ubuntu : sudo apt install python3 python3-venv"
    echo "  Python installé ailleurs : make run PYTHON=/chemin/vers/python3"
    echo "(aap needs Python 3.11 or newer; none was found.)"
} >&2
exit 2
