# What an on-call engineer looks at first: who is refused and why, what fails, and how long it takes.

locals {
  api = one([for api in concat(module.rest_api[*], module.http_api[*]) : {
    id               = api.id
    url              = api.url
    stage_name       = api.stage_name
    stage_arn        = api.stage_arn
    execution_arn    = api.execution_arn
    domain_target    = api.domain_target
    access_log_group = api.access_log_group
  }])
  api_url = local.api.url

  # REST and HTTP APIs have different names for the same metrics.
  api_metrics = (
    var.api_type == "rest"
    ? { dimensions = ["ApiName", var.name, "Stage", var.stage_name], count = "Count", client_errors = "4XXError", server_errors = "5XXError" }
    : { dimensions = ["ApiId", local.api.id], count = "Count", client_errors = "4xx", server_errors = "5xx" }
  )

  authorizer_metric = ["Function", module.authorizer.name]

  widgets = [
    {
      title = "Calls", stat = "Sum"
      metrics = [for metric in ["count", "client_errors", "server_errors"] :
        concat(["AWS/ApiGateway", local.api_metrics[metric]], local.api_metrics.dimensions, [{ label = metric }])
      ]
    },
    {
      title = "Decisions by outcome and reason", stat = "Sum"
      metrics = [[{
        id         = "decisions"
        expression = "SEARCH('{CognitoAuthorizer,Function,Outcome,Reason} MetricName=\"Decisions\" Function=\"${module.authorizer.name}\"', 'Sum', 300)"
      }]]
    },
    {
      title = "Errors", stat = "Sum"
      metrics = [
        concat(["CognitoAuthorizer", "Faults"], local.authorizer_metric),
        concat(["CognitoAuthorizer", "KeyFetchFailures"], local.authorizer_metric),
        ["AWS/Lambda", "Throttles", "FunctionName", module.authorizer.name],
        ["AWS/Lambda", "Throttles", "FunctionName", module.api.name],
        ["AWS/Lambda", "Errors", "FunctionName", module.api.name],
      ]
    },
    {
      title = "Duration of a decision, ms", stat = "p99"
      metrics = [
        concat(["CognitoAuthorizer", "Duration"], local.authorizer_metric, [{ stat = "p50", label = "p50" }]),
        concat(["CognitoAuthorizer", "Duration"], local.authorizer_metric, [{ stat = "p99", label = "p99" }]),
      ]
    },
    {
      title   = "Age of the keys, s", stat = "Maximum"
      metrics = [concat(["CognitoAuthorizer", "KeyAge"], local.authorizer_metric)]
    },
    {
      title   = "Cold starts", stat = "Sum"
      metrics = [concat(["CognitoAuthorizer", "ColdStarts"], local.authorizer_metric)]
    },
  ]
}

locals {
  # The saved queries that an on-call engineer reads first. Each of these widgets opens its query in Logs Insights.
  query_widgets = {
    "Refusals by rule"   = "refusals-by-rule"
    "Refusals by client" = "refusals-by-client"
    "Errors"             = "errors"
    "Key fetches"        = "key-fetches"
  }

  runbook = <<-EOT
    [Runbook](https://github.com/cognito-authorizer/cognito-authorizer/blob/main/docs/runbook.md) ·
    [saved queries](https://${local.region}.console.aws.amazon.com/cloudwatch/home?region=${local.region}#logsV2:logs-insights)
    under `${module.authorizer.name}/` and `${var.name}/` ·
    log of decisions `${module.authorizer.log_group}` · access log `${local.api.access_log_group}`
  EOT
}

resource "aws_cloudwatch_dashboard" "this" {
  dashboard_name = "${var.name}-${local.region}"

  dashboard_body = jsonencode({
    widgets = concat(
      [{ type = "text", width = 24, height = 2, x = 0, y = 0, properties = { markdown = local.runbook } }],
      [for i, widget in local.widgets : {
        type   = "metric"
        width  = 12
        height = 6
        x      = i % 2 * 12
        y      = 2 + floor(i / 2) * 6
        properties = {
          title   = widget.title
          stat    = widget.stat
          metrics = widget.metrics
          period  = 300
          region  = local.region
        }
      }],
      [for i, title in keys(local.query_widgets) : {
        type   = "log"
        width  = 12
        height = 6
        x      = i % 2 * 12
        y      = 2 + ceil(length(local.widgets) / 2) * 6 + floor(i / 2) * 6
        properties = {
          title  = title
          query  = "SOURCE '${module.authorizer.log_group}' | ${module.authorizer.queries[local.query_widgets[title]]}"
          view   = "table"
          region = local.region
        }
      }],
    )
  })
}
