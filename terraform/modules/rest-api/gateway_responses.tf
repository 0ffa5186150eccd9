# The responses that API Gateway gives itself: refusals and errors. A script can read one only if it carries CORS headers.

locals {
  # A gateway response has a fixed value for a header and cannot choose from a list. With several origins it names all:
  # such a response says only that a call was refused, and no cookie is involved.
  refusal_headers = length(local.origins) == 0 ? {} : merge(
    {
      "Access-Control-Allow-Origin"   = length(local.origins) == 1 ? local.origins[0] : "*"
      "Access-Control-Expose-Headers" = "WWW-Authenticate,x-amzn-ErrorType,x-amzn-RequestId"
    },
    module.cors.cors.allow_credentials ? { "Access-Control-Allow-Credentials" = "true" } : {},
  )

  default_gateway_responses = {
    DEFAULT_4XX = {}
    DEFAULT_5XX = {}

    # RFC 6750, section 3.1. API Gateway has one response for a missing and for an invalid token, so both name the same class.
    # RFC 9728, section 5.1: the metadata by its whole URL, since under API Gateway's host it lies below the stage.
    UNAUTHORIZED = { status_code = "401", headers = {
      "WWW-Authenticate" = join(", ", concat(["Bearer error=\"invalid_token\""], local.metadata_url == null ? [] : ["resource_metadata=\"${local.metadata_url}\""]))
    } }

    # The result may have ended with its token: the client compares expiresAt with its clock, and refreshes.
    ACCESS_DENIED = {
      status_code = "403"
      templates   = { "application/json" = "{\"message\":$context.error.messageString,\"expiresAt\":\"$context.authorizer.expiresAt\"}" }
    }
  }

  # Those that the document configures itself count less than var.gateway_responses, and more than the defaults.
  document_responses = try(module.contract.extensions["x-amazon-apigateway-gateway-responses"], {})

  # A type that is configured inherits nothing from its default, so each one carries the headers.
  gateway_responses = {
    for type in setunion(keys(local.default_gateway_responses), keys(local.document_responses), keys(var.gateway_responses)) : type => {
      for name, value in {
        statusCode = try(tostring(coalesce(try(var.gateway_responses[type].status_code, null), try(local.document_responses[type].statusCode, null), try(local.default_gateway_responses[type].status_code, null))), null)
        responseTemplates = try([
          for templates in [try(var.gateway_responses[type].templates, {}), try(local.document_responses[type].responseTemplates, {}), try(local.default_gateway_responses[type].templates, {})] :
          templates if length(templates) > 0
        ][0], null)
        responseParameters = merge(
          { for header, text in merge(local.refusal_headers, try(local.default_gateway_responses[type].headers, {})) : "gatewayresponse.header.${header}" => "'${text}'" },
          try({ for name, text in local.document_responses[type].responseParameters : name => text }, {}),
          { for header, text in try(var.gateway_responses[type].headers, {}) : "gatewayresponse.header.${header}" => "'${text}'" },
        )
      } : name => value if value != null
    }
  }
}
