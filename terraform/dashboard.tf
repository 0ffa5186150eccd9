# What the person on call looks at first: who is refused and why, whose fault it is, and how fast it goes.

locals {
  api_url = one(concat(module.rest_api[*].url, module.http_api[*].url))

  # The two kinds of API name the same metrics differently.
  api_metrics = (
    var.api_type == "rest"
    ? { dimensions = ["ApiName", var.name, "Stage", var.stage_name], count = "Count", client_errors = "4XXError", server_errors = "5XXError" }
    : { dimensions = ["ApiId", one(module.http_api[*].id)], count = "Count", client_errors = "4xx", server_errors = "5xx" }
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
      title = "Our faults", stat = "Sum"
      metrics = [
        concat(["CognitoAuthorizer", "Faults"], local.authorizer_metric),
        concat(["CognitoAuthorizer", "KeyFetchFailures"], local.authorizer_metric),
        ["AWS/Lambda", "Throttles", "FunctionName", module.authorizer.name],
        ["AWS/Lambda", "Throttles", "FunctionName", module.api.name],
        ["AWS/Lambda", "Errors", "FunctionName", module.api.name],
      ]
    },
    {
      title = "Time of a decision, ms", stat = "p99"
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

resource "aws_cloudwatch_dashboard" "this" {
  dashboard_name = "${var.name}-${data.aws_region.current.id}"

  dashboard_body = jsonencode({
    widgets = [for i, widget in local.widgets : {
      type   = "metric"
      width  = 12
      height = 6
      x      = i % 2 * 12
      y      = floor(i / 2) * 6
      properties = {
        title   = widget.title
        stat    = widget.stat
        metrics = widget.metrics
        period  = 300
        region  = data.aws_region.current.id
      }
    }]
  })
}
