# The contract, woven into the document that API Gateway imports: OpenAPI 3.0.1, and of each operation only what
# API Gateway acts on. It ignores security at the top of a document, so each operation carries its own.

locals {
  identity_sources = var.authorizer_type == "TOKEN" ? ["method.request.header.Authorization"] : var.identity_sources

  # What has not the form of a bearer JWT is refused without a call of the function. The dialect of these
  # expressions is not documented, so the scheme is spelt out in both cases.
  bearer_jwt = "^[Bb][Ee][Aa][Rr][Ee][Rr] +[A-Za-z0-9_-]+\\.[A-Za-z0-9_-]+\\.[A-Za-z0-9_-]+$"

  security_scheme = {
    type                           = "apiKey"
    in                             = "header"
    name                           = var.authorizer_type == "TOKEN" ? "Authorization" : "Unused" # REQUEST lists its sources
    "x-amazon-apigateway-authtype" = "custom"
    "x-amazon-apigateway-authorizer" = merge(
      {
        type                         = lower(var.authorizer_type)
        authorizerUri                = var.authorizer_invoke_arn
        authorizerResultTtlInSeconds = var.result_ttl_seconds
        identitySource               = join(", ", local.identity_sources)
      },
      var.authorizer_type == "TOKEN" ? { identityValidationExpression = local.bearer_jwt } : {},
    )
  }

  # Templates of paths have parameters, which OpenAPI wants declared. A greedy one is written {name+}.
  parameters = {
    for path in keys(module.contract.verbs) : path => [for match in regexall("\\{([^}+]+)\\+?\\}", path) : {
      name     = match[0]
      in       = "path"
      required = true
      schema   = { type = "string" }
    }]
  }

  methods = {
    for route, operation in module.contract.operations : route => merge(
      {
        parameters = local.parameters[operation.path]
        responses  = { "200" = { description = "What the function answers" } }
        "x-amazon-apigateway-integration" = {
          type                = "aws_proxy"
          httpMethod          = "POST" # how Lambda is called, whatever the method
          uri                 = var.api_invoke_arn
          passthroughBehavior = "when_no_match"
        }
      },
      operation.public ? {} : { security = [{ authorizer = [] }] },
    )
  }

  paths = {
    for path, verbs in module.contract.verbs : path => merge(
      length(var.allowed_origins) > 0 ? { options = local.preflight[path] } : {},
      { for verb in verbs : lower(verb) => local.methods["${verb} ${path}"] }, # an options of the contract's own wins
    )
  }

  body = jsonencode({
    openapi                                 = "3.0.1"
    info                                    = { title = var.name, version = module.contract.version }
    paths                                   = local.paths
    components                              = { securitySchemes = { authorizer = local.security_scheme } }
    "x-amazon-apigateway-gateway-responses" = local.gateway_responses
  })
}
