# The conversation of conversation.mjs, for programs in Python.
import asyncio
import json
import sys
import traceback

from mcp import MCPError

settings = json.loads(sys.argv[1])


def say(value):
    print(json.dumps(value), flush=True)


async def hear():
    line = await asyncio.to_thread(sys.stdin.readline)
    return json.loads(line) if line else None


async def ask(question):
    say(question)
    return await hear()


async def obey(program):
    """Obeys commands, which are methods, until there are no more."""
    while command := await hear():
        try:
            say({"done": await getattr(program, command.pop("command"))(**command)})
        except MCPError as error:
            say({"failed": {"code": error.error.code, "message": error.error.message, "data": error.error.data}})
        except Exception:
            say({"failed": {"message": traceback.format_exc()}})
