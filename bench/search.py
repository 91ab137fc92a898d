"""How well and how fast search finds, beside what others find in the same texts.

    python bench/search.py [DATA] [--embed FILE.gguf] [--sets scifact ...] [--pages 2000 50000] [--queries 300]

DATA holds `retrieval/` (sets of documents, questions and judgements) and `vaults/` (vaults, and names that people gave
to their pages). Quality: nDCG@10 and recall@100 of quern, bm25s, tantivy and a plain FTS5 table (`unicode61`, for
English `porter`), each with its own stemmer for the language where it has one; every rival is compared with quern
query by query: `p` is the share of 10,000 random flips of sign that differ as much (Fisher's randomisation test, as
Smucker, Allan and Carterette recommend, CIKM 2007). Without DATA only time and memory are measured, on a wiki made by
`bench/wiki.py`.
"""

from __future__ import annotations

import argparse
import gc
import itertools
import json
import math
import os
import random
import resource
import sqlite3
import statistics
import subprocess
import tarfile
import tempfile
import time
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

import Stemmer
import yaml

from quern import schema, search
from quern.search import terms
from quern.vault import Vault

ROOT = Path(__file__).resolve().parents[1]
SETS = ("scifact", "cranfield", *(f"xquad/{language}" for language in ("en", "de", "es", "ru", "ar", "th", "zh")))
FLIPS = 10_000
TOP = 100
ALIASES = {"en": "obsidian-help/en", "zh": "obsidian-help/zh"}

Ranks = dict[str, list[str]]  # query -> documents, the best first
Judged = dict[str, dict[str, int]]  # query -> document -> grade


class Set:
    """Documents, questions, and which document answers which question."""

    def __init__(self, folder: Path, language: str) -> None:
        self.language = language
        self.documents = [json.loads(line) for line in (folder / "corpus.jsonl").open(encoding="utf-8")]
        self.questions = {
            row["id"]: row["text"] for row in map(json.loads, (folder / "dev" / "queries.jsonl").open(encoding="utf-8"))
        }
        self.judged: Judged = {}
        for line in (folder / "dev" / "qrels.tsv").open(encoding="utf-8"):
            question, _, document, grade = line.split()
            self.judged.setdefault(question, {})[document] = int(grade)

    def texts(self) -> list[str]:
        """Title and text of each document."""
        return [f"{row.get('title', '')} {row['text']}".strip() for row in self.documents]

    def ids(self) -> list[str]:
        """The documents, in their order."""
        return [row["id"] for row in self.documents]


# Whoever finds


def quern(data: Set, folder: Path, embed: str = "") -> Ranks:
    """A page a document, as a person would have written it."""
    vault = lay_out(folder, [(row["id"], row.get("title") or "", row["text"]) for row in data.documents], embed)
    with search.open(vault, schema.load(vault)) as found:
        found.refresh()
        return {
            id_: [Path(path).stem for path in found.ranked(plain(text), TOP)] for id_, text in data.questions.items()
        }


def plain(question: str) -> str:
    """A question without what would be an operator in a query: whoever asked it meant no phrase."""
    return " ".join(part.lstrip("-") for part in question.replace('"', " ").split())


def lay_out(folder: Path, documents: Sequence[tuple[str, str, str]], embed: str = "") -> Vault:
    """A vault with a page for each (file name, title, text)."""
    (folder / "wiki" / "documents").mkdir(parents=True)
    settings: dict[str, Any] = {"version": 1}
    if embed:
        settings |= {"models": {"embed": {"llama": {"path": os.path.abspath(embed)}}}, "engine": "rules"}
        settings |= {"roles": {"embed": {"model": "embed"}}}
    (folder / "schema.yaml").write_text(yaml.safe_dump(settings), encoding="utf-8")
    for name, title, text in documents:
        front = yaml.safe_dump({"title": title or name}, allow_unicode=True)
        body = f"---\n{front}---\n\n# {title or name}\n\n{text}\n"
        (folder / "wiki" / "documents" / f"{name}.md").write_text(body, encoding="utf-8")
    return Vault(folder)


