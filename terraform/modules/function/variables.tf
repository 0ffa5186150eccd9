variable "name" {
  description = "Name of the function and of its alarms, and the first part of its role's name."
  type        = string
  nullable    = false

  validation {
    condition     = can(regex("^[a-zA-Z0-9-_]{1,64}$", var.name))
    error_message = "name must be 1 to 64 letters, digits, hyphens and underscores."
  }
}

variable "description" {
  description = "Description of the function."
  type        = string
  default     = ""
  nullable    = false
}

# --- Code ---

variable "zip_path" {
  description = "Path of the zip, with an executable named `bootstrap` at its root. Set this or `zip_s3`."
  type        = string
  default     = null

  validation {
    condition     = var.zip_path == null || try(fileexists(var.zip_path), false)
    error_message = "zip_path: there is no file ${coalesce(var.zip_path, "-")}. Build it first, at the root of the repository: make build-zip"
  }

  validation {
    condition     = (var.zip_path == null) != (var.zip_s3 == null)
    error_message = "Set either zip_path, for a zip on this machine (make build-zip writes authorizer.zip and api.zip to dist/), or zip_s3, for one in a bucket."
  }
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

  validation {
    condition     = var.code_signing_config_arn == null || var.zip_s3 != null
    error_message = "code_signing_config_arn needs a signed zip, which AWS Signer writes to S3: set zip_s3 instead of zip_path."
  }
}

variable "runtime" {
  description = "Lambda runtime: `provided.al2023` or `provided.al2`."
  type        = string
  default     = "provided.al2023"
  nullable    = false

  validation {
    condition     = contains(["provided.al2", "provided.al2023"], var.runtime)
    error_message = "runtime must be provided.al2023 or provided.al2."
  }
}

variable "architecture" {
  description = "Architecture that the zip was built for: `arm64` or `x86_64`."
  type        = string
  default     = "arm64"
  nullable    = false

  validation {
    condition     = contains(["arm64", "x86_64"], var.architecture)
    error_message = "architecture must be arm64 or x86_64. Go's amd64 is x86_64 here."
  }
}

# --- Resources and scaling ---

variable "memory_mb" {
  description = "Memory in MB. CPU grows with it."
  type        = number
  default     = 256
  nullable    = false

  validation {
    condition     = var.memory_mb >= 128 && var.memory_mb <= 10240
    error_message = "memory_mb must be between 128 and 10240."
  }
}

variable "timeout_seconds" {
  description = "Time limit of one call."
  type        = number
  default     = 10
  nullable    = false

  validation {
    condition     = var.timeout_seconds >= 1 && var.timeout_seconds <= 29
    error_message = "timeout_seconds must be between 1 and 29: API Gateway does not wait longer."
  }
}

variable "reserved_concurrency" {
  description = "Most instances that may run at once; `-1` sets no limit for this function. Calls beyond it fail."
  type        = number
  default     = -1
  nullable    = false

  validation {
    condition     = var.reserved_concurrency == -1 || var.reserved_concurrency >= 1
    error_message = "reserved_concurrency must be -1 (no limit) or at least 1: 0 would stop the function."
  }

  validation {
    condition     = var.reserved_concurrency == -1 || try(var.alias.provisioned_concurrency, 0) <= var.reserved_concurrency
    error_message = "alias.provisioned_concurrency is more than reserved_concurrency: raise reserved_concurrency, or set it to -1."
  }
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

  validation {
    condition     = var.alias == null || can(regex("^[a-zA-Z0-9-_]{1,128}$", var.alias.name)) && !can(regex("^[0-9]+$", var.alias.name))
    error_message = "alias.name must be 1 to 128 letters, digits, hyphens and underscores, and not a number: write \"live\"."
  }

  validation {
    condition     = alltrue([for version in [try(var.alias.version, null), try(var.alias.shift.version, null)] : version == null || can(regex("^[1-9][0-9]*$", version))])
    error_message = "alias.version and alias.shift.version are numbers of published versions, such as \"7\"; $LATEST cannot be shifted to and has no provisioned concurrency. Leave alias.version out for the newest."
  }

  validation {
    condition     = try(var.alias.shift, null) == null || try(var.alias.shift.weight > 0 && var.alias.shift.weight < 1, false)
    error_message = "alias.shift.weight is the share of calls for alias.shift.version: more than 0 and less than 1, such as 0.1. For all calls set alias.version."
  }

  validation {
    condition     = try(var.alias.provisioned_concurrency, 0) >= 0 && floor(try(var.alias.provisioned_concurrency, 0)) == try(var.alias.provisioned_concurrency, 0)
    error_message = "alias.provisioned_concurrency must be a whole number; 0 keeps no instance initialised."
  }

  validation {
    condition     = try(var.alias.shift, null) == null || try(var.alias.shift.version != var.alias.version, true)
    error_message = "alias.version and alias.shift.version are the same: name two versions, or remove alias.shift."
  }
}

