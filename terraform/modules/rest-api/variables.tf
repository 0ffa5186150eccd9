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
  description = "Name of the stage: the first part of every path."
  type        = string
  default     = "prod"
  nullable    = false

  validation {
    condition     = can(regex("^[a-zA-Z0-9_-]{1,128}$", var.stage_name))
    error_message = "stage_name must be 1 to 128 letters, digits, hyphens and underscores."
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

variable "authorizer_type" {
  description = "`TOKEN`: the function gets the token only, and API Gateway refuses what does not look like one. `REQUEST`: it gets the whole request."
  type        = string
  default     = "TOKEN"
  nullable    = false

  validation {
    condition     = contains(["TOKEN", "REQUEST"], var.authorizer_type)
    error_message = "authorizer_type must be TOKEN or REQUEST."
  }
}

variable "identity_sources" {
  description = "Cache key of a `REQUEST` authorizer's results. A call without one of them gets a 401, and the function is not called."
  type        = list(string)
  default     = ["method.request.header.Authorization"]
  nullable    = false

  validation {
    condition     = contains(var.identity_sources, "method.request.header.Authorization")
    error_message = "identity_sources must include \"method.request.header.Authorization\": otherwise one caller's result would be used for another."
  }

  validation {
    condition     = alltrue([for source in var.identity_sources : can(regex("^(method\\.request\\.(header|querystring)|stageVariables|context)\\.[A-Za-z0-9_-]+$", source))])
    error_message = "An identity source is method.request.header.NAME, method.request.querystring.NAME, stageVariables.NAME or context.NAME."
  }

  validation {
    condition     = var.authorizer_type == "REQUEST" || length(var.identity_sources) == 1
    error_message = "A TOKEN authorizer's results are cached by the token only: write authorizer_type = \"REQUEST\", or remove the other identity_sources."
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

  validation {
    condition     = !var.cors.allow_credentials || length(var.cors.allowed_origins) == 1
    error_message = "In a REST API allow_credentials needs exactly one origin in allowed_origins: a gateway response cannot choose from several."
  }
}

variable "protected_resource" {
  description = "Serve OAuth protected resource metadata (RFC 9728) and name it in each 401, so that MCP and other OAuth clients find where to sign in: the URL of the API (the output `url`), the `iss` of the user pools, and optionally scopes (by default those of the contract), a name and a page."
  type = object({
    resource              = string
    authorization_servers = list(string)
    scopes                = optional(list(string))
    name                  = optional(string)
    documentation         = optional(string)
  })
  default = null

  validation {
    condition     = var.protected_resource == null || try(can(regex("^https://[a-z0-9.-]+(:[0-9]+)?(/[A-Za-z0-9._~-]+)*$", var.protected_resource.resource)), false)
    error_message = "protected_resource.resource is the URL of the API, without a slash at the end: write \"https://api.example.com\", or without a domain the output url of the first apply."
  }

  validation {
    condition     = var.protected_resource == null || try(length(var.protected_resource.authorization_servers) > 0 && alltrue([for issuer in var.protected_resource.authorization_servers : can(regex("^https://[^/?#\\s]+/[^?#\\s]*[^/?#\\s]$", issuer))]), false)
    error_message = "protected_resource.authorization_servers are the issuers of the tokens: write [\"https://cognito-idp.eu-west-1.amazonaws.com/eu-west-1_AbCdEf123\"]."
  }
}

variable "gateway_responses" {
  description = "Own gateway responses by type, such as `ACCESS_DENIED` or `THROTTLED`: status, headers (without quotes) and bodies by content type. CORS headers are added."
  type = map(object({
    status_code = optional(string)
    headers     = optional(map(string), {})
    templates   = optional(map(string), {})
  }))
  default  = {}
  nullable = false

  validation {
    condition     = alltrue([for type in keys(var.gateway_responses) : can(regex("^[A-Z][A-Z0-9_]+$", type))])
    error_message = "The keys of gateway_responses are types of API Gateway in upper case, such as ACCESS_DENIED."
  }

  validation {
    condition     = alltrue(flatten([for response in values(var.gateway_responses) : [for value in values(response.headers) : !strcontains(value, "'")]]))
    error_message = "A header value in gateway_responses contains a single quote, which would end the static value: remove it."
  }
}

variable "endpoint_type" {
  description = "`REGIONAL`, or `PRIVATE` for an API that only VPC endpoints reach."
  type        = string
  default     = "REGIONAL"
  nullable    = false

  validation {
    condition     = contains(["REGIONAL", "PRIVATE"], var.endpoint_type)
    error_message = "endpoint_type must be REGIONAL or PRIVATE. For edge caching use the module site, or CloudFront in front of a REGIONAL API."
  }
}

variable "vpc_endpoint_ids" {
  description = "VPC endpoints of `execute-api` that may call a private API. The resource policy is made from them."
  type        = list(string)
  default     = []
  nullable    = false

  validation {
    condition     = (var.endpoint_type == "PRIVATE") == (length(var.vpc_endpoint_ids) > 0)
    error_message = "endpoint_type = \"PRIVATE\" and vpc_endpoint_ids go together: set both, or neither."
  }
}

variable "resource_policy" {
  description = "Resource policy of a regional API, as JSON, such as a Deny for other networks. A private API gets its own."
  type        = string
  default     = null

  validation {
    condition     = var.resource_policy == null || can(jsondecode(var.resource_policy).Statement)
    error_message = "resource_policy is not a policy document in JSON: write jsonencode({ Version = \"2012-10-17\", Statement = […] })."
  }

  validation {
    condition     = var.resource_policy == null || var.endpoint_type == "REGIONAL"
    error_message = "A private API's resource policy is made from vpc_endpoint_ids: remove resource_policy."
  }
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

  validation {
    condition     = var.domain == null || var.endpoint_type == "REGIONAL"
    error_message = "A private API has no public custom domain: remove domain, or write endpoint_type = \"REGIONAL\"."
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

variable "web_acl_arn" {
  description = "Regional WAF web ACL in front of the stage."
  type        = string
  default     = null

  validation {
    condition     = var.web_acl_arn == null || can(regex("^arn:[a-z-]+:wafv2:[a-z0-9-]+:[0-9]{12}:regional/webacl/.+$", var.web_acl_arn))
    error_message = "web_acl_arn is a regional web ACL: write \"arn:aws:wafv2:eu-west-1:111122223333:regional/webacl/NAME/ID\". One of CloudFront's (global/webacl) belongs to a distribution."
  }
}

variable "usage_plans" {
  description = "Usage plans by name, with limits and the names of API keys that are created. For operations that need `x-api-key` beside a token."
  type = map(object({
    api_keys         = set(string)
    throttling_rate  = optional(number)
    throttling_burst = optional(number)
    quota_limit      = optional(number)
    quota_period     = optional(string, "MONTH")
  }))
  default  = {}
  nullable = false

  validation {
    condition     = alltrue([for plan in values(var.usage_plans) : (plan.throttling_rate == null) == (plan.throttling_burst == null)])
    error_message = "throttling_rate and throttling_burst of a usage plan go together: a missing one counts as 0 and refuses every call."
  }

  validation {
    condition     = alltrue([for plan in values(var.usage_plans) : contains(["DAY", "WEEK", "MONTH"], plan.quota_period)])
    error_message = "quota_period must be DAY, WEEK or MONTH."
  }

  validation {
    condition     = length(flatten([for plan in values(var.usage_plans) : tolist(plan.api_keys)])) == length(distinct(flatten([for plan in values(var.usage_plans) : tolist(plan.api_keys)])))
    error_message = "An API key belongs to one usage plan of an API: give each key of usage_plans a name of its own."
  }
}

variable "binary_media_types" {
  description = "Content types that are passed as binary, beside those of the contract."
  type        = list(string)
  default     = []
  nullable    = false
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

variable "manage_account_logging" {
  description = "Set the role by which API Gateway writes logs. There is one per account and region: leave this off if another stack has set it."
  type        = bool
  default     = false
  nullable    = false
}

variable "permissions_boundary_arn" {
  description = "Permissions boundary of the role of `manage_account_logging`, if the account requires one."
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

variable "tags" {
  description = "Tags of every resource that supports them."
  type        = map(string)
  default     = {}
  nullable    = false
}
