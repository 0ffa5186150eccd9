variable "name" {
  description = "Name of the pool, and the beginning of the names of its clients."
  type        = string
  nullable    = false

  validation {
    condition     = can(regex("^[A-Za-z][A-Za-z0-9-]{0,99}$", var.name))
    error_message = "name must be 1 to 100 letters, digits and hyphens, and begin with a letter: write \"user-directory\"."
  }
}

variable "domain_prefix" {
  description = "Prefix of the managed login domain and of the token endpoint, unique in the region over all accounts. `null` makes no domain, and then no machine client either."
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

variable "resource_server" {
  description = "Identifier of the resource server. A scope in a token and in the contract reads `<resource_server>/<scope>`."
  type        = string
  default     = "api"
  nullable    = false
}

variable "scopes" {
  description = "Scopes of the resource server: name to description."
  type        = map(string)
  default = {
    "users.read"  = "Read the users of the pool"
    "users.write" = "Change the users of the pool"
  }
  nullable = false

  validation {
    condition     = length(var.scopes) > 0 && alltrue([for name in keys(var.scopes) : can(regex("^[\\x21\\x23-\\x2E\\x30-\\x5B\\x5D-\\x7E]+$", name))])
    error_message = "scopes needs at least one entry, and a scope's name holds no space, slash, quote or backslash: write \"users.read\", not \"api/users.read\"."
  }
}

variable "groups" {
  description = "Groups of the pool: name to description. The contract's roles are these names."
  type        = map(string)
  default = {
    admins = "May act on other users, with the scope for it"
    owners = "May act on other users"
  }
  nullable = false

  validation {
    condition     = alltrue([for name in keys(var.groups) : can(regex("^\\S{1,128}$", name))])
    error_message = "A group's name has 1 to 128 characters and no white space."
  }
}

variable "web_client_scopes" {
  description = "Scopes that people can get by managed login. Cognito gives each of them to everybody who asks, so list no scope that not every user may have."
  type        = set(string)
  default     = ["openid"]
  nullable    = false
}

variable "callback_urls" {
  description = "Where managed login may send a browser back to. Empty turns managed login off for the web client; signing in by SRP still works."
  type        = set(string)
  default     = []
  nullable    = false

  validation {
    condition     = alltrue([for url in var.callback_urls : can(regex("^(https://|http://localhost([:/]|$))", url))])
    error_message = "A callback URL begins with https://, or with http://localhost for development."
  }
}

variable "logout_urls" {
  description = "Where managed login may send a browser after signing out."
  type        = set(string)
  default     = []
  nullable    = false
}

variable "machine_client_enabled" {
  description = "Make a client for programs (client_credentials). Cognito bills it per client and per token."
  type        = bool
  default     = true
  nullable    = false
}

variable "machine_client_scopes" {
  description = "Scopes that the machine client may ask for, in full: `<resource_server>/<scope>`."
  type        = set(string)
  default     = ["api/users.read"]
  nullable    = false

  validation {
    condition = !var.machine_client_enabled || (length(var.machine_client_scopes) > 0 && alltrue([
      for scope in var.machine_client_scopes : contains([for name in keys(var.scopes) : "${var.resource_server}/${name}"], scope)
    ]))
    error_message = "machine_client_scopes needs at least one scope, and each must be <resource_server>/<scope> of this pool: write \"api/users.read\"."
  }
}

variable "access_token_minutes" {
  description = "Lifetime of access and ID tokens, in minutes. A token that was stolen is good for this long."
  type        = number
  default     = 60
  nullable    = false

  validation {
    condition     = var.access_token_minutes >= 5 && var.access_token_minutes <= 1440 && floor(var.access_token_minutes) == var.access_token_minutes
    error_message = "access_token_minutes must be a whole number from 5 to 1440 (one day)."
  }
}

variable "refresh_token_days" {
  description = "Lifetime of refresh tokens, in days: how long a person stays signed in."
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

variable "mfa" {
  description = "A second factor by authenticator app: `OFF`, `OPTIONAL` (each user decides) or `ON` (everybody must)."
  type        = string
  default     = "OPTIONAL"
  nullable    = false

  validation {
    condition     = contains(["OFF", "OPTIONAL", "ON"], var.mfa)
    error_message = "mfa must be OFF, OPTIONAL or ON."
  }
}

variable "self_sign_up" {
  description = "Let anybody make an account. Off: only an administrator does."
  type        = bool
  default     = false
  nullable    = false
}

variable "deletion_protection" {
  description = "Refuse to delete the pool, and with it all its users. Turn it off, apply, then destroy."
  type        = bool
  default     = true
  nullable    = false
}

variable "tags" {
  description = "Tags of everything here that can have them."
  type        = map(string)
  default     = {}
  nullable    = false
}
