"""Pure arithmetic of juries: exact marks, totals, ranks and draws. Knows no database, no web and no clock."""
