variable "name" {
  description = "Name of the function, of its role, alarms and table."
  type        = string
  nullable    = false
}

variable "zip_path" {
  description = "Path of the authorizer's zip, which holds the compiled contract of the API that it guards."
  type        = string
  nullable    = false
}

variable "issuers" {
  description = "Exact `iss` values whose tokens are accepted. Two during a change of issuer; otherwise one."
  type        = list(string)
  nullable    = false

  validation {
    condition     = length(var.issuers) > 0 && alltrue([for issuer in var.issuers : can(regex("^https://[^/?#\\s,]+/[^/?#\\s,]+$", issuer))])
    error_message = "Each issuer is https, a host and a pool id, with no slash at the end: write \"https://cognito-idp.eu-west-1.amazonaws.com/eu-west-1_AbCdEf123\"."
  }
}

variable "client_ids" {
  description = "App clients whose tokens are accepted: `client_id` of an access token, `aud` of an ID token."
  type        = list(string)
  nullable    = false

  validation {
    condition     = length(var.client_ids) > 0 && alltrue([for id in var.client_ids : can(regex("^[A-Za-z0-9_+]{1,128}$", id))])
    error_message = "client_ids needs at least one app client id, each as Cognito shows it: letters and digits, no white space, no comma."
  }
}

variable "token_use" {
  description = "Which tokens are accepted: `access`, `id`, or `access,id`."
  type        = string
  default     = "access"
  nullable    = false

  validation {
    condition     = contains(["access", "id", "access,id"], var.token_use)
    error_message = "token_use must be \"access\", \"id\" or \"access,id\"."
  }
}

variable "leeway_seconds" {
  description = "Tolerated difference of clocks, 0 to 60. `null` leaves it to the authorizer: none for the end of a token, 30 seconds for its beginning."
  type        = number
  default     = null

  validation {
    condition     = var.leeway_seconds == null || try(var.leeway_seconds >= 0 && var.leeway_seconds <= 60 && floor(var.leeway_seconds) == var.leeway_seconds, false)
    error_message = "leeway_seconds must be a whole number from 0 to 60."
  }
}

variable "jwks" {
  description = "Key set trusted from the start, as JSON text, so that a cold start needs no network: `{\"keys\":[…]}` with one issuer, `{\"<issuer>\":{\"keys\":[…]}}` with several. `make jwks` writes it. It is refreshed like any other."
  type        = string
  default     = null

  validation {
    condition = var.jwks == null || (
      can(jsondecode(var.jwks).keys)
      ? length(var.issuers) == 1 && try(length([for key in jsondecode(var.jwks).keys : key.kid]) > 0, false)
      : try(length(keys(jsondecode(var.jwks))) > 0 && alltrue([for set in values(jsondecode(var.jwks)) : length([for key in set.keys : key.kid]) > 0]), false)
    )
    error_message = "jwks is not a key set. Write {\"keys\":[…]} with one issuer, or {\"<issuer>\":{\"keys\":[…]}}; make jwks writes it."
  }

  validation {
    condition     = var.jwks == null || can(jsondecode(var.jwks).keys) || try(length(setsubtract(keys(jsondecode(var.jwks)), var.issuers)) == 0, true)
    error_message = "jwks holds keys of an issuer that is not among issuers."
  }

  validation {
    condition     = var.jwks == null || !can(regex("\"(d|p|q|dp|dq|qi|k)\"\\s*:", var.jwks))
    error_message = "jwks holds a private key. Take the public set, which the issuer publishes at /.well-known/jwks.json."
  }
}

variable "http_response" {
  description = "The form of the answer to an HTTP API in format 2.0: `policy`, or `simple` (yes or no for one route)."
  type        = string
  default     = "policy"
  nullable    = false

  validation {
    condition     = contains(["policy", "simple"], var.http_response)
    error_message = "http_response must be \"policy\" or \"simple\"."
  }
}

variable "expire_cached_policies" {
  description = "Put beside each Allow a Deny that begins when the token ends, so that an answer in API Gateway's cache ends with it."
  type        = bool
  default     = true
  nullable    = false
}

variable "revocation_enabled" {
  description = "Make a table of ended sessions, and ask it on each decision."
  type        = bool
  default     = false
  nullable    = false
}

variable "runtime" {
  description = "The Lambda runtime: `provided.al2023` or `provided.al2`."
  type        = string
  default     = "provided.al2023"
  nullable    = false
}

variable "architecture" {
  description = "The processor that the zip was built for: `arm64` or `x86_64`."
  type        = string
  default     = "arm64"
  nullable    = false
}

variable "memory_mb" {
  description = "Memory in MB. Processor time grows with it, and with that the speed of a cold start."
  type        = number
  default     = 512
  nullable    = false
}

variable "reserved_concurrency" {
  description = "The most copies that may run at once; `-1` sets no limit of its own. Over it callers get a 500."
  type        = number
  default     = -1
  nullable    = false
}

variable "permissions_boundary_arn" {
  description = "A permissions boundary for the role, where the account demands one."
  type        = string
  default     = null
}

variable "log_level" {
  description = "What is logged: `debug`, `info`, `warn` or `error`."
  type        = string
  default     = "info"
  nullable    = false
}

variable "log_retention_days" {
  description = "How long the log is kept, in days, as CloudWatch allows."
  type        = number
  default     = 30
  nullable    = false
}

variable "tracing" {
  description = "Trace sampled calls with X-Ray."
  type        = bool
  default     = true
  nullable    = false
}

variable "alarm_topic_arn" {
  description = "SNS topic that hears of each alarm and of its end. `null`: the alarms stand in CloudWatch only."
  type        = string
  default     = null
}

variable "latency_alarm_ms" {
  description = "An alarm is raised when the slowest hundredth of the decisions takes this many milliseconds or more for a quarter of an hour."
  type        = number
  default     = 1000
  nullable    = false

  validation {
    condition     = var.latency_alarm_ms > 0
    error_message = "latency_alarm_ms must be more than 0."
  }
}

variable "tags" {
  description = "Tags of everything here that can have them."
  type        = map(string)
  default     = {}
  nullable    = false
}
