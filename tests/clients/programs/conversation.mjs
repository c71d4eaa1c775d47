// How a program talks with the test that runs it: one JSON value a line. The test gives commands, each answered with
// {"done": …} or {"failed": …}; before that the program may ask the test, which is its person, to do something.
import { readFileSync } from "node:fs";
import readline from "node:readline";
import { fileURLToPath } from "node:url";

const lines = readline.createInterface({ input: process.stdin })[Symbol.asyncIterator]();
const say = (value) => process.stdout.write(`${JSON.stringify(value)}\n`);

export const settings = JSON.parse(process.argv[2]);

export async function ask(question) {
  say(question);
  return JSON.parse((await lines.next()).value);
}

/** Obeys commands until there are no more. */
export async function obey(commands) {
  for (let line = await lines.next(); !line.done; line = await lines.next()) {
    const { command, ...parameters } = JSON.parse(line.value);
    try {
      say({ done: (await commands[command](parameters)) ?? null });
    } catch (error) {
      say({ failed: { code: error.code, message: String(error.stack ?? error), data: error.data } });
    }
  }
  process.exit(0);
}

/** Where an npm package is installed. */
export const installed = (name) => new URL(`node_modules/${name}/`, import.meta.url);

/** Where the command of a coding agent is, which are installed in a folder of their own. */
export const agent = (name) => fileURLToPath(new URL(`../agents/node_modules/.bin/${name}`, import.meta.url));

/** The version of an installed npm package. */
export const version = (name) => JSON.parse(readFileSync(new URL("package.json", installed(name)))).version;
