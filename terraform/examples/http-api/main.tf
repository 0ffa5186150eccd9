# An HTTP API in front of a function of yours, with simple results: yes or no for each route.

module "build" {
  source = "../../modules/build"

  path = var.build_path
}

module "authorizer" {
  source = "../../modules/authorizer"

  name            = "orders-authorizer"
  zip_path        = module.build.authorizer_zip
  contract_digest = module.build.contract_digest
  architecture    = module.build.architecture
  issuers         = [var.issuer]
  client_ids      = var.client_ids
  http_response   = "simple"
}

data "aws_lambda_function" "orders" {
  function_name = var.function_name
}

module "http_api" {
  source = "../../modules/http-api"

  name                     = "orders"
  contract                 = module.build.contract
  api_function_name        = data.aws_lambda_function.orders.function_name
  api_invoke_arn           = data.aws_lambda_function.orders.invoke_arn
  authorizer_function_name = module.authorizer.name
  authorizer_invoke_arn    = module.authorizer.invoke_arn

  http_response    = "simple"
  identity_sources = ["$request.header.Authorization", "$context.routeKey"]
}

output "api_url" {
  description = "URL of the API."
  value       = module.http_api.url
}
