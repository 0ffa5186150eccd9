# A WebSocket API in front of a function of yours. handler.py is such a function: it answers messages, and closes a connection
# whose token has expired. Give it the handler "handler.handler", a Python runtime, and the environment variable
# AWS_ENDPOINT_URL_APIGATEWAYMANAGEMENTAPI with the output management_url.

module "build" {
  source = "../../modules/build"

  path = var.build_path
}

module "authorizer" {
  source = "../../modules/authorizer"

  name            = "orders-live-authorizer"
  zip_path        = module.build.authorizer_zip
  contract_digest = module.build.contract_digest
  architecture    = module.build.architecture
  issuers         = [var.issuer]
  client_ids      = var.client_ids
}

data "aws_lambda_function" "live" {
  function_name = var.function_name
}

module "websocket_api" {
  source = "../../modules/websocket-api"

  name                     = "orders-live"
  contract                 = module.build.contract
  api_function_name        = data.aws_lambda_function.live.function_name
  api_invoke_arn           = data.aws_lambda_function.live.invoke_arn
  authorizer_function_name = module.authorizer.name
  authorizer_invoke_arn    = module.authorizer.invoke_arn
}

# The function may close connections of this API, and nothing else of it.
resource "aws_iam_role_policy" "close" {
  name = "orders-live-close-connections"
  role = reverse(split("/", data.aws_lambda_function.live.role))[0]

  policy = jsonencode({
    Version = "2012-10-17"
    Statement = [{
      Effect   = "Allow"
      Action   = "execute-api:ManageConnections"
      Resource = module.websocket_api.manage_connections_arns["DELETE"]
    }]
  })
}

output "url" {
  description = "URL to connect to."
  value       = module.websocket_api.url
}

output "management_url" {
  description = "AWS_ENDPOINT_URL_APIGATEWAYMANAGEMENTAPI of the function."
  value       = module.websocket_api.management_url
}
