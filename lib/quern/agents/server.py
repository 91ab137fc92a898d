"""The tools and pages of a vault over the Model Context Protocol, on stdin and stdout, with the protocol's own SDK."""

from __future__ import annotations

import os
import signal
import subprocess
from collections.abc import Sequence
from pathlib import Path
from typing import Any, NamedTuple
from urllib.parse import quote, unquote

import anyio
import mcp_types as types
from mcp.server.lowlevel import Server
from mcp.server.stdio import stdio_server
from mcp.shared.exceptions import MCPError

import quern
from quern import provenance, wiki
from quern.agents import tools
from quern.agents.tools import Command, Refusal
from quern.program import Failure
from quern.vault import Vault

PAGES_AT_ONCE = 200
_SCHEME = "quern://vault/"
_FIXED = ("wiki/index.md", "log.md", "schema.yaml")


class Done(NamedTuple):
    """How a program ended, and what it said."""

    status: int
    out: bytes
    err: bytes


class Service:
    """Answers for one vault. `home`: the clone whose programs do the work; `may_write`: whether an agent may ingest."""

    def __init__(self, vault: Vault, home: Path, *, may_write: bool) -> None:
        self.vault, self.home = Vault(vault.root.absolute()), home
        self._tools = {tool.name: tool for tool in tools.offered(may_write)}

    def serve(self) -> None:
        """Answer until stdin ends."""
        anyio.run(self._serve)

    async def _serve(self) -> None:
        server: Server[Any] = Server(
            "quern",
            version=quern.__version__,
            instructions=(self.home / "lib" / "quern" / "data" / "mcp.md").read_text(encoding="utf-8"),
            on_list_tools=self.list_tools,
            on_call_tool=self.call_tool,
            on_list_resources=self.list_resources,
            on_list_resource_templates=self.list_templates,
            on_read_resource=self.read_resource,
        )
        async with stdio_server() as (reading, writing):
            await server.run(reading, writing, server.create_initialization_options())

    async def list_tools(self, _context: Any, _params: Any) -> types.ListToolsResult:
        """The tools that this vault offers."""
        return types.ListToolsResult(tools=[_tool(tool) for tool in self._tools.values()])

    async def call_tool(self, _context: Any, params: types.CallToolRequestParams) -> types.CallToolResult:
        """What a tool says; what it cannot do is told as the program tells it.

        Raises MCPError if there is no such tool.
        """
        tool = self._tools.get(params.name)
        if tool is None:
            told = f"no tool {params.name!r}; there are: {', '.join(self._tools)}"
            off = any(tool.name == params.name for tool in tools.TOOLS)
            raise MCPError(types.INVALID_PARAMS, f"{told} (mcp: {params.name}: true in schema.yaml)" if off else told)
        try:
            return await self._answer(tools.given(tool, params.arguments))
        except (Refusal, Failure) as error:
            return _said(str(error), is_error=True)

    async def _answer(self, asked: Any) -> types.CallToolResult:
        if isinstance(asked, tools.Log):
            return _said(_entries(self.vault, asked.last))
        if isinstance(asked, tools.ReadPage):
            return _said(await anyio.to_thread.run_sync(self._page, asked))
        command = tools.command(self.vault, self.home, asked)
        done = await self._run(command)
        if done.status not in command.fine:
            return _said(_text(done.err) or f"exit status {done.status}", is_error=True)
        records = _records(done.out)
        content = _text(done.out) or _text(done.err) or "nothing found"
        return _said(content, structured={"records": records} if records is not None else None)

    async def _run(self, command: Command) -> Done:
        kept = {name: value for name, value in os.environ.items() if not name.startswith(("QUERN_", "MAKE", "MFLAGS"))}
        model = {name: os.environ[name] for name in ("QUERN_MODEL",) if name in os.environ}
        process = subprocess.Popen(  # noqa: ASYNC220 - starting one takes no time; what waits for it is a thread
            command.arguments,
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            env={**kept, **model, "QUERN_VAULT": str(self.vault.root), **command.environment},
            cwd=self.vault.root,
            start_new_session=True,
        )
        try:
            out, err = await anyio.to_thread.run_sync(process.communicate, abandon_on_cancel=True)
        finally:
            if process.returncode is None:
                # Called off: with all that it started.
                os.killpg(process.pid, signal.SIGTERM)
        return Done(process.returncode, out, err)

    def _page(self, asked: tools.ReadPage) -> str:
        with wiki.open(self.vault) as catalogue:
            path = provenance.page_called(catalogue, asked.page, asked.page)
        if path is None:
            tools.inside(self.vault, asked.page)
            raise Refusal(f"no page {asked.page!r}: search for it")
        return tools.page(self.vault, path, asked.offset)

    async def list_resources(self, _context: Any, params: Any) -> types.ListResourcesResult:
        """The index, the log, the schema and all pages, some at a time."""
        cursor = getattr(params, "cursor", None) or "0"
        if not cursor.isascii() or not cursor.isdecimal():
            raise MCPError(types.INVALID_PARAMS, f"no cursor of ours: {cursor[:40]}")
        first = int(cursor)
        rows = await anyio.to_thread.run_sync(self._rows)
        found = rows[first : first + PAGES_AT_ONCE]
        after = str(first + PAGES_AT_ONCE) if first + PAGES_AT_ONCE < len(rows) else None
        return types.ListResourcesResult(resources=[_resource(*row) for row in found], next_cursor=after)

    def _rows(self) -> Sequence[tuple[str, str]]:
        with wiki.open(self.vault) as catalogue:
            pages = sorted((row.path, row.title) for row in catalogue.index_rows())
        fixed = [(path, path.rpartition("/")[2]) for path in _FIXED if (self.vault.root / path).is_file()]
        return [*fixed, *pages]

    async def list_templates(self, _context: Any, _params: Any) -> types.ListResourceTemplatesResult:
        """How the resource of a file is named."""
        template = types.ResourceTemplate(
            name="file",
            uri_template=f"{_SCHEME}{{+path}}",
            description="a page of the wiki, or a source in raw/, by its path in the vault",
            mime_type="text/markdown",
        )
        return types.ListResourceTemplatesResult(resource_templates=[template])

    async def read_resource(self, _context: Any, params: types.ReadResourceRequestParams) -> types.ReadResourceResult:
        """The text of a file. Raises MCPError if it is not there, or not for reading."""
        path = unquote(str(params.uri).removeprefix(_SCHEME))
        try:
            text = tools.file(self.vault, path, _FIXED)
        except Refusal as error:
            raise MCPError(types.INVALID_PARAMS, str(error)) from None
        contents = types.TextResourceContents(uri=str(params.uri), mime_type="text/markdown", text=text)
        return types.ReadResourceResult(contents=[contents])


