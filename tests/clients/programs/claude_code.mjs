// Claude Code, driven by its own commands, with a model on this machine that answers by Anthropic's messages API.
import { readFileSync } from "node:fs";
import path from "node:path";
import { run, runAtTerminal } from "./command_line.mjs";
import { agent, obey, settings } from "./conversation.mjs";
import { folder } from "./folder.mjs";
import { model } from "./model.mjs";

const { during, url } = await model(({ messages, tools = [] }, wanted) => {
  const last = messages.at(-1).content;
  const heard = Array.isArray(last) ? last.find((block) => block.type === "tool_result") : undefined;
  // Beside the conversation it has titles written, by requests without tools.
  const calls = wanted && !heard && tools.some((tool) => tool.name === wanted.name);
  const [start, delta, reason] = calls
    ? [
        { type: "tool_use", id: "toolu_1", name: wanted.name, input: {} },
        { type: "input_json_delta", partial_json: JSON.stringify(wanted.arguments) },
        "tool_use",
      ]
    : [{ type: "text", text: "" }, { type: "text_delta", text: "Done." }, "end_turn"];
  const usage = { input_tokens: 1, output_tokens: 1 };
  const message = { id: "msg_1", type: "message", role: "assistant", model: "scripted", content: [], usage };
  const events = [
    { type: "message_start", message: { ...message, stop_reason: null, stop_sequence: null } },
    { type: "content_block_start", index: 0, content_block: start },
    { type: "content_block_delta", index: 0, delta },
    { type: "content_block_stop", index: 0 },
    { type: "message_delta", delta: { stop_reason: reason, stop_sequence: null }, usage },
    { type: "message_stop" },
  ];
  return { heard, events };
});

const environment = {
  ANTHROPIC_BASE_URL: url,
  ANTHROPIC_API_KEY: "of-no-use-elsewhere",
  CLAUDE_CODE_DISABLE_NONESSENTIAL_TRAFFIC: "1",
  DISABLE_AUTOUPDATER: "1",
  MCP_CONNECTION_NONBLOCKING: "0", // a run begins when its servers are there
  ENABLE_TOOL_SEARCH: "false", // the model is given every tool at once
};
const claude = (...options) => run(agent("claude"), options, environment);

const login = () => runAtTerminal(agent("claude"), ["mcp", "login", "postern"], environment);

/** What a headless run says of itself before its first turn. */
const beginning = (printed) => JSON.parse(printed.split("\n").find((line) => line.includes('"subtype":"init"')));

/** One headless run, in which the model wants that call or nothing. Its person signs in again where it says they must. */
async function print(call) {
  const options = ["-p", "Begin.", "--output-format", "stream-json", "--verbose", "--allowedTools", "mcp__postern"];
  const heard = await during(call, () => claude(...options));
  if (beginning(heard.printed).mcp_servers[0].status !== "needs-auth") return heard;
  await login();
  return during(call, () => claude(...options));
}

await obey({
  version: async () => /^\S+/.exec(await claude("--version"))[0],
  async connect() {
    await claude("mcp", "add", "--transport", "http", "--scope", "user", "postern", settings.url);
    await login();
  },
  async tools() {
    const { printed } = await print();
    return beginning(printed).tools.map((tool) => tool.replace(/^mcp__postern__/, ""));
  },
  async call({ tool, arguments: given }) {
    const { printed, result } = await print({ name: `mcp__postern__${tool}`, arguments: given });
    if (!result) throw new Error(`the tool was not called: ${printed}`);
    const content = Array.isArray(result.content) ? result.content : [{ type: "text", text: result.content }];
    return { content, isError: result.is_error };
  },
  token() {
    const { mcpOAuth } = JSON.parse(readFileSync(path.join(folder, ".claude/.credentials.json"), "utf8"));
    return Object.values(mcpOAuth)[0].accessToken;
  },
});
