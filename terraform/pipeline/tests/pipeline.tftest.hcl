# Who may assume which role, and what that role may do, read from the policies that AWS would get.

mock_provider "aws" {
  mock_data "aws_service" {
    defaults = { region = "eu-west-1" }
  }
  mock_data "aws_partition" {
    defaults = { partition = "aws" }
  }
  mock_data "aws_caller_identity" {
    defaults = { account_id = "111122223333" }
  }
  mock_resource "aws_iam_role" {
    defaults        = { arn = "arn:aws:iam::111122223333:role/example" }
    override_during = plan
  }
}

variables {
  repository    = "example/user-directory"
  owner_id      = "123"
  repository_id = "456"
}

run "pull_requests_and_the_branch_may_plan_and_the_environment_on_the_branch_alone_may_deploy" {
  command = plan

  assert {
    condition = { for role, made in aws_iam_role.this : role => jsondecode(made.assume_role_policy).Statement } == {
      plan = [{
        Effect    = "Allow"
        Action    = "sts:AssumeRoleWithWebIdentity"
        Principal = { Federated = "arn:aws:iam::111122223333:oidc-provider/token.actions.githubusercontent.com" }
        Condition = { StringEquals = {
          "token.actions.githubusercontent.com:aud"           = "sts.amazonaws.com"
          "token.actions.githubusercontent.com:repository_id" = "456"
          "token.actions.githubusercontent.com:sub" = [
            "repo:example/user-directory:pull_request",
            "repo:example/user-directory:ref:refs/heads/main",
            "repo:example@123/user-directory@456:pull_request",
            "repo:example@123/user-directory@456:ref:refs/heads/main",
          ]
        } }
      }]
      deploy = [{
        Effect    = "Allow"
        Action    = "sts:AssumeRoleWithWebIdentity"
        Principal = { Federated = "arn:aws:iam::111122223333:oidc-provider/token.actions.githubusercontent.com" }
        Condition = { StringEquals = {
          "token.actions.githubusercontent.com:aud"           = "sts.amazonaws.com"
          "token.actions.githubusercontent.com:ref"           = "refs/heads/main"
          "token.actions.githubusercontent.com:repository_id" = "456"
          "token.actions.githubusercontent.com:sub" = [
            "repo:example/user-directory:environment:production",
            "repo:example@123/user-directory@456:environment:production",
          ]
        } }
      }]
    }
    error_message = "A role trusts others than it must, or by a pattern."
  }
}

run "without_its_numbers_the_repository_is_trusted_by_its_name" {
  command = plan

  variables {
    owner_id      = null
    repository_id = null
  }

  assert {
    condition = jsondecode(aws_iam_role.this["deploy"].assume_role_policy).Statement[0].Condition == {
      StringEquals = {
        "token.actions.githubusercontent.com:aud" = "sts.amazonaws.com"
        "token.actions.githubusercontent.com:ref" = "refs/heads/main"
        "token.actions.githubusercontent.com:sub" = ["repo:example/user-directory:environment:production"]
      }
    }
    error_message = "The subject of an older repository has its name and nothing else."
  }
}

run "the_plan_role_reads_and_keeps_plans_and_does_nothing_else" {
  command = plan

  assert {
    condition = alltrue(flatten([
      for statement in jsondecode(aws_iam_policy.read.policy).Statement : [
        for action in statement.Action : statement.Effect == "Allow" && can(regex("^[a-z0-9-]+:(Get|List|Describe|GET)", action))
      ]
    ]))
    error_message = "The plan role can change something."
  }

  assert {
    condition = jsondecode(aws_iam_role_policy.plan.policy).Statement == [
      { Sid = "KeepPlans", Effect = "Allow", Action = ["s3:PutObject"], Resource = ["arn:aws:s3:::cognito-authorizer-state-111122223333-eu-west-1/plans/*"] }
    ]
    error_message = "The plan role keeps plans, and writes nothing else."
  }

  assert {
    condition = alltrue([
      for action in ["dynamodb:GetItem", "dynamodb:BatchGetItem", "dynamodb:Query", "dynamodb:Scan", "cognito-idp:ListUsers", "cognito-idp:AdminGetUser", "logs:GetLogEvents", "logs:FilterLogEvents"] :
      !strcontains(aws_iam_policy.read.policy, "\"${action}\"")
    ])
    error_message = "The plan role reads the configuration, and not people, sessions or logs."
  }
}

