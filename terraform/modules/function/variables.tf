variable "name" {
  description = "Name of the function, of its role and of its alarms."
  type        = string
  nullable    = false

  validation {
    condition     = can(regex("^[a-zA-Z0-9-_]{1,64}$", var.name))
    error_message = "name must be 1 to 64 letters, digits, hyphens and underscores."
  }
}

variable "description" {
  description = "What the function is for."
  type        = string
  default     = ""
  nullable    = false
}

variable "zip_path" {
  description = "Path of the zip, with an executable named `bootstrap` at its root."
  type        = string
  nullable    = false

  validation {
    condition     = fileexists(var.zip_path)
    error_message = "There is no file ${var.zip_path}. Make it first, at the root of the repository: make build-zip"
  }
}

variable "runtime" {
  description = "The Lambda runtime: `provided.al2023` or `provided.al2`."
  type        = string
  default     = "provided.al2023"
  nullable    = false

  validation {
    condition     = contains(["provided.al2", "provided.al2023"], var.runtime)
    error_message = "runtime must be provided.al2023 or provided.al2."
  }
}

variable "architecture" {
  description = "The processor that the zip was built for: `arm64` or `x86_64`."
  type        = string
  default     = "arm64"
  nullable    = false

  validation {
    condition     = contains(["arm64", "x86_64"], var.architecture)
    error_message = "architecture must be arm64 or x86_64: what Go calls amd64 is x86_64 here."
  }
}

variable "memory_mb" {
  description = "Memory in MB. Processor time grows with it."
  type        = number
  default     = 256
  nullable    = false

  validation {
    condition     = var.memory_mb >= 128 && var.memory_mb <= 10240
    error_message = "memory_mb must be between 128 and 10240."
  }
}

variable "timeout_seconds" {
  description = "How long one call may take."
  type        = number
  default     = 10
  nullable    = false

  validation {
    condition     = var.timeout_seconds >= 1 && var.timeout_seconds <= 29
    error_message = "timeout_seconds must be between 1 and 29: API Gateway waits no longer."
  }
}

variable "reserved_concurrency" {
  description = "The most copies that may run at once; `-1` sets no limit of its own. Calls over it fail."
  type        = number
  default     = -1
  nullable    = false

  validation {
    condition     = var.reserved_concurrency == -1 || var.reserved_concurrency >= 1
    error_message = "reserved_concurrency must be -1 (no limit) or at least 1: 0 would stop the function."
  }
}

variable "environment" {
  description = "Settings of the function. `LOG_LEVEL` is added from `log_level`, and up to 1,769 MB `GOMAXPROCS=1`."
  type        = map(string)
  default     = {}
  nullable    = false
}

variable "policy_statements" {
  description = "What the function may do besides writing its log and traces. Everything is named: no wildcard stands alone."
  type = list(object({
    sid       = string
    actions   = list(string)
    resources = list(string)
  }))
  default  = []
  nullable = false

  validation {
    condition = alltrue([
      for statement in var.policy_statements : length(statement.actions) > 0 && !anytrue([for action in statement.actions : strcontains(action, "*")])
    ])
    error_message = "Each statement names its actions in full: write \"dynamodb:GetItem\", not \"dynamodb:*\"."
  }

  validation {
    condition = alltrue([
      for statement in var.policy_statements : length(statement.resources) > 0 && alltrue([for resource in statement.resources : startswith(resource, "arn:")])
    ])
    error_message = "Each statement names its resources by ARN; \"*\" is none."
  }
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

  validation {
    condition     = contains(["debug", "info", "warn", "error"], var.log_level)
    error_message = "log_level must be debug, info, warn or error."
  }
}

variable "log_retention_days" {
  description = "How long the log is kept, in days, as CloudWatch allows."
  type        = number
  default     = 30
  nullable    = false

  validation {
    condition     = contains([1, 3, 5, 7, 14, 30, 60, 90, 120, 150, 180, 365, 400, 545, 731, 1096, 1827, 2192, 2557, 2922, 3288, 3653], var.log_retention_days)
    error_message = "log_retention_days must be one of 1, 3, 5, 7, 14, 30, 60, 90, 120, 150, 180, 365, 400, 545, 731, 1096, 1827, 2192, 2557, 2922, 3288, 3653."
  }
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

variable "alarms" {
  description = "Alarms on metrics of the function's own: each fires when the sum (or the percentile, such as `p99`) reaches the threshold in that many periods of five minutes in a row. `dimension` is the name under which the metric carries the function's name."
  type = map(object({
    description = string
    namespace   = string
    metric_name = string
    dimension   = string
    threshold   = number
    percentile  = optional(string)
    periods     = optional(number, 1)
  }))
  default  = {}
  nullable = false
}

variable "tags" {
  description = "Tags of everything here that can have them."
  type        = map(string)
  default     = {}
  nullable    = false
}
