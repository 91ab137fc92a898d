"""mcp: an agent reads the wiki through the protocol's own client, and gets at nothing else."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import anyio
import mill
import pytest
from mcp.client.client import Client
from mcp.client.stdio import StdioServerParameters, stdio_client
from mcp.shared.exceptions import MCPError
from processes import MEASURED, ROOT, copy_clone, environment

from quern.agents import tools
from quern.vault import Vault

LONG = "wiki/concepts/Long.md"


def talk(vault: Path, *said: tuple[str, Any], home: Path = ROOT) -> list[Any]:
    """What each of these comes to, in one conversation: ("tool", {...}), a resource by its URI, or a method's name."""
    found: list[Any] = []

    async def one(client: Client, name: str, what: Any) -> Any:
        try:
            if name.startswith("list_"):
                return await getattr(client, name)(**what)
            if name == "read":
                return await client.read_resource(what)
            return await client.call_tool(name, what)
        except MCPError as error:
            return error

    async def converse() -> None:
        program = StdioServerParameters(
            command=str(home / "bin" / "mcp"), args=["--vault", str(vault)], env=environment(**MEASURED), cwd=vault
        )
        async with Client(stdio_client(program)) as client:
            for name, what in said:
                found.append(await one(client, name, what))

    anyio.run(converse)
    return found


def text(result: Any) -> str:
    return result.content[0].text


@pytest.fixture(scope="module")
def wiki(tmp_path_factory: pytest.TempPathFactory) -> Path:
    vault = mill.sample_vault(tmp_path_factory.mktemp("mcp") / "vault")
    (vault.parent / "secret.md").write_text("a secret", encoding="utf-8")
    (vault / "wiki" / "concepts" / "Way out.md").symlink_to(vault.parent / "secret.md")
    (vault / LONG).write_text(
        f"---\ntitle: Long\ntype: concept\n---\n\n# Long\n\n{'tide ' * 9000}end\n", encoding="utf-8"
    )
    return vault


@pytest.fixture(scope="module")
def talked(wiki: Path) -> dict[str, Any]:
    said = {
        "tools": ("list_tools", {}),
        "search": ("search", {"query": "barrage", "limit": 3}),
        "page": ("read_page", {"page": "La Rance"}),
        "why": ("why", {"page": "wiki/entities/MeyGen.md"}),
        "ask": ("ask", {"question": "When did La Rance open?"}),
        "lint": ("lint", {"page": "wiki/entities"}),
        "log": ("log", {"last": 2}),
        "long": ("read_page", {"page": LONG}),
        "rest": ("read_page", {"page": LONG, "offset": 2 * tools.MOST_CHARACTERS}),
        "past": ("read_page", {"page": LONG, "offset": 10**6}),
        "resources": ("list_resources", {}),
        "resource": ("read", "quern://vault/wiki/entities/MeyGen.md"),
        "templates": ("list_resource_templates", {}),
        "cursor": ("list_resources", {"cursor": "-1"}),
        "nobody": ("nobody", {}),
        "ingest": ("ingest", {"source": "raw/tide-notes.md"}),
        "lacking": ("search", {"limit": 3}),
        "strange": ("log", {"last": 0}),
        "unknown": ("read_page", {"page": "No such page"}),
        "out": ("read_page", {"page": "../secret.md"}),
        "option": ("why", {"page": "--help"}),
        "link": ("read_page", {"page": "wiki/concepts/Way out.md"}),
        "empty": ("search", {"query": '""'}),
        "read-out": ("read", "quern://vault/../secret.md"),
        "read-link": ("read", "quern://vault/wiki/concepts/Way%20out.md"),
        "read-state": ("read", "quern://vault/.cache/catalogue.sqlite"),
        "read-gone": ("read", "quern://vault/wiki/gone.md"),
    }
    return dict(zip(said, talk(wiki, *said.values()), strict=True))


def test_the_tools_that_read_are_offered(talked: dict[str, Any]) -> None:
    offered = talked["tools"].tools
    assert [tool.name for tool in offered] == ["search", "read_page", "why", "ask", "lint", "log"]
    assert all(tool.annotations.read_only_hint for tool in offered)
    for tool in offered:
        assert tool.input_schema["type"] == "object"
        assert tool.input_schema["additionalProperties"] is False


def test_each_tool_says_what_its_program_says(talked: dict[str, Any], wiki: Path) -> None:
    for name in ("search", "page", "why", "ask", "lint", "log"):
        assert not talked[name].is_error, (name, text(talked[name]))
    assert {record["kind"] for record in talked["search"].structured_content["records"]} == {"hit"}
    assert len(talked["search"].structured_content["records"]) <= 3
    assert text(talked["page"]).startswith("---\ntitle: Rance tidal power station\n")
    assert {record["path"] for record in talked["why"].structured_content["records"]} == {"wiki/entities/MeyGen.md"}
    answer = json.loads(text(talked["ask"]))
    assert answer["kind"] == "answer"
    assert "1966" in answer["sentences"][0]["text"]
    assert {record["kind"] for record in talked["lint"].structured_content["records"]} == {"finding"}
    entries = (wiki / "log.md").read_text(encoding="utf-8").split("\n## [")
    assert text(talked["log"]).count("## [") == 2
    assert entries[-1].rstrip() in text(talked["log"])


