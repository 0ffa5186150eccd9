// Runs the handler of a Lambda function in Node.js on this machine: node runtime.mjs ./handler.mjs [EXPORT]
// It speaks the Lambda Runtime API, like AWS's aws-lambda-ric, and needs nothing to be installed.
import http from "node:http";
import { resolve } from "node:path";
import { pathToFileURL } from "node:url";

const [file, name = "handler"] = process.argv.slice(2);
const handler = (await import(pathToFileURL(resolve(file)).href))[name];
if (typeof handler !== "function") throw new Error(`${file} exports no function ${name}`);
const [host, port] = process.env.AWS_LAMBDA_RUNTIME_API.split(":");

function call(method, path, body) {
  return new Promise((done, failed) => {
    const request = http.request({ host, port, method, path: `/2018-06-01/runtime/invocation/${path}` }, (response) => {
      const parts = [];
      response.on("data", (part) => parts.push(part));
      response.on("end", () => done({ headers: response.headers, body: Buffer.concat(parts).toString() }));
    });
    request.on("error", failed);
    request.end(body);
  });
}

for (;;) {
  const event = await call("GET", "next");
  const awsRequestId = event.headers["lambda-runtime-aws-request-id"];
  try {
    const result = await handler(JSON.parse(event.body), { awsRequestId });
    await call("POST", `${awsRequestId}/response`, JSON.stringify(result ?? null));
  } catch (error) {
    console.error(error);
    await call("POST", `${awsRequestId}/error`, JSON.stringify({ errorType: error.name, errorMessage: error.message }));
  }
}
