import assert from "node:assert/strict";
import { cpSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, test } from "node:test";
import { App, Stack } from "aws-cdk-lib";
import { Match, Template } from "aws-cdk-lib/assertions";
import * as apigateway from "aws-cdk-lib/aws-apigateway";
import { CognitoAuthorizer } from "../lib/cognito-authorizer.js";
import { OrdersStack } from "../lib/orders-stack.js";

const build = "dist"; // of cognito-authorizer build openapi.yaml
const manifest = JSON.parse(readFileSync(join(build, "manifest.json"), "utf8"));
const work = mkdtempSync(join(tmpdir(), "cdk-test-"));
after(() => rmSync(work, { recursive: true }));

const pool = { userPoolId: "eu-west-1_AbCdEf123", clientIds: ["web", "machine"] };

function template(): Template {
  return Template.fromStack(new OrdersStack(new App(), "Orders", { build, ...pool }));
}

test("the function runs the zip for its architecture, with the digest of its contract", () => {
  template().hasResourceProperties("AWS::Lambda::Function", {
    Runtime: "provided.al2023",
    Handler: "bootstrap",
    Architectures: [manifest.architecture === "amd64" ? "x86_64" : "arm64"],
    MemorySize: 512,
    Timeout: 10,
    Environment: {
      Variables: {
        CONTRACT_DIGEST: manifest.contract_digest,
        CLIENT_IDS: "web,machine",
        ISSUERS: { "Fn::Join": ["", ["https://cognito-idp.", { Ref: "AWS::Region" }, ".", { Ref: "AWS::URLSuffix" }, "/eu-west-1_AbCdEf123"]] },
      },
    },
  });
  assert.match(manifest.contract_digest, /^[0-9a-f]{64}$/);
});

test("the authorizer caches by token for five minutes", () => {
  template().hasResourceProperties("AWS::ApiGateway::Authorizer", {
    Type: "TOKEN",
    IdentitySource: "method.request.header.Authorization",
    AuthorizerResultTtlInSeconds: 300,
    IdentityValidationExpression: Match.stringLikeRegexp("^\\^\\[Bb\\]"),
  });
});

test("API Gateway may invoke the function for this authorizer, and nobody else may", () => {
  const t = template();
  const [authorizer] = Object.keys(t.findResources("AWS::ApiGateway::Authorizer"));
  const [handler] = Object.keys(t.findResources("AWS::Lambda::Function", { Properties: { Handler: "bootstrap" } }));
  const permissions = Object.values(t.findResources("AWS::Lambda::Permission")).filter((p) =>
    p.Properties.FunctionName["Fn::GetAtt"][0] === handler);
  assert.equal(permissions.length, 1);
  const { Action, Principal, SourceArn } = permissions[0]!.Properties;
  assert.equal(Action, "lambda:InvokeFunction");
  assert.equal(Principal, "apigateway.amazonaws.com");
  assert.ok(JSON.stringify(SourceArn).includes(`"/authorizers/",{"Ref":"${authorizer}"}`), JSON.stringify(SourceArn));
});

test("each method has the authorization that the contract asks for", () => {
  const t = template();
  const contract = JSON.parse(readFileSync(join(build, "contract.json"), "utf8"));
  const expected: string[] = [];
  for (const [path, item] of Object.entries<Record<string, any>>(contract.paths)) {
    for (const [method, operation] of Object.entries(item)) {
      expected.push(`${method.toUpperCase()} ${path} ${operation["x-authorizer-rule"].access === "public" ? "NONE" : "CUSTOM"}`);
    }
  }
  const resources = t.findResources("AWS::ApiGateway::Resource");
  const path = (id: any): string => {
    const resource = id.Ref && resources[id.Ref];
    return resource ? `${path(resource.Properties.ParentId)}/${resource.Properties.PathPart}` : "";
  };
  const actual = Object.values(t.findResources("AWS::ApiGateway::Method")).map(({ Properties: p }) => {
    assert.equal(p.AuthorizationType === "CUSTOM", p.AuthorizerId !== undefined);
    return `${p.HttpMethod} ${path(p.ResourceId)} ${p.AuthorizationType}`;
  });
  assert.deepEqual(actual.sort(), expected.sort());
  assert.ok(actual.includes("GET /status NONE") && actual.includes("POST /orders CUSTOM"));
});

test("a method that the contract does not have, or that is left open, is refused", () => {
  const open = new OrdersStack(new App(), "Open", { build, ...pool });
  (open.node.findChild("Api").node.findChild("Default").node.findChild("orders") as apigateway.Resource).addMethod("PUT", new apigateway.MockIntegration());
  assert.throws(() => Template.fromStack(open), /PUT \/orders is deployed and not in the contract/);

  const missing = new Stack(new App(), "Missing");
  const api = new apigateway.RestApi(missing, "Api");
  const auth = new CognitoAuthorizer(missing, "Auth", { build, api, issuers: ["https://issuer.example.com/pool"], clientIds: ["web"] });
  const orders = api.root.addResource("orders");
  orders.addMethod("GET", new apigateway.MockIntegration()); // nobody thought of it
  orders.addMethod("POST", new apigateway.MockIntegration(), auth.authorizationOf("POST /orders"));
  api.root.addResource("status").addMethod("GET", new apigateway.MockIntegration(), auth.authorizationOf("GET /status"));
  assert.throws(() => Template.fromStack(missing), /GET \/orders has authorization NONE, and the contract says token[^]*DELETE \/orders\/\{orderId\} is in the contract and not deployed/);
  assert.throws(() => auth.authorizationOf("GET /nowhere"), /GET \/nowhere is not in the contract/);
});

test("files of different builds are refused", () => {
  const mixed = join(work, "mixed");
  cpSync(build, mixed, { recursive: true });
  writeFileSync(join(mixed, "authorizer.zip"), "another");
  assert.throws(() => new OrdersStack(new App(), "Mixed", { build: mixed, ...pool }), /different builds/);
});
