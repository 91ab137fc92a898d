"""The schema: what it does not know it does not pass over, since a misspelt key would be a wish that nobody hears."""

from __future__ import annotations

import pytest

from quern import schema
from quern.program import Failure
from quern.vault import Vault


@pytest.mark.parametrize(
    "text",
    [
        "misspelt: 1\n",
        *(f"{part}:\n  misspelt: 1\n" for part in ("passages", "pages", "names", "relations", "index", "git", "cache")),
        "roles:\n  extract:\n    misspelt: 1\n",
        "models:\n  one:\n    http: {url: 'http://localhost:1', model: m, misspelt: 1}\n",
    ],
)
def test_a_key_that_it_does_not_know_is_named(text, tmp_path):
    (tmp_path / "schema.yaml").write_text(text)
    with pytest.raises(Failure, match="misspelt") as said:
        schema.load(Vault(tmp_path))
    assert str(said.value).startswith(str(tmp_path / "schema.yaml"))
