# The whole system from modules: a pool, the authorizer, a function and a REST API. It is what the root of terraform/ does.
# Replace the parts that you have already.

module "build" {
  source = "../../modules/build"

  path = var.build_path
}

module "user_pool" {
  source = "../../modules/user-pool"

  name                  = "user-directory"
  domain_prefix         = var.domain_prefix
  callback_urls         = ["https://app.example.com/"]
  scopes                = { for scope in module.build.scopes : scope => null }
  groups                = { for group in module.build.groups : group => null }
  machine_client_scopes = ["api/users.read"]
}

module "authorizer" {
  source = "../../modules/authorizer"

  name               = "user-directory-authorizer"
  zip_path           = module.build.authorizer_zip
  contract_digest    = module.build.contract_digest
  architecture       = module.build.architecture
  issuers            = [module.user_pool.issuer]
  client_ids         = module.user_pool.client_ids
  revocation_enabled = true
  alarm_topic_arn    = var.alarm_topic_arn
}

module "api" {
  source = "../../modules/function"

  name            = "user-directory-api"
  zip_path        = module.build.api_zip
  architecture    = module.build.architecture
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
  contract                 = module.build.contract
  api_function_name        = module.api.name
  api_invoke_arn           = module.api.invoke_arn
  authorizer_function_name = module.authorizer.name
  authorizer_invoke_arn    = module.authorizer.invoke_arn
  cors                     = { allowed_origins = ["https://app.example.com"] }
  alarm_topic_arn          = var.alarm_topic_arn
}

output "api_url" {
  description = "URL of the API."
  value       = module.rest_api.url
}

output "user_pool_id" {
  description = "Id of the user pool."
  value       = module.user_pool.id
}
