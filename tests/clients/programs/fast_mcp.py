# An AI client made with fastmcp. Its OAuth opens a browser and listens for the callback by itself.
import asyncio
import importlib.metadata
import webbrowser
from contextlib import AsyncExitStack

from conversation import ask, obey, settings
from fastmcp import Client
from fastmcp.client.auth import OAuth
from fastmcp.client.elicitation import ElicitResult
from key_value.aio.stores.memory import MemoryStore


class Browser(webbrowser.BaseBrowser):
    """Hands the address to the test's person, who takes a while: the client goes on to listen for them."""

    visit = None

    def open(self, url, new=0, autoraise=True):
        self.visit = asyncio.get_running_loop().create_task(ask({"authorize": url}))
        return True

    async def close(self):
        """Waits until nobody is under way any more."""
        if self.visit:
            await self.visit


browser = Browser()
webbrowser.register("the person's", None, browser, preferred=True)


async def elicit(_message, _response_type, params, _context):
    return ElicitResult(**await ask({"open": params.url}))


class Program:
    def __init__(self, stack):
        self.stack = stack
        self.auth = OAuth(token_storage=MemoryStore())

    async def version(self):
        return importlib.metadata.version("fastmcp")

    async def connect(self, document=None):
        self.auth = OAuth(token_storage=MemoryStore(), client_metadata_url=document)
        self.client = await self.stack.enter_async_context(
            Client(settings["url"], auth=self.auth, elicitation_handler=elicit)
        )
        await browser.close()
        return self.client.protocol_version

    async def tools(self):
        return [tool.name for tool in await self.client.list_tools()]

    async def call(self, tool, arguments):
        result = await self.client.call_tool_mcp(tool, arguments)
        await browser.close()
        return result.model_dump(mode="json", by_alias=True, exclude_none=True)

    async def token(self):
        return self.auth.context.current_tokens.access_token


async def main():
    async with AsyncExitStack() as stack:
        await obey(Program(stack))


asyncio.run(main())
