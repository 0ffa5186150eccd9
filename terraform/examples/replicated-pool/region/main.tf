# What each region has.

data "aws_caller_identity" "current" {}

data "aws_partition" "current" {}

# The region of the provider, read without a call to AWS.
data "aws_service" "cognito" {
  service_id = "cognito-idp"
}

module "build" {
  source = "../../../modules/build"

  path = var.build_path
}

module "authorizer" {
  source = "../../../modules/authorizer"

  name            = "user-directory-authorizer"
  zip_path        = module.build.authorizer_zip
  contract_digest = module.build.contract_digest
  architecture    = module.build.architecture
  issuers         = var.issuers
  client_ids      = var.client_ids
}

module "api" {
  source = "../../../modules/function"

  name         = "user-directory-api"
  zip_path     = module.build.api_zip
  architecture = module.build.architecture
  environment  = { USER_POOL_ID = var.user_pool_id, ALLOWED_ORIGINS = "" }

  # The pool, or its replica, in this region.
  policy_statements = [{
    sid       = "UseUserPool"
    actions   = ["cognito-idp:ListUsers", "cognito-idp:AdminGetUser", "cognito-idp:AdminUserGlobalSignOut"]
    resources = ["arn:${data.aws_partition.current.partition}:cognito-idp:${data.aws_service.cognito.region}:${data.aws_caller_identity.current.account_id}:userpool/${var.user_pool_id}"]
  }]
}

module "rest_api" {
  source = "../../../modules/rest-api"

  name                     = "user-directory"
  contract                 = module.build.contract
  api_function_name        = module.api.name
  api_invoke_arn           = module.api.invoke_arn
  authorizer_function_name = module.authorizer.name
  authorizer_invoke_arn    = module.authorizer.invoke_arn
}