def bm25s(data: Set) -> Ranks:
    """The library of that name, with its defaults (Lucene's formula) and Snowball."""
    import bm25s as library

    name = terms.SNOWBALL.get(data.language)
    stemmer = Stemmer.Stemmer(name) if name else None
    stop = data.language if data.language == "en" else None
    corpus = library.tokenize(data.texts(), stopwords=stop, stemmer=stemmer, show_progress=False)
    index = library.BM25()
    index.index(corpus, show_progress=False)
    ids, ranks = data.ids(), {}
    for id_, text in data.questions.items():
        asked = library.tokenize([text], stopwords=stop, stemmer=stemmer, show_progress=False)
        if not asked.vocab:
            ranks[id_] = []
            continue
        rows, scores = index.retrieve(asked, k=min(TOP, len(ids)), show_progress=False)
        ranks[id_] = [ids[row] for row, score in zip(rows[0], scores[0], strict=True) if score > 0]
    return ranks


def tantivy(data: Set) -> Ranks:
    """The engine of that name, by its Python binding, with its stemmer for the language."""
    import tantivy as library

    builder = library.TextAnalyzerBuilder(library.Tokenizer.simple())
    builder = builder.filter(library.Filter.remove_long(40)).filter(library.Filter.lowercase())
    name = terms.SNOWBALL.get(data.language)
    if name:
        builder = builder.filter(library.Filter.stemmer(name))
    fields = library.SchemaBuilder()
    fields.add_text_field("text", tokenizer_name="ours")
    fields.add_unsigned_field("row", stored=True)
    index = library.Index(fields.build())
    index.register_tokenizer("ours", builder.build())
    writer = index.writer()
    for row, text in enumerate(data.texts()):
        writer.add_document(library.Document(text=text, row=row))
    writer.commit()
    index.reload()
    searcher, ids = index.searcher(), data.ids()
    ranks = {}
    for id_, text in data.questions.items():
        query = index.parse_query_lenient(" ".join(terms.found(text)).replace("'", " "), ["text"])[0]
        hits = searcher.search(query, TOP).hits
        ranks[id_] = [ids[searcher.doc(address)["row"][0]] for _, address in hits]
    return ranks


def fts5(data: Set) -> Ranks:
    """A plain FTS5 table, its words joined with OR."""
    connection = sqlite3.connect(":memory:")
    tokenizer = "porter unicode61" if data.language == "en" else "unicode61"
    connection.execute(f"CREATE VIRTUAL TABLE t USING fts5 (text, tokenize='{tokenizer}')")
    connection.executemany("INSERT INTO t (rowid, text) VALUES (?, ?)", enumerate(data.texts()))
    ids, ranks = data.ids(), {}
    for id_, text in data.questions.items():
        words = "".join(char if char.isalnum() else " " for char in text).split()
        match = " OR ".join(f'"{word}"' for word in words)
        rows = connection.execute("SELECT rowid FROM t WHERE t MATCH ? ORDER BY rank LIMIT ?", (match, TOP))
        ranks[id_] = [ids[row] for (row,) in rows]
    return ranks


RIVALS: dict[str, Callable[[Set], Ranks]] = {"bm25s": bm25s, "tantivy": tantivy, "FTS5": fts5}


# How well


def ndcg(found: Sequence[str], judged: dict[str, int], depth: int = 10) -> float:
    """Normalised discounted cumulative gain of the first documents (trec_eval's, with the grade as gain)."""
    gain = sum(judged.get(document, 0) / math.log2(at + 2) for at, document in enumerate(found[:depth]))
    best = sorted((grade for grade in judged.values() if grade > 0), reverse=True)[:depth]
    ideal = sum(grade / math.log2(at + 2) for at, grade in enumerate(best))
    return gain / ideal if ideal else 0.0


def recall(found: Sequence[str], judged: dict[str, int]) -> float:
    """The share of the documents that answer which is among the first hundred."""
    right = {document for document, grade in judged.items() if grade > 0}
    return len(right & set(found[:TOP])) / len(right) if right else 0.0


