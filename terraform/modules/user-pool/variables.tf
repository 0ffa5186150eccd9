variable "name" {
  description = "Name of the pool, and the first part of the names of its clients."
  type        = string
  nullable    = false

  validation {
    condition     = can(regex("^[A-Za-z][A-Za-z0-9-]{0,99}$", var.name))
    error_message = "name must be 1 to 100 letters, digits and hyphens, and begin with a letter: write \"user-directory\"."
  }
}

variable "domain_prefix" {
  description = "Prefix of the domain of managed login and of the token endpoint, unique in the region across all accounts. `null` creates no domain: no managed login and no client for programs."
  type        = string
  default     = null

  validation {
    condition     = var.domain_prefix == null || can(regex("^[a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?$", var.domain_prefix))
    error_message = "domain_prefix must be 1 to 63 lower-case letters, digits and hyphens, with no hyphen at either end: write \"login-example\"."
  }

  validation {
    condition     = var.domain_prefix == null || !can(regex("aws|amazon|cognito", var.domain_prefix))
    error_message = "Cognito refuses a domain_prefix that contains \"aws\", \"amazon\" or \"cognito\": choose another word."
  }
}

variable "tier" {
  description = "Feature plan: `LITE`, `ESSENTIALS` or `PLUS`."
  type        = string
  default     = "ESSENTIALS"
  nullable    = false

  validation {
    condition     = contains(["LITE", "ESSENTIALS", "PLUS"], var.tier)
    error_message = "tier must be LITE, ESSENTIALS or PLUS."
  }
}

variable "managed_login_version" {
  description = "`1` is the classic hosted UI. `2` is managed login, which needs at least the tier `ESSENTIALS` and a branding style: create one in the console, since provider 5 has no resource for it."
  type        = number
  default     = 1
  nullable    = false

  validation {
    condition     = contains([1, 2], var.managed_login_version)
    error_message = "managed_login_version must be 1 or 2."
  }

  validation {
    condition     = var.managed_login_version == 1 || var.tier != "LITE"
    error_message = "managed_login_version = 2 needs tier = \"ESSENTIALS\" or \"PLUS\"."
  }
}

variable "threat_protection" {
  description = "Cognito's threat protection: `OFF`, `AUDIT` (logs only) or `ENFORCED`. It needs the tier `PLUS`."
  type        = string
  default     = "OFF"
  nullable    = false

  validation {
    condition     = contains(["OFF", "AUDIT", "ENFORCED"], var.threat_protection)
    error_message = "threat_protection must be OFF, AUDIT or ENFORCED."
  }

  validation {
    condition     = var.threat_protection == "OFF" || var.tier == "PLUS"
    error_message = "threat_protection needs tier = \"PLUS\"."
  }
}

# --- What tokens can contain ---

variable "scopes" {
  description = "Scopes of the pool as tokens and the contract name them, `<resource server>/<scope>`, each with a description; `null` uses the name. The resource servers are created."
  type        = map(string)
  default     = {}
  nullable    = false

  validation {
    condition     = alltrue([for name in keys(var.scopes) : can(regex("^[\\x21\\x23-\\x5B\\x5D-\\x7E]{1,256}/[\\x21\\x23-\\x2E\\x30-\\x5B\\x5D-\\x7E]{1,256}$", name))])
    error_message = "These are not scopes that a pool can have: ${join(", ", [for name in keys(var.scopes) : jsonencode(name) if !can(regex("^[\\x21\\x23-\\x5B\\x5D-\\x7E]{1,256}/[\\x21\\x23-\\x2E\\x30-\\x5B\\x5D-\\x7E]{1,256}$", name))])}. A scope is a resource server, a slash and a name without space, slash, quote or backslash: write \"api/users.read\", in the contract too."
  }
}

variable "groups" {
  description = "Groups of the pool: name to description; `null` for none. The contract's rules use these names."
  type        = map(string)
  default     = {}
  nullable    = false

  validation {
    condition     = alltrue([for name in keys(var.groups) : can(regex("^\\S{1,128}$", name))])
    error_message = "A group's name has 1 to 128 characters and no white space."
  }
}

# --- Clients ---

variable "web_client_scopes" {
  description = "Scopes that people get by managed login. Cognito grants each to everybody who asks, so list no scope that not every user may have."
  type        = set(string)
  default     = ["openid"]
  nullable    = false
}

variable "callback_urls" {
  description = "URLs to which managed login may redirect a browser. Empty turns managed login off for the web client; signing in by SRP still works."
  type        = set(string)
  default     = []
  nullable    = false

  validation {
    condition     = alltrue([for url in var.callback_urls : can(regex("^(https://|http://localhost([:/]|$)|[a-z][a-z0-9+.-]*://)", url)) && (!startswith(url, "http://") || can(regex("^http://localhost([:/]|$)", url)))])
    error_message = "A callback URL begins with https://, with http://localhost for development, or with the scheme of an app, such as myapp://."
  }
}

variable "logout_urls" {
  description = "URLs to which managed login may redirect a browser after signing out."
  type        = set(string)
  default     = []
  nullable    = false
}

variable "machine_client_scopes" {
  description = "Scopes of a client for programs (client_credentials), in full: `<resource server>/<scope>`. Empty: no such client. Cognito bills it per client and per token."
  type        = set(string)
  default     = []
  nullable    = false

  validation {
    condition     = alltrue([for scope in var.machine_client_scopes : contains(keys(var.scopes), scope)])
    error_message = "machine_client_scopes contains scopes that the pool does not have: ${join(", ", setsubtract(var.machine_client_scopes, keys(var.scopes)))}. Add them to scopes, or correct the names: write \"api/users.read\"."
  }

  validation {
    condition     = length(var.machine_client_scopes) == 0 || var.domain_prefix != null
    error_message = "A client for programs gets its tokens from the domain's token endpoint: set domain_prefix, or remove machine_client_scopes."
  }
}

