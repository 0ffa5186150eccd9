# The names that this project gives, as the policies write them. The deployment's name stands at the beginning of each.
# Where AWS makes the name up (user pools, APIs, distributions) the limit is the account and, but for CloudFront, the
# region.

locals {
  arn  = "arn:${local.partition}"
  here = "${local.region}:${local.account}"

  functions  = "${local.arn}:lambda:${local.here}:function:${var.name}-*"
  roles      = "${local.arn}:iam::${local.account}:role/${var.name}-*"
  boundary   = "${local.arn}:iam::${local.account}:policy/${var.name}-boundary"
  alarms     = "${local.arn}:cloudwatch:${local.here}:alarm:${var.name}-*"
  dashboards = "${local.arn}:cloudwatch::${local.account}:dashboard/${var.name}-*"
  tables     = "${local.arn}:dynamodb:${local.here}:table/${var.name}-*"
  site       = "${local.arn}:s3:::${var.name}-site-*"
  log_groups = flatten([
    for group in ["/aws/lambda/${var.name}-*", "/aws/apigateway/${var.name}/*"] : [
      "${local.arn}:logs:${local.here}:log-group:${group}", "${local.arn}:logs:${local.here}:log-group:${group}:*",
    ]
  ])

  pools         = "${local.arn}:cognito-idp:${local.here}:userpool/*"
  apis          = [for path in ["account", "apis", "apis/*", "restapis", "restapis/*", "tags/*"] : "${local.arn}:apigateway:${local.region}::/${path}"]
  site_code     = "${local.arn}:cloudfront::${local.account}:function/${var.name}-*"
  distributions = [for kind in ["distribution", "origin-access-control", "response-headers-policy"] : "${local.arn}:cloudfront::${local.account}:${kind}/*"]

  # The roles of this stack begin with the same name as those that the deploy role may change.
  own_roles = [for role in keys(local.trusted) : "${local.arn}:iam::${local.account}:role/${var.name}-${role}"]

  bucket      = coalesce(var.state_bucket, "${var.name}-state-${local.account}-${local.region}")
  bucket_arn  = "${local.arn}:s3:::${local.bucket}"
  state       = "${local.bucket_arn}/${var.state_key}"
  lock        = "${local.state}.tflock" # the lock file, by use_lockfile
  kept_plans  = "${local.bucket_arn}/plans/*"
  ended_token = "${local.bucket_arn}/smoke/*"
}
