variable "name" {
  description = "Name of the function, its alarms and its table, and the first part of its role's name."
  type        = string
  nullable    = false
}

# --- Code ---

variable "zip_path" {
  description = "Path of the authorizer's zip, which contains the compiled contract of the API. Set this or `zip_s3`."
  type        = string
  default     = null
}

variable "zip_s3" {
  description = "A zip in S3 instead of `zip_path`: bucket, key and object version. The version makes a new zip reach the function."
  type = object({
    bucket  = string
    key     = string
    version = string
  })
  default = null
}

variable "code_signing_config_arn" {
  description = "Code signing configuration: Lambda then accepts only zips signed by its profiles. The zip must be in S3, where AWS Signer puts it."
  type        = string
  default     = null
}

variable "contract_digest" {
  description = "Digest of the contract that the zip must have been compiled from: the output of the module `build`. The function does not start with another zip. `null`: no check."
  type        = string
  default     = null

  validation {
    condition     = var.contract_digest == null || can(regex("^[0-9a-f]{64}$", var.contract_digest))
    error_message = "contract_digest is the SHA-256 of contract.json in lower-case hex: write contract_digest = module.build.contract_digest."
  }
}

variable "runtime" {
  description = "Lambda runtime: `provided.al2023` or `provided.al2`."
  type        = string
  default     = "provided.al2023"
  nullable    = false
}

variable "architecture" {
  description = "Architecture that the zip was built for: `arm64` or `x86_64`."
  type        = string
  default     = "arm64"
  nullable    = false
}

# --- Whose tokens are accepted ---

variable "issuers" {
  description = "Exact `iss` values whose tokens are accepted: one, or two while the issuer changes. Set these and `client_ids`, or `issuer_clients`."
  type        = list(string)
  default     = []
  nullable    = false

  validation {
    condition     = (length(var.issuers) > 0) != (length(var.issuer_clients) > 0)
    error_message = "Set issuers and client_ids, or issuer_clients, which ties clients to each issuer."
  }

  validation {
    condition     = alltrue([for issuer in var.issuers : can(regex("^https://[a-z0-9.:-]{1,255}/[A-Za-z0-9._~-]{1,255}$", issuer)) && !endswith(issuer, ".json")])
    error_message = "Each issuer is https, a host and a pool id, with no slash at the end: write \"https://cognito-idp.eu-west-1.amazonaws.com/eu-west-1_AbCdEf123\"."
  }
}

variable "client_ids" {
  description = "App clients whose tokens are accepted: `client_id` of an access token, `aud` of an ID token."
  type        = list(string)
  default     = []
  nullable    = false

  validation {
    condition     = (length(var.client_ids) > 0) != (length(var.issuer_clients) > 0)
    error_message = "client_ids goes with issuers: set both, or list the clients of each issuer in issuer_clients."
  }

  validation {
    condition     = alltrue([for id in var.client_ids : can(regex("^[A-Za-z0-9_+]{1,128}$", id))])
    error_message = "client_ids are app client ids as Cognito shows them: letters and digits, no white space, no comma."
  }
}

variable "audiences" {
  description = "Resource identifiers (RFC 8707) that are accepted in `aud` of an access token. Empty: access tokens with `aud` are refused."
  type        = list(string)
  default     = []
  nullable    = false

  validation {
    condition     = alltrue([for audience in var.audiences : length(audience) <= 1024 && can(regex("^[!-+--~]+$", audience))])
    error_message = "audiences are resource identifiers of up to 1,024 ASCII characters without white space and commas: write \"https://api.example.com\"."
  }

  validation {
    condition     = length(var.issuer_clients) == 0 || length(var.audiences) == 0
    error_message = "audiences goes with issuers. With issuer_clients, list them with each issuer."
  }

  validation {
    condition     = length(var.audiences) == 0 || var.token_use != "id"
    error_message = "audiences are compared with access tokens only, and token_use is \"id\": add \"access\" to token_use, or remove audiences. The aud of an ID token is compared with client_ids."
  }
}

