mock_provider "aws" {
  source = "../../tests/mocks"
}

variables {
  build_path               = "../../modules/build/tests/dist"
  issuer                   = "https://cognito-idp.eu-west-1.amazonaws.com/eu-west-1_AbCdEf123"
  client_ids               = ["4p9exampleclientid7abcd1234"]
  jwks                     = "{\"keys\":[{\"kid\":\"a\",\"kty\":\"RSA\",\"n\":\"AQAB\",\"e\":\"AQAB\"}]}"
  function_name            = "directory"
  subnet_ids               = ["subnet-1", "subnet-2"]
  security_group_ids       = ["sg-1"]
  kms_key_arn              = "arn:aws:kms:eu-west-1:111122223333:key/1234abcd-12ab-34cd-56ef-1234567890ab"
  permissions_boundary_arn = "arn:aws:iam::111122223333:policy/boundary"
  certificate_arn          = "arn:aws:acm:eu-west-1:111122223333:certificate/1234abcd"
  truststore_uri           = "s3://example-truststore/callers.pem"
  web_acl_arn              = "arn:aws:wafv2:eu-west-1:111122223333:regional/webacl/directory/1234abcd"
}

run "the_requirements_fit_together" {
  command = plan

  assert {
    condition     = module.authorizer.qualifier == "live" && strcontains(module.authorizer.invoke_arn, ":directory-authorizer:live/")
    error_message = "API Gateway calls the alias with its warm instances."
  }

  assert {
    condition     = alltrue([for sid in ["AttachToVPC", "DecryptEnvironment", "ReadRevocations", "DecryptRevocations"] : strcontains(module.authorizer.role_policy, sid)])
    error_message = "The role has what VPC, keys and table need."
  }

  assert {
    condition     = strcontains(module.rest_api.document, "gatewayresponse.header.Retry-After")
    error_message = "Gateway responses are part of the document."
  }
}
