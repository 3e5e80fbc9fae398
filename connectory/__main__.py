"""Run the command line: ``python -m connectory``."""

from connectory.cli import main

if __name__ == "__main__":
    main()
