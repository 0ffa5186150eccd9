import { join } from "node:path";
import { Aws, Stack, StackProps } from "aws-cdk-lib";
import * as apigateway from "aws-cdk-lib/aws-apigateway";
import * as lambda from "aws-cdk-lib/aws-lambda";
import { Construct } from "constructs";
import { CognitoAuthorizer } from "./cognito-authorizer.js";

export interface OrdersStackProps extends StackProps {
  /** Folder that `cognito-authorizer build` wrote. */
  readonly build: string;
  readonly userPoolId: string;
  readonly clientIds: string[];
}

/** A REST API with a handler in Node.js, as a team has it. The lines with `auth` are what the authorizer adds. */
export class OrdersStack extends Stack {
  readonly auth: CognitoAuthorizer;
  readonly api: apigateway.RestApi;

  constructor(scope: Construct, id: string, props: OrdersStackProps) {
    super(scope, id, props);
    const backend = new lambda.Function(this, "Backend", {
      runtime: lambda.Runtime.NODEJS_22_X,
      handler: "handler.handler",
      code: lambda.Code.fromAsset(join(__dirname, "../../backend")),
    });
    this.api = new apigateway.RestApi(this, "Api", { deployOptions: { stageName: "prod" } });
    const auth = new CognitoAuthorizer(this, "Auth", {
      build: props.build,
      api: this.api,
      issuers: [`https://cognito-idp.${Aws.REGION}.${Aws.URL_SUFFIX}/${props.userPoolId}`],
      clientIds: props.clientIds,
    });
    const integration = new apigateway.LambdaIntegration(backend);

    const status = this.api.root.addResource("status");
    status.addMethod("GET", integration, auth.authorizationOf("GET /status"));

    const orders = this.api.root.addResource("orders");
    orders.addMethod("GET", integration, auth.authorizationOf("GET /orders"));
    orders.addMethod("POST", integration, auth.authorizationOf("POST /orders"));

    const order = orders.addResource("{orderId}");
    order.addMethod("GET", integration, auth.authorizationOf("GET /orders/{orderId}"));
    order.addMethod("DELETE", integration, auth.authorizationOf("DELETE /orders/{orderId}"));
    this.auth = auth;
  }
}
