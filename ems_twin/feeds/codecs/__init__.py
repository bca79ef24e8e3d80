"""One file a standard: which fields it uses, how it is read and, where the twin speaks it, written."""
