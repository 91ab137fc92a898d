"""Sends hostile text through the mill, and says what became of it.

    python bench/adversarial.py DATA

DATA holds commonmark/, blns/, JSONTestSuite/, yaml-test-suite/ and utf8/ (and BIPIA/, if it is there).
Three things are asked of every text: nothing but an answer or one line of refusal (a Failure, no other exception),
no altered byte (of the source, and of a page that is read and written back), and every sentence at its place.
Each set then goes through the whole chain into a wiki, which lint must find free of errors.
"""

from __future__ import annotations

import argparse
import hashlib
import json
import re
import tempfile
from collections import Counter
from collections.abc import Callable, Iterator
from pathlib import Path

import yaml

from quern import checks, engines, extraction, jsonl, linking, pages, passages, schema, summaries
from quern import wiki as wikis
from quern.jsonl import Row
from quern.program import Failure
from quern.records import Passage
from quern.updates import merging, transaction
from quern.vault import Vault

ROOT = Path(__file__).resolve().parents[1]
DAY = "2026-04-02"
# How the YAML suite writes what cannot be seen.
MARKS = {ord("␣"): " ", ord("∎"): "", ord("↵"): "", ord("⇔"): "\ufeff"}


def commonmark(data: Path) -> Iterator[bytes]:
    for example in json.loads((data / "commonmark" / "examples.json").read_text()):
        yield example["markdown"].encode()
    yield (data / "commonmark" / "spec.txt").read_bytes()


def naughty(data: Path) -> Iterator[bytes]:
    for text in json.loads((data / "blns" / "blns.json").read_text()):
        yield text.encode(errors="surrogatepass")
    yield (data / "blns" / "blns.txt").read_bytes()


def malformed(data: Path) -> Iterator[bytes]:
    for path in sorted((data / "utf8").rglob("*")):
        if path.is_file():
            yield path.read_bytes()[:200_000]
    for lead in (
        b"\x80",
        b"\xc0\xaf",
        b"\xed\xa0\x80",
        b"\xf4\x90\x80\x80",
        b"\xff\xfe\x00\xd8",
        b"\xef\xbb\xbf\xff",
        b"\xc3",
    ):
        yield b"# Title\n\nOne sentence " + lead + b" here. Another one.\n"
        yield lead


def front_matter(data: Path) -> Iterator[bytes]:
    for path in sorted((data / "yaml-test-suite" / "src").glob("*.yaml")):
        for case in yaml.load(path.read_text(), yaml.CSafeLoader):
            text = re.sub("—*»", "\t", str(case.get("yaml", ""))).translate(MARKS)
            yield b"---\n" + text.rstrip("\n").encode() + b"\n---\n\n# Title\n\nThe mill was built in 1966.\n"


def injections(data: Path) -> Iterator[bytes]:
    path = data / "BIPIA" / "text_attack_train.json"
    for attacks in json.loads(path.read_text()).values() if path.exists() else ():
        for attack in attacks:
            yield f"# Mail\n\nThe mill was built in 1966. {attack}\n".encode()


SETS: dict[str, Callable[[Path], Iterator[bytes]]] = {
    "CommonMark": commonmark,
    "naughty strings": naughty,
    "malformed UTF-8": malformed,
    "YAML as front matter": front_matter,
    "prompt injections": injections,
}


class Trial:
    """One set on its way: what was read, what was refused, and what went wrong."""

    def __init__(self, folder: Path) -> None:
        (folder / "raw").mkdir(parents=True)
        (folder / "wiki").mkdir()
        (folder / "schema.yaml").write_text((ROOT / "schema.yaml").read_text())
        self.vault = Vault(folder)
        self.rules = schema.load(self.vault)
        self.counts: Counter[str] = Counter()
        self.wrong: list[str] = []

    def take(self, number: int, data: bytes) -> None:
        """Segment one text as a source, and read and write it as a page."""
        path = self.vault.raw / f"{number:05}.md"
        path.write_bytes(data)
        self.counts["texts"] += 1
        try:
            found = list(passages.records(self.vault, self.rules, str(path), lambda _: None))
        except Failure:
            self.counts["refused"] += 1
            path.unlink()
        else:
            self._places(path, data, found)
        text = data.decode(errors="replace")
        if pages.render(pages.parse(text)) != text:
            self.wrong.append(f"{path.name}: a page read and written is not the same")
        if path.exists() and hashlib.sha256(path.read_bytes()).digest() != hashlib.sha256(data).digest():
            self.wrong.append(f"{path.name}: the source was altered")

    def _places(self, path: Path, data: bytes, found: list[object]) -> None:
        source = found[0]
        raw = data.decode(source.encoding)  # type: ignore[attr-defined]
        for passage in found[1:]:
            assert isinstance(passage, Passage)
            for sentence in passage.sentences:
                self.counts["sentences"] += 1
                if raw[sentence.start : sentence.end] != sentence.text:
                    self.wrong.append(f"{path.name}: sentence {sentence.n} of {passage.id} is not at its place")

    def mill(self) -> None:
        """Everything that was read, through the whole chain in this process."""
        engine = engines.load(self.rules)
        for path in sorted(self.vault.raw.iterdir()):
            made = passages.records(self.vault, self.rules, str(path), lambda _: None)
            rows = _rows(extraction.extract(_rows(made), engine, lambda _: None))
            with wikis.open(self.vault) as catalogue:
                rows = _rows(linking.link(rows, catalogue, self.rules))
            rows = _rows(summaries.add(rows, engine, self.rules))
            list(merging.merge(rows, self.vault, self.rules, DAY))
        transaction.finish(self.vault)
        with wikis.open(self.vault) as catalogue:
            found = checks.check_vault(self.vault, catalogue, self.rules)
        self.counts["pages"] = sum(1 for _ in self.vault.wiki.rglob("*.md"))
        self.wrong += [f"{f.path}:{f.line}: {f.code}: {f.message}" for f in found if f.severity == "error"]


def _rows(records: object) -> list[Row]:
    """Records as the next program reads them."""
    lines = b"".join(jsonl.encode(record) for record in records).splitlines(keepends=True)  # type: ignore[attr-defined]
    return list(jsonl.rows(lines, "<pipe>"))


def lines_of_json(data: Path) -> tuple[int, int, list[str]]:
    """JSONTestSuite as input of a program: each file is records, or one line of refusal."""
    refused, wrong, total = 0, [], 0
    for path in sorted((data / "JSONTestSuite" / "test_parsing").glob("*.json")):
        total += 1
        try:
            list(jsonl.rows(path.read_bytes().splitlines(keepends=True), path.name))
        except Failure as failure:
            refused += 1
            if "\n" in str(failure):
                wrong.append(f"{path.name}: more than one line")
    return total, refused, wrong


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("data", type=Path)
    data = parser.parse_args().data
    print(f"{'set':22} {'texts':>6} {'refused':>8} {'sentences':>10} {'pages':>6} {'wrong':>6}")
    for name, texts in SETS.items():
        with tempfile.TemporaryDirectory() as folder:
            trial = Trial(Path(folder, "vault"))
            for number, text in enumerate(texts(data)):
                trial.take(number, text)
            trial.mill()
            counts = trial.counts
            row = (counts[key] for key in ("texts", "refused", "sentences", "pages"))
            print("{:22} {:6} {:8} {:10} {:6} {:6}".format(name, *row, len(trial.wrong)))
            for line in trial.wrong[:5]:
                print(f"    {line}")
    total, refused, wrong = lines_of_json(data)
    print(f"{'JSON as records':22} {total:6} {refused:8} {'':10} {'':6} {len(wrong):6}")


if __name__ == "__main__":
    main()
