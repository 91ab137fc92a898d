"""What the end-to-end tests share: the committed sample, and what the next source makes of it."""

from __future__ import annotations

import mill
import pytest
import sample

DATE, NEXT = sample.NEXT


@pytest.fixture
def vault(tmp_path):
    """The sample as it stands in the repository, to be milled further."""
    return mill.sample_vault(tmp_path / "vault")


@pytest.fixture(scope="session")
def records(tmp_path_factory):
    """What the thinking programs make of the next source: the input of merge."""
    return mill.thought(mill.sample_vault(tmp_path_factory.mktemp("records") / "vault"), NEXT, DATE)


@pytest.fixture(scope="session")
def grown(tmp_path_factory, records):
    """The sample after the next source, by a run that nothing disturbed."""
    vault = mill.sample_vault(tmp_path_factory.mktemp("grown") / "vault")
    done = mill.write(vault, records, DATE)
    assert done.returncode == 0, done.stderr.decode()
    return vault


@pytest.fixture(scope="session")
def touched(grown):
    """The standing pages that the next source changes, the richest first."""
    before = mill.picture(mill.ROOT)
    paths = [path.relative_to(grown).as_posix() for path in mill.topic_pages(grown)]
    changed = [path for path in paths if path in before and before[path] != (grown / path).read_bytes()]
    return sorted(changed, key=lambda path: (-len(mill.bullets(before[path].decode())), path))
