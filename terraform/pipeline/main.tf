# What the pipeline needs before it can deploy: trust in GitHub's OpenID Connect tokens, two roles, a permissions boundary for
# roles of the deployment, and a bucket for the state. An administrator applies it once.

data "aws_caller_identity" "current" {}

data "aws_partition" "current" {}

# The region of the provider, read without a call to AWS.
data "aws_service" "s3" {
  service_id = "s3"
}

locals {
  account   = data.aws_caller_identity.current.account_id
  partition = data.aws_partition.current.partition
  region    = data.aws_service.s3.region

  github       = "token.actions.githubusercontent.com"
  provider_arn = coalesce(var.oidc_provider_arn, "arn:${local.partition}:iam::${local.account}:oidc-provider/${local.github}")

  # GitHub has two forms of a repository's name in subjects, and changes to the second when an older repository is renamed
  # or moved. A name cannot contain @, so the second form is unique. The first can pass to somebody else with the name, so the
  # id is compared in both cases if it is known.
  # https://docs.github.com/actions/reference/security/oidc
  owner_and_name = split("/", var.repository)
  repositories = concat(
    [var.repository],
    var.repository_id == null ? [] : ["${local.owner_and_name[0]}@${var.owner_id}/${local.owner_and_name[1]}@${var.repository_id}"],
  )
  this_repository = var.repository_id == null ? {} : { "${local.github}:repository_id" = var.repository_id }

  # Which tokens may assume which role. A pull request reads. Only a job of the environment writes, and only on the branch:
  # any branch can name the environment, and its branch rule may be missing.
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

  # AWS verifies GitHub by its certificate authority and ignores this, but older providers require a value.
  thumbprint_list = ["6938fd4d98bab03faadb97b34396831e3780aea1"]

  tags = var.tags
}

resource "aws_iam_role" "this" {
  for_each = local.trusted

  name                 = "${var.name}-${each.key}-${local.region}" # IAM is global
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

# A managed policy, since the inline policies of a role have at most 10,240 characters together.
# tfsec:ignore:aws-iam-no-policy-wildcards resources are named by a prefix, and some ARNs hold only IDs
resource "aws_iam_policy" "read" {
  name        = "${var.name}-read-${local.region}"
  description = "What the pipeline of ${var.repository} may read"
  policy      = jsonencode({ Version = "2012-10-17", Statement = local.read })

  tags = var.tags
}

resource "aws_iam_role_policy_attachment" "read" {
  for_each = aws_iam_role.this

  role       = each.value.name
  policy_arn = aws_iam_policy.read.arn
}

# tfsec:ignore:aws-iam-no-policy-wildcards every plan has an object of its own
resource "aws_iam_role_policy" "plan" {
  name   = "keep-plans"
  role   = aws_iam_role.this["plan"].id
  policy = jsonencode({ Version = "2012-10-17", Statement = local.keep_plans })
}

# Three policies, because short ones are easier to review.
# tfsec:ignore:aws-iam-no-policy-wildcards see above
resource "aws_iam_role_policy" "deploy" {
  for_each = { write = local.write, roles = local.write_roles, state = local.write_state }

  name   = each.key
  role   = aws_iam_role.this["deploy"].id
  policy = jsonencode({ Version = "2012-10-17", Statement = each.value })
}
