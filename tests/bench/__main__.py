"""`python -m tests.bench`: measure, and print the table of the README's performance section."""

from tests.bench.extraction import main

main()