def chance(ours: Sequence[float], theirs: Sequence[float]) -> float:
    """How probable such a difference is if it is one of chance (two-sided, by random flips of sign)."""
    differences = [a - b for a, b in zip(ours, theirs, strict=True) if a != b]
    seen = abs(sum(differences))
    rng = random.Random(7)
    as_much = 0
    for _ in range(FLIPS):
        bits = rng.getrandbits(len(differences)) if differences else 0
        total = sum(-value if bits >> at & 1 else value for at, value in enumerate(differences))
        as_much += abs(total) >= seen - 1e-12
    return (as_much + 1) / (FLIPS + 1)


def quality(data: Path, embed: str, wanted: Sequence[str]) -> None:
    """Print a table: a line for each set and finder."""
    print(f"{'set':12} {'finder':12} {'nDCG@10':>8} {'recall@100':>10} {'difference':>10} {'p':>7}")
    for name in wanted:
        language = name.partition("/")[2] or "en"
        one = Set(data / "retrieval" / name, language)
        with tempfile.TemporaryDirectory() as scratch:
            found = {"quern": quern(one, Path(scratch) / "words")}
            if embed and name == "scifact":
                found["quern hybrid"] = quern(one, Path(scratch) / "hybrid", embed)
        found |= {rival: finder(one) for rival, finder in RIVALS.items()}
        each = {
            finder: [ndcg(ranks.get(id_, []), one.judged[id_]) for id_ in one.judged] for finder, ranks in found.items()
        }
        for finder, values in each.items():
            all_found = statistics.mean(recall(found[finder].get(id_, []), one.judged[id_]) for id_ in one.judged)
            line = f"{name:12} {finder:12} {statistics.mean(values):8.3f} {all_found:10.3f}"
            if finder != "quern":
                difference = statistics.mean(each["quern"]) - statistics.mean(values)
                line += f" {difference:+10.3f} {chance(each['quern'], values):7.4f}"
            print(line, flush=True)


def aliases(data: Path) -> None:
    """Print how often the page that people gave a name to is the first that is found by it."""
    print(f"\n{'names of':12} {'look-ups':>8} {'hit@1':>7} {'hit@10':>7}")
    with tempfile.TemporaryDirectory() as scratch:
        with tarfile.open(data / "vaults" / "obsidian-help-en-zh.tar.xz") as archive:
            archive.extractall(scratch, filter="data")
        for language, folder in ALIASES.items():
            rows = looked_up(data, f"obsidian-help-{language}")
            vault = Vault(Path(scratch) / language)
            vault.root.mkdir()
            os.rename(Path(scratch) / folder, vault.wiki)
            vault.schema.write_text("version: 1\n", encoding="utf-8")
            print_found(language, rows, vault)
    rows = looked_up(data, "obsidian-hub")
    with tempfile.TemporaryDirectory() as scratch:
        print_found("obsidian-hub", rows, named(Path(scratch), rows))


def looked_up(data: Path, name: str) -> list[dict[str, str]]:
    """The look-ups of one vault."""
    return [json.loads(line) for line in (data / "vaults/alias-lookup" / f"{name}.dev.jsonl").open(encoding="utf-8")]


def named(folder: Path, rows: Sequence[dict[str, str]]) -> Vault:
    """A vault of pages that say nothing, but have these names."""
    called: dict[str, list[str]] = {}
    for row in rows:
        called.setdefault(row["target"], []).append(row["alias"])
    vault = Vault(folder)
    vault.schema.write_text("version: 1\n", encoding="utf-8")
    for target, names in called.items():
        path = vault.wiki / target
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(f"---\n{yaml.safe_dump({'aliases': names}, allow_unicode=True)}---\n\n", encoding="utf-8")
    return vault


def print_found(what: str, rows: Sequence[dict[str, str]], vault: Vault) -> None:
    """One line of that table."""
    first, ten = 0, 0
    with search.open(vault, schema.load(vault)) as found:
        found.refresh()
        for row in rows:
            paths = [path.removeprefix("wiki/") for path in found.ranked(row["query"], 10)]
            first += paths[:1] == [row["target"]]
            ten += row["target"] in paths
    print(f"{what:12} {len(rows):8} {first / len(rows):7.3f} {ten / len(rows):7.3f}", flush=True)


