# Saved Logs Insights queries over the decision lines, listed in the CloudWatch console under the authorizer's name.

locals {
  decisions = "filter message = \"decision\""

  # A 401 has only what its token claims, unverified: anybody can write a token that names somebody else's client.
  queries = {
    refusals-by-rule   = "${local.decisions} and outcome = \"deny\"\n| stats count() as calls by route, rule\n| sort calls desc"
    refusals-by-reason = "${local.decisions} and outcome != \"allow\"\n| stats count() as calls by outcome, reason, route\n| sort calls desc"
    refusals-by-client = "${local.decisions} and outcome != \"allow\"\n| fields coalesce(client_id, unverified_client_id) as client, ispresent(client_id) as verified\n| stats count() as calls by client, verified, reason\n| sort calls desc"
    decision           = "${local.decisions} and (requestId = \"DECISION_ID\" or api_request_id = \"DECISION_ID\")\n| display @message"
    errors             = "filter level = \"ERROR\"\n| fields @timestamp, message, reason, error, stack\n| sort @timestamp desc\n| limit 200"
    key-fetches        = "filter message in [\"keys fetched\", \"keys not fetched\"]\n| fields @timestamp, message, issuer, keys, ms, error, refused\n| sort @timestamp desc\n| limit 200"
  }
}

resource "aws_cloudwatch_query_definition" "this" {
  for_each = local.queries

  name            = "${var.name}/${each.key}"
  log_group_names = [module.function.log_group]
  query_string    = each.value
}
