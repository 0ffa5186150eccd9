output "plan_role_arn" {
  description = "The repository's variable AWS_PLAN_ROLE_ARN."
  value       = aws_iam_role.this["plan"].arn
}

output "deploy_role_arn" {
  description = "The repository's variable AWS_DEPLOY_ROLE_ARN."
  value       = aws_iam_role.this["deploy"].arn
}

output "state_bucket" {
  description = "The repository's variable STATE_BUCKET."
  value       = aws_s3_bucket.state.bucket
}

output "state_key" {
  description = "The repository's variable STATE_KEY."
  value       = var.state_key
}

output "region" {
  description = "The repository's variable AWS_REGION."
  value       = local.region
}

output "repository_variables" {
  description = "All five, one per line, as `gh variable set --env-file -` reads them."
  value       = <<-ENV
    AWS_REGION=${local.region}
    AWS_PLAN_ROLE_ARN=${aws_iam_role.this["plan"].arn}
    AWS_DEPLOY_ROLE_ARN=${aws_iam_role.this["deploy"].arn}
    STATE_BUCKET=${aws_s3_bucket.state.bucket}
    STATE_KEY=${var.state_key}
  ENV
}

output "permissions_boundary_arn" {
  description = "The deployment's setting permissions_boundary_arn: without it the deploy role may create no role."
  value       = aws_iam_policy.boundary.arn
}
