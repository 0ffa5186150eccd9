variable "name" {
  description = "Name of the API, and the beginning of the names around it."
  type        = string
  nullable    = false

  validation {
    condition     = can(regex("^[a-zA-Z0-9-_]{1,64}$", var.name))
    error_message = "name must be 1 to 64 letters, digits, hyphens and underscores."
  }
}

variable "openapi" {
  description = "The contract: the text of an OpenAPI 3 document, YAML or JSON."
  type        = string
  nullable    = false
}

variable "api_function_name" {
  description = "Name of the function behind the API."
  type        = string
  nullable    = false
}

variable "api_invoke_arn" {
  description = "Its address as API Gateway wants it (`invoke_arn`)."
  type        = string
  nullable    = false
}

variable "authorizer_function_name" {
  description = "Name of the function that judges callers."
  type        = string
  nullable    = false
}

variable "authorizer_invoke_arn" {
  description = "Its address as API Gateway wants it (`invoke_arn`)."
  type        = string
  nullable    = false
}

variable "http_response" {
  description = "The form of the authorizer's answer: `policy` (good for all routes) or `simple` (yes or no for one route). The function's own setting must say the same."
  type        = string
  default     = "policy"
  nullable    = false

  validation {
    condition     = contains(["policy", "simple"], var.http_response)
    error_message = "http_response must be \"policy\" or \"simple\"."
  }
}

variable "identity_sources" {
  description = "What cached answers are kept by. A call that lacks one is refused without a call of the function. `simple` answers need `$context.routeKey` among them."
  type        = list(string)
  default     = ["$request.header.Authorization"]
  nullable    = false

  validation {
    condition     = contains(var.identity_sources, "$request.header.Authorization")
    error_message = "identity_sources must have \"$request.header.Authorization\" among them: otherwise one caller's answer would serve another."
  }

  validation {
    condition     = alltrue([for source in var.identity_sources : can(regex("^\\$(request\\.(header|querystring)|stageVariables|context)\\.[A-Za-z0-9_-]+$", source))])
    error_message = "An identity source reads $request.header.NAME, $request.querystring.NAME, $stageVariables.NAME or $context.NAME."
  }
}

variable "result_ttl_seconds" {
  description = "How long API Gateway may reuse one answer of the authorizer, 0 to 3600. `0` asks on every call."
  type        = number
  default     = 300
  nullable    = false

  validation {
    condition     = var.result_ttl_seconds >= 0 && var.result_ttl_seconds <= 3600 && floor(var.result_ttl_seconds) == var.result_ttl_seconds
    error_message = "result_ttl_seconds must be a whole number from 0 to 3600."
  }
}

variable "allowed_origins" {
  description = "Origins whose scripts may call the API from a browser. Empty: none."
  type        = list(string)
  default     = []
  nullable    = false

  validation {
    condition     = alltrue([for origin in var.allowed_origins : origin == "*" || can(regex("^https?://[a-z0-9.-]+(:[0-9]{1,5})?$", origin))])
    error_message = "An origin is a scheme, a host in lower case and at most a port, with no slash at the end and no path: write \"https://app.example.com\"."
  }

  validation {
    condition     = !contains(var.allowed_origins, "*") || length(var.allowed_origins) == 1
    error_message = "\"*\" stands for every origin, so it stands alone: leave the others out, or better, leave it out."
  }

  validation {
    condition     = length(distinct(var.allowed_origins)) == length(var.allowed_origins)
    error_message = "allowed_origins names an origin twice: write it once."
  }
}

variable "allow_credentials" {
  description = "Let browsers send cookies along. Bearer tokens need none."
  type        = bool
  default     = false
  nullable    = false

  validation {
    condition     = !var.allow_credentials || (length(var.allowed_origins) > 0 && !contains(var.allowed_origins, "*"))
    error_message = "allow_credentials needs each origin in allowed_origins written in full: with \"*\" browsers refuse it."
  }
}

variable "allowed_headers" {
  description = "Request headers that scripts may set. `*` would not cover `Authorization`, so all are named."
  type        = list(string)
  default     = ["Authorization", "Content-Type"]
  nullable    = false

  validation {
    condition     = alltrue([for header in var.allowed_headers : can(regex("^[A-Za-z0-9-]+$", header))])
    error_message = "allowed_headers holds names of headers, each written in full: \"Authorization\"."
  }
}

variable "throttling_rate" {
  description = "Calls a second that the stage takes in the long run; more are answered by 429."
  type        = number
  default     = 100
  nullable    = false

  validation {
    condition     = var.throttling_rate > 0
    error_message = "throttling_rate must be more than 0: 0 would refuse every call."
  }
}

variable "throttling_burst" {
  description = "Calls that the stage takes at once."
  type        = number
  default     = 200
  nullable    = false

  validation {
    condition     = var.throttling_burst > 0
    error_message = "throttling_burst must be more than 0: 0 would refuse every call."
  }
}

variable "log_retention_days" {
  description = "How long the access log is kept, in days, as CloudWatch allows."
  type        = number
  default     = 30
  nullable    = false
}

variable "alarm_topic_arn" {
  description = "SNS topic that hears of each alarm and of its end. `null`: the alarms stand in CloudWatch only."
  type        = string
  default     = null
}

variable "tags" {
  description = "Tags of everything here that can have them."
  type        = map(string)
  default     = {}
  nullable    = false
}
