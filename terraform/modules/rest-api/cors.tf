# A browser sends a preflight request, without a token, before it calls across origins. API Gateway answers it with a mock
# integration. The headers of refusals are in gateway_responses.tf.

module "cors" {
  source = "../cors"

  cors = var.cors
}

locals {
  origins = module.cors.cors.allowed_origins

  # The first origin is the fixed answer; the template replaces it by another of the list.
  preflight_template = join("", concat(
    length(local.origins) < 2 ? [] : ["#set($origin = $input.params().header.get(\"Origin\"))#if(!$origin)#set($origin = $input.params().header.get(\"origin\"))#end"],
    [for origin in slice(local.origins, min(1, length(local.origins)), length(local.origins)) :
    "#if($origin == \"${origin}\")#set($context.responseOverride.header.Access-Control-Allow-Origin = \"${origin}\")#end"],
  ))

  preflight_headers = {
    for path, verbs in module.contract.verbs : path => {
      for name, value in {
        "Access-Control-Allow-Origin"      = "'${try(local.origins[0], "")}'"
        "Access-Control-Allow-Methods"     = "'${join(",", contains(verbs, "ANY") ? ["GET", "PUT", "POST", "DELETE", "HEAD", "PATCH"] : verbs)}'"
        "Access-Control-Allow-Headers"     = "'${join(",", module.cors.cors.allowed_headers)}'"
        "Access-Control-Max-Age"           = "'600'"
        "Access-Control-Allow-Credentials" = "'true'"
        "Vary"                             = "'Origin'"
      } : name => value if name != "Access-Control-Allow-Credentials" || module.cors.cors.allow_credentials
    }
  }

  preflight = {
    for path, headers in local.preflight_headers : path => {
      parameters = local.parameters[path]
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
