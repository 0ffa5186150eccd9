# Only the authorizer, for an existing REST API that stays as it is.

data "aws_api_gateway_rest_api" "this" {
  name = var.rest_api_name
}

module "build" {
  source = "../../modules/build"

  path = var.build_path
}

module "authorizer" {
  source = "../../modules/authorizer"

  name            = "${var.rest_api_name}-authorizer"
  zip_path        = module.build.authorizer_zip
  contract_digest = module.build.contract_digest
  architecture    = module.build.architecture
  issuers         = [var.issuer]
  client_ids      = var.client_ids
}

resource "aws_api_gateway_authorizer" "this" {
  rest_api_id = data.aws_api_gateway_rest_api.this.id
  name        = module.authorizer.name

  type                             = "TOKEN"
  authorizer_uri                   = module.authorizer.invoke_arn
  identity_source                  = "method.request.header.Authorization"
  identity_validation_expression   = "^[Bb][Ee][Aa][Rr][Ee][Rr] +[A-Za-z0-9_-]+\\.[A-Za-z0-9_-]+\\.[A-Za-z0-9_-]+$"
  authorizer_result_ttl_in_seconds = 300
}

resource "aws_lambda_permission" "this" {
  statement_id  = "${var.rest_api_name}-rest-authorizer"
  action        = "lambda:InvokeFunction"
  function_name = module.authorizer.name
  principal     = "apigateway.amazonaws.com"
  source_arn    = "${data.aws_api_gateway_rest_api.this.execution_arn}/authorizers/${aws_api_gateway_authorizer.this.id}"
}

# What each method of the API needs next, followed by a new deployment of its stage:
#   authorization = "CUSTOM"
#   authorizer_id = <this>
output "authorizer_id" {
  description = "Id of the authorizer, for the methods of the API."
  value       = aws_api_gateway_authorizer.this.id
}
