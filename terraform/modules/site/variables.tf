variable "name" {
  description = "First part of the names of all resources."
  type        = string
  nullable    = false

  validation {
    condition     = can(regex("^[a-z][a-z0-9-]{1,38}[a-z0-9]$", var.name))
    error_message = "name must be 3 to 40 lower-case letters, digits and hyphens, begin with a letter and not end with a hyphen: it is part of a bucket's name."
  }
}

variable "files" {
  description = "Folder of the page, with `index.html` in it."
  type        = string
  nullable    = false

  validation {
    condition     = fileexists("${var.files}/index.html")
    error_message = "There is no index.html in ${var.files}: give the folder of the page."
  }

  validation {
    condition     = alltrue([for file in fileset(var.files, "**") : contains(["css", "html", "ico", "js", "json", "png", "svg", "txt"], element(split(".", file), -1))])
    error_message = "The folder contains a file of an unknown type. Known are css, html, ico, js, json, png, svg and txt."
  }

  validation {
    condition     = !anytrue([for file in ["config.json", "contract.json"] : fileexists("${var.files}/${file}")])
    error_message = "This module writes config.json and contract.json: remove them from ${var.files}."
  }
}

variable "contract" {
  description = "The compiled contract: the text of `contract.json` (`module.build.contract`). The page shows its routes, so whoever loads the page can read it."
  type        = string
  nullable    = false
}

variable "issuer" {
  description = "Exact `iss` of the pool's tokens."
  type        = string
  nullable    = false
}

variable "client_id" {
  description = "App client without a secret that has this site's `redirect_url` among its callback and sign-out URLs."
  type        = string
  nullable    = false
}

variable "login_url" {
  description = "URL of managed login."
  type        = string
  nullable    = false

  validation {
    condition     = can(regex("^https://[a-z0-9.-]+$", var.login_url))
    error_message = "login_url is https and a host, with no slash at the end: write \"https://login-example.auth.eu-west-1.amazoncognito.com\"."
  }
}

variable "scopes" {
  description = "Scopes that are requested when somebody signs in."
  type        = set(string)
  default     = ["openid"]
  nullable    = false

  validation {
    condition     = contains(var.scopes, "openid")
    error_message = "scopes needs \"openid\": without it the page gets no ID token."
  }
}

variable "api_origin" {
  description = "Host and path of the API: the output `origin` of `rest-api` or `http-api`."
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
  description = "Host name of the site. `null`: CloudFront's own. It needs a certificate, and a DNS record that you create."
  type        = string
  default     = null

  validation {
    condition     = (var.domain_name == null) == (var.certificate_arn == null)
    error_message = "domain_name and certificate_arn go together: set both, or neither."
  }
}

variable "certificate_arn" {
  description = "ACM certificate for `domain_name`, in us-east-1 whatever the region of the rest."
  type        = string
  default     = null

  validation {
    condition     = var.certificate_arn == null || can(regex("^arn:[a-z-]+:acm:us-east-1:", var.certificate_arn))
    error_message = "CloudFront accepts certificates of us-east-1 only: create it there."
  }
}

variable "price_class" {
  description = "Regions that CloudFront serves from: `PriceClass_100` (Europe and North America), `PriceClass_200` or `PriceClass_All`."
  type        = string
  default     = "PriceClass_100"
  nullable    = false

  validation {
    condition     = contains(["PriceClass_100", "PriceClass_200", "PriceClass_All"], var.price_class)
    error_message = "price_class must be PriceClass_100, PriceClass_200 or PriceClass_All."
  }
}

variable "tags" {
  description = "Tags of every resource that supports them."
  type        = map(string)
  default     = {}
  nullable    = false
}
