locals {
  api_keys = merge([for plan, settings in var.usage_plans : { for key in settings.api_keys : key => plan }]...)
}

resource "aws_api_gateway_usage_plan" "this" {
  for_each = var.usage_plans

  name = "${var.name}-${each.key}"

  api_stages {
    api_id = aws_api_gateway_rest_api.this.id
    stage  = aws_api_gateway_stage.this.stage_name
  }

  dynamic "throttle_settings" {
    for_each = each.value.throttling_rate[*]

    content {
      rate_limit  = each.value.throttling_rate
      burst_limit = each.value.throttling_burst
    }
  }

  dynamic "quota_settings" {
    for_each = each.value.quota_limit[*]

    content {
      limit  = each.value.quota_limit
      period = each.value.quota_period
    }
  }

  tags = var.tags
}

# Their values are in the Terraform state.
resource "aws_api_gateway_api_key" "this" {
  for_each = local.api_keys

  name = "${var.name}-${each.key}"

  tags = var.tags
}

resource "aws_api_gateway_usage_plan_key" "this" {
  for_each = local.api_keys

  usage_plan_id = aws_api_gateway_usage_plan.this[each.value].id
  key_id        = aws_api_gateway_api_key.this[each.key].id
  key_type      = "API_KEY"
}
