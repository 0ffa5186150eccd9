# --- The whole ---

variable "name" {
  description = "Begins the name of everything that is made. Another name makes another system beside the first."
  type        = string
  default     = "cognito-authorizer"
  nullable    = false

  validation {
    condition     = can(regex("^[a-z][a-z0-9-]{1,38}[a-z0-9]$", var.name))
    error_message = "name must be 3 to 40 lower-case letters, digits and hyphens, begin with a letter and not end with a hyphen: write \"user-directory\"."
  }
}

variable "region" {
  description = "AWS region. `null` takes the environment's (`AWS_REGION`)."
  type        = string
  default     = null
}

variable "tags" {
  description = "Tags of everything that can have them."
  type        = map(string)
  default     = {}
  nullable    = false
}

# --- What is deployed ---

variable "authorizer_zip" {
  description = "The authorizer's zip, seen from the folder of this configuration."
  type        = string
  default     = "../dist/authorizer.zip"
  nullable    = false

  validation {
    condition     = fileexists(var.authorizer_zip)
    error_message = "There is no file ${var.authorizer_zip}. Make it first, at the root of the repository: make build-zip"
  }
}

variable "api_zip" {
  description = "The API's zip, seen from the folder of this configuration."
  type        = string
  default     = "../dist/api.zip"
  nullable    = false

  validation {
    condition     = fileexists(var.api_zip)
    error_message = "There is no file ${var.api_zip}. Make it first, at the root of the repository: make build-zip"
  }
}

variable "openapi_path" {
  description = "The contract, seen from the folder of this configuration. The authorizer's zip must have been made from the same one."
  type        = string
  default     = "../functions/api/openapi.yaml"
  nullable    = false

  validation {
    condition     = fileexists(var.openapi_path)
    error_message = "There is no file ${var.openapi_path}: give the path of the API's OpenAPI document."
  }
}

variable "lambda_runtime" {
  description = "Lambda runtime of both functions: `provided.al2` or `provided.al2023`. The zips run unchanged on each; the older one is deprecated."
  type        = string
  default     = "provided.al2"
  nullable    = false

  validation {
    condition     = contains(["provided.al2", "provided.al2023"], var.lambda_runtime)
    error_message = "lambda_runtime must be provided.al2 or provided.al2023."
  }
}

variable "architecture" {
  description = "Processor that the zips were built for: `arm64` or `x86_64`."
  type        = string
  default     = "arm64"
  nullable    = false

  validation {
    condition     = contains(["arm64", "x86_64"], var.architecture)
    error_message = "architecture must be arm64 or x86_64: what Go calls amd64 is x86_64 here."
  }
}

variable "authorizer_memory_mb" {
  description = "Memory of the authorizer in MB. Less makes cold starts slower."
  type        = number
  default     = 512
  nullable    = false
}

variable "permissions_boundary_arn" {
  description = "A permissions boundary for all roles that are made, where the account demands one, and for a deployment by the pipeline."
  type        = string
  default     = null
}

# --- The API ---

variable "api_type" {
  description = "`rest`: API Gateway REST API. `http`: API Gateway HTTP API, cheaper and with less to set."
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
}

variable "authorizer_type" {
  description = "How a REST API asks: `TOKEN` gives the function the token alone, `REQUEST` the whole request. An HTTP API knows `REQUEST` only, and this setting does not touch it."
  type        = string
  default     = "TOKEN"
  nullable    = false

  validation {
    condition     = contains(["TOKEN", "REQUEST"], var.authorizer_type)
    error_message = "authorizer_type must be TOKEN or REQUEST."
  }
}

variable "result_ttl_seconds" {
  description = "How long API Gateway may reuse one answer of the authorizer, 0 to 3600. `0` asks on every call. A changed group or an ended session is noticed after this time at the latest."
  type        = number
  default     = 300
  nullable    = false

  validation {
    condition     = var.result_ttl_seconds >= 0 && var.result_ttl_seconds <= 3600 && floor(var.result_ttl_seconds) == var.result_ttl_seconds
    error_message = "result_ttl_seconds must be a whole number from 0 to 3600."
  }

  validation {
    condition     = var.result_ttl_seconds <= var.access_token_minutes * 60
    error_message = "result_ttl_seconds must not be above the lifetime of an access token, which is ${var.access_token_minutes * 60} seconds here: an answer would outlive every token. Write ${var.access_token_minutes * 60} or less."
  }
}

