// Codex, driven by its own commands, with a model on this machine that answers by OpenAI's responses API.
import { readFileSync } from "node:fs";
import path from "node:path";
import { run } from "./command_line.mjs";
import { agent, obey, settings } from "./conversation.mjs";
import { folder } from "./folder.mjs";
import { model } from "./model.mjs";

const SERVER = "mcp__postern"; // the namespace of our tools

const { during, url } = await model(({ input, tools }, wanted) => {
  const heard = input.find((item) => item.type === "function_call_output");
  const call = wanted && {
    type: "function_call",
    call_id: "call_1",
    namespace: SERVER,
    name: wanted.name,
    arguments: JSON.stringify(wanted.arguments),
  };
  const done = { type: "message", role: "assistant", content: [{ type: "output_text", text: "Done." }] };
  const usage = { input_tokens: 1, output_tokens: 1, total_tokens: 2 };
  const events = [
    { type: "response.created", response: { id: "resp_1" } },
    { type: "response.output_item.done", item: { id: "item_1", ...(call && !heard ? call : done) } },
    { type: "response.completed", response: { id: "resp_1", usage } },
  ];
  return { heard, events };
});

const CONFIGURATION = {
  model: "scripted",
  model_provider: "scripted",
  "model_providers.scripted": `{name="scripted",base_url="${url}/v1",wire_api="responses"}`,
  mcp_oauth_credentials_store: "file",
  check_for_update_on_startup: "false",
  "analytics.enabled": "false",
};
const configured = Object.entries(CONFIGURATION).flatMap(([name, value]) => ["-c", `${name}=${value}`]);
const codex = (...options) => run(agent("codex"), [...configured, ...options]);

const tools = ({ offered }) => offered.find((tool) => tool.name === SERVER)?.tools;

/** One headless run, in which the model wants that call or nothing. Its person signs in again where it has to. */
async function exec(call) {
  // It would go on without a server that is slow to start, or that does not let it in, were that not required.
  const options = ["exec", "--json", "--skip-git-repo-check", "-c", "mcp_servers.postern.required=true", "Begin."];
  const attempt = () => during(call, () => codex(...options));
  try {
    return await attempt();
  } catch (error) {
    if (!error.message.includes("postern: OAuth authorization required")) throw error;
    await codex("mcp", "login", "postern");
    return attempt();
  }
}

await obey({
  version: async () => /\S+$/.exec((await codex("--version")).trim())[0],
  connect: () => codex("mcp", "add", "postern", "--url", settings.url), // which signs in, too
  tools: async () => tools(await exec()).map((tool) => tool.name),
  async call({ tool, arguments: given }) {
    const { printed, result } = await exec({ name: tool, arguments: given });
    // Before the tool's own words it says how long that took.
    if (!Array.isArray(result?.output)) throw new Error(`the tool was not called: ${JSON.stringify(result)} ${printed}`);
    return { content: result.output.slice(1), isError: printed.includes('"status":"failed"') };
  },
  token: () => /"access_token": *"([^"]+)"/.exec(readFileSync(path.join(folder, ".codex/.credentials.json"), "utf8"))[1],
});
