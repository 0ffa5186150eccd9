variable "name" {
  description = "Name of the API, and the first part of the names of everything around it."
  type        = string
  nullable    = false

  validation {
    condition     = can(regex("^[a-zA-Z0-9-_]{1,64}$", var.name))
    error_message = "name must be 1 to 64 letters, digits, hyphens and underscores."
  }
}

variable "contract" {
  description = "The compiled contract: the text of `contract.json` (`module.build.contract`)."
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

variable "http_response" {
  description = "Form of the authorizer's result: `policy` (valid for all routes), `simple` (yes or no for one route), or `simple-per-path` (yes or no for one path, for routes of which callers may reach their own items only). The function needs the same setting."
  type        = string
  default     = "policy"
  nullable    = false

  validation {
    condition     = contains(["policy", "simple", "simple-per-path"], var.http_response)
    error_message = "http_response must be \"policy\", \"simple\" or \"simple-per-path\"."
  }
}

variable "identity_sources" {
  description = "Cache key of the authorizer's results. A call without one of them gets a 401, and the function is not called. `simple` results need `$context.routeKey` in it, and `simple-per-path` results `$context.path` as well."
  type        = list(string)
  default     = ["$request.header.Authorization"]
  nullable    = false

  validation {
    condition     = contains(var.identity_sources, "$request.header.Authorization")
    error_message = "identity_sources must include \"$request.header.Authorization\": otherwise one caller's result would be used for another."
  }

  validation {
    condition     = alltrue([for source in var.identity_sources : can(regex("^\\$(request\\.(header|querystring)|stageVariables|context)\\.[A-Za-z0-9_-]+$", source))])
    error_message = "An identity source is $request.header.NAME, $request.querystring.NAME, $stageVariables.NAME or $context.NAME."
  }
}

variable "result_ttl_seconds" {
  description = "Seconds that API Gateway caches a result of the authorizer, 0 to 3600. `0` calls it every time."
  type        = number
  default     = 300
  nullable    = false

  validation {
    condition     = var.result_ttl_seconds >= 0 && var.result_ttl_seconds <= 3600 && floor(var.result_ttl_seconds) == var.result_ttl_seconds
    error_message = "result_ttl_seconds must be a whole number from 0 to 3600."
  }
}

# --- Who can reach it ---

variable "cors" {
  description = "Browsers that may call the API. See [cors](../cors) for what an origin may be. No origins: none."
  type = object({
    allowed_origins   = optional(list(string), [])
    allow_credentials = optional(bool, false)
    allowed_headers   = optional(list(string), ["Authorization", "Content-Type"])
  })
  default  = {}
  nullable = false
}

variable "domain" {
  description = "Custom domain: its name, an ACM certificate of this region, the base path, and optionally mutual TLS with a trust store in S3."
  type = object({
    name            = string
    certificate_arn = string
    base_path       = optional(string)
    mutual_tls = optional(object({
      truststore_uri     = string
      truststore_version = optional(string)
    }))
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

  validation {
    condition     = try(var.domain.mutual_tls, null) == null || try(can(regex("^s3://[^/]+/.+$", var.domain.mutual_tls.truststore_uri)), false)
    error_message = "domain.mutual_tls.truststore_uri is the URI of a PEM file in S3: write \"s3://bucket/truststore.pem\"."
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

  validation {
    condition     = try(var.domain.mutual_tls, null) == null || var.disable_execute_api_endpoint
    error_message = "Mutual TLS applies to the custom domain only, and the default host name would bypass it: write disable_execute_api_endpoint = true."
  }
}

variable "throttling_rate" {
  description = "Calls per second that the stage accepts over time; more get a 429."
  type        = number
  default     = 100
  nullable    = false

  validation {
    condition     = var.throttling_rate > 0
    error_message = "throttling_rate must be more than 0: 0 would refuse every call."
  }
}

variable "throttling_burst" {
  description = "Calls that the stage accepts at once."
  type        = number
  default     = 200
  nullable    = false

  validation {
    condition     = var.throttling_burst > 0
    error_message = "throttling_burst must be more than 0: 0 would refuse every call."
  }
}

# --- Logs and alarms ---

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