def _tool(tool: tools.Tool) -> types.Tool:
    hints = types.ToolAnnotations(
        title=tool.title, read_only_hint=not tool.writes, destructive_hint=False, idempotent_hint=True,
        open_world_hint=False,
    )  # fmt: skip
    return types.Tool(
        name=tool.name, title=tool.title, description=tool.sentence, input_schema=tools.schema(tool), annotations=hints
    )


def _resource(path: str, title: str) -> types.Resource:
    return types.Resource(name=path, title=title, uri=f"{_SCHEME}{quote(path)}", mime_type="text/markdown")


def _said(text: str, *, structured: Any = None, is_error: bool = False) -> types.CallToolResult:
    content: list[types.ContentBlock] = [types.TextContent(type="text", text=text)]
    return types.CallToolResult(content=content, structured_content=structured, is_error=is_error)


def _text(data: bytes) -> str:
    return data.decode(errors="replace").strip()


def _records(data: bytes) -> list[Any] | None:
    """The records that a program wrote; None if it wrote text."""
    import orjson

    try:
        return [orjson.loads(line) for line in data.split(b"\n") if line]
    except orjson.JSONDecodeError:
        return None


def _entries(vault: Vault, last: int) -> str:
    try:
        text = vault.log.read_text(encoding="utf-8")
    except FileNotFoundError:
        return "nothing yet"
    entries = text.split("\n## [")[1:] if not text.startswith("## [") else f"\n{text}".split("\n## [")[1:]
    return "\n".join(f"## [{entry.rstrip()}\n" for entry in entries[-last:]) or "nothing yet"
