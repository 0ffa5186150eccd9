# What the deploy role may change. It cannot delete what cannot be restored: no user pool, no table, no version of the
# state.

locals {
  write_state = [
    {
      Sid      = "WriteState"
      Effect   = "Allow"
      Action   = ["s3:PutObject"]
      Resource = [local.state]
    },
    {
      Sid      = "LockState"
      Effect   = "Allow"
      Action   = ["s3:DeleteObject", "s3:GetObject", "s3:PutObject"]
      Resource = [local.lock]
    },
    {
      Sid      = "GetKeptPlan"
      Effect   = "Allow"
      Action   = ["s3:GetObject", "s3:GetObjectVersion"]
      Resource = [local.kept_plans]
    },
    {
      Sid      = "KeepExpiredToken"
      Effect   = "Allow"
      Action   = ["s3:GetObject", "s3:PutObject"]
      Resource = [local.expired_token]
    },
  ]

  # A role may be created, and its permissions changed, only with the boundary on it, so no role created here can do more than
  # the boundary allows. Trust policies of existing roles cannot be changed at all: IAM has no such condition for them, and a
  # role that somebody else created with a matching name may have no boundary.
  # https://docs.aws.amazon.com/IAM/latest/UserGuide/access_policies_boundaries.html
  write_roles = [
    {
      Sid    = "WriteRolesInsideBoundary"
      Effect = "Allow"
      Action = [
        "iam:AttachRolePolicy", "iam:CreateRole", "iam:DeleteRolePolicy", "iam:DetachRolePolicy",
        "iam:PutRolePermissionsBoundary", "iam:PutRolePolicy",
      ]
      Resource  = [local.roles]
      Condition = { StringEquals = { "iam:PermissionsBoundary" = local.boundary } }
    },
    {
      Sid      = "WriteRoles"
      Effect   = "Allow"
      Action   = ["iam:DeleteRole", "iam:TagRole", "iam:UntagRole", "iam:UpdateRole", "iam:UpdateRoleDescription"]
      Resource = [local.roles]
    },
    {
      Sid       = "PassRoles"
      Effect    = "Allow"
      Action    = ["iam:PassRole"]
      Resource  = [local.roles]
      Condition = { StringEquals = { "iam:PassedToService" = ["apigateway.amazonaws.com", "lambda.amazonaws.com"] } }
    },
    {
      Sid      = "LeaveThePipelineAlone" # a Deny, because the names of these two match the pattern above
      Effect   = "Deny"
      Action   = ["iam:*", "sts:AssumeRole"]
      Resource = local.own_roles
    },
  ]

  write = concat([
    {
      Sid    = "WriteFunctions"
      Effect = "Allow"
      Action = [
        "lambda:AddPermission", "lambda:CreateAlias", "lambda:CreateFunction", "lambda:DeleteAlias", "lambda:DeleteFunction",
        "lambda:DeleteFunctionConcurrency", "lambda:DeleteProvisionedConcurrencyConfig", "lambda:PublishVersion",
        "lambda:PutFunctionConcurrency", "lambda:PutProvisionedConcurrencyConfig", "lambda:RemovePermission", "lambda:TagResource",
        "lambda:UntagResource", "lambda:UpdateAlias", "lambda:UpdateFunctionCode", "lambda:UpdateFunctionConfiguration",
      ]
      Resource = [local.functions]
    },
    {
      Sid      = "MakePools"
      Effect   = "Allow"
      Action   = ["cognito-idp:CreateUserPool"]
      Resource = ["*"]
    },
    {
      Sid    = "WritePools"
      Effect = "Allow"
      Action = [
        "cognito-idp:CreateGroup", "cognito-idp:CreateResourceServer", "cognito-idp:CreateUserPoolClient", "cognito-idp:CreateUserPoolDomain",
        "cognito-idp:DeleteGroup", "cognito-idp:DeleteResourceServer", "cognito-idp:DeleteUserPoolClient", "cognito-idp:DeleteUserPoolDomain",
        "cognito-idp:SetUserPoolMfaConfig", "cognito-idp:TagResource", "cognito-idp:UntagResource",
        "cognito-idp:UpdateGroup", "cognito-idp:UpdateResourceServer", "cognito-idp:UpdateUserPool", "cognito-idp:UpdateUserPoolClient", "cognito-idp:UpdateUserPoolDomain",
      ]
      Resource = [local.pools]
    },
    {
      Sid      = "MakePeopleForTheSmokeTest"
      Effect   = "Allow"
      Action   = ["cognito-idp:AdminAddUserToGroup", "cognito-idp:AdminCreateUser", "cognito-idp:AdminDeleteUser", "cognito-idp:AdminSetUserPassword"]
      Resource = [local.pools]
    },
    {
      Sid      = "WriteAPIs"
      Effect   = "Allow"
      Action   = ["apigateway:DELETE", "apigateway:PATCH", "apigateway:POST", "apigateway:PUT", "apigateway:TagResource", "apigateway:UntagResource"]
      Resource = local.apis
    },
    {
      Sid      = "WriteTables"
      Effect   = "Allow"
      Action   = ["dynamodb:CreateTable", "dynamodb:TagResource", "dynamodb:UntagResource", "dynamodb:UpdateContinuousBackups", "dynamodb:UpdateTable", "dynamodb:UpdateTimeToLive"]
      Resource = [local.tables]
    },
    {
      Sid    = "WriteAlarms"
      Effect = "Allow"
      Action = [
        "cloudwatch:DeleteAlarms", "cloudwatch:DeleteDashboards", "cloudwatch:PutDashboard", "cloudwatch:PutMetricAlarm",
        "cloudwatch:TagResource", "cloudwatch:UntagResource",
      ]
      Resource = [local.alarms, local.dashboards]
    },
    {
      Sid      = "WriteLogGroups"
      Effect   = "Allow"
      Action   = ["logs:AssociateKmsKey", "logs:CreateLogGroup", "logs:DeleteLogGroup", "logs:DisassociateKmsKey", "logs:DeleteRetentionPolicy", "logs:PutRetentionPolicy", "logs:TagResource", "logs:UntagResource"]
      Resource = local.log_groups
    },
    {
      Sid      = "WriteQueries" # saved queries have no ARN
      Effect   = "Allow"
      Action   = ["logs:DeleteQueryDefinition", "logs:PutQueryDefinition"]
      Resource = ["*"]
    },
    {
      Sid      = "AssociateWebACL"
      Effect   = "Allow"
      Action   = ["apigateway:SetWebACL", "wafv2:AssociateWebACL", "wafv2:DisassociateWebACL", "wafv2:GetWebACL"]
      Resource = concat(local.apis, [local.web_acls])
    },
    {
      Sid    = "WriteSite" # all of it comes from the repository, so it may be deleted
      Effect = "Allow"
      Action = [
        "s3:CreateBucket", "s3:DeleteBucket", "s3:DeleteBucketPolicy", "s3:DeleteObject", "s3:DeleteObjectVersion", "s3:ListBucketVersions",
        "s3:PutBucketOwnershipControls", "s3:PutBucketPolicy", "s3:PutBucketPublicAccessBlock", "s3:PutBucketTagging",
        "s3:PutObject", "s3:PutObjectTagging",
      ]
      Resource = [local.site, "${local.site}/*"]
    },
    {
      Sid    = "WriteDistributions"
      Effect = "Allow"
      Action = [
        "cloudfront:CreateDistribution", "cloudfront:CreateInvalidation", "cloudfront:CreateOriginAccessControl", "cloudfront:CreateResponseHeadersPolicy",
        "cloudfront:DeleteDistribution", "cloudfront:DeleteOriginAccessControl", "cloudfront:DeleteResponseHeadersPolicy",
        "cloudfront:TagResource", "cloudfront:UntagResource",
        "cloudfront:UpdateDistribution", "cloudfront:UpdateOriginAccessControl", "cloudfront:UpdateResponseHeadersPolicy",
      ]
      Resource = local.distributions
    },
    {
      Sid      = "WriteSiteCode"
      Effect   = "Allow"
      Action   = ["cloudfront:CreateFunction", "cloudfront:DeleteFunction", "cloudfront:PublishFunction", "cloudfront:UpdateFunction"]
      Resource = [local.site_code]
    },
    {
      # https://docs.aws.amazon.com/AmazonCloudWatch/latest/logs/AWS-logs-and-resource-policy.html
      Sid    = "DeliverAccessLogs" # of an HTTP API, which API Gateway configures with the credentials of whoever creates the stage
      Effect = "Allow"
      Action = [
        "logs:CreateLogDelivery", "logs:DeleteLogDelivery", "logs:DescribeResourcePolicies", "logs:GetLogDelivery",
        "logs:ListLogDeliveries", "logs:PutResourcePolicy", "logs:UpdateLogDelivery",
      ]
      Resource = ["*"]
    },
    ],
    !var.functions_in_vpc ? [] : [{
      Sid      = "FindVPC"
      Effect   = "Allow"
      Action   = ["ec2:DescribeSecurityGroups", "ec2:DescribeSubnets", "ec2:DescribeVpcs"]
      Resource = ["*"]
    }],
    length(var.kms_key_arns) == 0 ? [] : [{
      Sid      = "UseKeys"
      Effect   = "Allow"
      Action   = ["kms:CreateGrant", "kms:Decrypt", "kms:DescribeKey", "kms:Encrypt", "kms:GenerateDataKey"]
      Resource = var.kms_key_arns
    }],
  )
}
