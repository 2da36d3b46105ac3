// The official TypeScript client: lists everything, calls every tool, hears of a change. Prints what it saw as JSON.
// usage: typescript_client.mjs SDK-FOLDER URL TOKEN ARGUMENTS-JSON
import { pathToFileURL } from "node:url";

const [sdk, url, token, given] = process.argv.slice(2);
const load = (name) => import(pathToFileURL(`${sdk}/dist/esm/${name}`));
const { Client } = await load("client/index.js");
const { StreamableHTTPClientTransport } = await load("client/streamableHttp.js");
const { ResourceUpdatedNotificationSchema } = await load("types.js");

const client = new Client({ name: "typescript", version: "1" });
const headers = { Authorization: `Bearer ${token}` };
await client.connect(new StreamableHTTPClientTransport(new URL(url), { requestInit: { headers } }));

const saw = { tools: {}, updated: null };
const changed = new Promise((resolve) => {
  client.setNotificationHandler(ResourceUpdatedNotificationSchema, (note) => resolve(note.params.uri));
});
for (const tool of (await client.listTools()).tools) {
  const result = await client.callTool({ name: tool.name, arguments: JSON.parse(given)[tool.name] ?? {} });
  saw.tools[tool.name] = { isError: result.isError === true, structured: result.structuredContent !== undefined };
}
saw.resources = (await client.listResources()).resources.map((resource) => resource.uri);
saw.prompts = (await client.listPrompts()).prompts.map((prompt) => prompt.name);
await client.subscribeResource({ uri: "factory://workspace/ws-a" });
console.error("subscribed");
saw.updated = await changed;
console.log(JSON.stringify(saw));
await client.close();
