# The most that a role of the deployment can do: what the functions do, and what API Gateway needs of the role by which it
# writes logs. That role writes logs of all REST APIs, so logs are not limited by name; whoever may merge can therefore read logs
# of this account. The deployment sets the ARN as permissions_boundary_arn.
# tfsec:ignore:aws-iam-no-policy-wildcards a boundary limits roles that do not exist yet
resource "aws_iam_policy" "boundary" {
  name        = "${var.name}-boundary-${local.region}"
  description = "The most that roles created by the pipeline of ${var.repository} may do"

  policy = jsonencode({
    Version = "2012-10-17"
    Statement = concat([
      {
        Sid    = "Log" # as in AmazonAPIGatewayPushToCloudWatchLogs
        Effect = "Allow"
        Action = [
          "logs:CreateLogGroup", "logs:CreateLogStream", "logs:DescribeLogGroups", "logs:DescribeLogStreams",
          "logs:FilterLogEvents", "logs:GetLogEvents", "logs:PutLogEvents",
        ]
        Resource = ["*"]
      },
      {
        Sid      = "Trace"
        Effect   = "Allow"
        Action   = ["xray:PutTelemetryRecords", "xray:PutTraceSegments"]
        Resource = ["*"]
      },
      {
        Sid      = "UsePools"
        Effect   = "Allow"
        Action   = ["cognito-idp:AdminGetUser", "cognito-idp:AdminUserGlobalSignOut", "cognito-idp:ListUsers"]
        Resource = [local.pools]
      },
      {
        Sid      = "UseTables"
        Effect   = "Allow"
        Action   = ["dynamodb:BatchGetItem", "dynamodb:UpdateItem"]
        Resource = [local.tables]
      },
      ],
      !var.functions_in_vpc ? [] : [{
        Sid    = "AttachToVPC" # network interfaces have no names that could be limited
        Effect = "Allow"
        Action = [
          "ec2:AssignPrivateIpAddresses", "ec2:CreateNetworkInterface", "ec2:DeleteNetworkInterface",
          "ec2:DescribeNetworkInterfaces", "ec2:DescribeSubnets", "ec2:UnassignPrivateIpAddresses",
        ]
        Resource = ["*"]
      }],
      length(var.kms_key_arns) == 0 ? [] : [{
        Sid      = "Decrypt"
        Effect   = "Allow"
        Action   = ["kms:Decrypt"]
        Resource = var.kms_key_arns
      }],
    )
  })

  tags = var.tags
}
