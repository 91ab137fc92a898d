"""Says how many questions a judge would be asked while some sources are read, and how large they are.

python bench/judging.py [FOLDER | FILE …] [--show]

The sources (the sample's, if none are named) go one after another into an empty wiki, read by the rules; what would be
asked of a model is counted, and answered with nothing. Tokens are letters by three, as for a server that tells none.
"""

from __future__ import annotations

import argparse
import shutil
import sys
import tempfile
from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]
sys.path.insert(0, str(ROOT / "tests"))

from quern.engines.llm import asking, judging  # noqa: E402
from quern.engines.rules import Rules  # noqa: E402
from quern.judgements import Names, Pair  # noqa: E402
from quern.relations import Verdict  # noqa: E402
from quern.schema import Schema  # noqa: E402


class Counting(Rules):
    """Reads as the rules do; what a judge is asked is noted and left open."""

    name = "llm"

    def __init__(self) -> None:
        super().__init__(Schema())
        self.names: list[Names] = []
        self.pairs: list[Pair] = []

    def one_thing(self, questions: list[Names]) -> list[bool]:
        """Nothing is known."""
        self.names += questions
        return [False] * len(questions)

    def relations(self, pairs: list[Pair]) -> list[Verdict | None]:
        """Nothing is known."""
        self.pairs += pairs
        return [None] * len(pairs)


def main() -> None:
    """Read the sources, and print a line for each and the sum."""
    import mill
    from turning import Mill

    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("sources", nargs="*", type=Path)
    parser.add_argument("--show", action="store_true", help="print the questions, too")
    options = parser.parse_args()
    named = options.sources or [ROOT / "raw"]
    found = [file for one in named for file in (sorted(one.glob("*.md")) if one.is_dir() else [one])]
    totals, most = [0, 0, 0], 0
    with tempfile.TemporaryDirectory() as folder:
        here = Mill(mill.empty_vault(Path(folder) / "vault"))
        print(f"{'source':44} {'words':>7} {'names':>6} {'claims':>7} {'of them possible':>17}")
        for file in found:
            shutil.copy(file, here.folder / "raw")
            judge = Counting()
            here.ingest(f"raw/{file.name}", engine=judge)
            asked = [judging.about_names(one).text for one in judge.names]
            asked += [judging.about_claims(pair).text for pair in judge.pairs]
            possible = sum(pair.possible is not None for pair in judge.pairs)
            words = len(file.read_text(encoding="utf-8").split())
            print(f"{file.name[:44]:44} {words:7,} {len(judge.names):6} {len(judge.pairs):7} {possible:17}")
            if options.show:
                print("\n\n".join(asked))
            for place, count in enumerate((words, len(judge.names), len(judge.pairs))):
                totals[place] += count
            most = max([most, *map(len, asked)])
    shared = sum(len(message.text) for message in asking.prompt("judge", Schema()).shared)
    print(f"{'all':44} {totals[0]:7,} {totals[1]:6} {totals[2]:7}")
    print(f"the part that all share: {shared // 3:,} tokens; the largest question: {most // 3:,} more")


if __name__ == "__main__":
    main()
