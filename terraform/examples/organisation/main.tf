# What an organisation's account often requires: a VPC, KMS keys, a permissions boundary, warm instances, a custom domain with
# mutual TLS, and WAF.

locals {
  tags = { team = "directory", cost-centre = "4711" }
}

module "build" {
  source = "../../modules/build"

  path = var.build_path
}

module "authorizer" {
  source = "../../modules/authorizer"

  name            = "directory-authorizer"
  zip_path        = module.build.authorizer_zip
  contract_digest = module.build.contract_digest
  architecture    = module.build.architecture
  issuers         = [var.issuer]
  client_ids      = var.client_ids
  jwks            = var.jwks

  vpc_config               = { subnet_ids = var.subnet_ids, security_group_ids = var.security_group_ids }
  kms_key_arn              = var.kms_key_arn
  log_kms_key_arn          = var.kms_key_arn
  table_kms_key_arn        = var.kms_key_arn
  revocation_enabled       = true
  role_path                = "/applications/"
  permissions_boundary_arn = var.permissions_boundary_arn
  reserved_concurrency     = 100
  alias                    = { name = "live", provisioned_concurrency = 5 }

  tags = local.tags
}

data "aws_lambda_function" "directory" {
  function_name = var.function_name
}

module "rest_api" {
  source = "../../modules/rest-api"

  name                          = "directory"
  contract                      = module.build.contract
  api_function_name             = data.aws_lambda_function.directory.function_name
  api_invoke_arn                = data.aws_lambda_function.directory.invoke_arn
  authorizer_function_name      = module.authorizer.name
  authorizer_function_qualifier = module.authorizer.qualifier
  authorizer_invoke_arn         = module.authorizer.invoke_arn

  domain = {
    name            = "api.example.com"
    certificate_arn = var.certificate_arn
    base_path       = "directory"
    mutual_tls      = { truststore_uri = var.truststore_uri }
  }
  disable_execute_api_endpoint = true # otherwise its default host name would bypass mutual TLS

  web_acl_arn = var.web_acl_arn
  gateway_responses = {
    THROTTLED = { status_code = "429", headers = { "Retry-After" = "1" } }
  }
  log_kms_key_arn = var.kms_key_arn

  tags = local.tags
}

output "api_url" {
  description = "URL of the API."
  value       = module.rest_api.url
}

output "domain_target" {
  description = "Target of the DNS record for api.example.com."
  value       = module.rest_api.domain_target
}
