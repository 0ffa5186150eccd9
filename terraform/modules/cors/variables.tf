variable "cors" {
  description = "Browsers that may call the API: the origins of their pages, whether they may send cookies, and the request headers that scripts may set."
  type = object({
    allowed_origins   = optional(list(string), [])
    allow_credentials = optional(bool, false)
    allowed_headers   = optional(list(string), ["Authorization", "Content-Type"])
  })
  default  = {}
  nullable = false

  # The same rule as in shared/weborigin, which the sample API applies at its start. Both sides use RE2. An origin is
  # compared byte by byte with what a browser sends, so one that no browser sends would never match.
  validation {
    condition = alltrue([for origin in var.cors.allowed_origins : origin == "*" || can(regex(
      "^((https|http)://([a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?(\\.[a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?)*|\\[::1\\])(:([1-9][0-9]{0,3}|[1-5][0-9]{4}|6[0-4][0-9]{3}|65[0-4][0-9]{2}|655[0-2][0-9]|6553[0-5]))?|(capacitor|ionic|tauri)://localhost)$",
    origin))])
    error_message = "These are not origins: ${join(", ", [for origin in var.cors.allowed_origins : jsonencode(origin) if origin != "*" && !can(regex("^((https|http)://([a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?(\\.[a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?)*|\\[::1\\])(:([1-9][0-9]{0,3}|[1-5][0-9]{4}|6[0-4][0-9]{3}|65[0-4][0-9]{2}|655[0-2][0-9]|6553[0-5]))?|(capacitor|ionic|tauri)://localhost)$", origin))])}. Write scheme and host in lower case, at most a port, no path and no slash at the end, other scripts in punycode: \"https://app.example.com\". Of other schemes only capacitor://localhost, ionic://localhost and tauri://localhost are accepted."
  }

  validation {
    condition     = !anytrue([for origin in var.cors.allowed_origins : startswith(origin, "http://") && !can(regex("^http://((.*\\.)?localhost|127(\\.[0-9]{1,3}){3}|\\[::1\\])(:[0-9]+)?$", origin))])
    error_message = "Plain http is accepted for loopback only (localhost, *.localhost, 127.0.0.1, [::1]), not for ${join(", ", [for origin in var.cors.allowed_origins : origin if startswith(origin, "http://") && !can(regex("^http://((.*\\.)?localhost|127(\\.[0-9]{1,3}){3}|\\[::1\\])(:[0-9]+)?$", origin))])}. Serve the page over https, also for a device on the same network during development."
  }

  validation {
    condition     = !anytrue([for origin in var.cors.allowed_origins : can(regex("^(https://.*:443|http://.*:80)$", origin))])
    error_message = "Browsers leave out the default port: write ${join(", ", [for origin in var.cors.allowed_origins : trimsuffix(trimsuffix(origin, ":443"), ":80") if can(regex("^(https://.*:443|http://.*:80)$", origin))])}."
  }

  validation {
    condition     = !contains(var.cors.allowed_origins, "*") || length(var.cors.allowed_origins) == 1
    error_message = "\"*\" means every origin, so it must be the only entry of allowed_origins: remove the others, or remove \"*\"."
  }

  validation {
    condition     = length(distinct(var.cors.allowed_origins)) == length(var.cors.allowed_origins)
    error_message = "allowed_origins contains an origin twice: write it once."
  }

  validation {
    condition     = !var.cors.allow_credentials || (length(var.cors.allowed_origins) > 0 && !contains(var.cors.allowed_origins, "*"))
    error_message = "allow_credentials needs every origin in allowed_origins by name: browsers refuse \"*\" with credentials."
  }

  validation {
    condition     = alltrue([for header in var.cors.allowed_headers : can(regex("^[A-Za-z0-9-]+$", header))])
    error_message = "allowed_headers contains header names in full, such as \"Authorization\": browsers do not include Authorization in \"*\"."
  }
}
