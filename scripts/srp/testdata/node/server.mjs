// The server side of the npm package cognito-srp, with one JSON object per line. The first input line is
// {"folder", "poolName", "user", "password"}. The response to each {"A"} is a challenge, the response to each {"secretBlock",
// "timestamp", "signature"} is {"accepted"}.
import { randomBytes } from "node:crypto";
import { createRequire } from "node:module";
import path from "node:path";
import { createInterface } from "node:readline";

const lines = createInterface({ input: process.stdin })[Symbol.asyncIterator]();
const next = async () => { const { value, done } = await lines.next(); return done ? undefined : JSON.parse(value); };
const say = (message) => console.log(JSON.stringify(message));

const { folder, poolName, user, password } = await next();
const { UserPool } = createRequire(path.resolve(folder, "x.js"))("cognito-srp");
const pool = new UserPool(poolName);
const registered = await pool.createUser({ username: user, password });

for (let message, session; (message = await next()); ) {
  if (message.A) {
    const challenge = await pool.getServerChallenge(registered);
    const B = challenge.calculateB().toString("hex");
    session = challenge.getSession(message.A);
    say({ salt: registered.salt, B, secretBlock: randomBytes(64).toString("base64") });
  } else {
    say({ accepted: session.calculateSignature(message.secretBlock, message.timestamp) === message.signature });
  }
}
