# The most that a role made by the pipeline can ever do: what the functions do, and what API Gateway asks of the role with
# which it writes logs. That role writes those of all REST APIs, so logs are not limited by name; whoever may merge may
# therefore read logs of this account. The ARN goes to the deployment as permissions_boundary_arn.
resource "aws_iam_policy" "boundary" {
  name        = "${var.name}-boundary"
  description = "The most that roles made by the pipeline of ${var.repository} may do"

  policy = jsonencode({
    Version = "2012-10-17"
    Statement = [
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
        Sid      = "ReadTables"
        Effect   = "Allow"
        Action   = ["dynamodb:BatchGetItem"]
        Resource = [local.tables]
      },
    ]
  })

  tags = var.tags
}