# How fast


WORDS = 60_000
SYLLABLES = tuple(
    f"{head}{tail}"
    for head in (
        "b",
        "br",
        "c",
        "d",
        "dr",
        "f",
        "g",
        "gl",
        "h",
        "k",
        "l",
        "m",
        "n",
        "p",
        "pl",
        "r",
        "s",
        "st",
        "t",
        "v",
    )
    for tail in ("a", "an", "e", "el", "i", "in", "o", "or", "u", "ur")
)


class Wiki:
    """A wiki of so many pages whose words are as frequent as those of real texts (Zipf), and questions about it."""

    def __init__(self, pages: int) -> None:
        self.chance = random.Random(11)
        words = {"".join(self.chance.choices(SYLLABLES, k=self.chance.randint(2, 4))) for _ in range(3 * WORDS)}
        self.words = sorted(words)[:WORDS]
        self.chance.shuffle(self.words)
        self.sums = list(itertools.accumulate(1 / (rank + 10) for rank in range(len(self.words))))
        self.told: list[list[str]] = []
        self.topics = pages * 9 // 10
        self.sources = pages - self.topics

    def text(self, count: int) -> list[str]:
        """So many words, the frequent ones often."""
        return self.chance.choices(self.words, cum_weights=self.sums, k=count)

    def write(self, folder: Path) -> Vault:
        """Lay it out: each source says six things of each of nine topics."""
        vault = Vault(folder)
        for name in ("sources", "entities"):
            (vault.wiki / name).mkdir(parents=True)
        vault.schema.write_text("version: 1\n", encoding="utf-8")
        for source in range(self.sources):
            told = [self.topic(vault, source, 9 * source + at) for at in range(9)]
            items = [item for items in told for item in items]
            front = f"title: Report {source}\ntype: source\nid: s{source}\nlanguage: en\npublished: 2026-04-02"
            body = "\n".join(items)
            page = f"---\n{front}\n---\n\n# Report {source}\n\n## Claims\n\n{body}\n"
            (vault.wiki / "sources" / f"report-{source}.md").write_text(page, encoding="utf-8")
        return vault

    def topic(self, vault: Vault, source: int, number: int) -> list[str]:
        """Write a topic page; the items of its claims on the source page."""
        title = f"{' '.join(self.text(2)).title()} {number}"
        bullets, notes, items = [], [], []
        for part in range(6):
            words = self.text(12)
            if len(self.told) < 5000 or self.chance.random() < 0.01:
                self.told.append([*title.split()[:2], *words])
            text = f"{title} {' '.join(words)} {self.chance.randint(2, 2000)}."
            claim = f"{number * 8 + part:012x}"
            bullets.append(f"- {text}[^{claim}]")
            notes.append(f'[^{claim}]: [[report-{source}#^{claim}|Report {source}]], line {part}: "{text}"')
            items.append(f'- {text} ^{claim}\n\t- fact, as of 2026 · line {part}: "{text}" → [[{title}]]')
        front = f"title: {title}\ntype: entity\nsources: 1\nclaims: 6\nstatus: current"
        lead, *facts = bullets
        page = [f"---\n{front}\n---\n\n# {title}\n", lead[2:], "", "## Facts\n", *facts, "", *notes, ""]
        (vault.wiki / "entities" / f"{title}.md").write_text("\n".join(page), encoding="utf-8")
        return items

    def queries(self, count: int) -> list[str]:
        """Questions of three to nine words that stand in one claim; in one of twenty is a word with a wrong letter."""
        asked = []
        for number in range(count):
            words = self.chance.sample(self.chance.choice(self.told), self.chance.randint(3, 9))
            if number % 20 == 7:
                word = max(words, key=len)
                words[words.index(word)] = word[:2] + word[3:]
            asked.append(" ".join(words))
        return asked


