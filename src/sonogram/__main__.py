"""`python -m sonogram` is the command line."""

from sonogram.cli import main

if __name__ == "__main__":
    main()