variable "allowed_origins" {
  description = "Origins of the web pages that may call the API from a browser, each in full. Empty: none."
  type        = list(string)
  default     = []
  nullable    = false

  validation {
    condition     = !contains(var.allowed_origins, "*")
    error_message = "\"*\" would let every page of the web call the API. Name the origins: [\"https://app.example.com\"]."
  }

  validation {
    condition     = alltrue([for origin in var.allowed_origins : origin == "*" || can(regex("^https?://[a-z0-9.-]+(:[0-9]{1,5})?$", origin))])
    error_message = "An origin is a scheme, a host in lower case and at most a port, with no slash at the end and no path: write \"https://app.example.com\"."
  }
}

variable "throttling_rate" {
  description = "Calls a second that the API takes in the long run; more are answered by 429."
  type        = number
  default     = 100
  nullable    = false
}

variable "throttling_burst" {
  description = "Calls that the API takes at once."
  type        = number
  default     = 200
  nullable    = false
}

# --- The authorizer ---

variable "token_use" {
  description = "Tokens that are accepted: `access`, `id`, or `access,id`."
  type        = string
  default     = "access"
  nullable    = false
}

variable "leeway_seconds" {
  description = "Tolerated difference of clocks, 0 to 60. `null` leaves it to the authorizer: none for the end of a token, 30 seconds for its beginning."
  type        = number
  default     = null
}

variable "jwks" {
  description = "Key set of the pool, as JSON text, trusted from the start so that a cold start needs no network. `make jwks` writes it into jwks.auto.tfvars.json."
  type        = string
  default     = null
}

variable "http_response" {
  description = "The form of the answer to an HTTP API: `policy` (good for all routes) or `simple` (yes or no for one route)."
  type        = string
  default     = "policy"
  nullable    = false

  validation {
    condition     = var.http_response == "policy" || var.api_type == "http"
    error_message = "http_response = \"simple\" is for api_type = \"http\": a REST API takes policies only."
  }
}

variable "expire_cached_policies" {
  description = "Put beside each Allow a Deny that begins when the token ends, so that an answer in API Gateway's cache ends with it."
  type        = bool
  default     = true
  nullable    = false
}

variable "revocation_enabled" {
  description = "Make a DynamoDB table of ended sessions, and have the authorizer ask it on each decision."
  type        = bool
  default     = false
  nullable    = false
}

# --- The user pool ---

variable "existing_user_pool_id" {
  description = "A pool that is there already, in this region. `null` makes a new one."
  type        = string
  default     = null

  validation {
    condition     = var.existing_user_pool_id == null || can(regex("^[a-z0-9-]+_[0-9A-Za-z]+$", var.existing_user_pool_id))
    error_message = "existing_user_pool_id is the region, an underscore and the pool's own part: write \"eu-west-1_AbCdEf123\"."
  }

  # A replica has its primary's id. Whoever uses one names its issuers as well.
  validation {
    condition     = var.existing_user_pool_id == null || var.issuers != null || try(split("_", var.existing_user_pool_id)[0] == data.aws_region.current.id, false)
    error_message = "existing_user_pool_id names a pool of another region than the one deployed to, ${data.aws_region.current.id}. Deploy beside the pool: set region to the part before the underscore. For a replica of a pool of another region, set issuers as well."
  }
}

variable "client_ids" {
  description = "App clients that are accepted besides those made here. An existing pool needs at least one."
  type        = list(string)
  default     = []
  nullable    = false

  validation {
    condition     = var.existing_user_pool_id == null || length(var.client_ids) > 0
    error_message = "With existing_user_pool_id, client_ids names the pool's app clients that are accepted: write [\"4p9exampleclientid7abcd1234\"]."
  }
}

