variable "name" {
  description = "Begins the names of everything here."
  type        = string
  nullable    = false

  validation {
    condition     = can(regex("^[a-z][a-z0-9-]{1,38}[a-z0-9]$", var.name))
    error_message = "name must be 3 to 40 lower-case letters, digits and hyphens, begin with a letter and not end with a hyphen: it is part of a bucket's name."
  }
}

variable "files" {
  description = "Folder of the page, with index.html in it."
  type        = string
  nullable    = false

  validation {
    condition     = fileexists("${var.files}/index.html")
    error_message = "There is no index.html in ${var.files}: give the folder of the page."
  }

  validation {
    condition     = alltrue([for file in fileset(var.files, "**") : contains(["css", "html", "ico", "js", "json", "png", "svg", "txt"], element(split(".", file), -1))])
    error_message = "A file of the page has an ending whose content type is not known here: css, html, ico, js, json, png, svg and txt are."
  }

  validation {
    condition     = !anytrue([for file in ["config.json", "contract.json"] : fileexists("${var.files}/${file}")])
    error_message = "config.json and contract.json are written here: take them out of ${var.files}."
  }
}

variable "openapi" {
  description = "The contract: the text of an OpenAPI 3 document. The page shows its routes, so whoever loads the page can read it."
  type        = string
  nullable    = false
}

variable "issuer" {
  description = "Exact `iss` of the pool's tokens."
  type        = string
  nullable    = false
}

variable "client_id" {
  description = "App client without a secret that has this site's `redirect_url` among its callback and its sign-out URLs."
  type        = string
  nullable    = false
}

variable "login_url" {
  description = "Address of managed login."
  type        = string
  nullable    = false

  validation {
    condition     = can(regex("^https://[a-z0-9.-]+$", var.login_url))
    error_message = "login_url is https and a host, with no slash at the end: write \"https://login-example.auth.eu-west-1.amazoncognito.com\"."
  }
}

variable "scopes" {
  description = "Scopes to ask for when somebody signs in."
  type        = set(string)
  default     = ["openid"]
  nullable    = false

  validation {
    condition     = contains(var.scopes, "openid")
    error_message = "scopes needs \"openid\": without it there is no ID token to check."
  }
}

variable "api_origin" {
  description = "Where the API is: host and path, as `rest-api` and `http-api` tell it."
  type = object({
    host = string
    path = string
  })
  nullable = false

  validation {
    condition     = var.api_origin.path == "" || can(regex("^/.*[^/]$", var.api_origin.path))
    error_message = "The path of api_origin begins with a slash and does not end with one, or is empty: write \"/prod\"."
  }
}

variable "domain_name" {
  description = "A name of yours for the site. `null`: CloudFront's own. A name needs a certificate, and a DNS record that you make."
  type        = string
  default     = null

  validation {
    condition     = (var.domain_name == null) == (var.certificate_arn == null)
    error_message = "domain_name and certificate_arn go together: set both, or neither."
  }
}

variable "certificate_arn" {
  description = "ACM certificate for `domain_name`, in us-east-1 wherever the rest is."
  type        = string
  default     = null

  validation {
    condition     = var.certificate_arn == null || can(regex("^arn:[a-z-]+:acm:us-east-1:", var.certificate_arn))
    error_message = "CloudFront takes certificates of us-east-1 only: make it there."
  }
}

variable "price_class" {
  description = "Where CloudFront answers: `PriceClass_100` (Europe and North America), `PriceClass_200` or `PriceClass_All`."
  type        = string
  default     = "PriceClass_100"
  nullable    = false

  validation {
    condition     = contains(["PriceClass_100", "PriceClass_200", "PriceClass_All"], var.price_class)
    error_message = "price_class must be PriceClass_100, PriceClass_200 or PriceClass_All."
  }
}

variable "tags" {
  description = "Tags of everything here that can have them."
  type        = map(string)
  default     = {}
  nullable    = false
}