run "a_role_is_changed_only_inside_the_boundary" {
  command = plan

  assert {
    condition = {
      for statement in jsondecode(aws_iam_role_policy.deploy["roles"].policy).Statement : statement.Sid => try(statement.Condition, null)
      if statement.Effect == "Allow" && length(setintersection(statement.Action, ["iam:AttachRolePolicy", "iam:CreateRole", "iam:DeleteRolePolicy", "iam:DetachRolePolicy", "iam:PutRolePermissionsBoundary", "iam:PutRolePolicy"])) > 0
      } == {
      WriteRolesInsideBoundary = { StringEquals = { "iam:PermissionsBoundary" = "arn:aws:iam::111122223333:policy/cognito-authorizer-boundary-eu-west-1" } }
    }
    error_message = "A role without the boundary could be given any right."
  }

  assert {
    condition     = aws_iam_policy.boundary.name == "cognito-authorizer-boundary-eu-west-1"
    error_message = "The boundary that roles must carry is the one that is made here."
  }
}

run "the_deploy_role_has_these_rights_over_roles_and_no_other_over_iam" {
  command = plan

  assert {
    condition = toset(flatten([
      for policy in concat([aws_iam_policy.read], values(aws_iam_role_policy.deploy)) : [
        for statement in jsondecode(policy.policy).Statement : [for action in statement.Action : action if can(regex("^(iam|sts):", action))] if statement.Effect == "Allow"
      ]
      ])) == toset([
      "iam:AttachRolePolicy", "iam:CreateRole", "iam:DeleteRole", "iam:DeleteRolePolicy", "iam:DetachRolePolicy", "iam:GetRole", "iam:GetRolePolicy",
      "iam:ListAttachedRolePolicies", "iam:ListInstanceProfilesForRole", "iam:ListRolePolicies", "iam:ListRoleTags", "iam:PassRole",
      "iam:PutRolePermissionsBoundary", "iam:PutRolePolicy", "iam:TagRole", "iam:UntagRole", "iam:UpdateRole", "iam:UpdateRoleDescription",
    ])
    error_message = "Trust of roles, policies, the boundary, users and the OpenID Connect provider are out of reach."
  }

  assert {
    condition = alltrue(flatten([
      for policy in concat([aws_iam_policy.read], values(aws_iam_role_policy.deploy)) : [
        for statement in jsondecode(policy.policy).Statement : statement.Resource == ["arn:aws:iam::111122223333:role/cognito-authorizer-*-eu-west-1"]
        if statement.Effect == "Allow" && length([for action in statement.Action : action if startswith(action, "iam:")]) > 0
      ]
    ]))
    error_message = "A role of another name could be changed."
  }
}

run "the_deploy_role_cannot_change_itself_or_the_plan_role" {
  command = plan

  assert {
    condition = [for statement in jsondecode(aws_iam_role_policy.deploy["roles"].policy).Statement : statement if statement.Effect == "Deny"] == [{
      Sid      = "LeaveThePipelineAlone", Effect = "Deny", Action = ["iam:*", "sts:AssumeRole"]
      Resource = ["arn:aws:iam::111122223333:role/cognito-authorizer-deploy-eu-west-1", "arn:aws:iam::111122223333:role/cognito-authorizer-plan-eu-west-1"]
    }]
    error_message = "Their names fit the pattern of the roles that it may change."
  }

  assert {
    condition     = toset([for role in aws_iam_role.this : role.name]) == toset(["cognito-authorizer-deploy-eu-west-1", "cognito-authorizer-plan-eu-west-1"])
    error_message = "The names that are denied are those of the roles."
  }
}

run "roles_are_passed_to_the_two_services_that_use_them" {
  command = plan

  assert {
    condition = [for statement in jsondecode(aws_iam_role_policy.deploy["roles"].policy).Statement : statement.Condition if contains(statement.Action, "iam:PassRole")] == [
      { StringEquals = { "iam:PassedToService" = ["apigateway.amazonaws.com", "lambda.amazonaws.com"] } }
    ]
    error_message = "A role could be passed to another service."
  }
}