variable "issuer_clients" {
  description = "Instead of `issuers`, `client_ids` and `audiences`, where several pools have clients of their own: exact `iss` to the clients and audiences that are accepted in that pool's tokens."
  type = map(object({
    clients   = list(string)
    audiences = optional(list(string), [])
  }))
  default  = {}
  nullable = false

  validation {
    condition     = alltrue([for issuer in keys(var.issuer_clients) : can(regex("^https://[a-z0-9.:-]{1,255}/[A-Za-z0-9._~-]{1,255}$", issuer)) && !endswith(issuer, ".json")])
    error_message = "Each key of issuer_clients is https, a host and a pool id, with no slash at the end: write \"https://cognito-idp.eu-west-1.amazonaws.com/eu-west-1_AbCdEf123\"."
  }

  validation {
    condition     = alltrue([for pool in values(var.issuer_clients) : length(pool.clients) > 0 && alltrue([for id in pool.clients : can(regex("^[A-Za-z0-9_+]{1,128}$", id))])])
    error_message = "Each issuer of issuer_clients needs at least one app client id, as Cognito shows it: write clients = [\"4p9exampleclientid7abcd1234\"]."
  }

  validation {
    condition     = alltrue([for pool in values(var.issuer_clients) : alltrue([for audience in pool.audiences : length(audience) <= 1024 && can(regex("^[!-+--~]+$", audience))])])
    error_message = "audiences of issuer_clients are resource identifiers of up to 1,024 ASCII characters without white space and commas: write \"https://api.example.com\"."
  }
}

variable "groups_claims" {
  description = "Claims that list groups, such as `[\"cognito:groups\", \"custom:groups\"]`: a list, a single name, or the form `[a, b]` of a SAML attribute. Empty: `cognito:groups`. A client must not be able to write them."
  type        = list(string)
  default     = []
  nullable    = false

  validation {
    condition     = length(var.groups_claims) <= 10 && alltrue([for claim in var.groups_claims : can(regex("^[A-Za-z0-9:._/-]{1,64}$", claim))])
    error_message = "groups_claims are at most 10 names of claims of up to 64 letters, digits and : . _ - /: write [\"cognito:groups\", \"custom:groups\"]."
  }
}

variable "context_claims" {
  description = "Further claims that the backend receives by their names, such as `custom:tenant_id`: strings, whole numbers and booleans of up to 256 bytes, 1024 bytes together."
  type        = list(string)
  default     = []
  nullable    = false

  validation {
    condition     = length(var.context_claims) <= 10 && alltrue([for claim in var.context_claims : can(regex("^[A-Za-z0-9:._/-]{1,64}$", claim))])
    error_message = "context_claims are at most 10 names of claims of up to 64 letters, digits and : . _ - /: write [\"custom:tenant_id\"]."
  }

  validation {
    condition = length(setintersection([for claim in var.context_claims : lower(claim)], [
      "sub", "username", "clientid", "scopes", "groups", "tokenuse", "expiresat", "sessionid", "issuer", "decisionid",
      "claims", "error", "integrationlatency", "integrationstatus", "latency", "principalid", "property", "requestid", "status", "iam", "jwt", "lambda",
    ])) == 0
    error_message = "context_claims names a key that the backend receives anyway, or that API Gateway uses itself: remove it."
  }
}

variable "token_use" {
  description = "Tokens that are accepted: `access`, `id`, or `access,id`."
  type        = string
  default     = "access"
  nullable    = false

  validation {
    condition     = contains(["access", "id", "access,id"], var.token_use)
    error_message = "token_use must be \"access\", \"id\" or \"access,id\"."
  }
}

variable "leeway_seconds" {
  description = "Tolerated clock difference in seconds, 0 to 60. `null`: none for the expiry of a token, 30 seconds for its other times."
  type        = number
  default     = null

  validation {
    condition     = var.leeway_seconds == null || try(var.leeway_seconds >= 0 && var.leeway_seconds <= 60 && floor(var.leeway_seconds) == var.leeway_seconds, false)
    error_message = "leeway_seconds must be a whole number from 0 to 60."
  }
}

variable "jwks" {
  description = "Key set that is trusted from the start, as JSON, so that a cold start needs no network: `{\"keys\":[…]}` with one issuer, `{\"<issuer>\":{\"keys\":[…]}}` with several. `make jwks` writes it. It is refreshed like any other."
  type        = string
  default     = null

  validation {
    condition = var.jwks == null || (
      can(jsondecode(var.jwks).keys)
      ? length(local.issuers) == 1 && try(length([for key in jsondecode(var.jwks).keys : key.kid]) > 0, false)
      : try(length(keys(jsondecode(var.jwks))) > 0 && alltrue([for set in values(jsondecode(var.jwks)) : length([for key in set.keys : key.kid]) > 0]), false)
    )
    error_message = "jwks is not a key set. Write {\"keys\":[…]} with one issuer, or {\"<issuer>\":{\"keys\":[…]}}; make jwks writes it."
  }

  validation {
    condition     = var.jwks == null || can(jsondecode(var.jwks).keys) || try(length(setsubtract(keys(jsondecode(var.jwks)), local.issuers)) == 0, true)
    error_message = "jwks contains keys of an issuer that is not accepted: see issuers and issuer_clients."
  }

  validation {
    condition     = var.jwks == null || !can(regex("\"(d|p|q|dp|dq|qi|k)\"\\s*:", var.jwks))
    error_message = "jwks contains a private key. Use the public set, which the issuer publishes at /.well-known/jwks.json."
  }
}