def test_a_long_page_comes_in_parts(talked: dict[str, Any]) -> None:
    first, rest = text(talked["long"]), text(talked["rest"])
    assert f"more characters: offset {tools.MOST_CHARACTERS}]" in first
    assert rest.rstrip().endswith("end")
    assert talked["past"].is_error


def test_pages_are_resources(talked: dict[str, Any]) -> None:
    found = {resource.name: resource for resource in talked["resources"].resources}
    assert {"wiki/index.md", "log.md", "schema.yaml", "wiki/entities/MeyGen.md"} <= found.keys()
    assert found["wiki/entities/MeyGen.md"].uri == "quern://vault/wiki/entities/MeyGen.md"
    assert talked["resource"].contents[0].text.startswith("---\ntitle: MeyGen\n")
    assert talked["templates"].resource_templates[0].uri_template == "quern://vault/{+path}"


@pytest.mark.parametrize(
    ("case", "told"),
    [
        ("cursor", "no cursor of ours: -1"),
        ("nobody", "no tool 'nobody'; there are: search, read_page, why, ask, lint, log"),
        ("ingest", "(mcp: ingest: true in schema.yaml)"),
        ("read-out", "../secret.md: this path leads out of the vault"),
        ("read-link", "wiki/concepts/Way out.md: this path leads out of the vault"),
        ("read-state", ".cache/catalogue.sqlite: only what is in wiki/ and raw/ is for reading"),
        ("read-gone", "wiki/gone.md: no such file"),
    ],
)
def test_what_there_is_not_is_an_error_of_the_protocol(talked: dict[str, Any], case: str, told: str) -> None:
    assert isinstance(talked[case], MCPError)
    assert told in str(talked[case])


@pytest.mark.parametrize(
    ("case", "told"),
    [
        ("lacking", "search: Object missing required field `query`"),
        ("strange", "log: Expected `int` >= 1"),
        ("unknown", "no page 'No such page'"),
        ("out", "../secret.md: this path leads out of the vault"),
        ("option", "why: "),
        ("link", ""),
        ("empty", "search: "),
    ],
)
def test_what_cannot_be_done_is_told_in_a_line(talked: dict[str, Any], case: str, told: str) -> None:
    assert talked[case].is_error
    assert text(talked[case]).startswith(told)
    assert text(talked[case]).count("\n") == 0
    assert "secret\n" not in text(talked[case])
    assert text(talked[case]) != "a secret"


def test_an_agent_may_read_sources_in_if_the_schema_lets_it(tmp_path: Path) -> None:
    home = copy_clone(tmp_path / "home")
    schema = (home / "schema.yaml").read_text(encoding="utf-8")
    (home / "schema.yaml").write_text(schema.replace("  ingest: false", "  ingest: true"), encoding="utf-8")
    (home / "raw").mkdir(exist_ok=True)
    (home / "raw" / "a [new] $one.md").write_bytes((ROOT / "raw" / "tide-notes.md").read_bytes())
    (tmp_path / "outside.md").write_text("# Outside\n\nText.\n", encoding="utf-8")
    said = [
        ("list_tools", {}),
        ("ingest", {"source": "raw/a [new] $one.md", "focus": "the moon"}),
        ("ingest", {"source": "../outside.md"}),
        ("ingest", {"source": "schema.yaml"}),
        ("ingest", {"source": "raw/gone.md"}),
    ]
    listed, read, *refused = talk(home, *said, home=home)
    assert not next(tool for tool in listed.tools if tool.name == "ingest").annotations.read_only_hint
    assert not read.is_error, text(read)
    assert "raw/a [new] $one.md" in (home / "log.md").read_text(encoding="utf-8")
    assert all(one.is_error for one in refused)
    assert [path.name for path in (home / "wiki" / "sources").iterdir()] != []
    assert "Outside" not in (home / "log.md").read_text(encoding="utf-8")


@pytest.mark.parametrize(
    "source", ["schema.yaml", "wiki/index.md", "raw/gone.md", "raw", "../outside.md", "/etc/hosts"]
)
def test_what_is_not_in_raw_is_refused_before_anything_starts(tmp_path: Path, source: str) -> None:
    vault = mill.empty_vault(tmp_path / "vault")
    (vault / "wiki" / "index.md").write_text("# Index\n", encoding="utf-8")
    with pytest.raises(tools.Refusal):
        tools.command(Vault(vault), ROOT, tools.Ingest(source=source))


def test_nothing_starts_that_could_be_taken_for_an_option(tmp_path: Path) -> None:
    vault = mill.empty_vault(tmp_path / "vault")
    for asked in (tools.Search(query="--help"), tools.Why(page="--help"), tools.Ask(question="--help")):
        arguments = tools.command(Vault(vault), ROOT, asked).arguments
        assert arguments[-2:] == ("--", "--help")
