"""``python -m chatelier`` is the same as the ``chatelier`` command."""

from chatelier.cli import main

if __name__ == "__main__":
    main()
