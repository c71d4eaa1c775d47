// Serves one bundled Worker for whoever measures it.
//
//   node bench/server.mjs '{"config": "wrangler.toml", "entry": "dist/entry.js", "port": 9000, …}'
//
// What it is told is what ../sandbox/workerd.mjs takes. Says `starting` just before it starts workerd, and `ready` when
// that listens. Ends with its process group.
import { start } from "../sandbox/workerd.mjs";

const options = JSON.parse(process.argv[2]);
console.log("starting");
await start(options);
console.log("ready");
