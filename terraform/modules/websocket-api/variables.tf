variable "name" {
  description = "Name of the API, and the first part of the names of everything around it."
  type        = string
  nullable    = false

  validation {
    condition     = can(regex("^[a-zA-Z0-9-_]{1,64}$", var.name))
    error_message = "name must be 1 to 64 letters, digits, hyphens and underscores."
  }
}

variable "stage_name" {
  description = "Name of the stage: the path of the URL."
  type        = string
  default     = "prod"
  nullable    = false

  validation {
    condition     = can(regex("^[a-zA-Z0-9_-]{1,128}$", var.stage_name))
    error_message = "stage_name must be 1 to 128 letters, digits, hyphens and underscores."
  }
}

variable "contract" {
  description = "The compiled contract: the text of `contract.json` (`module.build.contract`). The `security` at the top of the document is the rule of `$connect`."
  type        = string
  nullable    = false
}

# --- The two functions ---

variable "api_function_name" {
  description = "Name of the function behind the API."
  type        = string
  nullable    = false
}

variable "api_function_qualifier" {
  description = "Its alias, if `api_invoke_arn` names one."
  type        = string
  default     = null
}

variable "api_invoke_arn" {
  description = "ARN by which API Gateway calls it (`invoke_arn`)."
  type        = string
  nullable    = false
}

variable "authorizer_function_name" {
  description = "Name of the authorizer function."
  type        = string
  nullable    = false
}

variable "authorizer_function_qualifier" {
  description = "Its alias, if `authorizer_invoke_arn` names one."
  type        = string
  default     = null
}

variable "authorizer_invoke_arn" {
  description = "ARN by which API Gateway calls it (`invoke_arn`)."
  type        = string
  nullable    = false
}

variable "send_replies" {
  description = "Send the `body` that the function returns for a message to the client. `false`: the client gets only what the function sends through `management_url`."
  type        = bool
  default     = true
  nullable    = false
}

variable "route_selection_expression" {
  description = "What of a message chooses its route. Routes that you add with `integration_id` need it; all other messages go to `$default`."
  type        = string
  default     = "$request.body.action"
  nullable    = false

  validation {
    condition     = can(regex("^\\$\\{?request\\.body\\.", var.route_selection_expression))
    error_message = "route_selection_expression names a member of the message: write \"$request.body.action\"."
  }
}

# --- Who can reach it ---

variable "identity_source" {
  description = "Where clients put the token; a handshake without it gets a 401, and the function is not called. `Sec-WebSocket-Protocol` works in browsers (`new WebSocket(url, [\"bearer\", token])`), `Authorization` elsewhere; a query parameter may end up in the logs of proxies."
  type        = string
  default     = "route.request.header.Sec-WebSocket-Protocol"
  nullable    = false

  validation {
    condition = contains([
      "route.request.header.Sec-WebSocket-Protocol",
      "route.request.header.Authorization",
      "route.request.querystring.access_token",
    ], var.identity_source)
    error_message = "identity_source must be a place where the authorizer looks for the token: \"route.request.header.Sec-WebSocket-Protocol\", \"route.request.header.Authorization\" or \"route.request.querystring.access_token\"."
  }
}

variable "domain" {
  description = "Custom domain: its name, an ACM certificate of this region, and the base path. A domain of a REST or HTTP API cannot be shared."
  type = object({
    name            = string
    certificate_arn = string
    base_path       = optional(string)
  })
  default = null

  validation {
    condition     = var.domain == null || can(regex("^[a-z0-9*]([a-z0-9.-]*[a-z0-9])?$", var.domain.name))
    error_message = "domain.name is a host name in lower case: write \"api.example.com\"."
  }

  validation {
    condition     = var.domain == null || can(regex("^arn:[a-z-]+:acm:", var.domain.certificate_arn))
    error_message = "domain.certificate_arn is the ARN of an ACM certificate in the region of the API."
  }

  validation {
    condition     = try(var.domain.base_path, null) == null || try(can(regex("^[A-Za-z0-9$_.+!*'()-][A-Za-z0-9$_.+!*'()/-]*$", var.domain.base_path)), false)
    error_message = "domain.base_path has no slash at its start: write \"orders\"."
  }
}

variable "disable_execute_api_endpoint" {
  description = "Refuse calls to the API's default host name, so that callers must use `domain`."
  type        = bool
  default     = false
  nullable    = false

  validation {
    condition     = !var.disable_execute_api_endpoint || var.domain != null
    error_message = "disable_execute_api_endpoint without domain would leave no way to call the API: set domain."
  }
}

variable "throttling_rate" {
  description = "New connections and messages per second that the stage accepts over time."
  type        = number
  default     = 100
  nullable    = false

  validation {
    condition     = var.throttling_rate > 0
    error_message = "throttling_rate must be more than 0: 0 would refuse every connection and message."
  }
}

variable "throttling_burst" {
  description = "New connections and messages that the stage accepts at once."
  type        = number
  default     = 200
  nullable    = false

  validation {
    condition     = var.throttling_burst > 0
    error_message = "throttling_burst must be more than 0: 0 would refuse every connection and message."
  }
}

# --- Logs and alarms ---

variable "access_log" {
  description = "Write one line per connection, message and disconnection. API Gateway needs a role for it, one per account and region, which `manage_account_logging` of rest-api sets."
  type        = bool
  default     = true
  nullable    = false
}

variable "log_retention_days" {
  description = "Days that the access log is kept, a value that CloudWatch allows."
  type        = number
  default     = 30
  nullable    = false
}

variable "log_kms_key_arn" {
  description = "KMS key that encrypts the access log. Its key policy must allow CloudWatch Logs. `null`: CloudWatch's own key."
  type        = string
  default     = null
}

variable "alarm_topic_arn" {
  description = "SNS topic that is notified when an alarm starts and ends. `null`: alarms are visible in CloudWatch only."
  type        = string
  default     = null
}

variable "tags" {
  description = "Tags of every resource that supports them."
  type        = map(string)
  default     = {}
  nullable    = false
}