variable "issuers" {
  description = "Exact `iss` values that are accepted instead of the pool's usual one: both during a change of issuer, or a replica's."
  type        = list(string)
  default     = null
}

variable "access_token_minutes" {
  description = "Lifetime of access and ID tokens in minutes, 5 to 1440. For an existing pool: the shortest that its clients have."
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
  description = "Prefix of the pool's managed login domain, unique in the region over all accounts. `null` makes one up from account, region and name."
  type        = string
  default     = null
}

variable "callback_urls" {
  description = "Where managed login may send a browser back to. Empty turns managed login off."
  type        = set(string)
  default     = []
  nullable    = false
}

variable "logout_urls" {
  description = "Where managed login may send a browser after signing out."
  type        = set(string)
  default     = []
  nullable    = false
}

variable "web_client_scopes" {
  description = "Scopes that people can get by managed login. Cognito gives each of them to everybody who asks, so list no scope that not every user may have."
  type        = set(string)
  default     = ["openid"]
  nullable    = false
}

variable "machine_client_enabled" {
  description = "Make a client for programs (client_credentials). Cognito bills it per client and per token."
  type        = bool
  default     = true
  nullable    = false
}

variable "mfa" {
  description = "A second factor by authenticator app: `OFF`, `OPTIONAL` or `ON`."
  type        = string
  default     = "OPTIONAL"
  nullable    = false
}

variable "self_sign_up" {
  description = "Let anybody make an account. Off: only an administrator does."
  type        = bool
  default     = false
  nullable    = false
}

variable "deletion_protection" {
  description = "Refuse to delete the pool, and with it all its users. Turn it off and apply before you destroy."
  type        = bool
  default     = true
  nullable    = false
}

# --- The site ---

variable "site_enabled" {
  description = "Serve the page that signs people in and calls the API, with the API under /api of the same origin: S3 and CloudFront."
  type        = bool
  default     = false
  nullable    = false

  validation {
    condition     = !var.site_enabled || var.existing_user_pool_id == null || var.existing_login_url != null
    error_message = "With an existing pool, site_enabled needs existing_login_url: the address of its managed login."
  }
}

variable "site_files" {
  description = "Folder of the page, seen from the folder of this configuration."
  type        = string
  default     = "../functions/api/site"
  nullable    = false
}

variable "site_domain_name" {
  description = "A name of yours for the site. `null`: CloudFront's own."
  type        = string
  default     = null
}

variable "site_certificate_arn" {
  description = "ACM certificate for `site_domain_name`, in us-east-1."
  type        = string
  default     = null
}

variable "existing_login_url" {
  description = "Managed login of an existing pool, for the site. Its client must have the site's address, with a slash at the end, among its callback and sign-out URLs."
  type        = string
  default     = null
}

# --- Watching it ---

variable "log_level" {
  description = "What both functions log: `debug`, `info`, `warn` or `error`."
  type        = string
  default     = "info"
  nullable    = false
}

variable "log_retention_days" {
  description = "How long logs are kept, in days, as CloudWatch allows."
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

variable "manage_account_logging" {
  description = "Set the role with which API Gateway writes logs. It is one for the whole account and region, and a REST API needs it: turn this on where no other stack has set it."
  type        = bool
  default     = false
  nullable    = false
}

variable "alarm_topic_arn" {
  description = "SNS topic that hears of each alarm and of its end. `null`: the alarms stand in CloudWatch only."
  type        = string
  default     = null

  validation {
    condition     = var.alarm_topic_arn == null || can(regex("^arn:[a-z-]+:sns:[a-z0-9-]+:[0-9]{12}:[A-Za-z0-9_-]+$", var.alarm_topic_arn))
    error_message = "alarm_topic_arn is the ARN of an SNS topic: write \"arn:aws:sns:eu-west-1:111122223333:on-call\"."
  }
}

variable "latency_alarm_ms" {
  description = "An alarm is raised when the slowest hundredth of the authorizer's decisions takes this many milliseconds or more for a quarter of an hour."
  type        = number
  default     = 1000
  nullable    = false
}
