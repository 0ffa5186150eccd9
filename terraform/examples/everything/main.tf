# Everything, put together from the modules: a pool, the authorizer, an API behind it and a REST API in front.
# It is what the root of this folder does; take it apart where your estate has a part already.

data "aws_region" "current" {}

module "user_pool" {
  source = "../../modules/user-pool"

  name          = "user-directory"
  domain_prefix = var.domain_prefix
  callback_urls = ["https://app.example.com/"]
}

module "authorizer" {
  source = "../../modules/authorizer"

  name               = "user-directory-authorizer"
  zip_path           = var.authorizer_zip
  issuers            = [module.user_pool.issuer]
  client_ids         = module.user_pool.client_ids
  revocation_enabled = true
  alarm_topic_arn    = var.alarm_topic_arn
}

module "api" {
  source = "../../modules/function"

  name            = "user-directory-api"
  zip_path        = var.api_zip
  alarm_topic_arn = var.alarm_topic_arn

  environment = {
    USER_POOL_ID    = module.user_pool.id
    ALLOWED_ORIGINS = "https://app.example.com"
  }

  policy_statements = [{
    sid       = "UseUserPool"
    actions   = ["cognito-idp:ListUsers", "cognito-idp:AdminGetUser", "cognito-idp:AdminUserGlobalSignOut"]
    resources = [module.user_pool.arn]
  }]
}

module "rest_api" {
  source = "../../modules/rest-api"

  name                     = "user-directory"
  openapi                  = file("../../../functions/api/openapi.yaml")
  api_function_name        = module.api.name
  api_invoke_arn           = module.api.invoke_arn
  authorizer_function_name = module.authorizer.name
  authorizer_invoke_arn    = module.authorizer.invoke_arn
  allowed_origins          = ["https://app.example.com"]
  alarm_topic_arn          = var.alarm_topic_arn
}

output "api_url" {
  description = "Address of the API."
  value       = module.rest_api.url
}

output "region" {
  description = "Region of everything."
  value       = data.aws_region.current.id
}
