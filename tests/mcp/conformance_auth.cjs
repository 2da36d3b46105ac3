// Loaded before the conformance suite, which knows no tokens: adds ours to every request it makes.
const { Agent, setGlobalDispatcher } = require(process.env.UNDICI);
const token = process.env.MCP_TOKEN;

const add = (headers) => {
  if (Array.isArray(headers)) return [...headers, "authorization", `Bearer ${token}`];
  if (headers && typeof headers[Symbol.iterator] === "function")
    return [...headers, ["authorization", `Bearer ${token}`]];
  return { ...headers, authorization: `Bearer ${token}` };
};

setGlobalDispatcher(
  new Agent().compose((dispatch) => (options, handler) => dispatch({ ...options, headers: add(options.headers) }, handler)),
);
