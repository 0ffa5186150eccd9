import { App } from "aws-cdk-lib";
import { OrdersStack } from "../lib/orders-stack.js";

const app = new App();
const userPoolId: string | undefined = app.node.tryGetContext("userPoolId");
const clientIds: string | undefined = app.node.tryGetContext("clientIds");
if (!userPoolId || !clientIds) {
  throw new Error("name the pool and its app clients: cdk synth -c userPoolId=eu-west-1_AbCdEf123 -c clientIds=CLIENT,CLIENT");
}
new OrdersStack(app, "Orders", { build: "dist", userPoolId, clientIds: clientIds.split(",") });
