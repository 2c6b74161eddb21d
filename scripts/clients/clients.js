// Try each client against a running server: node clients.js http://HOST:PORT/graphql [TOKEN]
import assert from "node:assert/strict";
import { createHash } from "node:crypto";
import { readFile } from "node:fs/promises";
import { ApolloClient, gql, HttpLink, InMemoryCache } from "@apollo/client/core";
import { cacheExchange, createClient as createUrql, fetchExchange } from "@urql/core";
import { createClient as createSse } from "graphql-sse";
import { createClient as createWs } from "graphql-ws";
import WebSocket from "ws";

const [url, token] = process.argv.slice(2);
const headers = token ? { authorization: `Bearer ${token}` } : {};
// Leaving a stream aborts its request; urql leaves that rejection to nobody.
process.on("unhandledRejection", (reason) => {
  if (reason?.name !== "AbortError") throw reason;
});
const projects = "{ projects(first: 3) { totalCount nodes { id title } } }";
const events = "subscription ($after: Int) { events(after: $after) { position type } }";

async function taken(iterator, count) {
  const found = [];
  for await (const answer of iterator) {
    assert.equal(answer.errors, undefined);
    found.push(answer.data.events.position);
    if (found.length === count) break;
  }
  return found;
}

const trials = {
  async urql() {
    const client = createUrql({
      url,
      exchanges: [cacheExchange, fetchExchange],
      fetchOptions: { headers },
      fetchSubscriptions: true,
      preferGetMethod: false,
    });
    const { data, error } = await client.query(projects, {}).toPromise();
    assert.equal(error, undefined);
    assert.ok(data.projects.totalCount >= 1);
    const first = await new Promise((resolve, reject) => {
      const { unsubscribe } = client.subscription(events, { after: 0 }).subscribe((answer) => {
        if (answer.error) reject(answer.error);
        else resolve([answer.data.events.position, unsubscribe]);
      });
    });
    assert.equal(first[0], 1);
    first[1]();
  },
  async apollo() {
    const client = new ApolloClient({
      link: new HttpLink({ uri: url, headers }),
      cache: new InMemoryCache(),
    });
    const { data } = await client.query({ query: gql(projects) });
    assert.ok(data.projects.nodes[0].id);
    await assert.rejects(client.query({ query: gql("{ nothing }") }));
  },
  async "graphql-ws"() {
    const client = createWs({
      url: url.replace(/^http/, "ws"),
      webSocketImpl: WebSocket,
      connectionParams: token ? { Authorization: `Bearer ${token}` } : {},
    });
    assert.deepEqual(await taken(client.iterate({ query: events, variables: { after: 0 } }), 3), [1, 2, 3]);
    assert.deepEqual(await taken(client.iterate({ query: events, variables: { after: 3 } }), 2), [4, 5]);
    for await (const answer of client.iterate({ query: projects })) {
      assert.ok(answer.data.projects.totalCount >= 1);
    }
    await assert.rejects(taken(client.iterate({ query: "subscription { nothing }" }), 1));
    await client.dispose();
  },
  async "graphql-sse"() {
    const client = createSse({ url, headers });
    assert.deepEqual(await taken(client.iterate({ query: events, variables: { after: 0 } }), 3), [1, 2, 3]);
    assert.deepEqual(await taken(client.iterate({ query: events, variables: { after: 3 } }), 2), [4, 5]);
    for await (const answer of client.iterate({ query: projects })) {
      assert.ok(answer.data.projects.totalCount >= 1);
    }
    client.dispose();
  },
  async "a trusted document by GET, asked again"() {
    const text = await readFile(new URL("../../graphql/operations/board.graphql", import.meta.url));
    const id = `sha256:${createHash("sha256").update(text).digest("hex")}`;
    const first = await fetch(`${url}?documentId=${id}`, { headers });
    assert.equal(first.status, 200);
    assert.ok(Array.isArray((await first.json()).data.board));
    const again = await fetch(`${url}?documentId=${id}`, {
      headers: { ...headers, "if-none-match": first.headers.get("etag") },
    });
    assert.equal(again.status, 304);
  },
  async "the path that Grafana's Infinity reads"() {
    const query = "{ board { region red yellow green grey total } }";
    const response = await fetch(url, {
      method: "POST",
      headers: { ...headers, "content-type": "application/json" },
      body: JSON.stringify({ query }),
    });
    const rows = (await response.json()).data.board;
    assert.ok(rows.every((row) => typeof row.region === "string" && Number.isInteger(row.red)));
  },
  async "GraphiQL without a network"() {
    const page = await (await fetch(url, { headers: { ...headers, accept: "text/html" } })).text();
    const files = [...page.matchAll(/(?:src|href)="(\/[^"]+)"/g)].map((match) => match[1]);
    assert.ok(files.length >= 4);
    for (const file of files) {
      assert.equal((await fetch(new URL(file, url), { headers })).status, 200, file);
    }
  },
};

let failed = 0;
for (const [name, trial] of Object.entries(trials)) {
  try {
    await trial();
    console.log(`ok      ${name}`);
  } catch (error) {
    failed += 1;
    console.log(`FAILED  ${name}: ${error.stack ?? error}`);
  }
}
process.exit(failed ? 1 : 0);
