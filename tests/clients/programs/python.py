# An AI client made with the Python SDK.
import asyncio
import importlib.metadata
from contextlib import AsyncExitStack
from urllib.parse import parse_qs, urlsplit

from conversation import ask, obey, settings
from mcp import Client
from mcp.client.auth import OAuthClientProvider
from mcp.client.streamable_http import streamable_http_client
from mcp.shared._httpx_utils import create_mcp_http_client
from mcp.shared.auth import AuthorizationCodeResult, OAuthClientMetadata
from mcp.types import ElicitResult


class Memory:
    """A TokenStorage that lasts while the program runs."""

    tokens = client = None

    async def get_tokens(self):
        return self.tokens

    async def set_tokens(self, tokens):
        self.tokens = tokens

    async def get_client_info(self):
        return self.client

    async def set_client_info(self, client):
        self.client = client


class Program:
    def __init__(self, stack):
        self.stack = stack
        self.provider = OAuthClientProvider(
            settings["url"],
            OAuthClientMetadata(client_name="Python SDK", redirect_uris=[settings["redirect"]]),
            Memory(),
            redirect_handler=self.authorize,
            callback_handler=self.callback,
        )

    async def authorize(self, url):
        answer = await ask({"authorize": url})
        self.answer = {name: values[0] for name, values in parse_qs(urlsplit(answer["redirect"]).query).items()}

    async def callback(self):
        return AuthorizationCodeResult(**self.answer)

    async def elicit(self, _context, params):
        return ElicitResult(**await ask({"open": params.url}))

    async def version(self):
        return importlib.metadata.version("mcp")

    async def connect(self, document=None):
        self.provider.context.client_metadata_url = document

        # Registrations are limited by address: each program is somewhere else, as Cloudflare would say.
        async def from_elsewhere(request):
            request.headers["cf-connecting-ip"] = settings["address"]

        http = await self.stack.enter_async_context(create_mcp_http_client(auth=self.provider))
        http.event_hooks = {"request": [from_elsewhere]}
        transport = streamable_http_client(settings["url"], http_client=http)
        client = Client(transport, mode=settings["mode"], elicitation_callback=self.elicit)
        self.client = await self.stack.enter_async_context(client)
        return self.client.protocol_version

    async def tools(self):
        return [tool.name for tool in (await self.client.list_tools()).tools]

    async def call(self, tool, arguments):
        result = await self.client.call_tool(tool, arguments)
        return result.model_dump(mode="json", by_alias=True, exclude_none=True)

    async def token(self):
        return self.provider.context.current_tokens.access_token


async def main():
    async with AsyncExitStack() as stack:
        await obey(Program(stack))


asyncio.run(main())
