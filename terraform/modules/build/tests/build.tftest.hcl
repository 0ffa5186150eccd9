# A zip and a contract of two builds would enforce other rules than the ones that are reviewed. Each way to mix them is refused.
# tests/dist is a build as the manifest describes it; the zips hold a word instead of a program.

variables {
  path = "tests/dist"
}

run "what_belongs_together_is_passed_on" {
  command = plan

  assert {
    condition = (
      output.authorizer_zip == "tests/dist/authorizer.zip" && output.api_zip == "tests/dist/api.zip" && output.architecture == "arm64"
      && output.contract_digest == filesha256("tests/dist/contract.json") && output.contract == file("tests/dist/contract.json")
    )
    error_message = "Everything comes from one build."
  }

  assert {
    condition     = output.scopes == tolist(["api/users.read"]) && output.groups == tolist(["admins", "owners"]) && output.version == "v1.0.0"
    error_message = "The names are those of the contract."
  }
}

run "a_zip_of_another_build_is_refused" {
  command = plan

  variables {
    authorizer_zip = "tests/dist/api.zip"
  }

  expect_failures = [output.authorizer_zip]
}

run "a_missing_zip_is_left_to_s3" {
  command = plan

  variables {
    authorizer_zip = "tests/dist/nowhere.zip"
  }

  assert {
    condition     = output.authorizer_zip == null
    error_message = "The zip may be in S3."
  }
}

run "another_architecture_is_refused" {
  command = plan

  variables {
    architecture = "x86_64"
  }

  expect_failures = [output.architecture]
}

run "a_build_for_the_local_stack_is_refused" {
  command = plan

  variables {
    path = "tests/other-os"
  }

  expect_failures = [output.architecture]
}

run "the_name_amd64_is_refused" {
  command = plan

  variables {
    architecture = "amd64"
  }

  expect_failures = [var.architecture]
}

run "a_folder_without_a_build_is_refused" {
  command = plan

  variables {
    path = "tests"
  }

  expect_failures = [var.path]
}

run "a_contract_that_was_edited_is_refused" {
  command = plan

  variables {
    path = "tests/edited-contract"
  }

  expect_failures = [output.contract]
}

run "a_document_that_was_edited_after_the_build_is_refused" {
  command = plan

  variables {
    path = "tests/edited-document"
  }

  expect_failures = [output.contract]
}

run "a_document_that_was_moved_is_a_warning" {
  command = plan

  variables {
    path = "tests/moved-document"
  }

  expect_failures = [check.documents]
}

run "a_zip_whose_routes_are_of_another_contract_is_refused" {
  command = plan

  variables {
    path = "tests/other-routes"
  }

  expect_failures = [output.contract]
}

run "an_api_zip_of_another_build_is_refused" {
  command = plan

  variables {
    path = "tests/other-api"
  }

  expect_failures = [output.api_zip]
}

run "a_shorter_stage_than_the_build_had_room_for_is_accepted" {
  command = plan

  variables {
    path       = "tests/short-stage"
    stage_name = "v1"
  }

  assert {
    condition     = output.architecture == "arm64"
    error_message = "The name of the stage fits."
  }
}

run "a_longer_stage_than_the_build_had_room_for_is_refused" {
  command = plan

  variables {
    path       = "tests/short-stage"
    stage_name = "production"
  }

  expect_failures = [output.contract]
}
