"""``python -m sdeframe`` is the command ``sdeframe``."""

from sdeframe.cli import main

if __name__ == "__main__":
    main()
