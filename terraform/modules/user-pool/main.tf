data "aws_partition" "current" {}

# The region of the provider, read without a call to AWS.
data "aws_service" "cognito" {
  service_id = "cognito-idp"
}

locals {
  # The endpoint has no scheme; the issuer of the pool's tokens is exactly this string.
  issuer = "https://${aws_cognito_user_pool.this.endpoint}"

  # GovCloud serves managed login on FIPS hosts only.
  auth_host  = data.aws_partition.current.partition == "aws-us-gov" ? "auth-fips" : "auth"
  domain_url = var.domain_prefix == null ? null : "https://${var.domain_prefix}.${local.auth_host}.${data.aws_service.cognito.region}.amazoncognito.com"

  # Scopes by resource server: "api/users.read" belongs to "api".
  scope_names = { for scope in keys(var.scopes) : scope => regex("^(.+)/([^/]+)$", scope) }
  resource_servers = {
    for server in distinct([for parts in values(local.scope_names) : parts[0]]) :
    server => { for scope, parts in local.scope_names : parts[1] => coalesce(var.scopes[scope], scope) if parts[0] == server }
  }

  triggers = { for name, arn in var.triggers : name => arn if arn != null && !contains(["pre_token_generation_version"], name) }
}

resource "aws_cognito_user_pool" "this" {
  name           = var.name
  user_pool_tier = var.tier

  deletion_protection      = var.deletion_protection ? "ACTIVE" : "INACTIVE"
  mfa_configuration        = var.mfa
  alias_attributes         = ["email"]
  auto_verified_attributes = ["email"]

  account_recovery_setting {
    recovery_mechanism {
      name     = "verified_email"
      priority = 1
    }
  }

  admin_create_user_config {
    allow_admin_create_user_only = !var.self_sign_up
  }

  dynamic "email_configuration" {
    for_each = var.ses[*]

    content {
      email_sending_account  = "DEVELOPER"
      source_arn             = email_configuration.value.identity_arn
      from_email_address     = email_configuration.value.from
      reply_to_email_address = email_configuration.value.reply_to
      configuration_set      = email_configuration.value.configuration_set
    }
  }

  dynamic "lambda_config" {
    for_each = length(local.triggers) > 0 ? [true] : []

    content {
      create_auth_challenge          = var.triggers.create_auth_challenge
      custom_message                 = var.triggers.custom_message
      define_auth_challenge          = var.triggers.define_auth_challenge
      post_authentication            = var.triggers.post_authentication
      post_confirmation              = var.triggers.post_confirmation
      pre_authentication             = var.triggers.pre_authentication
      pre_sign_up                    = var.triggers.pre_sign_up
      user_migration                 = var.triggers.user_migration
      verify_auth_challenge_response = var.triggers.verify_auth_challenge_response

      dynamic "pre_token_generation_config" {
        for_each = var.triggers.pre_token_generation[*]

        content {
          lambda_arn     = pre_token_generation_config.value
          lambda_version = var.triggers.pre_token_generation_version
        }
      }
    }
  }

  password_policy {
    minimum_length                   = 12
    require_lowercase                = true
    require_numbers                  = true
    require_symbols                  = true
    require_uppercase                = true
    temporary_password_validity_days = 7
  }

  dynamic "software_token_mfa_configuration" {
    for_each = var.mfa == "OFF" ? [] : [true]

    content {
      enabled = true
    }
  }

  # A new address is stored only after it is verified: it could be somebody else's.
  user_attribute_update_settings {
    attributes_require_verification_before_update = ["email"]
  }

  dynamic "user_pool_add_ons" {
    for_each = var.threat_protection == "OFF" ? [] : [var.threat_protection]

    content {
      advanced_security_mode = user_pool_add_ons.value
    }
  }

  username_configuration {
    case_sensitive = false
  }

  tags = var.tags
}

