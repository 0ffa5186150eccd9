# --- The system ---

variable "name" {
  description = "First part of the name of every resource. It cannot be changed later without replacing everything; see `deletion_protection`."
  type        = string
  default     = "cognito-authorizer"
  nullable    = false

  validation {
    condition     = can(regex("^[a-z][a-z0-9-]{1,38}[a-z0-9]$", var.name))
    error_message = "name must be 3 to 40 lower-case letters, digits and hyphens, begin with a letter and not end with a hyphen: write \"user-directory\"."
  }
}

variable "region" {
  description = "AWS region. `null`: that of the environment (`AWS_REGION`)."
  type        = string
  default     = null
}

variable "tags" {
  description = "Tags of every resource that supports them."
  type        = map(string)
  default     = {}
  nullable    = false
}

variable "deletion_protection" {
  description = "Refuse to destroy the system, to delete its user pool and its table, and to change `name` or `region`. Turn it off and apply before you destroy."
  type        = bool
  default     = true
  nullable    = false
}

# --- What is deployed ---

variable "build_path" {
  description = "Folder that the build wrote, relative to the folder of this configuration: `contract.json`, `manifest.json` and the two zips."
  type        = string
  default     = "../dist"
  nullable    = false
}

variable "architecture" {
  description = "Architecture that the functions must have, `arm64` or `x86_64`. `null`: that of the build."
  type        = string
  default     = null
}

variable "lambda_runtime" {
  description = "Lambda runtime of both functions: `provided.al2023`, or `provided.al2`, which AWS has deprecated. The zips run on both."
  type        = string
  default     = "provided.al2023"
  nullable    = false

  validation {
    condition     = contains(["provided.al2", "provided.al2023"], var.lambda_runtime)
    error_message = "lambda_runtime must be provided.al2023 or provided.al2."
  }
}

variable "authorizer_memory_mb" {
  description = "Memory of the authorizer in MB. Less makes cold starts slower."
  type        = number
  default     = 512
  nullable    = false
}

variable "authorizer_reserved_concurrency" {
  description = "Most instances of the authorizer that may run at once; `-1` sets no limit. Callers beyond it get a 500."
  type        = number
  default     = -1
  nullable    = false
}

