# The sample API for the users of a pool that is there already: nothing of the pool is changed.

data "aws_cognito_user_pool" "this" {
  user_pool_id = var.user_pool_id
}

data "aws_partition" "current" {}

data "aws_region" "current" {}

module "authorizer" {
  source = "../../modules/authorizer"

  name       = "user-directory-authorizer"
  zip_path   = var.authorizer_zip
  issuers    = ["https://cognito-idp.${data.aws_region.current.id}.${data.aws_partition.current.dns_suffix}/${var.user_pool_id}"]
  client_ids = var.client_ids
}

module "api" {
  source = "../../modules/function"

  name        = "user-directory-api"
  zip_path    = var.api_zip
  environment = { USER_POOL_ID = var.user_pool_id, ALLOWED_ORIGINS = "" }

  policy_statements = [{
    sid       = "UseUserPool"
    actions   = ["cognito-idp:ListUsers", "cognito-idp:AdminGetUser", "cognito-idp:AdminUserGlobalSignOut"]
    resources = [data.aws_cognito_user_pool.this.arn]
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
}

output "api_url" {
  description = "Address of the API."
  value       = module.rest_api.url
}
