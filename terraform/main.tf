data "aws_caller_identity" "current" {}

data "aws_partition" "current" {}

# The region of the provider, read without a call to AWS. data.aws_region has no attribute that exists in provider 5 and
# is not deprecated in provider 6.
data "aws_service" "cognito" {
  service_id = "cognito-idp"
}

locals {
  account   = data.aws_caller_identity.current.account_id
  partition = data.aws_partition.current.partition
  region    = data.aws_service.cognito.region

  own_pool = var.existing_user_pool_id == null

  # Unique in the region, and without the words that Cognito refuses there, which name may contain.
  unique_prefix = "login-${substr(sha256("${local.account}/${local.region}/${var.name}"), 0, 12)}"

  user_pool_id  = local.own_pool ? module.user_pool[0].id : var.existing_user_pool_id
  user_pool_arn = local.own_pool ? module.user_pool[0].arn : "arn:${local.partition}:cognito-idp:${local.region}:${local.account}:userpool/${var.existing_user_pool_id}"
  issuer        = local.own_pool ? module.user_pool[0].issuer : "https://cognito-idp.${local.region}.${data.aws_partition.current.dns_suffix}/${var.existing_user_pool_id}"
  issuers       = var.issuers == null ? [local.issuer] : var.issuers
  audiences     = distinct(concat(var.audiences, var.resource_url[*]))
  client_ids    = concat(local.own_pool ? module.user_pool[0].client_ids : [], var.client_ids)

  # Cognito's own scopes belong to no resource server.
  contract_scopes = setsubtract(module.build.scopes, ["aws.cognito.signin.user.admin", "email", "openid", "phone", "profile"])

  # A result that is valid for one route needs the route in the cache key.
  route_in_cache_key = module.build.per_route || var.http_response != "policy"
}

# What the build wrote. Nothing here reads the OpenAPI document.
module "build" {
  source = "./modules/build"

  path         = var.build_path
  architecture = var.architecture
  stage_name   = var.api_type == "rest" ? var.stage_name : "$default"
}

module "user_pool" {
  count  = local.own_pool ? 1 : 0
  source = "./modules/user-pool"

  name          = var.name
  domain_prefix = coalesce(var.domain_prefix, local.unique_prefix)

  scopes                = merge({ for scope in local.contract_scopes : scope => null }, var.scopes)
  groups                = merge({ for group in module.build.groups : group => null }, var.groups)
  web_client_scopes     = var.web_client_scopes
  machine_client_scopes = var.machine_client_scopes
  access_token_minutes  = var.access_token_minutes
  refresh_token_days    = var.refresh_token_days
  mfa                   = var.mfa
  self_sign_up          = var.self_sign_up
  callback_urls         = setunion(var.callback_urls, var.site_enabled ? [module.site[0].redirect_url] : [])
  logout_urls           = setunion(var.logout_urls, var.site_enabled ? [module.site[0].redirect_url] : [])
  deletion_protection   = var.deletion_protection
}

module "authorizer" {
  source = "./modules/authorizer"

  name            = "${var.name}-authorizer"
  zip_path        = module.build.authorizer_zip
  contract_digest = module.build.contract_digest

  issuers                   = length(var.further_issuers) > 0 ? [] : local.issuers
  client_ids                = length(var.further_issuers) > 0 ? [] : local.client_ids
  audiences                 = length(var.further_issuers) > 0 ? [] : local.audiences
  issuer_clients            = length(var.further_issuers) > 0 ? merge({ for issuer in local.issuers : issuer => { clients = local.client_ids, audiences = local.audiences } }, var.further_issuers) : {}
  groups_claims             = var.groups_claims
  context_claims            = var.context_claims
  token_use                 = var.token_use
  leeway_seconds            = var.leeway_seconds
  jwks                      = var.jwks
  http_response             = var.http_response == "simple" && var.result_ttl_seconds == 0 ? "simple-per-path" : var.http_response
  expire_cached_policies    = var.expire_cached_policies
  revocation_enabled        = var.revocation_enabled
  table_deletion_protection = var.deletion_protection
  table_kms_key_arn         = var.revocation_enabled ? var.kms_key_arn : null

  runtime                  = var.lambda_runtime
  architecture             = module.build.architecture
  memory_mb                = var.authorizer_memory_mb
  reserved_concurrency     = var.authorizer_reserved_concurrency
  alias                    = var.authorizer_alias
  vpc_config               = var.vpc_config
  kms_key_arn              = var.kms_key_arn
  role_path                = var.role_path
  permissions_boundary_arn = var.permissions_boundary_arn
  log_level                = var.log_level
  log_retention_days       = var.log_retention_days
  log_kms_key_arn          = var.log_kms_key_arn
  tracing                  = var.tracing
  alarm_topic_arn          = var.alarm_topic_arn
  latency_alarm_ms         = var.latency_alarm_ms
}

module "api" {
  source = "./modules/function"

  name        = "${var.name}-api"
  description = "The API behind the authorizer"
  zip_path    = module.build.api_zip

