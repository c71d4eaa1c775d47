// For programs that keep their tokens in files and open the person's browser by themselves.
import { chmodSync, mkdirSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from "node:fs";
import { createServer } from "node:net";
import { tmpdir } from "node:os";
import path from "node:path";

/** A home for one program, gone when that ends. */
export const folder = mkdtempSync(path.join(tmpdir(), "postern-client-"));
process.on("exit", () => rmSync(folder, { recursive: true, force: true }));

// The browser that such programs find opens nothing: the person goes to the address that is printed.
const opener = path.join(folder, "bin/open");
mkdirSync(path.dirname(opener));
writeFileSync(opener, "#!/bin/sh\n");
chmodSync(opener, 0o755);
symlinkSync("open", path.join(folder, "bin/xdg-open"));

/** The environment of a program that lives there. */
export const environment = {
  ...process.env,
  HOME: folder,
  BROWSER: opener,
  PATH: `${path.dirname(opener)}${path.delimiter}${process.env.PATH}`,
};

/** A port for the callback that nobody listens on yet. */
export async function freePort() {
  const server = createServer();
  await new Promise((resolve) => server.listen(0, "127.0.0.1", resolve));
  const { port } = server.address();
  await new Promise((resolve) => server.close(resolve));
  return port;
}
