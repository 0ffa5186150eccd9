import { createHash } from "node:crypto";
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { Duration } from "aws-cdk-lib";
import * as apigateway from "aws-cdk-lib/aws-apigateway";
import * as lambda from "aws-cdk-lib/aws-lambda";
import * as logs from "aws-cdk-lib/aws-logs";
import { Construct } from "constructs";

export interface CognitoAuthorizerProps {
  /** Folder that `cognito-authorizer build` wrote. */
  readonly build: string;
  /** The API to protect. Each of its methods must be in the contract, with the authorization of `authorizationOf`. */
  readonly api: apigateway.RestApi;
  /** Exact `iss` of the tokens that are accepted: `https://cognito-idp.REGION.amazonaws.com/POOL_ID`. */
  readonly issuers: string[];
  /** App clients whose tokens are accepted. */
  readonly clientIds: string[];
  /** How long API Gateway caches a result. Default: 5 minutes. */
  readonly cacheTtl?: Duration;
  /** Further settings of the authorizer, such as `{ TOKEN_USE: "access,id" }`. */
  readonly settings?: Record<string, string>;
}

interface Manifest {
  architecture: "arm64" | "amd64";
  zip_sha256: string;
  contract_sha256: string;
  contract_digest: string;
}

interface Contract {
  paths: Record<string, Record<string, { "x-authorizer-rule"?: { access: "public" | "token" | "iam" } }>>;
  "x-authorizer": { caching: "stage" | "route" };
}

/** Three base64url parts after "Bearer". API Gateway rejects everything else with 401 and invokes no Lambda function. */
const validationRegex = "^[Bb][Ee][Aa][Rr][Ee][Rr] +[A-Za-z0-9_-]+\\.[A-Za-z0-9_-]+\\.[A-Za-z0-9_-]+$";

/** The Lambda authorizer of a REST API, from the folder that `cognito-authorizer build` wrote. */
export class CognitoAuthorizer extends Construct {
  readonly handler: lambda.Function;
  readonly authorizer: apigateway.IAuthorizer;
  private readonly access = new Map<string, "public" | "token" | "iam">();

  constructor(scope: Construct, id: string, props: CognitoAuthorizerProps) {
    super(scope, id);
    const { manifest, contract } = readBuild(props.build);
    for (const [path, item] of Object.entries(contract.paths)) {
      for (const [method, operation] of Object.entries(item)) {
        const rule = operation["x-authorizer-rule"];
        if (rule) this.access.set(`${method === "x-amazon-apigateway-any-method" ? "ANY" : method.toUpperCase()} ${path}`, rule.access);
      }
    }

    this.handler = new lambda.Function(this, "Function", {
      runtime: lambda.Runtime.PROVIDED_AL2023,
      handler: "bootstrap",
      code: lambda.Code.fromAsset(join(props.build, "authorizer.zip")),
      architecture: manifest.architecture === "amd64" ? lambda.Architecture.X86_64 : lambda.Architecture.ARM_64,
      memorySize: 512,
      timeout: Duration.seconds(10),
      logGroup: new logs.LogGroup(this, "Log", { retention: logs.RetentionDays.ONE_MONTH }),
      environment: {
        ...props.settings,
        ISSUERS: props.issuers.join(","),
        CLIENT_IDS: props.clientIds.join(","),
        CONTRACT_DIGEST: manifest.contract_digest, // the function does not start with the routes of another contract
      },
    });

    const resultsCacheTtl = props.cacheTtl ?? Duration.minutes(5);
    this.authorizer =
      contract["x-authorizer"].caching === "route"
        ? new apigateway.RequestAuthorizer(this, "Authorizer", {
            handler: this.handler,
            resultsCacheTtl,
            identitySources: [
              apigateway.IdentitySource.header("Authorization"),
              apigateway.IdentitySource.context("httpMethod"), // a result is for one route, so the cache has to tell routes apart
              apigateway.IdentitySource.context("resourcePath"),
            ],
          })
        : new apigateway.TokenAuthorizer(this, "Authorizer", { handler: this.handler, resultsCacheTtl, validationRegex });

    this.node.addValidation({ validate: () => this.differences(props.api) });
  }

  /** The authorization of a route, as `METHOD /path` of the contract, for `addMethod` and `addProxy`. */
  authorizationOf(route: string): apigateway.MethodOptions {
    switch (this.access.get(route)) {
      case "public":
        return { authorizationType: apigateway.AuthorizationType.NONE };
      case "iam":
        return { authorizationType: apigateway.AuthorizationType.IAM };
      case "token":
        return { authorizationType: apigateway.AuthorizationType.CUSTOM, authorizer: this.authorizer };
      default:
        throw new Error(`${route} is not in the contract: add it to the OpenAPI document, and build again`);
    }
  }

  /** What the methods of the API and the contract do not agree on. CDK refuses to synthesise until there is nothing. */
  private differences(api: apigateway.RestApi): string[] {
    const types = { public: apigateway.AuthorizationType.NONE, token: apigateway.AuthorizationType.CUSTOM, iam: apigateway.AuthorizationType.IAM };
    const problems: string[] = [];
    const deployed = new Set<string>();
    for (const method of api.methods) {
      const route = `${method.httpMethod} ${method.resource.path}`;
      deployed.add(route);
      const access = this.access.get(route);
      const { authorizationType } = method.node.defaultChild as apigateway.CfnMethod;
      if (access === undefined) {
        // A preflight carries no token, and CDK adds these methods itself (defaultCorsPreflightOptions).
        if (method.httpMethod !== "OPTIONS") problems.push(`${route} is deployed and not in the contract`);
      } else if (authorizationType !== types[access]) {
        problems.push(`${route} has authorization ${authorizationType}, and the contract says ${access}: use authorizationOf("${route}")`);
      }
    }
    for (const route of this.access.keys()) {
      if (!deployed.has(route)) problems.push(`${route} is in the contract and not deployed`);
    }
    return problems;
  }
}

/** Reads a build, and refuses files that do not belong together. */
function readBuild(folder: string): { manifest: Manifest; contract: Contract } {
  const read = (name: string) => readFileSync(join(folder, name));
  const sha256 = (content: Buffer) => createHash("sha256").update(content).digest("hex");
  const manifest: Manifest = JSON.parse(read("manifest.json").toString());
  const contract = read("contract.json");
  if (sha256(contract) !== manifest.contract_sha256 || manifest.contract_sha256 !== manifest.contract_digest || sha256(read("authorizer.zip")) !== manifest.zip_sha256) {
    throw new Error(`the files in ${folder} are of different builds: run cognito-authorizer build again`);
  }
  return { manifest, contract: JSON.parse(contract.toString()) };
}
