# The sample API for the users of an existing pool. Nothing of the pool is changed.

data "aws_cognito_user_pool" "this" {
  user_pool_id = var.user_pool_id
}

data "aws_partition" "current" {}

# The region of the provider, read without a call to AWS.
data "aws_service" "cognito" {
  service_id = "cognito-idp"
}

# tflint-ignore: terraform_unused_declarations # read for its postcondition
data "aws_cognito_user_groups" "this" {
  user_pool_id = var.user_pool_id

  lifecycle {
    # A misspelled group would refuse everybody.
    postcondition {
      condition     = length(setsubtract(module.build.groups, self.groups[*].group_name)) == 0
      error_message = "The contract names groups that the pool does not have: ${join(", ", setsubtract(module.build.groups, self.groups[*].group_name))}."
    }
  }
}

module "build" {
  source = "../../modules/build"

  path = var.build_path
}

module "authorizer" {
  source = "../../modules/authorizer"

  name            = "user-directory-authorizer"
  zip_path        = module.build.authorizer_zip
  contract_digest = module.build.contract_digest
  architecture    = module.build.architecture
  issuers         = ["https://cognito-idp.${data.aws_service.cognito.region}.${data.aws_partition.current.dns_suffix}/${var.user_pool_id}"]
  client_ids      = var.client_ids
}

module "api" {
  source = "../../modules/function"

  name         = "user-directory-api"
  zip_path     = module.build.api_zip
  architecture = module.build.architecture
  environment  = { USER_POOL_ID = var.user_pool_id, ALLOWED_ORIGINS = "" }

  policy_statements = [{
    sid       = "UseUserPool"
    actions   = ["cognito-idp:ListUsers", "cognito-idp:AdminGetUser", "cognito-idp:AdminUserGlobalSignOut"]
    resources = [data.aws_cognito_user_pool.this.arn]
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
}

output "api_url" {
  description = "URL of the API."
  value       = module.rest_api.url
}
