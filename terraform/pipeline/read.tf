# What both roles read: the state, and the configuration of everything that was deployed. Neither reads users, sessions or
# logs. The clients of a user pool are read with their secrets, since Terraform keeps them in the state.

locals {
  read = [
    {
      Sid      = "FindState" # without it a missing key looks like a refused one
      Effect   = "Allow"
      Action   = ["s3:ListBucket"]
      Resource = [local.bucket_arn]
    },
    {
      Sid      = "ReadState"
      Effect   = "Allow"
      Action   = ["s3:GetObject"]
      Resource = [local.state]
    },
    {
      Sid    = "ReadFunctions"
      Effect = "Allow"
      Action = [
        "lambda:GetAlias", "lambda:GetFunction", "lambda:GetFunctionCodeSigningConfig", "lambda:GetFunctionConfiguration", "lambda:GetPolicy",
        "lambda:GetProvisionedConcurrencyConfig", "lambda:ListTags", "lambda:ListVersionsByFunction",
      ]
      Resource = [local.functions]
    },
    {
      Sid    = "ReadRoles"
      Effect = "Allow"
      Action = [
        "iam:GetRole", "iam:GetRolePolicy", "iam:ListAttachedRolePolicies", "iam:ListInstanceProfilesForRole",
        "iam:ListRolePolicies", "iam:ListRoleTags",
      ]
      Resource = [local.roles]
    },
    {
      Sid    = "ReadPools"
      Effect = "Allow"
      Action = [
        "cognito-idp:DescribeResourceServer", "cognito-idp:DescribeUserPool", "cognito-idp:DescribeUserPoolClient",
        "cognito-idp:GetGroup", "cognito-idp:GetUserPoolMfaConfig", "cognito-idp:ListGroups", "cognito-idp:ListTagsForResource",
      ]
      Resource = [local.pools]
    },
    {
      Sid      = "ReadAPIs"
      Effect   = "Allow"
      Action   = ["apigateway:GET"]
      Resource = local.apis
    },
    {
      Sid      = "ReadTables"
      Effect   = "Allow"
      Action   = ["dynamodb:DescribeContinuousBackups", "dynamodb:DescribeTable", "dynamodb:DescribeTimeToLive", "dynamodb:ListTagsOfResource"]
      Resource = [local.tables]
    },
    {
      Sid      = "ReadAlarms"
      Effect   = "Allow"
      Action   = ["cloudwatch:GetDashboard", "cloudwatch:ListTagsForResource"]
      Resource = [local.alarms, local.dashboards]
    },
    {
      Sid      = "ReadLogGroups"
      Effect   = "Allow"
      Action   = ["logs:ListTagsForResource"]
      Resource = local.log_groups
    },
    {
      Sid      = "ReadSite" # a public page
      Effect   = "Allow"
      Action   = ["s3:Get*", "s3:ListBucket"]
      Resource = [local.site, "${local.site}/*"]
    },
    {
      Sid    = "ReadDistributions"
      Effect = "Allow"
      Action = [
        "cloudfront:DescribeFunction", "cloudfront:GetDistribution", "cloudfront:GetFunction",
        "cloudfront:GetOriginAccessControl", "cloudfront:GetResponseHeadersPolicy", "cloudfront:ListTagsForResource",
      ]
      Resource = concat(local.distributions, [local.site_code])
    },
    {
      Sid      = "ReadWhatHasNoName"
      Effect   = "Allow"
      Action   = ["cloudwatch:DescribeAlarms", "cognito-idp:DescribeUserPoolDomain", "logs:DescribeLogGroups", "logs:DescribeQueryDefinitions", "wafv2:GetWebACLForResource"]
      Resource = ["*"]
    },
  ]

  # The plan role cannot read a stored plan, its own or another run's.
  keep_plans = [{
    Sid      = "KeepPlans"
    Effect   = "Allow"
    Action   = ["s3:PutObject"]
    Resource = [local.kept_plans]
  }]
}
