// A typical authorizer: it verifies the token with aws-jwt-verify, allows the whole stage and logs one line.
import { JwtRsaVerifier } from "aws-jwt-verify";

const verifier = JwtRsaVerifier.create({
  issuer: process.env.ISSUERS,
  audience: null,
  jwksUri: process.env.ISSUERS + "/.well-known/jwks.json",
  customJwtCheck: ({ payload }) => {
    if (payload.token_use !== "access" || payload.client_id !== process.env.CLIENT_IDS) throw new Error("Unauthorized");
  },
});
verifier.cacheJwks(JSON.parse(process.env.JWKS));

export async function handler(event) {
  const claims = await verifier.verify(event.headers.Authorization.slice("Bearer ".length));
  console.log(JSON.stringify({ message: "decision", outcome: "allow", sub: claims.sub }));
  const stage = event.methodArn.split("/", 2).join("/");
  return {
    principalId: claims.sub,
    policyDocument: { Version: "2012-10-17", Statement: [{ Effect: "Allow", Action: "execute-api:Invoke", Resource: [stage + "/*"] }] },
    context: { sub: claims.sub, username: claims.username, scopes: claims.scope },
  };
}
