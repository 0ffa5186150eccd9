# The runs share one state and apply for real: the module needs no provider. The last run turns protection off, since
# terraform test could not destroy it otherwise.

variables {
  name   = "user-directory"
  region = "eu-west-1"
}

run "name_and_region_are_remembered" {
  assert {
    condition     = terraform_data.destroy.output && output.identity == { name = "user-directory", region = "eu-west-1" }
    error_message = "Protection is on by default."
  }
}

run "a_changed_name_is_refused" {
  command = plan

  variables {
    name = "renamed"
  }

  expect_failures = [terraform_data.identity]
}

run "a_changed_region_is_refused" {
  command = plan

  variables {
    region = "us-east-1"
  }

  expect_failures = [terraform_data.identity]
}

run "without_protection_nothing_is_remembered" {
  variables {
    enabled = false
  }

  assert {
    condition     = !terraform_data.destroy.output && output.identity == null
    error_message = "A destroy and a new name are allowed."
  }
}

run "then_the_name_may_change" {
  variables {
    enabled = false
    name    = "renamed"
  }

  assert {
    condition     = output.identity == null
    error_message = "The old name is forgotten."
  }
}