variable "environment" {
  description = "Environment variables. `LOG_LEVEL` is added from `log_level`, and up to 1,769 MB `GOMAXPROCS=1`."
  type        = map(string)
  default     = {}
  nullable    = false
}

# --- Network, keys, permissions ---

variable "vpc_config" {
  description = "Subnets and security groups of a VPC. The function then reaches only what the VPC reaches."
  type = object({
    subnet_ids         = list(string)
    security_group_ids = list(string)
  })
  default = null

  validation {
    condition     = var.vpc_config == null || try(length(var.vpc_config.subnet_ids) > 0 && length(var.vpc_config.security_group_ids) > 0, false)
    error_message = "vpc_config needs at least one subnet and one security group. Leave it out for a function outside a VPC."
  }
}

variable "kms_key_arn" {
  description = "KMS key that encrypts the environment variables. `null`: Lambda's own key."
  type        = string
  default     = null

  validation {
    condition     = var.kms_key_arn == null || can(regex("^arn:[a-z-]+:kms:[a-z0-9-]+:[0-9]{12}:key/[A-Za-z0-9-]+$", var.kms_key_arn))
    error_message = "kms_key_arn is the ARN of a key, not of an alias: write \"arn:aws:kms:eu-west-1:111122223333:key/1234abcd-12ab-34cd-56ef-1234567890ab\"."
  }
}

variable "policy_statements" {
  description = "Permissions in addition to writing logs and traces. Every action and resource is named."
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
    error_message = "Each statement names its resources by ARN; \"*\" is not one."
  }
}

variable "role_arn" {
  description = "An existing role for the function. Give it the permissions of the output `role_policy`. `null` creates a role."
  type        = string
  default     = null

  validation {
    condition     = var.role_arn == null || can(regex("^arn:[a-z-]+:iam::[0-9]{12}:role/.+$", var.role_arn))
    error_message = "role_arn is the ARN of a role: write \"arn:aws:iam::111122223333:role/orders-api\"."
  }

  validation {
    condition     = var.role_arn == null || (var.permissions_boundary_arn == null && var.role_path == "/")
    error_message = "permissions_boundary_arn and role_path are for a role that this module creates. Remove them, or remove role_arn."
  }
}

variable "role_path" {
  description = "Path of the role that is created, such as `/applications/`."
  type        = string
  default     = "/"
  nullable    = false

  validation {
    condition     = can(regex("^/([!-~]+/)?$", var.role_path))
    error_message = "role_path begins and ends with a slash: write \"/applications/\"."
  }
}

variable "permissions_boundary_arn" {
  description = "Permissions boundary of the role that is created, if the account requires one."
  type        = string
  default     = null
}

# --- Logs and alarms ---

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

  validation {
    condition     = contains(["debug", "info", "warn", "error"], var.log_level)
    error_message = "log_level must be debug, info, warn or error."
  }
}

variable "log_retention_days" {
  description = "Days that log lines are kept, a value that CloudWatch allows."
  type        = number
  default     = 30
  nullable    = false

  validation {
    condition     = contains([1, 3, 5, 7, 14, 30, 60, 90, 120, 150, 180, 365, 400, 545, 731, 1096, 1827, 2192, 2557, 2922, 3288, 3653], var.log_retention_days)
    error_message = "log_retention_days must be one of 1, 3, 5, 7, 14, 30, 60, 90, 120, 150, 180, 365, 400, 545, 731, 1096, 1827, 2192, 2557, 2922, 3288, 3653."
  }
}

variable "log_kms_key_arn" {
  description = "KMS key that encrypts the log group. Its key policy must allow CloudWatch Logs. `null`: CloudWatch's own key."
  type        = string
  default     = null

  validation {
    condition     = var.log_kms_key_arn == null || var.log_group_name == null
    error_message = "log_kms_key_arn is for the log group that this module creates: encrypt ${coalesce(var.log_group_name, "-")} where it is created, or remove log_group_name."
  }
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

variable "alarms" {
  description = "Alarms on the function's own metrics. Each fires when the sum (or the percentile, such as `p99`) reaches the threshold in that many consecutive periods of five minutes. `dimension` is the metric's dimension that holds the function's name."
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
  description = "Tags of every resource that supports them."
  type        = map(string)
  default     = {}
  nullable    = false
}