  environment = merge(
    {
      USER_POOL_ID    = local.user_pool_id
      ALLOWED_ORIGINS = join(",", var.cors.allowed_origins)
    },
    !var.revocation_enabled ? {} : {
      REVOCATIONS_TABLE = module.authorizer.revocations_table
      ISSUERS           = join(",", local.issuers)
    },
  )

  policy_statements = concat(
    [{
      sid       = "UseUserPool"
      actions   = ["cognito-idp:ListUsers", "cognito-idp:AdminGetUser", "cognito-idp:AdminUserGlobalSignOut"]
      resources = [local.user_pool_arn]
    }],
    !var.revocation_enabled ? [] : [{
      sid       = "Revoke" # a sign-out writes an entry, and can delete or read none
      actions   = ["dynamodb:UpdateItem"]
      resources = [module.authorizer.revocations_table_arn]
    }],
  )

  runtime                  = var.lambda_runtime
  architecture             = module.build.architecture
  reserved_concurrency     = var.api_reserved_concurrency
  vpc_config               = var.vpc_config
  kms_key_arn              = var.kms_key_arn
  role_path                = var.role_path
  permissions_boundary_arn = var.permissions_boundary_arn
  log_level                = var.log_level
  log_retention_days       = var.log_retention_days
  log_kms_key_arn          = var.log_kms_key_arn
  tracing                  = var.tracing
  alarm_topic_arn          = var.alarm_topic_arn
}

module "rest_api" {
  count  = var.api_type == "rest" ? 1 : 0
  source = "./modules/rest-api"

  name       = var.name
  stage_name = var.stage_name
  contract   = module.build.contract

  api_function_name             = module.api.name
  api_invoke_arn                = module.api.invoke_arn
  authorizer_function_name      = module.authorizer.name
  authorizer_function_qualifier = module.authorizer.qualifier
  authorizer_invoke_arn         = module.authorizer.invoke_arn

  authorizer_type    = var.authorizer_type
  identity_sources   = concat(["method.request.header.Authorization"], local.route_in_cache_key ? ["context.httpMethod", "context.resourcePath"] : [])
  result_ttl_seconds = var.result_ttl_seconds

  protected_resource           = var.resource_url == null ? null : { resource = var.resource_url, authorization_servers = concat(local.issuers, keys(var.further_issuers)) }
  cors                         = var.cors
  gateway_responses            = var.gateway_responses
  endpoint_type                = length(var.vpc_endpoint_ids) > 0 ? "PRIVATE" : "REGIONAL"
  vpc_endpoint_ids             = var.vpc_endpoint_ids
  domain                       = var.domain
  disable_execute_api_endpoint = var.disable_execute_api_endpoint
  web_acl_arn                  = var.web_acl_arn
  usage_plans                  = var.usage_plans
  throttling_rate              = var.throttling_rate
  throttling_burst             = var.throttling_burst

  log_retention_days       = var.log_retention_days
  log_kms_key_arn          = var.log_kms_key_arn
  manage_account_logging   = var.manage_account_logging
  permissions_boundary_arn = var.permissions_boundary_arn
  tracing                  = var.tracing
  alarm_topic_arn          = var.alarm_topic_arn
}

module "http_api" {
  count  = var.api_type == "http" ? 1 : 0
  source = "./modules/http-api"

  name     = var.name
  contract = module.build.contract

  api_function_name             = module.api.name
  api_invoke_arn                = module.api.invoke_arn
  authorizer_function_name      = module.authorizer.name
  authorizer_function_qualifier = module.authorizer.qualifier
  authorizer_invoke_arn         = module.authorizer.invoke_arn

  http_response      = var.http_response
  identity_sources   = concat(["$request.header.Authorization"], local.route_in_cache_key ? ["$context.routeKey"] : [], var.http_response == "simple-per-path" ? ["$context.path"] : [])
  result_ttl_seconds = var.result_ttl_seconds

  cors                         = var.cors
  domain                       = var.domain
  disable_execute_api_endpoint = var.disable_execute_api_endpoint
  throttling_rate              = var.throttling_rate
  throttling_burst             = var.throttling_burst

  log_retention_days = var.log_retention_days
  log_kms_key_arn    = var.log_kms_key_arn
  alarm_topic_arn    = var.alarm_topic_arn
}

# The page and, under /api, the API. Its URL is among the callback URLs of the client whose tokens the authorizer accepts,
# so nothing that its URL depends on may wait for the authorizer. Refer to single outputs here: a splat of a module waits
# for all of it.
module "site" {
  count  = var.site_enabled ? 1 : 0
  source = "./modules/site"

  name       = var.name
  files      = var.site_files
  contract   = module.build.contract
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
    error_message = "lambda_runtime is provided.al2, which AWS deprecated on 31 July 2026. It gets no more security patches, and AWS refuses new functions on it from 1 February 2027 and updates of existing ones from 3 March 2027. The same zips run on provided.al2023: remove lambda_runtime, or write lambda_runtime = \"provided.al2023\"."
  }
}

module "protection" {
  source = "./modules/protection"

  enabled = var.deletion_protection
  name    = var.name
  region  = local.region

  # Everything: Terraform destroys this module first, and stops there.
  depends_on = [module.user_pool, module.authorizer, module.api, module.rest_api, module.http_api, module.site, aws_cloudwatch_dashboard.this]
}
