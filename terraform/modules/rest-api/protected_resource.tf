# OAuth 2.0 protected resource metadata (RFC 9728): a 401 names the document, and the document names the authorization server.
# It is how a client that knows only the URL of the API, such as an MCP client, finds where to sign in.

locals {
  metadata_path = "/.well-known/oauth-protected-resource"
  metadata_url  = var.protected_resource == null ? null : "${var.protected_resource.resource}${local.metadata_path}"

  metadata = var.protected_resource == null ? null : {
    for name, value in {
      resource                 = var.protected_resource.resource
      authorization_servers    = var.protected_resource.authorization_servers
      bearer_methods_supported = ["header"]
      scopes_supported         = coalesce(var.protected_resource.scopes, module.contract.scopes)
      resource_name            = var.protected_resource.name
      resource_documentation   = var.protected_resource.documentation
    } : name => value if value != null
  }

  # Public, and readable by every page: the document says nothing that a 401 does not. Some clients send headers of their own,
  # hence the preflight.
  metadata_headers = {
    get     = { "Access-Control-Allow-Origin" = "'*'", "Cache-Control" = "'max-age=3600'" }
    options = { "Access-Control-Allow-Origin" = "'*'", "Access-Control-Allow-Headers" = "'*'", "Access-Control-Allow-Methods" = "'GET'", "Access-Control-Max-Age" = "'3600'" }
  }
  metadata_status = { get = "200", options = "204" }

  metadata_operations = {
    for verb, headers in local.metadata_headers : verb => {
      responses = {
        (local.metadata_status[verb]) = {
          description = "OAuth 2.0 protected resource metadata"
          headers     = { for name in keys(headers) : name => { schema = { type = "string" } } }
        }
      }
      "x-amazon-apigateway-integration" = {
        type                = "mock"
        passthroughBehavior = "when_no_match"
        requestTemplates    = { "application/json" = jsonencode({ statusCode = tonumber(local.metadata_status[verb]) }) }
        responses = {
          default = {
            statusCode         = local.metadata_status[verb]
            responseParameters = { for name, value in headers : "method.response.header.${name}" => value }
            responseTemplates  = { "application/json" = verb == "get" ? jsonencode(local.metadata) : "" }
          }
        }
      }
    }
  }

  metadata_paths = var.protected_resource == null ? {} : { (local.metadata_path) = local.metadata_operations }
}

# Without a domain the URL is known only after the first apply.
check "the_resource_is_the_url_of_the_api" {
  assert {
    condition     = var.protected_resource == null || var.domain == null || try(var.protected_resource.resource == join("/", compact(["https://${var.domain.name}", var.domain.base_path])), false)
    error_message = "protected_resource.resource is not the URL of the API, so clients would look for its metadata elsewhere. Write \"${try(join("/", compact(["https://${var.domain.name}", var.domain.base_path])), "")}\"."
  }
}
