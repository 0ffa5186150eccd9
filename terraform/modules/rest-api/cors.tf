# Browsers ask before they call (preflight, without a token), and show a script only those answers that name its
# origin: the function's own, and those that API Gateway gives in its place (gateway responses).

locals {
  cors = {
    for name, value in {
      "Access-Control-Allow-Credentials" = "'true'"
      "Access-Control-Expose-Headers"    = "'WWW-Authenticate,x-amzn-ErrorType,x-amzn-RequestId'"
    } : name => value if name != "Access-Control-Allow-Credentials" || var.allow_credentials
  }

  # A gateway response holds a fixed text, or the caller's own Origin, but cannot choose from a list. With several
  # origins it names all: such an answer says only that a call was refused, and no cookie is at stake.
  refusal_headers = {
    for name, value in merge(local.cors, {
      "Access-Control-Allow-Origin" = length(var.allowed_origins) == 1 ? "'${var.allowed_origins[0]}'" : "'*'"
    }) : "gatewayresponse.header.${name}" => value if length(var.allowed_origins) > 0
  }

  # A type that is configured takes nothing from its default, so UNAUTHORIZED repeats the headers.
  gateway_responses = {
    DEFAULT_4XX  = { responseParameters = local.refusal_headers }
    DEFAULT_5XX  = { responseParameters = local.refusal_headers }
    UNAUTHORIZED = { statusCode = "401", responseParameters = merge(local.refusal_headers, { "gatewayresponse.header.WWW-Authenticate" = "'Bearer'" }) }
  }

  # The first origin is the fixed answer; a template puts another one of the list in its place.
  preflight_template = join("", concat(
    length(var.allowed_origins) < 2 ? [] : ["#set($origin = $input.params().header.get(\"Origin\"))#if(!$origin)#set($origin = $input.params().header.get(\"origin\"))#end"],
    [for origin in slice(var.allowed_origins, min(1, length(var.allowed_origins)), length(var.allowed_origins)) :
    "#if($origin == \"${origin}\")#set($context.responseOverride.header.Access-Control-Allow-Origin = \"${origin}\")#end"],
  ))

  preflight_headers = {
    for path, verbs in module.contract.verbs : path => {
      for name, value in {
        "Access-Control-Allow-Origin"      = "'${try(var.allowed_origins[0], "")}'"
        "Access-Control-Allow-Methods"     = "'${join(",", verbs)}'"
        "Access-Control-Allow-Headers"     = "'${join(",", var.allowed_headers)}'"
        "Access-Control-Max-Age"           = "'600'"
        "Access-Control-Allow-Credentials" = "'true'"
        "Vary"                             = "'Origin'"
      } : name => value if name != "Access-Control-Allow-Credentials" || var.allow_credentials
    }
  }

  preflight = {
    for path, headers in local.preflight_headers : path => {
      responses = {
        "204" = {
          description = "What a browser may send"
          headers     = { for name in keys(headers) : name => { schema = { type = "string" } } }
        }
      }
      "x-amazon-apigateway-integration" = {
        type                = "mock"
        passthroughBehavior = "when_no_match"
        requestTemplates    = { "application/json" = jsonencode({ statusCode = 204 }) }
        responses = {
          default = {
            statusCode         = "204"
            responseParameters = { for name, value in headers : "method.response.header.${name}" => value }
            responseTemplates  = { "application/json" = local.preflight_template }
          }
        }
      }
    }
  }
}
