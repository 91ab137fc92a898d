"""The command `quern VERB …` of an editable install: the same programs as in bin/, under one name on PATH."""

from __future__ import annotations

import os
import runpy
import sys

BIN = os.path.join(os.path.dirname(__file__), "..", "..", "bin")


def main() -> int:
    """Run the program that the first argument names; without one, list them all."""
    if not os.path.isdir(BIN):
        print("quern: the programs live in a clone: run 'make setup' there, or 'pip install -e CLONE'", file=sys.stderr)
        return 2
    verbs = sorted(name for name in os.listdir(BIN) if name.isalpha())
    if len(sys.argv) < 2 or sys.argv[1] in ("-h", "--help"):
        print("usage: quern VERB [ARGUMENTS]      (quern VERB --help says more)\n")
        for verb in verbs:
            print(f"  {verb:10} {sentence(os.path.join(BIN, verb))}")
        return 0
    verb = sys.argv[1]
    if verb not in verbs:
        print(f"quern: no verb {verb!r}; there are: {' '.join(verbs)}", file=sys.stderr)
        return 2
    sys.argv = [os.path.join(BIN, verb), *sys.argv[2:]]
    runpy.run_path(sys.argv[0], run_name="__main__")
    return 0


def sentence(program: str) -> str:
    """What a program says of itself: the one-sentence docstring under its two-line header."""
    with open(program, encoding="utf-8") as lines:
        return next((line.strip().strip('"') for line in lines if line.startswith('"""')), "")


if __name__ == "__main__":
    sys.exit(main())
