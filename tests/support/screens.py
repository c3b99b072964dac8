"""What a terminal is to a progress bar."""

import io


class Terminal(io.StringIO):
    """Text that says it is a terminal."""

    def isatty(self):
        """Say so."""
        return True
