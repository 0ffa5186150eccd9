// Signs in by SRP with Amazon's own client. It reads JSON from standard input:
// {"folder", "endpoint", "poolId", "clientId", "user", "password"}. It writes the result as JSON.
import { createRequire } from "node:module";
import path from "node:path";
import { text } from "node:stream/consumers";

const { folder, endpoint, poolId, clientId, user, password } = JSON.parse(await text(process.stdin));
const require = createRequire(path.resolve(folder, "x.js"));
const { CognitoUserPool, CognitoUser, AuthenticationDetails } = require("amazon-cognito-identity-js");

const pool = new CognitoUserPool({ UserPoolId: poolId, ClientId: clientId, endpoint });
new CognitoUser({ Username: user, Pool: pool }).authenticateUser(new AuthenticationDetails({ Username: user, Password: password }), {
  onSuccess: (session) => console.log(JSON.stringify({ claims: session.getAccessToken().payload })),
  onFailure: (error) => console.log(JSON.stringify({ code: error.code ?? error.name })),
});
