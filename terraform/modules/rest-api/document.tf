# The document that API Gateway imports: OpenAPI 3.0.1, and of each operation of the contract only what API Gateway acts on.
# API Gateway ignores security at the top of a document, so each operation carries its own.

locals {
  identity_sources = var.authorizer_type == "TOKEN" ? ["method.request.header.Authorization"] : var.identity_sources

  # API Gateway refuses what does not look like a bearer JWT without calling the function. The dialect of these expressions
  # is not documented, so the scheme is written in both cases.
  bearer_jwt = "^[Bb][Ee][Aa][Rr][Ee][Rr] +[A-Za-z0-9_-]+\\.[A-Za-z0-9_-]+\\.[A-Za-z0-9_-]+$"

  security_schemes = {
    authorizer = {
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
    iam     = { type = "apiKey", in = "header", name = "Authorization", "x-amazon-apigateway-authtype" = "awsSigv4" }
    api_key = { type = "apiKey", in = "header", name = "x-api-key" }
  }

  # What each operation needs of API Gateway.
  security = {
    for route, operation in module.contract.operations : route => merge(
      operation.access == "token" ? { authorizer = [] } : {},
      operation.access == "iam" ? { iam = [] } : {},
      operation.api_key ? { api_key = [] } : {},
    )
  }
  used_schemes = distinct(flatten([for requirement in values(local.security) : keys(requirement)]))
  with_api_key = [for route, operation in module.contract.operations : route if operation.api_key]

  # Parameters of a path must be declared. A greedy one is written {name+}.
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
        responses  = { "200" = { description = "The function's response" } }
        "x-amazon-apigateway-integration" = {
          type                = "aws_proxy"
          httpMethod          = "POST" # how Lambda is called, whatever the method
          uri                 = var.api_invoke_arn
          passthroughBehavior = "when_no_match"
        }
      },
      operation.extensions,
      length(local.security[route]) == 0 ? {} : { security = [local.security[route]] },
    )
  }

  paths = merge(
    {
      for path, verbs in module.contract.verbs : path => merge(
        length(local.origins) > 0 && !contains(verbs, "OPTIONS") ? { options = local.preflight[path] } : {},
        { for verb in verbs : verb == "ANY" ? "x-amazon-apigateway-any-method" : lower(verb) => local.methods["${verb} ${path}"] },
      )
    },
    local.metadata_paths,
  )

  # A private API must name who may call it. This allows its VPC endpoints, and denies everybody else.
  private_policy = {
    Version = "2012-10-17"
    Statement = [
      { Effect = "Allow", Principal = "*", Action = "execute-api:Invoke", Resource = "execute-api:/*" },
      { Effect = "Deny", Principal = "*", Action = "execute-api:Invoke", Resource = "execute-api:/*", Condition = { StringNotEquals = { "aws:SourceVpce" = var.vpc_endpoint_ids } } },
    ]
  }
  resource_policy = try(jsondecode(var.endpoint_type == "PRIVATE" ? jsonencode(local.private_policy) : var.resource_policy), null)
  allows          = anytrue([for statement in try(flatten([local.resource_policy.Statement]), []) : statement.Effect == "Allow"])

  binary_media_types = distinct(concat(try(module.contract.extensions["x-amazon-apigateway-binary-media-types"], []), var.binary_media_types))

  body = jsonencode(merge(
    {
      openapi    = "3.0.1"
      info       = { title = var.name, version = module.contract.version }
      paths      = local.paths
      components = { securitySchemes = { for name, scheme in local.security_schemes : name => scheme if contains(local.used_schemes, name) } }
    },
    module.contract.extensions,
    { "x-amazon-apigateway-gateway-responses" = local.gateway_responses },
    length(local.binary_media_types) == 0 ? {} : { "x-amazon-apigateway-binary-media-types" = local.binary_media_types },
    local.resource_policy == null ? {} : { "x-amazon-apigateway-policy" = local.resource_policy },
  ))
}