def speed(pages: int, count: int, runs: int) -> None:
    """Print what a wiki of so many pages takes."""
    with tempfile.TemporaryDirectory() as scratch:
        wiki = Wiki(pages)
        vault = wiki.write(Path(scratch) / "wiki")
        asked = wiki.queries(count)
        print(f"\n{pages:,} pages, {9 * wiki.sources * 6:,} claims")
        rows: list[tuple[str, float, str]] = []
        with search.open(vault, schema.load(vault)) as found:
            rows.append(("build", *timed(found.refresh)))
            found.refresh()  # pages that are too young to be trusted are read once more
            rows.append(("refresh, nothing changed", *timed(found.refresh)))
            one = next((vault.wiki / "entities").iterdir())
            one.write_text(one.read_text(encoding="utf-8") + "\nOne more line.\n", encoding="utf-8")
            rows.append(("refresh, one page changed", *timed(found.refresh)))
        size = sum(path.stat().st_size for path in vault.cache.iterdir()) / 1e6
        for what, look in (("pages", "pages"), ("claims", "claims")):
            with search.open(vault, schema.load(vault)) as found:
                getattr(found, look)(asked[0], 10)
                gc.collect()
                wall, cpu = [], []
                for text in asked:
                    begun, used = time.perf_counter(), time.process_time()
                    getattr(found, look)(text, 10)
                    wall.append(time.perf_counter() - begun)
                    cpu.append(time.process_time() - used)
            for name, quantile in (("p50", 0.5), ("p95", 0.95)):
                rows.append(
                    (f"{what}, in this process, {name}", at(wall, quantile), f"{1000 * at(cpu, quantile):.1f} ms CPU")
                )
        for text in asked[:3]:
            process(vault, text)
        told = [process(vault, text) for text in asked[3 : 3 + runs]]
        rows.append(
            (
                f"process, p50 of {runs}",
                at([seconds for seconds, _ in told], 0.5),
                f"{1000 * at([cpu for _, cpu in told], 0.5):.0f} ms CPU",
            )
        )
        for what, seconds, more in rows:
            print(f"{what:34} {1000 * seconds:9.1f} ms  {more}")
        most = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1000
        print(f"{'tables':34} {size:9.1f} MB\n{'memory, at most (with the bench)':34} {most:9.1f} MB", flush=True)


def timed(work: Callable[[], object]) -> tuple[float, str]:
    """Seconds that something takes, and how much of them the processor worked."""
    begun, used = time.perf_counter(), time.process_time()
    work()
    return time.perf_counter() - begun, f"{1000 * (time.process_time() - used):.0f} ms CPU"


def process(vault: Vault, text: str) -> tuple[float, float]:
    """Seconds that `bin/search` takes, and of the processor."""
    before = resource.getrusage(resource.RUSAGE_CHILDREN)
    begun = time.perf_counter()
    subprocess.run(
        [ROOT / "bin" / "search", "--vault", vault.root, "--json", "--", text], stdout=subprocess.DEVNULL, check=False
    )
    after = resource.getrusage(resource.RUSAGE_CHILDREN)
    return time.perf_counter() - begun, after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime


def at(values: Sequence[float], quantile: float) -> float:
    """The value below which this share of them lies."""
    return sorted(values)[min(len(values) - 1, int(quantile * len(values)))]


def main() -> None:
    """Print all that is asked for."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").split("\n", maxsplit=1)[0])
    parser.add_argument("data", nargs="?", type=Path)
    parser.add_argument("--embed", default="", metavar="FILE.gguf")
    parser.add_argument("--sets", nargs="*", default=SETS)
    parser.add_argument("--pages", nargs="*", type=int, default=[2000, 50_000])
    parser.add_argument("--queries", type=int, default=300)
    parser.add_argument("--runs", type=int, default=21)
    options = parser.parse_args()
    if options.data:
        quality(options.data, options.embed, options.sets)
        aliases(options.data)
    for pages in options.pages:
        speed(pages, options.queries, options.runs)


if __name__ == "__main__":
    main()