variable "access_token_minutes" {
  description = "Lifetime of access and ID tokens in minutes. A stolen token is valid for this long."
  type        = number
  default     = 60
  nullable    = false

  validation {
    condition     = var.access_token_minutes >= 5 && var.access_token_minutes <= 1440 && floor(var.access_token_minutes) == var.access_token_minutes
    error_message = "access_token_minutes must be a whole number from 5 to 1440 (one day)."
  }
}

variable "refresh_token_days" {
  description = "Lifetime of refresh tokens in days: how long a person stays signed in."
  type        = number
  default     = 30
  nullable    = false

  validation {
    condition     = var.refresh_token_days >= 1 && var.refresh_token_days <= 3650 && floor(var.refresh_token_days) == var.refresh_token_days
    error_message = "refresh_token_days must be a whole number from 1 to 3650 (ten years)."
  }

  validation {
    condition     = var.refresh_token_days * 1440 >= var.access_token_minutes
    error_message = "refresh_token_days must not be shorter than access_token_minutes."
  }
}

variable "prevent_user_existence_errors" {
  description = "Answer a sign-in with an unknown user name like one with a wrong password, so that nobody learns who has an account."
  type        = bool
  default     = true
  nullable    = false
}

# --- Sign-in ---

variable "mfa" {
  description = "A second factor by authenticator app: `OFF`, `OPTIONAL` (each user decides) or `ON` (required)."
  type        = string
  default     = "OPTIONAL"
  nullable    = false

  validation {
    condition     = contains(["OFF", "OPTIONAL", "ON"], var.mfa)
    error_message = "mfa must be OFF, OPTIONAL or ON."
  }
}

variable "self_sign_up" {
  description = "Allow anybody to create an account. Off: only an administrator does."
  type        = bool
  default     = false
  nullable    = false
}

variable "identity_providers" {
  description = "Other identity providers for managed login, by name: type (`SAML`, `OIDC`, `Google`, `Facebook`, `LoginWithAmazon`, `SignInWithApple`), details and attribute mapping as Cognito takes them. A client secret in the details is in the state."
  type = map(object({
    type              = string
    details           = map(string)
    attribute_mapping = optional(map(string), {})
    identifiers       = optional(list(string), [])
  }))
  default  = {}
  nullable = false

  validation {
    condition     = alltrue([for provider in values(var.identity_providers) : contains(["SAML", "OIDC", "Google", "Facebook", "LoginWithAmazon", "SignInWithApple"], provider.type)])
    error_message = "The type of an identity provider is SAML, OIDC, Google, Facebook, LoginWithAmazon or SignInWithApple."
  }

  validation {
    condition     = length(var.identity_providers) == 0 || (var.domain_prefix != null && length(var.callback_urls) > 0)
    error_message = "identity_providers sign people in by managed login: set domain_prefix and callback_urls, or remove identity_providers."
  }
}

variable "triggers" {
  description = "ARNs of Lambda functions that Cognito calls, by trigger. `pre_token_generation_version` is `V1_0` (ID tokens), `V2_0` (access tokens too) or `V3_0` (machine tokens too). Cognito gets the permission to call them."
  type = object({
    create_auth_challenge          = optional(string)
    custom_message                 = optional(string)
    define_auth_challenge          = optional(string)
    post_authentication            = optional(string)
    post_confirmation              = optional(string)
    pre_authentication             = optional(string)
    pre_sign_up                    = optional(string)
    pre_token_generation           = optional(string)
    pre_token_generation_version   = optional(string, "V2_0")
    user_migration                 = optional(string)
    verify_auth_challenge_response = optional(string)
  })
  default  = {}
  nullable = false

  validation {
    condition     = contains(["V1_0", "V2_0", "V3_0"], var.triggers.pre_token_generation_version)
    error_message = "triggers.pre_token_generation_version must be V1_0, V2_0 or V3_0."
  }

  validation {
    condition     = var.triggers.pre_token_generation == null || var.triggers.pre_token_generation_version == "V1_0" || var.tier != "LITE"
    error_message = "A pre token generation trigger that changes access tokens needs tier = \"ESSENTIALS\" or \"PLUS\". In the tier LITE write pre_token_generation_version = \"V1_0\"."
  }
}

variable "ses" {
  description = "Send mail by SES instead of Cognito, which sends 50 a day: ARN of a verified identity in this region, From address, and optionally a Reply-To address and a configuration set."
  type = object({
    identity_arn      = string
    from              = string
    reply_to          = optional(string)
    configuration_set = optional(string)
  })
  default = null

  validation {
    condition     = var.ses == null || can(regex("^arn:[a-z-]+:ses:[a-z0-9-]+:[0-9]{12}:identity/.+$", var.ses.identity_arn))
    error_message = "ses.identity_arn is the ARN of an SES identity: write \"arn:aws:ses:eu-west-1:111122223333:identity/example.com\"."
  }
}

variable "deletion_protection" {
  description = "Refuse to delete the pool, and with it all its users. Turn it off and apply before you destroy."
  type        = bool
  default     = true
  nullable    = false
}

variable "tags" {
  description = "Tags of every resource that supports them."
  type        = map(string)
  default     = {}
  nullable    = false
}
