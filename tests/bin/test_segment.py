"""The program `segment`: real processes, by pipe and by file name."""

from __future__ import annotations

import json
from typing import Any

RAW = "---\ntitle: La Rance\nauthor: '[[Jane Doe]]'\n---\n# La Rance\n\nIt *opened* in 1966. It has 240 MW.\n"


def records(out: bytes) -> list[dict[str, Any]]:
    return [json.loads(line) for line in out.splitlines()]


def test_by_file_name(run, vault) -> None:
    (vault / "raw" / "rance.md").write_text(RAW)
    done = run("segment", "raw/rance.md", vault=vault)
    source, passage, end = records(done.out)
    assert (done.status, done.err) == (0, "")
    assert (source["kind"], source["path"], source["title"], source["slug"]) == (
        "source",
        "raw/rance.md",
        "La Rance",
        "la-rance",
    )
    assert (source["authors"], source["language"], source["encoding"]) == (["Jane Doe"], "en", "utf-8")
    assert (passage["kind"], passage["source"], passage["headings"]) == ("passage", source["id"], ["La Rance"])
    assert end == {"kind": "end", "source": source["id"]}
    assert [sentence["plain"] for sentence in passage["sentences"]] == [
        "La Rance",
        "It opened in 1966.",
        "It has 240 MW.",
    ]
    assert all(RAW[sentence["start"] : sentence["end"]] == sentence["text"] for sentence in passage["sentences"])


def test_by_pipe(run, vault) -> None:
    (vault / "raw" / "rance.md").write_text(RAW)
    named = run("segment", "raw/rance.md", vault=vault).out
    assert run("segment", "--name", "raw/rance.md", stdin=RAW.encode(), vault=vault).out == named
    assert records(run("segment", "-", stdin=b"Hello.", vault=vault).out)[0]["path"] == "raw/stdin.md"


def test_from_another_folder_with_a_name_that_a_shell_would_eat(run, vault, tmp_path) -> None:
    name = "it's 5 $ #1 é 潮.md"
    (vault / "raw" / name).write_text("x")
    done = run("segment", f"raw/{name}", vault=vault, cwd=tmp_path)
    assert records(done.out)[0]["path"] == f"raw/{name}"


def test_what_a_person_should_know_is_said(run, vault) -> None:
    said = {
        "empty.md": (b"", "segment: raw/empty.md: nothing to read in it\n"),
        "front.md": (b"---\ntitle: x\n---\n", "segment: raw/front.md: nothing to read in it but front matter\n"),
        "broken.md": (b"---\ntitle: a: b\n---\nx", "segment: raw/broken.md:2: front matter is not YAML"),
        "latin.txt": (
            "Größe und Maß der Mündung. ".encode("latin-1") * 30,
            "segment: raw/latin.txt: not UTF-8: read as ",
        ),
    }
    for name, (data, line) in said.items():
        (vault / "raw" / name).write_bytes(data)
        done = run("segment", f"raw/{name}", vault=vault)
        assert done.status == 0
        assert done.err.startswith(line)
        assert done.err.count("\n") == 1
        assert records(done.out)[0]["kind"] == "source"
        assert len(records(done.out)) == (2 if "nothing" in line else 3)


def test_what_cannot_be_read_is_one_line_and_status_2(run, vault, tmp_path) -> None:
    (vault / "raw" / "nul.md").write_bytes(b"a\n\0")
    (vault / "raw" / "image.png").write_bytes(b"\x89PNG")
    (vault / "raw" / "folder.md").mkdir()
    (tmp_path / "out.md").write_text("x")
    refused = {
        "raw/nul.md": "segment: raw/nul.md:2: binary, not text (a NUL byte)\n",
        "raw/image.png": "segment: raw/image.png: .png files are not read yet; "
        "Markdown (.md) and plain text (.txt) are\n",
        "raw/folder.md": "segment: raw/folder.md: a directory; a source is a file\n",
        "raw/missing.md": "segment: raw/missing.md: no such file\n",
        str(tmp_path / "out.md"): f"segment: {tmp_path}/out.md: not in raw/: cp '{tmp_path}/out.md' raw/\n",
    }
    for file, line in refused.items():
        done = run("segment", file, vault=vault, cwd=vault)
        assert (done.status, done.out, done.err) == (2, b"", line)
    assert run("segment", "--name", "../x.md", stdin=b"x", vault=vault).status == 2


def test_a_name_that_is_not_utf8_is_refused(run, vault) -> None:
    name = b"raw/\xff.md"
    try:
        (vault / "raw").joinpath(name[4:].decode(errors="surrogateescape")).write_text("x")
    except OSError:  # some file systems take no such name
        return
    done = run("segment", name, vault=vault)
    assert (done.status, done.out) == (2, b"")
    assert done.err.startswith("segment: ")
    assert "UTF-8" in done.err


def test_a_reader_that_has_gone_is_no_error(run, vault) -> None:
    import subprocess

    from processes import ROOT, environment

    (vault / "raw" / "long.md").write_text("# A\n\nText is here.\n\n" * 5000)
    command = f'"{ROOT}/bin/segment" raw/long.md | head -n 1 | wc -l'
    done = subprocess.run(["sh", "-c", command], cwd=vault, env=environment(), capture_output=True, check=True)
    assert (done.stdout.strip(), done.stderr) == (b"1", b"")
