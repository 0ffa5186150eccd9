# What would trust more than one repository, branch or environment, or could not work, is refused before anything is made.

mock_provider "aws" {
  mock_data "aws_region" {
    defaults = { id = "ap-southeast-1" }
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

run "a_pattern_of_repositories_is_refused" {
  command = plan

  variables {
    repository = "example/*"
  }

  expect_failures = [var.repository]
}

run "a_repository_without_its_owner_is_refused" {
  command = plan

  variables {
    repository = "user-directory"
  }

  expect_failures = [var.repository]
}

run "a_subject_in_place_of_the_name_is_refused" {
  command = plan

  variables {
    repository = "example@123/user-directory@456"
  }

  expect_failures = [var.repository]
}

run "a_number_that_is_none_is_refused" {
  command = plan

  variables {
    owner_id      = "example"
    repository_id = "456"
  }

  expect_failures = [var.owner_id]
}

run "one_number_without_the_other_is_refused" {
  command = plan

  variables {
    owner_id = "123"
  }

  expect_failures = [var.repository_id]
}

run "a_pattern_of_branches_is_refused" {
  command = plan

  variables {
    branch = "release/*"
  }

  expect_failures = [var.branch]
}

run "a_pattern_of_environments_is_refused" {
  command = plan

  variables {
    environment = "*"
  }

  expect_failures = [var.environment]
}

run "a_provider_of_somebody_else_is_refused" {
  command = plan

  variables {
    oidc_provider_arn = "arn:aws:iam::111122223333:oidc-provider/gitlab.com"
  }

  expect_failures = [var.oidc_provider_arn]
}

run "a_state_bucket_among_the_deployment_s_own_is_refused" {
  command = plan

  variables {
    state_bucket = "cognito-authorizer-site-state"
  }

  expect_failures = [var.state_bucket]
}

run "a_state_among_the_plans_is_refused" {
  command = plan

  variables {
    state_key = "plans/terraform.tfstate"
  }

  expect_failures = [var.state_key]
}

run "a_bucket_name_that_becomes_too_long_is_refused" {
  command = plan

  variables {
    name = "a-deployment-with-a-very-long-name-of-40"
  }

  expect_failures = [aws_s3_bucket.state]
}
