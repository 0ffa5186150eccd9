data "aws_caller_identity" "current" {}

data "aws_partition" "current" {}

data "aws_region" "current" {}

locals {
  own_pool = var.existing_user_pool_id == null

  # Unique in the region, and with none of the words that Cognito refuses there, which name may hold.
  unique_prefix = "login-${substr(sha256("${data.aws_caller_identity.current.account_id}/${data.aws_region.current.id}/${var.name}"), 0, 12)}"

  user_pool_id  = local.own_pool ? module.user_pool[0].id : var.existing_user_pool_id
  user_pool_arn = local.own_pool ? module.user_pool[0].arn : "arn:${data.aws_partition.current.partition}:cognito-idp:${data.aws_region.current.id}:${data.aws_caller_identity.current.account_id}:userpool/${var.existing_user_pool_id}"
  issuer        = local.own_pool ? module.user_pool[0].issuer : "https://cognito-idp.${data.aws_region.current.id}.${data.aws_partition.current.dns_suffix}/${var.existing_user_pool_id}"
  issuers       = var.issuers == null ? [local.issuer] : var.issuers
  client_ids    = concat(local.own_pool ? module.user_pool[0].client_ids : [], var.client_ids)

  openapi   = file(var.openapi_path)
  per_route = try(yamldecode(local.openapi)["x-authorizer-caching"], "") == "route"
}

module "user_pool" {
  count  = local.own_pool ? 1 : 0
  source = "./modules/user-pool"

  name          = var.name
  domain_prefix = coalesce(var.domain_prefix, local.unique_prefix)

  access_token_minutes   = var.access_token_minutes
  refresh_token_days     = var.refresh_token_days
  mfa                    = var.mfa
  self_sign_up           = var.self_sign_up
  callback_urls          = setunion(var.callback_urls, var.site_enabled ? [module.site[0].redirect_url] : [])
  logout_urls            = setunion(var.logout_urls, var.site_enabled ? [module.site[0].redirect_url] : [])
  web_client_scopes      = var.web_client_scopes
  machine_client_enabled = var.machine_client_enabled
  deletion_protection    = var.deletion_protection
}

module "authorizer" {
  source = "./modules/authorizer"

  name     = "${var.name}-authorizer"
  zip_path = var.authorizer_zip

  issuers                = local.issuers
  client_ids             = local.client_ids
  token_use              = var.token_use
  leeway_seconds         = var.leeway_seconds
  jwks                   = var.jwks
  http_response          = var.http_response
  expire_cached_policies = var.expire_cached_policies
  revocation_enabled     = var.revocation_enabled

  runtime                  = var.lambda_runtime
  architecture             = var.architecture
  memory_mb                = var.authorizer_memory_mb
  permissions_boundary_arn = var.permissions_boundary_arn
  log_level                = var.log_level
  log_retention_days       = var.log_retention_days
  tracing                  = var.tracing
  alarm_topic_arn          = var.alarm_topic_arn
  latency_alarm_ms         = var.latency_alarm_ms
}

module "api" {
  source = "./modules/function"

  name        = "${var.name}-api"
  description = "The API behind the authorizer"
  zip_path    = var.api_zip

  environment = {
    USER_POOL_ID    = local.user_pool_id
    ALLOWED_ORIGINS = join(",", var.allowed_origins)
  }

  policy_statements = [{
    sid       = "UseUserPool"
    actions   = ["cognito-idp:ListUsers", "cognito-idp:AdminGetUser", "cognito-idp:AdminUserGlobalSignOut"]
    resources = [local.user_pool_arn]
  }]

  runtime                  = var.lambda_runtime
  architecture             = var.architecture
  permissions_boundary_arn = var.permissions_boundary_arn
  log_level                = var.log_level
  log_retention_days       = var.log_retention_days
  tracing                  = var.tracing
  alarm_topic_arn          = var.alarm_topic_arn
}

module "rest_api" {
  count  = var.api_type == "rest" ? 1 : 0
  source = "./modules/rest-api"

  name                     = var.name
  stage_name               = var.stage_name
  openapi                  = local.openapi
  api_function_name        = module.api.name
  api_invoke_arn           = module.api.invoke_arn
  authorizer_function_name = module.authorizer.name
  authorizer_invoke_arn    = module.authorizer.invoke_arn

  authorizer_type    = var.authorizer_type
  identity_sources   = concat(["method.request.header.Authorization"], local.per_route ? ["context.httpMethod", "context.resourcePath"] : [])
  result_ttl_seconds = var.result_ttl_seconds
  allowed_origins    = var.allowed_origins

  throttling_rate          = var.throttling_rate
  throttling_burst         = var.throttling_burst
  log_retention_days       = var.log_retention_days
  manage_account_logging   = var.manage_account_logging
  permissions_boundary_arn = var.permissions_boundary_arn
  tracing                  = var.tracing
  alarm_topic_arn          = var.alarm_topic_arn
}

module "http_api" {
  count  = var.api_type == "http" ? 1 : 0
  source = "./modules/http-api"

  name                     = var.name
  openapi                  = local.openapi
  api_function_name        = module.api.name
  api_invoke_arn           = module.api.invoke_arn
  authorizer_function_name = module.authorizer.name
  authorizer_invoke_arn    = module.authorizer.invoke_arn

  http_response      = var.http_response
  identity_sources   = concat(["$request.header.Authorization"], local.per_route || var.http_response == "simple" ? ["$context.routeKey"] : [])
  result_ttl_seconds = var.result_ttl_seconds
  allowed_origins    = var.allowed_origins

  throttling_rate    = var.throttling_rate
  throttling_burst   = var.throttling_burst
  log_retention_days = var.log_retention_days
  alarm_topic_arn    = var.alarm_topic_arn
}

# The page and, under /api, the API. Its address is among the callback URLs of the client whose tokens the authorizer
# accepts, so nothing that its address depends on may wait for the authorizer. Refer to single outputs here:
# a splat of a module waits for all of it.
module "site" {
  count  = var.site_enabled ? 1 : 0
  source = "./modules/site"

  name       = var.name
  files      = var.site_files
  openapi    = local.openapi
  api_origin = var.api_type == "rest" ? module.rest_api[0].origin : module.http_api[0].origin

  issuer    = local.issuers[0]
  client_id = local.own_pool ? module.user_pool[0].web_client_id : var.client_ids[0]
  login_url = local.own_pool ? module.user_pool[0].domain_url : var.existing_login_url
  scopes    = var.web_client_scopes

  domain_name     = var.site_domain_name
  certificate_arn = var.site_certificate_arn
}

check "runtime_is_supported" {
  assert {
    condition     = var.lambda_runtime != "provided.al2"
    error_message = "lambda_runtime is provided.al2, which AWS deprecated on 31 July 2026: it gets no more security patches, AWS is reported to refuse new functions on it from 1 February 2027 and changes to old ones from 3 March 2027. The same zips run on provided.al2023: write lambda_runtime = \"provided.al2023\"."
  }
}
