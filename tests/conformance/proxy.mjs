// What the suite lacks: an access token. Passes requests on to the endpoint with one, and streams as they come. The
// suite addresses this port, so its own address, as host and as origin, stands for the endpoint's; whatever else it
// claims to be reaches the endpoint as it is.
//
//   node tests/conformance/proxy.mjs '{"target": "http://127.0.0.1:8750", "token": "…"}'
import http from "node:http";

const { target, token } = JSON.parse(process.argv[2]);
const { host, hostname, port, origin } = new URL(target);

const proxy = http.createServer((request, response) => {
  const own = request.socket.localPort;
  const isOwn = (claimed) => claimed === `127.0.0.1:${own}` || claimed === `localhost:${own}`;
  const headers = { authorization: `Bearer ${token}`, ...request.headers };
  if (isOwn(headers.host)) headers.host = host;
  if (isOwn(headers.origin?.replace("http://", ""))) headers.origin = origin;
  const passedOn = http.request({ hostname, port, path: request.url, method: request.method, headers }, (answer) => {
    response.writeHead(answer.statusCode, answer.headers);
    answer.pipe(response);
  });
  passedOn.on("error", (error) => response.destroy(error));
  response.on("close", () => passedOn.destroy());
  request.pipe(passedOn);
});
proxy.listen(0, "127.0.0.1", () => console.log(`http://127.0.0.1:${proxy.address().port}`));
process.stdin.resume().on("end", () => process.exit(0));
