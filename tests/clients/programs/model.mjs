// A model on this machine that follows a script: at its turn it wants one tool called, and it hears what became of that.
import { createServer } from "node:http";
import { json } from "node:stream/consumers";

/**
 * Serves such a model by one provider's wire. `turn` is given the body of a request for an answer and the call that is
 * wanted; it returns the result that the request reports, or nothing, and the events that make up the answer.
 */
export async function model(turn) {
  let wanted;
  let result;
  let offered;
  const server = createServer(async (request, response) => {
    if (request.method !== "POST") return response.writeHead(404).end();
    const body = await json(request);
    const { heard, events } = turn(body, wanted);
    offered = body.tools;
    result ??= heard;
    response.writeHead(200, { "content-type": "text/event-stream" });
    for (const event of events) response.write(`event: ${event.type}\ndata: ${JSON.stringify(event)}\n\n`);
    response.end();
  });
  await new Promise((resolve) => server.listen(0, "127.0.0.1", resolve));
  return {
    url: `http://127.0.0.1:${server.address().port}`,
    /** What an agent prints, what became of the call that the model wants meanwhile, and the tools offered to it last. */
    async during(call, agent) {
      wanted = call;
      result = undefined;
      const printed = await agent();
      return { printed, result, offered };
    },
  };
}
