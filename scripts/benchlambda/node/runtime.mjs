// A minimal Lambda runtime for Node.js: it fetches an event, sends the response and repeats.
import http from "node:http";
import { handler } from "./handler.mjs";

const [host, port] = process.env.AWS_LAMBDA_RUNTIME_API.split(":");
const agent = new http.Agent({ keepAlive: true, maxSockets: 1 });

function call(method, path, body) {
  return new Promise((resolve, reject) => {
    const request = http.request({ host, port, agent, method, path: "/2018-06-01/runtime/invocation" + path }, (response) => {
      const parts = [];
      response.on("data", (part) => parts.push(part));
      response.on("end", () => resolve({ headers: response.headers, body: Buffer.concat(parts).toString() }));
    });
    request.on("error", reject);
    request.end(body);
  });
}

for (;;) {
  const event = await call("GET", "/next");
  const id = event.headers["lambda-runtime-aws-request-id"];
  try {
    await call("POST", `/${id}/response`, JSON.stringify(await handler(JSON.parse(event.body))));
  } catch (error) {
    await call("POST", `/${id}/error`, JSON.stringify({ errorType: "Error", errorMessage: error.message }));
  }
}
