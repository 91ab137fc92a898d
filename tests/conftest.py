"""What tests share: the committed sample and what the next source makes of it; processes; a clone for Make."""

from __future__ import annotations

import os

import mill
import pytest
import sample
from hypothesis import settings
from processes import MEASURED, ROOT, copy_clone, start

# The same examples each time, and none is late on a busy machine; HYPOTHESIS_PROFILE=default looks for new ones.
settings.register_profile("steady", derandomize=True, deadline=None)
settings.load_profile(os.environ.get("HYPOTHESIS_PROFILE", "steady"))

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


@pytest.fixture
def run(tmp_path):
    """`run("lint", "-", stdin=…, vault=…, env={…})`: a program of bin/ as a process, by default outside any vault."""

    def run_program(program, *args, stdin=b"", vault=None, cwd=None, env=None):
        settings = {"QUERN_VAULT": str(vault)} if vault else {}
        settings |= MEASURED | (env or {})
        return start([ROOT / "bin" / program, *args], stdin, cwd or vault or tmp_path, **settings)

    return run_program


@pytest.fixture
def clone(tmp_path):
    """A copied clone with an empty wiki, in a folder whose name has a blank."""
    return copy_clone(tmp_path / "a clone")


@pytest.fixture
def make(clone):
    """`make("ingest", SRC="raw/x.md")` in the copied clone; `env=` adds to the environment."""

    def run_make(*args, env=None, **variables):
        program = os.environ.get("QUERN_TEST_MAKE", "make")
        return start(
            [program, *args, *(f"{key}={value}" for key, value in variables.items())], cwd=clone, **(env or {})
        )

    return run_make
