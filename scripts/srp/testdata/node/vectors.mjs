// Writes ../official-client.json: sign-ins as Amazon's own client computes them.
//
//	node vectors.mjs FOLDER > ../official-client.json      (FOLDER holds node_modules, see ../README.md)
//
// Every "random" number is the hash of a label, so the same packages write the same file. The sign-in
// itself (A, u, x, S, key) is the client's own code; only the HMAC of the last step is written out here,
// because the client has no function for it (lib/CognitoUser.js, authenticateUserDefaultAuth).
import { createHash, createHmac } from "node:crypto";
import { createRequire } from "node:module";
import path from "node:path";

const require = createRequire(path.resolve(process.argv[2] ?? ".", "x.js"));
const Helper = require("amazon-cognito-identity-js/lib/AuthenticationHelper").default;
const BigInteger = require("amazon-cognito-identity-js/lib/BigInteger").default;
const DateHelper = require("amazon-cognito-identity-js/lib/DateHelper").default;

const drawn = (label, length) => {
  let hex = "";
  for (let i = 0; hex.length < 2 * length; i++) hex += createHash("sha256").update(`${label} ${i}`).digest("hex");
  return hex.slice(0, 2 * length);
};

function signIn(v) {
  const poolName = v.poolId.split("_")[1]; // as lib/CognitoUserPool.js does
  const helper = new Helper(poolName);
  helper.smallAValue = new BigInteger(v.a, 16);
  helper.largeAValue = undefined;
  let A, S, key;
  helper.getLargeAValue((_, value) => (A = value));
  const calculateS = helper.calculateS.bind(helper);
  helper.calculateS = (x, B, callback) => calculateS(x, B, (error, value) => callback(error, (S = value)));
  helper.getPasswordAuthenticationKey(v.user, v.password, new BigInteger(v.B, 16), new BigInteger(v.salt, 16), (_, k) => (key = k));
  const signature = createHmac("sha256", Buffer.from(key))
    .update(poolName).update(v.user).update(Buffer.from(v.secretBlock, "base64")).update(v.timestamp).digest("base64");
  return { ...v, A: A.toString(16), u: helper.UValue.toString(16), S: S.toString(16), key: Buffer.from(key).toString("hex"), signature };
}

// draw makes a sign-in, and draws again until it has the wanted property.
function draw(name, { wanted = () => true, ...given } = {}) {
  for (let attempt = 0; ; attempt++) {
    const label = `${name} ${attempt}`;
    const v = signIn({
      name,
      poolId: "eu-west-1_AbCdEf123",
      user: "11111111-2222-3333-4444-555555555555",
      password: "Correct-Horse-1",
      a: drawn(`${label} a`, 128),
      salt: drawn(`${label} salt`, 16),
      B: drawn(`${label} B`, 384),
      secretBlock: Buffer.from(drawn(`${label} block`, 64), "hex").toString("base64"),
      timestamp: "Sun Nov 22 05:06:07 UTC 2026",
      ...given,
    });
    if (wanted(v)) return v;
  }
}

const short = (bytes) => (hex) => hex.length <= 2 * (384 - bytes);
const vectors = [
  ...[1, 2, 3, 4, 5, 6].map((i) => draw(`an ordinary sign-in, ${i}`)),
  draw("B starts with a zero byte", { B: "00" + drawn("B 1", 383) }),
  draw("B starts with a zero byte and then a set bit", { B: "00ff" + drawn("B 2", 382) }),
  draw("B starts with two zero bytes", { B: "0000" + drawn("B 3", 382) }),
  draw("B has an odd number of digits", { B: "7" + drawn("B 4", 383) }),
  draw("B is a small number", { B: "2" }),
  draw("A starts with a zero byte", { wanted: (v) => short(1)(v.A) }),
  draw("S starts with a zero byte, 1", { wanted: (v) => short(1)(v.S) }),
  draw("S starts with a zero byte, 2", { wanted: (v) => short(1)(v.S), password: "Another-Horse-2" }),
  draw("u starts with a zero byte", { wanted: (v) => v.u.length <= 62 }),
  draw("u starts with a set bit", { wanted: (v) => v.u.length === 64 && v.u[0] >= "8" }),
  draw("the salt starts with a zero byte", { salt: "00" + drawn("salt 1", 15) }),
  draw("the salt starts with a set bit", { salt: "f0" + drawn("salt 2", 15) }),
  draw("the salt has an odd number of digits", { salt: "9" + drawn("salt 3", 15) }),
  draw("the salt is zero", { salt: "00" }),
  draw("the salt is in capitals", { salt: "ABCDEF0123456789ABCDEF0123456789" }),
  draw("an accented password", { password: "P@ssw0rd-Ünïcode" }),
  draw("a password in Japanese", { password: "正しい馬のバッテリー１" }),
  draw("a password of letters and combining marks", { password: "e\u0301a\u0300-Horse-1" }),
  draw("a password outside the basic plane", { password: "🐎🔋📎 Horse-1" }),
  draw("a password of blanks", { password: "        " }),
  draw("a password with blanks at its ends", { password: " Correct-Horse-1\t" }),
  draw("an empty password", { password: "" }),
  draw("a password with a colon and a zero byte", { password: "a:b\u0000c" }),
  draw("a password of 256 letters", { password: "Aa1!".repeat(64) }),
  draw("a password of 256 letters outside ASCII", { password: "Ü".repeat(256) }),
  draw("a user name that is an e-mail address", { user: "alice+test@example.com" }),
  draw("a user name outside ASCII", { user: "zoë" }),
  draw("a user name with a colon", { user: "a:b" }),
  draw("a pool in another partition", { poolId: "us-gov-west-1_ZyXwVu987" }),
  draw("a long secret block", { secretBlock: Buffer.from(drawn("block", 1200), "hex").toString("base64") }),
];

// The client reads the clock by itself, so it gets one that stands still.
const Clock = Date;
const timestamps = [
  "2026-11-02T15:04:05Z", "2026-11-22T00:00:00Z", "2027-01-01T12:30:00Z", "2028-02-29T23:59:59Z",
  "2026-12-31T23:59:59.999Z", "2026-05-09T01:02:03Z", "2030-10-10T10:10:10Z",
].map((time) => {
  globalThis.Date = class extends Clock { constructor() { super(time); } };
  const text = new DateHelper().getNowString();
  globalThis.Date = Clock;
  return { time, text };
});

const { version } = require("amazon-cognito-identity-js/package.json");
console.log(JSON.stringify({ madeBy: `amazon-cognito-identity-js ${version}`, vectors, timestamps }, null, 1));
