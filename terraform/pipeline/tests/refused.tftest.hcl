# What would trust more than one repository, branch or environment, or could not work, is refused before anything is made.

mock_provider "aws" {
  mock_data "aws_service" {
    defaults = { region = "ap-southeast-1" }
  }
  mock_data "aws_partition" {
    defaults = { partition = "aws" }
  }
  mock_data "aws_caller_identity" {
    defaults = { account_id = "111122223333" }
  }
}

variables {
  repository = "example/user-directory"
}

run "a_bucket_name_that_becomes_too_long_is_refused" {
  command = plan

  variables {
    name = "a-deployment-with-a-very-long-name-of-40"
  }

  expect_failures = [aws_s3_bucket.state]
}

# Each variable below is refused. They share runs, since each run loads the provider again, which takes most of the time.

run "refused_1" {
  command = plan

  variables {
    # a pattern of repositories is refused
    repository = "example/*"

    # a number that is none is refused
    owner_id      = "example"
    repository_id = "456"

    # a pattern of branches is refused
    branch = "release/*"

    # a pattern of environments is refused
    environment = "*"

    # a provider of somebody else is refused
    oidc_provider_arn = "arn:aws:iam::111122223333:oidc-provider/gitlab.com"

    # a state bucket among the deployment s own is refused
    state_bucket = "cognito-authorizer-site-state"

    # a state among the plans is refused
    state_key = "plans/terraform.tfstate"

    # the alias of a key is refused
    kms_key_arns = ["arn:aws:kms:eu-west-1:111122223333:alias/deployment"]
  }

  expect_failures = [var.repository, var.owner_id, var.branch, var.environment, var.oidc_provider_arn, var.state_bucket, var.state_key, var.kms_key_arns]
}

run "refused_2" {
  command = plan

  variables {
    # a repository without its owner is refused
    repository = "user-directory"

    # one number without the other is refused
    owner_id = "123"
  }

  expect_failures = [var.repository, var.repository_id]
}

run "refused_3" {
  command = plan

  variables {
    # a subject in place of the name is refused
    repository = "example@123/user-directory@456"
  }

  expect_failures = [var.repository]
}
