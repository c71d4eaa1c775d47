// The peer: the same tool behind the same protocol and OAuth, by Cloudflare's own libraries in their usual way.
// It lets everybody in, asks nobody's consent, has no policy, no audit and no rate limit.
import { env } from "cloudflare:workers";
import { OAuthProvider, type OAuthHelpers } from "@cloudflare/workers-oauth-provider";
import { McpServer } from "@modelcontextprotocol/server";
import { createMcpHandler, getMcpAuthContext } from "agents/mcp/server";
import { z } from "zod";

type Environment = { OAUTH_PROVIDER: OAuthHelpers; UPSTREAM: string; PUBLIC_URL: string };
const { UPSTREAM, PUBLIC_URL } = env as unknown as Environment;

const inputSchema = z.object({ workspace: z.string(), repository: z.string(), state: z.string().optional() });

async function listPullRequests({ workspace, repository, state = "OPEN" }: z.infer<typeof inputSchema>) {
  const { token } = getMcpAuthContext()!.props as { token: string };
  const address = `${UPSTREAM}/2.0/repositories/${workspace}/${repository}/pullrequests?state=${state}&pagelen=10`;
  const answer = await fetch(address, { headers: { authorization: `Bearer ${token}`, accept: "application/json" } });
  const page = (await answer.json()) as { values: any[]; next?: string };
  const rows = page.values.map((found) => ({
    id: found.id,
    title: found.title,
    state: found.state,
    author: found.author?.display_name,
    source: found.source?.branch?.name,
    destination: found.destination?.branch?.name,
    updated_on: found.updated_on,
    comment_count: found.comment_count,
  }));
  const text = JSON.stringify({ pull_requests: rows, next: page.next ?? null });
  return { content: [{ type: "text" as const, text }] };
}

function server() {
  const server = new McpServer({ name: "peer", version: "1.0.0" });
  const description = "List the pull requests of a repository";
  server.registerTool("bitbucket_list_pull_requests", { description, inputSchema }, listPullRequests);
  return server;
}

const mcp = createMcpHandler(server) as (request: Request, environment: unknown, context: unknown) => Promise<Response>;

const everybody = {
  async fetch(request: Request, environment: Environment) {
    if (new URL(request.url).pathname !== "/authorize") return new Response("not found", { status: 404 });
    const asked = await environment.OAUTH_PROVIDER.parseAuthRequest(request);
    const { redirectTo } = await environment.OAUTH_PROVIDER.completeAuthorization({
      request: asked,
      userId: asked.state, // somebody else each time: a second grant of one person would end the first
      metadata: {},
      scope: asked.scope,
      props: { token: "upstream-token" },
    });
    return Response.redirect(redirectTo, 302);
  },
};

export default new OAuthProvider({
  apiRoute: "/mcp",
  apiHandler: { fetch: mcp } as any,
  defaultHandler: everybody as any,
  authorizeEndpoint: "/authorize",
  tokenEndpoint: "/oauth/token",
  clientRegistrationEndpoint: "/oauth/register",
  scopesSupported: ["mcp"],
  resourceMetadata: { resource: `${PUBLIC_URL}/mcp`, authorization_servers: [PUBLIC_URL], scopes_supported: ["mcp"] },
});
