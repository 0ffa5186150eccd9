# ARNs of everything that a deployment creates, for the policies. Names begin with the deployment's name, and those of global
# services end with the region. User pools, APIs and distributions have ids that AWS chooses: there the limit is the account
# and, except for CloudFront, the region.

locals {
  arn  = "arn:${local.partition}"
  here = "${local.region}:${local.account}"

  functions  = "${local.arn}:lambda:${local.here}:function:${var.name}-*"
  roles      = "${local.arn}:iam::${local.account}:role/${var.name}-*-${local.region}"
  boundary   = "${local.arn}:iam::${local.account}:policy/${var.name}-boundary-${local.region}"
  alarms     = "${local.arn}:cloudwatch:${local.here}:alarm:${var.name}-*"
  dashboards = "${local.arn}:cloudwatch::${local.account}:dashboard/${var.name}-${local.region}"
  tables     = "${local.arn}:dynamodb:${local.here}:table/${var.name}-*"
  site       = "${local.arn}:s3:::${var.name}-site-*"
  log_groups = flatten([
    for group in ["/aws/lambda/${var.name}-*", "/aws/apigateway/${var.name}/*"] : [
      "${local.arn}:logs:${local.here}:log-group:${group}", "${local.arn}:logs:${local.here}:log-group:${group}:*",
    ]
  ])

  pools         = "${local.arn}:cognito-idp:${local.here}:userpool/*"
  apis          = [for path in ["account", "apikeys", "apikeys/*", "apis", "apis/*", "domainnames", "domainnames/*", "restapis", "restapis/*", "tags/*", "usageplans", "usageplans/*"] : "${local.arn}:apigateway:${local.region}::/${path}"]
  site_code     = "${local.arn}:cloudfront::${local.account}:function/${var.name}-*-${local.region}"
  distributions = [for kind in ["distribution", "origin-access-control", "response-headers-policy"] : "${local.arn}:cloudfront::${local.account}:${kind}/*"]

  web_acls = "${local.arn}:wafv2:${local.here}:regional/webacl/*"

  # The names of this stack's roles match the pattern of those that the deploy role may change.
  own_roles = [for role in keys(local.trusted) : "${local.arn}:iam::${local.account}:role/${var.name}-${role}-${local.region}"]

  bucket        = coalesce(var.state_bucket, "${var.name}-state-${local.account}-${local.region}")
  bucket_arn    = "${local.arn}:s3:::${local.bucket}"
  state         = "${local.bucket_arn}/${var.state_key}"
  lock          = "${local.state}.tflock" # the lock file, by use_lockfile
  kept_plans    = "${local.bucket_arn}/plans/*"
  expired_token = "${local.bucket_arn}/smoke/*"
}
