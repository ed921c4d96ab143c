"""`child` with the reader for sheets whose cells lie far apart."""

from __future__ import annotations

import sys

from app.lib.tables.child import main
from app.lib.tables.xlsx_stream import stream_rows

if __name__ == "__main__":
    main(sys.argv[1:], stream_rows)