run "the_deploy_role_can_delete_no_people_no_sessions_and_no_state" {
  command = plan

  assert {
    condition = alltrue(flatten([
      for policy in concat([aws_iam_policy.read], values(aws_iam_role_policy.deploy)) : [
        for action in ["cognito-idp:DeleteUserPool", "dynamodb:DeleteTable", "*"] :
        !contains(flatten([for statement in jsondecode(policy.policy).Statement : statement.Action if statement.Effect == "Allow"]), action)
      ]
    ]))
    error_message = "The deploy role can delete what cannot be made again."
  }

  assert {
    condition = jsonencode({
      for action in ["s3:DeleteObject", "s3:DeleteObjectVersion", "s3:DeleteBucket", "s3:PutBucketPolicy", "s3:PutObject"] : action => sort(distinct(flatten([
        for policy in values(aws_iam_role_policy.deploy) : [
          for statement in jsondecode(policy.policy).Statement : [for resource in statement.Resource : trimprefix(resource, "arn:aws:s3:::cognito-authorizer-")] if contains(statement.Action, action)
        ]
      ])))
      }) == jsonencode({
      "s3:DeleteObject"        = ["site-*", "site-*/*", "state-111122223333-eu-west-1/cognito-authorizer/terraform.tfstate.tflock"]
      "s3:DeleteObjectVersion" = ["site-*", "site-*/*"]
      "s3:DeleteBucket"        = ["site-*", "site-*/*"]
      "s3:PutBucketPolicy"     = ["site-*", "site-*/*"]
      "s3:PutObject" = [
        "site-*", "site-*/*", "state-111122223333-eu-west-1/cognito-authorizer/terraform.tfstate",
        "state-111122223333-eu-west-1/cognito-authorizer/terraform.tfstate.tflock", "state-111122223333-eu-west-1/smoke/*",
      ]
    })
    error_message = "Of the state bucket only the lock is deleted, and the bucket itself stays as it is."
  }
}

run "only_what_has_no_name_is_granted_on_everything" {
  command = plan

  assert {
    condition = toset(flatten([
      for policy in concat([aws_iam_policy.read, aws_iam_role_policy.plan], values(aws_iam_role_policy.deploy)) : [
        for statement in jsondecode(policy.policy).Statement : statement.Sid if contains(statement.Resource, "*")
      ]
    ])) == toset(["DeliverAccessLogs", "MakePools", "ReadWhatHasNoName", "WriteQueries"])
    error_message = "A statement names every resource."
  }
}

run "policies_fit_into_their_roles" {
  command = plan

  variables {
    name         = "a-deployment-with-a-very-long-name-of-40"
    state_bucket = "a-bucket-with-a-name-as-long-as-s3-takes-them-63-characters-123"
  }

  assert {
    condition     = sum([for policy in values(aws_iam_role_policy.deploy) : length(policy.policy)]) <= 10240
    error_message = "IAM takes 10,240 characters of inline policies a role."
  }

  assert {
    condition     = length(aws_iam_policy.boundary.policy) <= 6144 && length(aws_iam_policy.read.policy) <= 6144
    error_message = "IAM takes 6,144 characters of a managed policy."
  }
}

run "the_state_keeps_its_versions_is_encrypted_and_closed_to_the_public" {
  command = plan

  assert {
    condition     = aws_s3_bucket_versioning.state.versioning_configuration[0].status == "Enabled"
    error_message = "Without versions a kept plan could be replaced."
  }

  assert {
    condition     = one(one(aws_s3_bucket_server_side_encryption_configuration.state.rule).apply_server_side_encryption_by_default).sse_algorithm == "AES256"
    error_message = "The state is encrypted with S3's own key."
  }

  assert {
    condition     = aws_s3_bucket_public_access_block.state.block_public_policy && aws_s3_bucket_public_access_block.state.restrict_public_buckets && aws_s3_bucket_public_access_block.state.block_public_acls && aws_s3_bucket_public_access_block.state.ignore_public_acls
    error_message = "The state holds secrets."
  }

  assert {
    condition = jsondecode(aws_s3_bucket_policy.state.policy).Statement == [{
      Sid       = "TLSOnly", Effect = "Deny", Principal = "*", Action = "s3:*"
      Resource  = ["arn:aws:s3:::cognito-authorizer-state-111122223333-eu-west-1", "arn:aws:s3:::cognito-authorizer-state-111122223333-eu-west-1/*"]
      Condition = { Bool = { "aws:SecureTransport" = "false" } }
    }]
    error_message = "The bucket refuses everybody over plain HTTP, and its policy lets nobody in."
  }

  assert {
    condition     = aws_s3_bucket.state.bucket == "cognito-authorizer-state-111122223333-eu-west-1"
    error_message = "The bucket's name is derived from name, account and region."
  }
}

