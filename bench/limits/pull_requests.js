// The work that no Worker can leave out to answer this call: it asks upstream and keeps the same fields.
const LIST = "/2.0/repositories/acme/backend/pullrequests?state=OPEN&pagelen=10";

const row = ({ id, title, state, author, source, destination, updated_on, comment_count }) => ({
  id,
  title,
  state,
  author: author?.display_name,
  source: source?.branch?.name,
  destination: destination?.branch?.name,
  updated_on,
  comment_count,
});

/** The answer to the call, as MCP words it. */
export async function pullRequests({ UPSTREAM }) {
  const answer = await fetch(UPSTREAM + LIST, { headers: { authorization: "Bearer none" } });
  const { values } = await answer.json();
  const content = [{ type: "text", text: JSON.stringify(values.map(row)) }];
  return Response.json({ jsonrpc: "2.0", id: 1, result: { content } });
}
