# A pool that is not created here must have what the contract names: a misspelled group or scope would refuse everybody.

locals {
  check_pool = !local.own_pool && var.existing_user_pool_checked

  # Scopes that one of the accepted clients can ask for. A sign-in by an SDK always gets aws.cognito.signin.user.admin.
  existing_scopes = toset(flatten([for client in data.aws_cognito_user_pool_client.existing : client.allowed_oauth_scopes]))
  missing_scopes  = local.check_pool ? setsubtract(module.build.scopes, setunion(local.existing_scopes, ["aws.cognito.signin.user.admin"])) : []
}

# tflint-ignore: terraform_unused_declarations # read for its postcondition
data "aws_cognito_user_groups" "existing" {
  count = local.check_pool ? 1 : 0

  user_pool_id = var.existing_user_pool_id

  lifecycle {
    postcondition {
      condition     = length(setsubtract(module.build.groups, self.groups[*].group_name)) == 0
      error_message = "The contract names groups that ${var.existing_user_pool_id} does not have: ${join(", ", setsubtract(module.build.groups, self.groups[*].group_name))}. Create them (aws cognito-idp create-group --user-pool-id ${var.existing_user_pool_id} --group-name NAME), correct the contract, or, if a trigger adds them to tokens, write existing_user_pool_checked = false."
    }
  }
}

# Cognito answers ResourceNotFoundException for a client of another pool.
data "aws_cognito_user_pool_client" "existing" {
  for_each = local.check_pool ? toset(var.client_ids) : []

  user_pool_id = var.existing_user_pool_id
  client_id    = each.value
}