variable "authorizer_alias" {
  description = "An alias of the authorizer that API Gateway calls: its name, the version it points to (by default the newest), instances that are kept initialised, and a share of the calls (`weight`) for one other version."
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

variable "api_reserved_concurrency" {
  description = "Most instances of the API's function that may run at once; `-1` sets no limit. Callers beyond it get a 500."
  type        = number
  default     = -1
  nullable    = false
}

variable "vpc_config" {
  description = "Subnets and security groups of a VPC for both functions. The API must reach Cognito from there; the authorizer too, unless `jwks` is set."
  type = object({
    subnet_ids         = list(string)
    security_group_ids = list(string)
  })
  default = null
}

variable "kms_key_arn" {
  description = "KMS key that encrypts the environment of both functions, and the table of revoked sessions. `null`: keys that AWS owns."
  type        = string
  default     = null
}

variable "role_path" {
  description = "Path of the roles of both functions, such as `/applications/`."
  type        = string
  default     = "/"
  nullable    = false
}

variable "permissions_boundary_arn" {
  description = "Permissions boundary of every role that is created. A deployment by the pipeline needs it."
  type        = string
  default     = null
}

# --- The API ---

variable "api_type" {
  description = "`rest`: a REST API. `http`: an HTTP API, which costs less and has fewer features."
  type        = string
  default     = "rest"
  nullable    = false

  validation {
    condition     = contains(["rest", "http"], var.api_type)
    error_message = "api_type must be \"rest\" or \"http\"."
  }
}

variable "stage_name" {
  description = "Stage of a REST API: the first part of every path."
  type        = string
  default     = "prod"
  nullable    = false

  validation {
    condition     = var.stage_name == "prod" || var.api_type == "rest"
    error_message = "An HTTP API is deployed to the stage $default: write api_type = \"rest\", or remove stage_name."
  }
}

variable "authorizer_type" {
  description = "Kind of a REST API's authorizer: `TOKEN` passes only the token to the function, `REQUEST` the whole request. An HTTP API has only `REQUEST`, whatever is written here."
  type        = string
  default     = "TOKEN"
  nullable    = false

  validation {
    condition     = contains(["TOKEN", "REQUEST"], var.authorizer_type)
    error_message = "authorizer_type must be TOKEN or REQUEST."
  }
}

variable "result_ttl_seconds" {
  description = "Seconds that API Gateway caches a result of the authorizer, 0 to 3600. `0` calls it every time. A changed group or a revoked session takes effect after this time at the latest."
  type        = number
  default     = 300
  nullable    = false

  validation {
    condition     = var.result_ttl_seconds >= 0 && var.result_ttl_seconds <= 3600 && floor(var.result_ttl_seconds) == var.result_ttl_seconds
    error_message = "result_ttl_seconds must be a whole number from 0 to 3600."
  }

  validation {
    condition     = var.result_ttl_seconds <= var.access_token_minutes * 60
    error_message = "result_ttl_seconds must not be more than the lifetime of an access token, ${var.access_token_minutes * 60} seconds: a result would outlive every token. Write ${var.access_token_minutes * 60} or less."
  }
}

variable "cors" {
  description = "Browsers that may call the API: the origins of their pages, whether they may send cookies, and the request headers that scripts may set. No origins: none."
  type = object({
    allowed_origins   = optional(list(string), [])
    allow_credentials = optional(bool, false)
    allowed_headers   = optional(list(string), ["Authorization", "Content-Type"])
  })
  default  = {}
  nullable = false

  validation {
    condition     = !contains(var.cors.allowed_origins, "*")
    error_message = "\"*\" would let every page of the web call the API. Name the origins: { allowed_origins = [\"https://app.example.com\"] }."
  }
}

variable "gateway_responses" {
  description = "Gateway responses of a REST API by type, such as `ACCESS_DENIED`: status, headers (without quotes) and bodies by content type. CORS headers are added."
  type = map(object({
    status_code = optional(string)
    headers     = optional(map(string), {})
    templates   = optional(map(string), {})
  }))
  default  = {}
  nullable = false

  validation {
    condition     = length(var.gateway_responses) == 0 || var.api_type == "rest"
    error_message = "An HTTP API has no gateway responses: write api_type = \"rest\", or remove gateway_responses."
  }
}

variable "domain" {
  description = "Custom domain: its name, an ACM certificate of this region, the base path, and optionally mutual TLS with a trust store in S3. The DNS record is yours to create; see the output `domain_target`."
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
}

variable "disable_execute_api_endpoint" {
  description = "Refuse calls to the API's default host name, so that callers must use `domain`."
  type        = bool
  default     = false
  nullable    = false
}

variable "vpc_endpoint_ids" {
  description = "Makes a REST API private: only these VPC endpoints of `execute-api` may call it."
  type        = list(string)
  default     = []
  nullable    = false

  validation {
    condition     = length(var.vpc_endpoint_ids) == 0 || var.api_type == "rest"
    error_message = "An HTTP API cannot be private: write api_type = \"rest\", or remove vpc_endpoint_ids."
  }
}

variable "web_acl_arn" {
  description = "Regional WAF web ACL in front of a REST API's stage."
  type        = string
  default     = null

  validation {
    condition     = var.web_acl_arn == null || var.api_type == "rest"
    error_message = "WAF cannot protect an HTTP API directly: write api_type = \"rest\", or put CloudFront with a web ACL in front of it and remove web_acl_arn."
  }
}

variable "usage_plans" {
  description = "Usage plans of a REST API by name, with limits and the names of API keys that are created. For operations that need `x-api-key` in addition to a token."
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
    condition     = length(var.usage_plans) == 0 || var.api_type == "rest"
    error_message = "An HTTP API has no API keys: write api_type = \"rest\", or remove usage_plans."
  }
}

variable "throttling_rate" {
  description = "Calls per second that the API accepts over time; more get a 429."
  type        = number
  default     = 100
  nullable    = false
}

variable "throttling_burst" {
  description = "Calls that the API accepts at once."
  type        = number
  default     = 200
  nullable    = false
}

# --- The authorizer ---

variable "resource_url" {
  description = "URL by which MCP and other OAuth clients know a REST API: its metadata (RFC 9728) is served below it and named in each 401, and tokens bound to it (`aud`, RFC 8707) are accepted. Without a domain, take the output `api_url` of the first apply."
  type        = string
  default     = null

  validation {
    condition     = var.resource_url == null || var.api_type == "rest"
    error_message = "resource_url needs api_type = \"rest\": an HTTP API cannot name the metadata in its 401."
  }
}

