"""Compares what lint finds broken in a vault that nobody here wrote with what other tools find, link by link.

    python bench/links.py VAULT [--obsidiantools PYTHON] [--remark NODE_MODULES]

PYTHON is one that has obsidiantools; NODE_MODULES has remark-cli and remark-validate-links. A folder without a
schema.yaml is copied into `wiki/` of a vault first. Each link that only one of the two calls broken is shown.
"""

from __future__ import annotations

import argparse
import json
import os
import re
import shutil
import subprocess
import sys
import tempfile
from collections import Counter
from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]
CODES = ("broken-link", "missing-embed", "placeholder-link")

OBSIDIANTOOLS = """
import json, pathlib, sys
import obsidiantools.api as api
vault = api.Vault(pathlib.Path(sys.argv[1])).connect()
gone = set(vault.nonexistent_notes)
media = {path.name if hasattr(path, "name") else str(path) for path in vault.nonexistent_media_files}
for name, path in vault.md_file_index.items():
    for link in vault.get_wikilinks(name):
        if link in gone:
            print(json.dumps([str(path), link]))
    for link in vault.get_embedded_files(name):
        if link.split("|")[0] in media:
            print(json.dumps([str(path), link.split("|")[0]]))
"""
Link = tuple[str, str]


def of_lint(vault: Path) -> Counter[Link]:
    """(page, target) of what lint finds: the file that is not there, or with file the heading or block that is not."""
    asked = [argument for code in CODES for argument in ("--code", code)]
    done = subprocess.run([ROOT / "bin" / "lint", "--vault", vault, *asked], capture_output=True, check=False)
    if done.returncode not in (0, 1):
        sys.exit(done.stderr.decode())
    found: Counter[Link] = Counter()
    for row in map(json.loads, done.stdout.splitlines()):
        is_part = row["message"].startswith(("no heading ", "no block "))
        found[row["path"].removeprefix("wiki/"), row["about"] if is_part else row["about"].partition("#")[0]] += 1
    return found


def of_obsidiantools(python: Path, wiki: Path) -> Counter[Link]:
    """(page, target) of what obsidiantools finds: files alone, since it knows of no headings."""
    done = subprocess.run([python, "-c", OBSIDIANTOOLS, wiki], capture_output=True, text=True, check=True)
    return Counter((path, target.partition("#")[0]) for path, target in map(json.loads, done.stdout.splitlines()))


def of_remark(modules: Path, wiki: Path) -> Counter[Link]:
    """(page, target) of what remark-validate-links finds: links of Markdown alone, by the rules of GitHub."""
    plugin = (modules / "remark-validate-links" / "index.js").resolve()
    (wiki / ".remarkrc.mjs").write_text(
        f"import check from {json.dumps(str(plugin))}\n"
        f"export default {{plugins: [[check, {{repository: false, root: {json.dumps(str(wiki))}}}]]}}\n",
        encoding="utf-8",
    )
    command = [modules / ".bin" / "remark", ".", "--quiet", "--no-stdout", "--no-color"]
    subprocess.run(["git", "init", "-q"], cwd=wiki, check=True)
    done = subprocess.run(command, cwd=wiki, capture_output=True, text=True, check=False)
    found: Counter[Link] = Counter()
    page = ""
    for line in done.stderr.splitlines():
        heading = re.search(r"Cannot find heading for `#([^`]*)` in `([^`]*)`", line)
        file = re.search(r"Cannot find file `([^`]*)`", line)
        if heading:
            found[page, f"{heading[2]}#{heading[1]}"] += 1
        elif file:
            found[page, file[1].partition("#")[0]] += 1
        elif line and not line[0].isspace() and line.endswith(".md"):
            page = line
    return found


def show(name: str, theirs: Counter[Link], ours: Counter[Link]) -> None:
    """What only one of the two finds."""
    both = theirs & ours
    print(f"{name}: {theirs.total()}; lint: {ours.total()}; both: {both.total()}")
    for only, some in ((f"only {name}", theirs - both), ("only lint", ours - both)):
        for (page, target), number in sorted(some.items()):
            print(f"  {only}: {page}: {target}" + (f" ({number} times)" if number > 1 else ""))


def main() -> None:
    """Print the differences."""
    parser = argparse.ArgumentParser(description=__doc__.split("\n", maxsplit=1)[0] if __doc__ else "")
    parser.add_argument("vault", type=Path)
    parser.add_argument("--obsidiantools", type=Path, metavar="PYTHON")
    parser.add_argument("--remark", type=Path, metavar="NODE_MODULES")
    options = parser.parse_args()
    with tempfile.TemporaryDirectory() as scratch:
        vault = Path(scratch) / "vault"
        whole = (options.vault / "schema.yaml").exists()
        shutil.copytree(options.vault, vault if whole else vault / "wiki", symlinks=True)
        if not whole:
            (vault / "schema.yaml").write_text("version: 1\n", encoding="utf-8")
        ours = of_lint(vault)
        print(f"lint: {ours.total()} links are broken")
        if options.obsidiantools:
            python = Path(os.path.abspath(options.obsidiantools))  # a link to another Python is not to be followed
            show("obsidiantools", of_obsidiantools(python, vault / "wiki"), ours)
        if options.remark:
            show("remark-validate-links", of_remark(options.remark.resolve(), vault / "wiki"), ours)


if __name__ == "__main__":
    main()
