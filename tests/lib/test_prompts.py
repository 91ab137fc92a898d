"""What a model is asked is as long in a large wiki as in a small one."""

from __future__ import annotations

from pathlib import Path

import mill
import pytest
import scripted
import small_wiki
from turning import Mill

SMALL, LARGE = 10, 5000
SOURCE = (
    "# The tide in figures\n\n"
    "La Rance is a tidal power station in Brittany. La Rance generated 491 GWh in 2009. "
    "Its barrage is 750 metres long.\n\n"
    "## Sihwa Lake\n\n"
    "Sihwa Lake is a tidal power station in South Korea. Sihwa Lake opened in 2011 with a capacity of 254 MW. "
    "Sihwa Lake is larger than La Rance.\n"
)


def grown(folder: Path, pages: int, url: str) -> Mill:
    """A wiki that knows La Rance, and so many other plants of which it says much the same."""
    vault = mill.empty_vault(folder)
    scripted.use(vault, url)
    small_wiki.lay(vault, small_wiki.FILES)
    lines = small_wiki.LEDGER.rstrip().split("\n")
    for number in range(pages):
        name, claim = f"Plant {number}", f"{number:012x}"
        said = f"{name} is a tidal power station that generated {number} GWh in 2009."
        page = small_wiki.LA_RANCE.replace("[Rance barrage]", "[]").replace("La Rance", name)
        page = page.replace(small_wiki.QUOTE, said).replace(f"{name} opened in 1966.", said)
        page = page.replace(small_wiki.ID, claim).replace(small_wiki.OTHER, f"{number:011x}f")
        small_wiki.lay(vault, {f"wiki/entities/{name}.md": page, "raw/figures.md": SOURCE})
        lines += [f"- {said} ^{claim}", f'\t- figure · line 3: "{said}" → [[{name}]]']
    small_wiki.lay(vault, {"wiki/sources/tides-of-brittany.md": "\n".join([*lines, ""])})
    return Mill(vault)


@pytest.fixture(scope="module")
def asked(tmp_path_factory: pytest.TempPathFactory) -> dict[int, list[scripted.Question]]:
    """What is asked about the same source in both."""
    found = {}
    for pages in (SMALL, LARGE):
        with scripted.server(scripted.good) as url:
            wiki = grown(tmp_path_factory.mktemp("grown") / "vault", pages, url)
            wiki.ingest("raw/figures.md")
        assert len(list((wiki.folder / "wiki").rglob("*.md"))) > pages
        assert "Sihwa Lake opened in 2011" in wiki.read("wiki/entities/Sihwa Lake.md")
        found[pages] = url.asked
    return found


@pytest.mark.parametrize("key", ["claims", "sentences"], ids=["extract", "write"])
def test_a_prompt_is_the_same_in_a_wiki_of_ten_pages_and_of_five_thousand(asked, key: str) -> None:
    small, large = ([one.messages for one in asked[pages] if key in one.keys] for pages in (SMALL, LARGE))
    assert small
    assert large == small