variable "further_issuers" {
  description = "Further user pools whose tokens are accepted, each with its own clients and audiences: exact `iss` to these. A rule tells the pools apart by the claim `iss`."
  type = map(object({
    clients   = list(string)
    audiences = optional(list(string), [])
  }))
  default  = {}
  nullable = false
}

variable "groups_claims" {
  description = "Claims that list groups, such as `[\"cognito:groups\", \"custom:groups\"]`: a list, a single name, or the form `[a, b]` of a SAML attribute. Empty: `cognito:groups`. A client must not be able to write them."
  type        = list(string)
  default     = []
  nullable    = false
}

variable "context_claims" {
  description = "Further claims that the API receives by their names, such as `custom:tenant_id`: strings, whole numbers and booleans of up to 256 bytes, 1024 bytes together."
  type        = list(string)
  default     = []
  nullable    = false
}

variable "audiences" {
  description = "Resource identifiers (RFC 8707) that are accepted in `aud` of an access token. Empty: access tokens with `aud` are refused."
  type        = list(string)
  default     = []
  nullable    = false
}

variable "token_use" {
  description = "Tokens that are accepted: `access`, `id`, or `access,id`."
  type        = string
  default     = "access"
  nullable    = false
}

variable "leeway_seconds" {
  description = "Tolerated clock difference in seconds, 0 to 60. `null`: none for the expiry of a token, 30 seconds for its other times."
  type        = number
  default     = null
}

variable "jwks" {
  description = "Key set of the pool as JSON, trusted from the start, so that a cold start needs no network. `make jwks` writes it to jwks.auto.tfvars.json."
  type        = string
  default     = null
}

variable "http_response" {
  description = "Form of the result for an HTTP API: `policy` (valid for all routes), `simple` (yes or no for one route), or `simple-per-path` (yes or no for one path, for routes of which callers may reach their own items only)."
  type        = string
  default     = "policy"
  nullable    = false

  validation {
    condition     = var.http_response == "policy" || var.api_type == "http"
    error_message = "http_response = \"simple\" is for HTTP APIs: a REST API accepts only policies. Write api_type = \"http\", or remove http_response."
  }
}

variable "expire_cached_policies" {
  description = "Add to each Allow a Deny that starts when the token expires, so that a cached result ends with its token."
  type        = bool
  default     = true
  nullable    = false
}

variable "revocation_enabled" {
  description = "Create a DynamoDB table of revoked sessions, users and clients, and look each token up in it. Signing out by the sample API then revokes tokens."
  type        = bool
  default     = false
  nullable    = false
}

# --- The user pool ---

variable "existing_user_pool_id" {
  description = "An existing pool of this region. `null` creates one."
  type        = string
  default     = null

  validation {
    condition     = var.existing_user_pool_id == null || can(regex("^[a-z0-9-]+_[0-9A-Za-z]+$", var.existing_user_pool_id))
    error_message = "existing_user_pool_id is the id of a pool, not its ARN or name: write \"eu-west-1_AbCdEf123\"."
  }

  # A replica has its primary's id, so its issuers must be named.
  validation {
    condition     = var.existing_user_pool_id == null || var.issuers != null || try(split("_", var.existing_user_pool_id)[0] == local.region, false)
    error_message = "existing_user_pool_id is a pool of another region than the one deployed to, ${local.region}. Deploy to the pool's region: set region to the part before the underscore. For a replica of a pool of another region, set issuers as well."
  }
}

variable "existing_user_pool_checked" {
  description = "Check at plan that the existing pool has the groups that the contract names, and that a client of `client_ids` can get each scope."
  type        = bool
  default     = true
  nullable    = false
}

variable "client_ids" {
  description = "App clients that are accepted in addition to those created here. An existing pool needs at least one."
  type        = list(string)
  default     = []
  nullable    = false

  validation {
    condition     = var.existing_user_pool_id == null || length(var.client_ids) > 0
    error_message = "With existing_user_pool_id, client_ids lists the app clients of that pool whose tokens are accepted: write [\"4p9exampleclientid7abcd1234\"]."
  }
}