resource "aws_lambda_permission" "trigger" {
  for_each = local.triggers

  statement_id  = "${var.name}-${replace(each.key, "_", "-")}"
  action        = "lambda:InvokeFunction"
  function_name = each.value
  principal     = "cognito-idp.amazonaws.com"
  source_arn    = aws_cognito_user_pool.this.arn
}

resource "aws_cognito_user_pool_domain" "this" {
  count = var.domain_prefix == null ? 0 : 1

  domain                = var.domain_prefix
  user_pool_id          = aws_cognito_user_pool.this.id
  managed_login_version = var.managed_login_version
}

resource "aws_cognito_identity_provider" "this" {
  for_each = var.identity_providers

  user_pool_id      = aws_cognito_user_pool.this.id
  provider_name     = each.key
  provider_type     = each.value.type
  provider_details  = each.value.details
  attribute_mapping = each.value.attribute_mapping
  idp_identifiers   = each.value.identifiers
}

resource "aws_cognito_resource_server" "this" {
  for_each = local.resource_servers

  identifier   = each.key
  name         = each.key
  user_pool_id = aws_cognito_user_pool.this.id

  dynamic "scope" {
    for_each = each.value

    content {
      scope_name        = scope.key
      scope_description = scope.value
    }
  }
}

resource "aws_cognito_user_group" "this" {
  for_each = var.groups

  name         = each.key
  description  = each.value
  user_pool_id = aws_cognito_user_pool.this.id
}

# For people. A browser or a command line cannot keep a secret, so there is none. Passwords never leave the device in
# clear text (SRP), and managed login uses the authorization code flow only.
resource "aws_cognito_user_pool_client" "web" {
  name         = "${var.name}-web"
  user_pool_id = aws_cognito_user_pool.this.id

  generate_secret               = false
  explicit_auth_flows           = ["ALLOW_USER_SRP_AUTH", "ALLOW_REFRESH_TOKEN_AUTH"]
  enable_token_revocation       = true
  prevent_user_existence_errors = var.prevent_user_existence_errors ? "ENABLED" : "LEGACY"

  allowed_oauth_flows_user_pool_client = length(var.callback_urls) > 0
  allowed_oauth_flows                  = length(var.callback_urls) > 0 ? ["code"] : []
  allowed_oauth_scopes                 = length(var.callback_urls) > 0 ? var.web_client_scopes : []
  supported_identity_providers         = concat(["COGNITO"], [for provider in aws_cognito_identity_provider.this : provider.provider_name])
  callback_urls                        = var.callback_urls
  logout_urls                          = var.logout_urls

  access_token_validity  = var.access_token_minutes
  id_token_validity      = var.access_token_minutes
  refresh_token_validity = var.refresh_token_days

  token_validity_units {
    access_token  = "minutes"
    id_token      = "minutes"
    refresh_token = "days"
  }

  # A scope can be granted only after the resource server has it.
  depends_on = [aws_cognito_resource_server.this]
}

# For programs: client_credentials, scopes and no user. Its secret is in the Terraform state.
resource "aws_cognito_user_pool_client" "machine" {
  count = length(var.machine_client_scopes) > 0 ? 1 : 0

  name         = "${var.name}-machine"
  user_pool_id = aws_cognito_user_pool.this.id

  generate_secret = true
  # Without a value Cognito's default applies, which allows people to sign in here by password.
  explicit_auth_flows           = ["ALLOW_REFRESH_TOKEN_AUTH"]
  enable_token_revocation       = true
  prevent_user_existence_errors = var.prevent_user_existence_errors ? "ENABLED" : "LEGACY"

  allowed_oauth_flows_user_pool_client = true
  allowed_oauth_flows                  = ["client_credentials"]
  allowed_oauth_scopes                 = var.machine_client_scopes

  access_token_validity  = var.access_token_minutes
  id_token_validity      = var.access_token_minutes
  refresh_token_validity = var.refresh_token_days

  token_validity_units {
    access_token  = "minutes"
    id_token      = "minutes"
    refresh_token = "days"
  }

  depends_on = [aws_cognito_resource_server.this]
}