run "plans_are_kept_for_days_and_old_states_for_months" {
  command = plan

  assert {
    condition = {
      for rule in aws_s3_bucket_lifecycle_configuration.state.rule : "${rule.id} ${one(rule.filter).prefix}" => one(rule.noncurrent_version_expiration).noncurrent_days
      if rule.status == "Enabled"
    } == { "plans plans/" = 7, "old-versions " = 90 }
    error_message = "Old versions of the state end after 90 days, and plans after a week."
  }

  assert {
    condition     = one([for rule in aws_s3_bucket_lifecycle_configuration.state.rule : one(rule.expiration).days if rule.id == "plans"]) == 7
    error_message = "A plan contains the state in plain text, so it is deleted soon."
  }

  assert {
    condition     = one([for rule in aws_s3_bucket_lifecycle_configuration.state.rule : one(rule.expiration).expired_object_delete_marker if rule.id == "old-versions"])
    error_message = "The rule old-versions must remove old versions and their delete markers, and no current version."
  }
}

run "the_repository_gets_the_variables_that_the_workflows_read" {
  command = plan

  assert {
    condition     = output.repository_variables == "AWS_REGION=eu-west-1\nAWS_PLAN_ROLE_ARN=arn:aws:iam::111122223333:role/example\nAWS_DEPLOY_ROLE_ARN=arn:aws:iam::111122223333:role/example\nSTATE_BUCKET=cognito-authorizer-state-111122223333-eu-west-1\nSTATE_KEY=cognito-authorizer/terraform.tfstate\n"
    error_message = "gh variable set --env-file reads one variable a line."
  }
}

run "an_existing_provider_of_github_is_used_and_left_alone" {
  command = plan

  variables {
    oidc_provider_arn = "arn:aws:iam::111122223333:oidc-provider/token.actions.githubusercontent.com"
  }

  assert {
    condition     = length(aws_iam_openid_connect_provider.github) == 0 && jsondecode(aws_iam_role.this["deploy"].assume_role_policy).Statement[0].Principal.Federated == "arn:aws:iam::111122223333:oidc-provider/token.actions.githubusercontent.com"
    error_message = "The roles trust the one that is there."
  }
}

run "vpc_and_keys_add_what_they_need" {
  command = plan

  variables {
    functions_in_vpc = true
    kms_key_arns     = ["arn:aws:kms:eu-west-1:111122223333:key/1234abcd-12ab-34cd-56ef-1234567890ab"]
  }

  assert {
    condition = [for statement in jsondecode(aws_iam_policy.boundary.policy).Statement : statement.Resource if contains(["AttachToVPC", "Decrypt"], statement.Sid)] == [
      ["*"], ["arn:aws:kms:eu-west-1:111122223333:key/1234abcd-12ab-34cd-56ef-1234567890ab"]
    ]
    error_message = "The functions attach to a VPC and decrypt with this key."
  }

  assert {
    condition     = length([for statement in jsondecode(aws_iam_role_policy.deploy["write"].policy).Statement : statement if contains(["FindVPC", "UseKeys"], statement.Sid)]) == 2
    error_message = "Lambda and DynamoDB use the key as the deploy role."
  }

  # https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_iam-quotas.html
  assert {
    condition     = sum([for policy in aws_iam_role_policy.deploy : length(policy.policy)]) <= 10240 && length(aws_iam_policy.read.policy) <= 6144 && length(aws_iam_policy.boundary.policy) <= 6144
    error_message = "IAM limits the inline policies of a role, together, and each managed policy."
  }
}

run "without_them_roles_get_neither" {
  command = plan

  assert {
    condition     = !can(regex("ec2:|kms:", "${aws_iam_policy.boundary.policy}${aws_iam_role_policy.deploy["write"].policy}"))
    error_message = "A deployment outside a VPC and without keys needs neither."
  }
}
