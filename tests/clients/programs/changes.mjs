// What a program made with either TypeScript SDK does when it hears that its tools have changed.
import { EventEmitter, on } from "node:events";

const heard = new EventEmitter();
const changes = on(heard, "tools");
const names = (tools) => tools.map((tool) => tool.name);

/** The option by which an SDK listens; it asks for the new list by itself. */
export const listChanged = {
  tools: { onChanged: (error, tools) => heard.emit("tools", error ? [String(error)] : names(tools)) },
};

/** The names of the tools after the next change that was not told yet. */
export const changed = async () => (await changes.next()).value[0];
