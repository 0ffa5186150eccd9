# What the pipeline needs before it can deploy: a way in without keys (OpenID Connect), two roles, a boundary for the
# roles that a deployment makes, and a place for the state. Applied once, by a person, with credentials of their own.

data "aws_caller_identity" "current" {}

data "aws_partition" "current" {}

data "aws_region" "current" {}

locals {
  account   = data.aws_caller_identity.current.account_id
  partition = data.aws_partition.current.partition
  region    = data.aws_region.current.id

  github       = "token.actions.githubusercontent.com"
  provider_arn = coalesce(var.oidc_provider_arn, "arn:${local.partition}:iam::${local.account}:oidc-provider/${local.github}")

  # GitHub names a repository in one of two ways, and changes to the second when an older one is renamed or moved. No
  # name can hold an @, so the second cannot be anybody else's. The first can become somebody else's with the name, so
  # where the number is known it must be right in either case.
  # https://docs.github.com/actions/reference/security/oidc
  owner_and_name = split("/", var.repository)
  repositories = concat(
    [var.repository],
    var.repository_id == null ? [] : ["${local.owner_and_name[0]}@${var.owner_id}/${local.owner_and_name[1]}@${var.repository_id}"],
  )
  this_repository = var.repository_id == null ? {} : { "${local.github}:repository_id" = var.repository_id }

  # Whose tokens make somebody which role. A pull request reads. Only a job of the environment writes, and only on the
  # branch: any branch can name the environment, and who forgets the environment's branch rule is still safe.
  # https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_iam-condition-keys.html
  trusted = {
    plan = {
      "${local.github}:sub" = flatten([for repository in local.repositories : ["repo:${repository}:pull_request", "repo:${repository}:ref:refs/heads/${var.branch}"]])
    }
    deploy = {
      "${local.github}:sub" = [for repository in local.repositories : "repo:${repository}:environment:${var.environment}"]
      "${local.github}:ref" = "refs/heads/${var.branch}"
    }
  }
}

resource "aws_iam_openid_connect_provider" "github" {
  count = var.oidc_provider_arn == null ? 1 : 0

  url            = "https://${local.github}"
  client_id_list = ["sts.amazonaws.com"]

  # AWS trusts GitHub by its certificate authority and does not look at this, but older providers ask for a value.
  thumbprint_list = ["6938fd4d98bab03faadb97b34396831e3780aea1"]

  tags = var.tags
}

resource "aws_iam_role" "this" {
  for_each = local.trusted

  name                 = "${var.name}-${each.key}"
  description          = "GitHub Actions of ${var.repository}: ${each.key}"
  max_session_duration = 3600

  assume_role_policy = jsonencode({
    Version = "2012-10-17"
    Statement = [{
      Effect    = "Allow"
      Action    = "sts:AssumeRoleWithWebIdentity"
      Principal = { Federated = local.provider_arn }
      Condition = {
        StringEquals = merge({ "${local.github}:aud" = "sts.amazonaws.com" }, local.this_repository, each.value)
      }
    }]
  })

  tags = var.tags

  depends_on = [aws_iam_openid_connect_provider.github]
}

# What both roles read is one policy of its own, since a role takes 10,240 characters of inline policies in all.
resource "aws_iam_policy" "read" {
  name        = "${var.name}-read"
  description = "What the pipeline of ${var.repository} reads"
  policy      = jsonencode({ Version = "2012-10-17", Statement = local.read })

  tags = var.tags
}

resource "aws_iam_role_policy_attachment" "read" {
  for_each = aws_iam_role.this

  role       = each.value.name
  policy_arn = aws_iam_policy.read.arn
}

resource "aws_iam_role_policy" "plan" {
  name   = "keep-plans"
  role   = aws_iam_role.this["plan"].id
  policy = jsonencode({ Version = "2012-10-17", Statement = local.keep_plans })
}

# Three policies, because a person reads short ones better.
resource "aws_iam_role_policy" "deploy" {
  for_each = { write = local.write, roles = local.write_roles, state = local.write_state }

  name   = each.key
  role   = aws_iam_role.this["deploy"].id
  policy = jsonencode({ Version = "2012-10-17", Statement = each.value })
}