variable "issuers" {
  description = "Exact `iss` values that are accepted instead of the pool's usual one: a replica's, or both while the issuer changes."
  type        = list(string)
  default     = null
}

variable "scopes" {
  description = "Scopes of the new pool in addition to those that the contract names, and descriptions of those: `<resource server>/<scope>` to description."
  type        = map(string)
  default     = {}
  nullable    = false

  validation {
    condition     = length(var.scopes) == 0 || var.existing_user_pool_id == null
    error_message = "scopes are those of a new pool, and nothing is created in ${coalesce(var.existing_user_pool_id, "-")}: create them there (aws cognito-idp create-resource-server) and remove scopes."
  }
}

variable "groups" {
  description = "Groups of the new pool in addition to those that the contract names, and descriptions of those: name to description."
  type        = map(string)
  default     = {}
  nullable    = false

  validation {
    condition     = length(var.groups) == 0 || var.existing_user_pool_id == null
    error_message = "groups are those of a new pool, and nothing is created in ${coalesce(var.existing_user_pool_id, "-")}: create them there (aws cognito-idp create-group) and remove groups."
  }
}

variable "web_client_scopes" {
  description = "Scopes that people get by managed login. Cognito grants each to everybody who asks, so list no scope that not every user may have."
  type        = set(string)
  default     = ["openid"]
  nullable    = false
}

variable "machine_client_scopes" {
  description = "Scopes of a client for programs (client_credentials), such as `api/users.read`. Empty: no such client. Cognito bills it per client and per token."
  type        = set(string)
  default     = []
  nullable    = false

  validation {
    condition     = length(var.machine_client_scopes) == 0 || var.existing_user_pool_id == null
    error_message = "A client for programs is created with a new pool only: create one in ${coalesce(var.existing_user_pool_id, "-")}, add its id to client_ids, and remove machine_client_scopes."
  }
}

variable "access_token_minutes" {
  description = "Lifetime of access and ID tokens in minutes, 5 to 1440. For an existing pool: the shortest of its clients."
  type        = number
  default     = 60
  nullable    = false

  validation {
    condition     = var.access_token_minutes >= 5 && var.access_token_minutes <= 1440
    error_message = "access_token_minutes must be a whole number from 5 to 1440 (one day)."
  }
}

variable "refresh_token_days" {
  description = "Lifetime of refresh tokens in days: how long a person stays signed in."
  type        = number
  default     = 30
  nullable    = false
}

variable "domain_prefix" {
  description = "Prefix of the pool's managed login domain, unique in the region across all accounts. `null` derives one from account, region and name."
  type        = string
  default     = null

  validation {
    condition     = var.domain_prefix == null || var.existing_user_pool_id == null
    error_message = "domain_prefix is for a new pool. ${coalesce(var.existing_user_pool_id, "-")} keeps its domain: remove domain_prefix. The site gets it as existing_login_url."
  }
}

variable "callback_urls" {
  description = "URLs to which managed login may redirect a browser. Empty turns managed login off."
  type        = set(string)
  default     = []
  nullable    = false

  validation {
    condition     = length(var.callback_urls) == 0 || var.existing_user_pool_id == null
    error_message = "callback_urls are set on the client of a new pool: set them on your client of ${coalesce(var.existing_user_pool_id, "-")}, and remove callback_urls."
  }
}

variable "logout_urls" {
  description = "URLs to which managed login may redirect a browser after signing out."
  type        = set(string)
  default     = []
  nullable    = false

  validation {
    condition     = length(var.logout_urls) == 0 || var.existing_user_pool_id == null
    error_message = "logout_urls are set on the client of a new pool: set them on your client of ${coalesce(var.existing_user_pool_id, "-")}, and remove logout_urls."
  }
}

variable "mfa" {
  description = "A second factor by authenticator app: `OFF`, `OPTIONAL` or `ON`."
  type        = string
  default     = "OPTIONAL"
  nullable    = false
}

variable "self_sign_up" {
  description = "Allow anybody to create an account. Off: only an administrator does."
  type        = bool
  default     = false
  nullable    = false

  validation {
    condition     = !var.self_sign_up || var.existing_user_pool_id == null
    error_message = "self_sign_up is a setting of a new pool: set it in ${coalesce(var.existing_user_pool_id, "-")}, and remove self_sign_up."
  }
}