# --- The result ---

variable "http_response" {
  description = "Form of the result for an HTTP API in format 2.0: `policy`, `simple` (yes or no for one route), or `simple-per-path` (the same, where the path is an identity source or results are not cached: for rules about the caller's own items)."
  type        = string
  default     = "policy"
  nullable    = false

  validation {
    condition     = contains(["policy", "simple", "simple-per-path"], var.http_response)
    error_message = "http_response must be \"policy\", \"simple\" or \"simple-per-path\"."
  }
}

variable "expire_cached_policies" {
  description = "Add to each Allow a Deny that starts when the token expires, so that a cached result ends with its token."
  type        = bool
  default     = true
  nullable    = false
}

# --- Revocation ---

variable "revocation_enabled" {
  description = "Create a table of revoked sessions, and look each token up in it. Turning this off makes revoked tokens valid again until they expire."
  type        = bool
  default     = false
  nullable    = false
}

variable "table_deletion_protection" {
  description = "Refuse to delete the table. Turn it off and apply before you destroy."
  type        = bool
  default     = true
  nullable    = false
}

variable "table_kms_key_arn" {
  description = "KMS key that encrypts the table. `null`: a key that DynamoDB owns."
  type        = string
  default     = null

  validation {
    condition     = var.table_kms_key_arn == null || var.revocation_enabled
    error_message = "table_kms_key_arn encrypts the table of revoked sessions: set revocation_enabled = true, or remove table_kms_key_arn."
  }
}

# --- The function ---

variable "memory_mb" {
  description = "Memory in MB. CPU, and with it the speed of a cold start, grows with it."
  type        = number
  default     = 512
  nullable    = false
}

variable "reserved_concurrency" {
  description = "Most instances that may run at once; `-1` sets no limit for this function. Callers beyond it get a 500."
  type        = number
  default     = -1
  nullable    = false
}

variable "alias" {
  description = "An alias that API Gateway calls: its name; the version it points to, by default the newest; instances that are kept initialised; and a share of the calls (`weight`, more than 0 and less than 1) for one other version."
  type = object({
    name                    = string
    version                 = optional(string)
    provisioned_concurrency = optional(number, 0)
    shift = optional(object({
      version = string
      weight  = number
    }))
  })
  default = null
}

variable "vpc_config" {
  description = "Subnets and security groups of a VPC. The function then reaches only what the VPC reaches."
  type = object({
    subnet_ids         = list(string)
    security_group_ids = list(string)
  })
  default = null
}

variable "kms_key_arn" {
  description = "KMS key that encrypts the environment variables. `null`: Lambda's own key."
  type        = string
  default     = null
}

variable "role_arn" {
  description = "An existing role for the function. Give it the permissions of the output `role_policy`. `null` creates a role."
  type        = string
  default     = null
}

variable "role_path" {
  description = "Path of the role that is created, such as `/applications/`."
  type        = string
  default     = "/"
  nullable    = false
}

variable "permissions_boundary_arn" {
  description = "Permissions boundary of the role that is created, if the account requires one."
  type        = string
  default     = null
}

variable "log_group_name" {
  description = "An existing log group. `null` creates `/aws/lambda/<name>`."
  type        = string
  default     = null
}

variable "log_level" {
  description = "Log level: `debug`, `info`, `warn` or `error`."
  type        = string
  default     = "info"
  nullable    = false
}

variable "log_retention_days" {
  description = "Days that log lines are kept, a value that CloudWatch allows."
  type        = number
  default     = 30
  nullable    = false
}

variable "log_kms_key_arn" {
  description = "KMS key that encrypts the log group. Its key policy must allow CloudWatch Logs. `null`: CloudWatch's own key."
  type        = string
  default     = null
}

variable "tracing" {
  description = "Trace sampled calls with X-Ray."
  type        = bool
  default     = true
  nullable    = false
}

variable "alarm_topic_arn" {
  description = "SNS topic that is notified when an alarm starts and ends. `null`: alarms are visible in CloudWatch only."
  type        = string
  default     = null
}

variable "latency_alarm_ms" {
  description = "An alarm fires when the 99th percentile of the authorizer's duration stays at this many milliseconds or more for 15 minutes."
  type        = number
  default     = 1000
  nullable    = false

  validation {
    condition     = var.latency_alarm_ms > 0
    error_message = "latency_alarm_ms must be more than 0."
  }
}

variable "tags" {
  description = "Tags of every resource that supports them."
  type        = map(string)
  default     = {}
  nullable    = false
}