# --- The site ---

variable "site_enabled" {
  description = "Serve the page that signs people in and calls the API, with the API under /api of the same origin: S3 and CloudFront."
  type        = bool
  default     = false
  nullable    = false

  validation {
    condition     = !var.site_enabled || var.existing_user_pool_id == null || var.existing_login_url != null
    error_message = "With an existing pool, site_enabled needs existing_login_url: the URL of its managed login."
  }

  validation {
    condition     = var.site_enabled || var.existing_login_url == null
    error_message = "existing_login_url is for the site: write site_enabled = true, or remove existing_login_url."
  }

  validation {
    condition     = !var.site_enabled || length(var.vpc_endpoint_ids) == 0
    error_message = "CloudFront does not reach a private API: remove vpc_endpoint_ids, or write site_enabled = false."
  }

  validation {
    condition     = !var.site_enabled || try(var.domain.mutual_tls, null) == null
    error_message = "CloudFront presents no client certificate, so it cannot call an API with mutual TLS: remove domain.mutual_tls, or write site_enabled = false."
  }
}

variable "site_files" {
  description = "Folder of the page, relative to the folder of this configuration."
  type        = string
  default     = "../functions/api/site"
  nullable    = false
}

variable "site_domain_name" {
  description = "Host name of the site. `null`: CloudFront's own."
  type        = string
  default     = null

  validation {
    condition     = var.site_domain_name == null || var.site_enabled
    error_message = "There is no site that could have this name: write site_enabled = true, or remove site_domain_name. The host name of the API is domain.name."
  }
}

variable "site_certificate_arn" {
  description = "ACM certificate for `site_domain_name`, in us-east-1."
  type        = string
  default     = null

  validation {
    condition     = var.site_certificate_arn == null || var.site_enabled
    error_message = "There is no site that could use this certificate: write site_enabled = true, or remove site_certificate_arn. The certificate of the API is domain.certificate_arn."
  }
}

variable "existing_login_url" {
  description = "Managed login of an existing pool, for the site. Its client must have the site's URL, with a slash at the end, among its callback and sign-out URLs."
  type        = string
  default     = null

  validation {
    condition     = var.existing_login_url == null || var.existing_user_pool_id != null
    error_message = "existing_login_url is managed login of an existing pool: set existing_user_pool_id, or remove existing_login_url. A new pool gets its own."
  }
}

# --- Logs and alarms ---

variable "log_level" {
  description = "Log level of both functions: `debug`, `info`, `warn` or `error`."
  type        = string
  default     = "info"
  nullable    = false
}

variable "log_retention_days" {
  description = "Days that logs are kept, a value that CloudWatch allows."
  type        = number
  default     = 30
  nullable    = false
}

variable "log_kms_key_arn" {
  description = "KMS key that encrypts the log groups. Its key policy must allow CloudWatch Logs. `null`: CloudWatch's own key."
  type        = string
  default     = null
}

variable "tracing" {
  description = "Trace sampled calls with X-Ray."
  type        = bool
  default     = true
  nullable    = false
}

variable "manage_account_logging" {
  description = "Set the role by which API Gateway writes logs. There is one per account and region, and a REST API needs it: turn this on if no other stack has set it."
  type        = bool
  default     = false
  nullable    = false

  validation {
    condition     = !var.manage_account_logging || var.api_type == "rest"
    error_message = "An HTTP API writes its log without that role: remove manage_account_logging, or write api_type = \"rest\"."
  }
}

variable "alarm_topic_arn" {
  description = "SNS topic that is notified when an alarm starts and ends. `null`: alarms are visible in CloudWatch only."
  type        = string
  default     = null

  validation {
    condition     = var.alarm_topic_arn == null || can(regex("^arn:[a-z-]+:sns:[a-z0-9-]+:[0-9]{12}:[A-Za-z0-9_-]+$", var.alarm_topic_arn))
    error_message = "alarm_topic_arn is the ARN of an SNS topic: write \"arn:aws:sns:eu-west-1:111122223333:on-call\"."
  }
}

variable "latency_alarm_ms" {
  description = "An alarm fires when the 99th percentile of the authorizer's duration stays at this many milliseconds or more for 15 minutes."
  type        = number
  default     = 1000
  nullable    = false
}
